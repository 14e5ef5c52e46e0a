//! Downloads an invoice as CSV with a progress bar and adds up its amounts: `cargo run --example download_csv --
//! [INVOICE] [FILE]`. The default is the newest invoice.

mod connect;

use std::error::Error;

use atlas_billing::Decimal;
use atlas_billing::csv::{InvoiceRows, Records};
use atlas_billing::types::InvoiceId;
use indicatif::{ProgressBar, ProgressStyle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let connection = connect::connect().await?;
    let invoice = match arguments.next() {
        Some(invoice) => InvoiceId::new(invoice),
        None => {
            let newest = connection.client.list_invoices(&connection.org).items_per_page(1).items().try_next().await?;
            newest.and_then(|invoice| invoice.id).ok_or("there are no invoices")?
        }
    };
    let file = arguments.next().map_or_else(|| std::env::temp_dir().join(format!("{invoice}.csv")), Into::into);

    let body = connection.client.get_invoice_csv(connection.org, invoice).send().await?.into_inner();
    let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template("[{bar:40}] {bytes} of {total_bytes}")?);
    let bytes = body
        .save_to(&file, |progress| {
            // The service need not announce the length.
            if let Some(length) = progress.announced {
                bar.set_length(length);
            }
            bar.set_position(progress.received);
        })
        .await?;
    bar.finish();
    println!("{bytes} bytes in {}", file.display());

    // Read the file row by row: only one row is in memory at a time.
    let mut total = Decimal::ZERO;
    let mut rows = 0;
    for row in InvoiceRows::new(Records::open(&file)?) {
        total += row?.amount()?.unwrap_or_default();
        rows += 1;
    }
    println!("{rows} rows, {total} US dollars");
    Ok(())
}
