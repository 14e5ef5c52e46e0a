//! A year of invoices, with their totals: `cargo run --example year_of_invoices -- [YEAR]`.

#[path = "shared/connect.rs"]
mod connect;

use std::error::Error;

use atlas_billing::{Date, Decimal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let year: i32 = std::env::args().nth(1).map_or(Ok(2026), |year| year.parse())?;
    let connection = connect::connect().await?;
    let (from, to) = (first_of_january(year)?, first_of_january(year + 1)?);

    // Numbered pages can shift while they are read, so an invoice may come twice: `distinct` drops the second.
    let call = connection.client.list_invoices(connection.org).from_date(from).to_date(to);
    let mut invoices = call.items().distinct();
    let mut total = Decimal::ZERO;
    println!("{:<12} {:<24} {:<10} {:>12}", "from", "invoice", "status", "billed");
    while let Some(invoice) = invoices.try_next().await? {
        let billed = Decimal::from_cents(invoice.amount_billed_cents.unwrap_or_default());
        let start = invoice.start_date.as_ref().map(|at| at.to_utc().date_naive().to_string()).unwrap_or_default();
        let status = invoice.status_name.as_ref().map_or("?", |status| status.as_str());
        println!("{start:<12} {:<24} {status:<10} {billed:>12.2}", invoice.id.as_deref().unwrap_or("?"));
        total += billed;
    }
    println!("{:<48} {total:>12.2} US dollars", "total");
    Ok(())
}

fn first_of_january(year: i32) -> Result<Date, String> {
    Date::from_ymd_opt(year, 1, 1).ok_or_else(|| format!("{year} is not a year"))
}
