// tests/requests.rs
use cloud_billing_sandbox::{Estate, Sandbox};
use ibm_usage_reports::Client;
use ibm_usage_reports::types::AccountId;

#[tokio::test]
async fn each_page_is_requested_once() {
    let sandbox = Sandbox::builder().estate(Estate::new().instances(250)).start().await.unwrap();
    let client = Client::from_environment(&sandbox.environment().into_iter().collect()).unwrap();
    let ledger = sandbox.estate().unwrap();
    let month = ledger.months()[0].parse().unwrap();
    bills::cost(&client, &AccountId::new(ledger.ibm_account()), month).await.unwrap();

    let requests = sandbox.requests();
    assert!(requests.iter().all(|request| request.refusals.is_empty()));
    let pages = requests.iter().filter(|request| request.operation.as_deref() == Some("get_resource_usage_account"));
    assert_eq!(pages.count(), 3);
}
