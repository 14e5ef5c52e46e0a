use atlas_billing::types::OrganizationId;
use atlas_billing::{Client, Decimal, config};

#[derive(serde::Serialize)]
struct Row<'a> {
    invoice: &'a str,
    project: Option<&'a str>,
    sku: Option<&'a str>,
    quantity: Option<&'a Decimal>,
    dollars: Option<Decimal>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let organization: OrganizationId = config::variable("MONGODB_ATLAS_ORG_ID")?.parse()?;
    let atlas = Client::from_env()?;
    let mut csv = csv::Writer::from_writer(std::io::stdout());
    let mut invoices = atlas.list_invoices(&organization).items();
    while let Some(invoice) = invoices.try_next().await? {
        let Some(id) = &invoice.id else { continue };
        let invoice = atlas.get_invoice(&organization, id).await?;
        for line in &invoice.line_items {
            csv.serialize(Row {
                invoice: id.as_str(),
                project: line.group_name.as_deref(),
                sku: line.sku.as_deref(),
                quantity: line.quantity.as_ref(),
                dollars: line.total_price_cents.map(Decimal::from_cents),
            })?;
        }
    }
    csv.flush()?;
    Ok(())
}
