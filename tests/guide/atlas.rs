// src/main.rs
use atlas_billing::{BillingMonth, Client, Total, config, types};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let month = BillingMonth::current().previous();
    let call = Client::from_env()?.list_invoices(types::OrganizationId::new(config::variable("MONGODB_ATLAS_ORG_ID")?));
    let invoices = call.from_date(month.first_day()).to_date(month.next().first_day()).items().collect_all(100).await?;
    let bill: Total = invoices.iter().map(types::BillingInvoiceMetadata::payable_dollars).collect();
    println!("{month}: {} USD, {} amounts are missing", bill.sum, bill.missing);
    Ok(())
}
