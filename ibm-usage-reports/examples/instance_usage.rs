//! Adds up the instance usage of a month by resource: `cargo run --example instance_usage -- [YYYY-MM]`. The default is
//! the last complete month.

mod connect;

use std::collections::BTreeMap;
use std::error::Error;

use ibm_usage_reports::{BillingMonth, Decimal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let month = std::env::args().nth(1).map_or(Ok(BillingMonth::current().previous()), |month| month.parse())?;
    let connection = connect::connect().await?;

    let call = connection.client.get_resource_usage_account(connection.account, month).names(true).limit(200);
    let mut records = call.items();
    let mut by_resource: BTreeMap<String, (usize, Decimal)> = BTreeMap::new();
    while let Some(record) = records.try_next().await? {
        // Records that are not billable and metrics that are not chargeable are not part of the bill.
        let billed = record.billable_cost().sum;
        let name = record.resource_name.or(record.resource_id.map(|id| id.to_string())).unwrap_or_default();
        let (instances, cost) = by_resource.entry(name).or_default();
        *instances += 1;
        *cost += billed;
    }
    let width = by_resource.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, (instances, cost)) in &by_resource {
        println!("{name:width$}  {instances:>4} instances  {cost:>22}");
    }
    let total: Decimal = by_resource.values().map(|(_, cost)| cost).sum();
    println!("{:width$}  {:>14}  {total:>22}", "total", "");
    Ok(())
}
