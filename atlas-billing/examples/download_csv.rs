//! Downloads an invoice as CSV, with a progress bar, and adds it up: `cargo run --example download_csv -- [INVOICE] [FILE]`.

#[path = "shared/connect.rs"]
mod connect;

use std::error::Error;
use std::io::Write as _;

use atlas_billing::Decimal;
use atlas_billing::csv::{InvoiceRows, Progress, Records};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let invoice = arguments.next().unwrap_or_else(|| "6abda280f4c54977656cf2d1".to_owned());
    let file = arguments.next().map_or_else(|| std::env::temp_dir().join(format!("{invoice}.csv")), Into::into);

    let connection = connect::connect().await?;
    let body = connection.client.get_invoice_csv(connection.org, &invoice).send().await?.into_inner();
    let bytes = body.save_to(&file, show).await?;
    eprintln!("\n{bytes} bytes in {}", file.display());

    // The file is read back row by row: whatever its size, one row is in memory.
    let mut total = Decimal::ZERO;
    let mut rows = 0;
    for row in InvoiceRows::new(Records::open(&file)?) {
        total += row?.amount()?.unwrap_or_default();
        rows += 1;
    }
    println!("{rows} rows, {total} US dollars");
    Ok(())
}

/// A bar on standard error; without an announced length, a count.
fn show(progress: Progress) {
    let text = match progress.announced {
        Some(all) if all > 0 => {
            let done = usize::try_from(progress.received * 40 / all).unwrap_or(40).min(40);
            format!("[{}{}] {} of {all} bytes", "#".repeat(done), " ".repeat(40 - done), progress.received)
        }
        _ => format!("{} bytes", progress.received),
    };
    eprint!("\r{text}");
    // A terminal that is gone is no reason to end the download.
    let _ = std::io::stderr().flush();
}
