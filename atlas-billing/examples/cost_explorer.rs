//! A Cost Explorer query by service, waited for: `cargo run --example cost_explorer -- [FROM] [TO]`, first days of months.

#[path = "shared/connect.rs"]
mod connect;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use atlas_billing::types::{CostExplorerFilterRequestBody, CostExplorerGrouping};
use atlas_billing::{Date, Decimal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let from: Date = arguments.next().as_deref().unwrap_or("2026-09-01").parse()?;
    let to: Date = arguments.next().as_deref().unwrap_or("2026-11-01").parse()?;

    let connection = connect::connect().await?;
    let filter = CostExplorerFilterRequestBody::new(from, to)
        .organizations([connection.org.as_str()])
        .group_by(CostExplorerGrouping::Organizations);
    // The handle has a token with which another process could wait as well, should this one end.
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
    println!("{:<32} {:>12} US dollars", "total", by_service.values().sum::<Decimal>());
    Ok(())
}
