//! Runs a Cost Explorer query by service and waits for its result: `cargo run --example cost_explorer -- [FROM] [TO]`.
//! Both are months, such as 2026-07, and inclusive. The default is the last three complete months.

mod connect;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use atlas_billing::types::{BillingService, CostExplorerFilterRequestBody, CostExplorerGrouping};
use atlas_billing::{BillingMonth, Decimal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let before = BillingMonth::current().previous();
    let from = arguments.next().map_or(Ok(before.previous().previous()), |month| month.parse())?;
    let to = arguments.next().map_or(Ok(before), |month| month.parse())?;

    let connection = connect::connect().await?;
    let filter = CostExplorerFilterRequestBody::new(from.first_day(), to.next().first_day())
        .organizations([&connection.org])
        // A query by service must name the services. The result contains no others.
        .services(BillingService::KNOWN.iter().cloned())
        .group_by(CostExplorerGrouping::Services);
    // Another process could resume the query with this token.
    let query =
        connection.client.cost_explorer(&connection.org, filter).deadline(Duration::from_secs(300)).start().await?;
    eprintln!("query {}", query.token());
    let result = query.wait().await?;

    let mut by_service: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in &result.usage_details {
        let amount = row.usage_amount.clone().unwrap_or_default();
        *by_service.entry(row.service.clone().unwrap_or_default()).or_default() += amount;
    }
    for (service, amount) in &by_service {
        println!("{service:<32} {amount:>12}");
    }
    println!("{:<32} {:>12} US dollars, {from} to {to}", "total", by_service.values().sum::<Decimal>());
    Ok(())
}
