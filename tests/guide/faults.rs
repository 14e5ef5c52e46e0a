// tests/faults.rs
use cloud_billing_sandbox::{Cut, Estate, Fault, Sandbox};
use ibm_usage_reports::Client;
use ibm_usage_reports::types::AccountId;

#[tokio::test]
async fn faults_change_no_total() {
    let sandbox = Sandbox::builder()
        .estate(Estate::new().instances(250))
        .fault(Fault::status(503).on("get_resource_usage_account").first(1))
        .fault(Fault::reset(Cut::Body).on("get_resource_usage_account").nth(3))
        .fault("expired-token:on=get_resource_usage_account:nth=4".parse().unwrap())
        .start()
        .await
        .unwrap();
    let client = Client::from_environment(&sandbox.environment().into_iter().collect()).unwrap();
    let ledger = sandbox.estate().unwrap();
    let (account, month) = (AccountId::new(ledger.ibm_account()), ledger.months()[0].parse().unwrap());

    let with_faults = bills::cost(&client, &account, month).await.unwrap();
    sandbox.clear_faults();
    assert_eq!(with_faults, bills::cost(&client, &account, month).await.unwrap());
}

#[tokio::test]
async fn a_refusal_is_an_error() {
    let sandbox = Sandbox::builder().estate(Estate::new()).fault(Fault::status(403).always()).start().await.unwrap();
    let client = Client::builder().base_url(sandbox.ibm_url()).bearer_token("any").build().unwrap();
    let account = AccountId::new(sandbox.estate().unwrap().ibm_account());
    let error = bills::cost(&client, &account, "2026-07".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.status(), Some(403));
}
