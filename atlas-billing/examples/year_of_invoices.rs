//! Lists a year of invoices with their totals: `cargo run --example year_of_invoices -- [YEAR]`. The default is the
//! last twelve months and the current month to date.

mod connect;

use std::error::Error;

use atlas_billing::{BillingMonth, Decimal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (first, last) = match std::env::args().nth(1) {
        Some(year) => (format!("{year}-01").parse()?, format!("{year}-12").parse()?),
        None => {
            let current = BillingMonth::current();
            (BillingMonth::new(current.year() - 1, current.month())?, current)
        }
    };
    let connection = connect::connect().await?;

    // An invoice can move to the next page while pages are read, so it may come twice: `distinct` drops the second one.
    let call =
        connection.client.list_invoices(connection.org).from_date(first.first_day()).to_date(last.next().first_day());
    let mut invoices = call.items().distinct();
    let mut total = Decimal::ZERO;
    println!("{:<12} {:<24} {:<10} {:>12}", "from", "invoice", "status", "billed");
    while let Some(invoice) = invoices.try_next().await? {
        let billed = Decimal::from_cents(invoice.amount_billed_cents.unwrap_or_default());
        let start = invoice.start_date.known().map(|at| at.date().to_string()).unwrap_or_default();
        let status = invoice.status_name.as_ref().map_or("?", |status| status.as_str());
        println!("{start:<12} {:<24} {status:<10} {billed:>12.2}", invoice.id.as_deref().unwrap_or("?"));
        total += billed;
    }
    println!("{:<48} {total:>12.2} US dollars", "total");
    Ok(())
}
