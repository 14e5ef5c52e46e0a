// src/main.rs
use atlas_billing::types::OrganizationId;
use atlas_billing::{Client, Decimal, config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let organization: OrganizationId = config::variable("MONGODB_ATLAS_ORG_ID")?.parse()?;
    let atlas = Client::from_env()?; // MONGODB_ATLAS_* or an Atlas CLI profile
    let mut invoices = atlas.list_invoices(organization).items();
    while let Some(invoice) = invoices.try_next().await? {
        let status = invoice.status_name.as_ref().map_or("?", |status| status.as_str());
        let billed = Decimal::from_cents(invoice.amount_billed_cents.unwrap_or_default());
        println!("{} {status:<10} {billed:>12}", invoice.id.as_deref().unwrap_or("?"));
    }
    Ok(())
}
