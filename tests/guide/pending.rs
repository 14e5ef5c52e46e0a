use atlas_billing::csv::InvoiceCsv as _;
use atlas_billing::types::OrganizationId;
use atlas_billing::{Client, Decimal, config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let organization: OrganizationId = config::variable("MONGODB_ATLAS_ORG_ID")?.parse()?;
    let atlas = Client::from_env()?;
    for invoice in atlas.pending_invoices(&organization).await? {
        println!("{:?} {:?}", invoice.id, invoice.billed_dollars());
    }
    let newest = atlas.list_invoices(&organization).items().try_next().await?;
    let Some(invoice) = newest.and_then(|invoice| invoice.id) else { return Ok(()) };
    let mut rows = atlas.get_invoice_csv(organization, invoice).await?.rows();
    let mut total = Decimal::ZERO;
    while let Some(row) = rows.try_next().await? {
        total += row.amount()?.unwrap_or_default();
    }
    println!("{total} US dollars");
    Ok(())
}
