use std::collections::BTreeMap;

use atlas_billing::types::{BillingService, CostExplorerFilterRequestBody, CostExplorerGrouping, OrganizationId};
use atlas_billing::{BillingMonth, Client, Decimal, config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let organization: OrganizationId = config::variable("MONGODB_ATLAS_ORG_ID")?.parse()?;
    let to = BillingMonth::current();
    let from = (0..6).fold(to, |month, _| month.previous());

    let filter = CostExplorerFilterRequestBody::new(from.first_day(), to.first_day())
        .organizations([&organization])
        // All services: what is not named is not in the result.
        .services(BillingService::KNOWN.iter().cloned())
        .group_by(CostExplorerGrouping::Services);
    let result = Client::from_env()?.cost_explorer(organization, filter).run().await?;

    let mut by_service: BTreeMap<&str, Decimal> = BTreeMap::new();
    for row in &result.usage_details {
        let service = row.service.as_deref().unwrap_or("?");
        *by_service.entry(service).or_default() += row.usage_amount.clone().unwrap_or_default();
    }
    for (service, amount) in &by_service {
        println!("{service:<24} {amount:>12.2}");
    }
    println!("{:<24} {:>12.2} US dollars", "total", by_service.values().sum::<Decimal>());
    Ok(())
}
