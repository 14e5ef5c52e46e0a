// src/lib.rs
use ibm_usage_reports::{BillingMonth, Client, Decimal, Error};

/// The cost of all instances of an account in a month.
pub async fn cost(client: &Client, account: &str, month: BillingMonth) -> Result<Decimal, Error> {
    let mut records = client.get_resource_usage_account(account, month).limit(100).items();
    let mut total = Decimal::ZERO;
    while let Some(record) = records.try_next().await? {
        // Some instances are not billable, and some metrics are not chargeable.
        if record.billable == Some(true) {
            let chargeable = record.usage.iter().filter(|metric| metric.non_chargeable != Some(true));
            total += chargeable.filter_map(|metric| metric.cost.as_ref()).sum::<Decimal>();
        }
    }
    Ok(total)
}
