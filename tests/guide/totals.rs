// tests/totals.rs
use cloud_billing_sandbox::{Estate, Sandbox};
use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{Client, Decimal};

#[tokio::test]
async fn each_month_costs_what_the_sandbox_says() {
    let estate = Estate::new().seed(7).instances(250).months(3);
    let sandbox = Sandbox::builder().estate(estate).start().await.unwrap();
    let client = Client::from_environment(&sandbox.environment().into_iter().collect()).unwrap();

    let ledger = sandbox.estate().unwrap();
    let account = AccountId::new(ledger.ibm_account());
    for month in ledger.months() {
        let cost = bills::cost(&client, &account, month.parse().unwrap()).await.unwrap();
        let expected = ledger.ibm_month(&month).unwrap();
        // The ledger has millionths of a dollar. Decimals are exact, so the comparison needs no tolerance.
        assert_eq!(cost * Decimal::from(1_000_000), Decimal::from(expected.billable_micros), "{month}");
    }
}
