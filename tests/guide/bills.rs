// src/lib.rs
use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client, Decimal, Error};

/// The cost of all instances of an account in a month.
pub async fn cost(client: &Client, account: &AccountId, month: BillingMonth) -> Result<Decimal, Error> {
    let mut records = client.get_resource_usage_account(account, month).limit(100).items();
    let mut total = Decimal::ZERO;
    while let Some(record) = records.try_next().await? {
        // Some instances are not billable, and some metrics only inform.
        total += record.billable_cost().sum;
    }
    Ok(total)
}
