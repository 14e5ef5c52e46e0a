//! `lake-scale ORGANIZATIONS MONTHS LINES FOLDER [CONCURRENCY]`: fills a lake, and prints what that costs.
//!
//! What the folder has already is left as it is: with more organizations or one more month, only these are added.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cloud_billing_core::Timestamp;
use cloud_billing_lake::status::{Period, status};
use cloud_billing_lake::sync::Outcome;
use cloud_billing_lake::{Lake, Options, sync};
use lake_scale::{Made, files, peak_memory};

const USAGE: &str = "lake-scale ORGANIZATIONS MONTHS LINES FOLDER [CONCURRENCY]";

/// How often it says how far it is.
const EVERY: u64 = 5_000;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments).await {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("lake-scale: {error}");
            ExitCode::from(101)
        }
    }
}

async fn run(arguments: &[String]) -> Result<u8, Box<dyn Error>> {
    let [organizations, months, lines, folder, rest @ ..] = arguments else { return Err(USAGE.into()) };
    let made = Arc::new(Made::new(organizations.parse()?, months.parse()?, lines.parse()?)?);
    let (folder, now) = (Path::new(folder), made.now()?);
    let mut options = Options::default();
    options.clock = Arc::new(move || now);
    if let Some(concurrency) = rest.first() {
        options.concurrency = concurrency.parse()?;
    }
    let (lake, started) = (Lake::folder(folder)?, Instant::now());
    let (mut listed, mut done) = (None, 0_u64);
    let source = Arc::clone(&made);
    let report = sync(&lake, source, made.accounts(), options, |bill| {
        if !matches!(bill.outcome, Outcome::Kept(_)) {
            listed.get_or_insert_with(|| started.elapsed());
        }
        done += 1;
        if done.is_multiple_of(EVERY) {
            println!("{done} bills, {} rows after {:.1?}, {}", made.rows(), started.elapsed(), memory());
        }
    });
    let report = report.await?;
    println!("{report}");
    printed(&made, listed.unwrap_or_else(|| started.elapsed()), started.elapsed());
    held(&lake, folder, now).await;
    Ok(u8::from(!report.failed.is_empty()))
}

/// What the sync took.
fn printed(made: &Made, listed: Duration, took: Duration) {
    let (rows, writing) = (made.rows(), took.saturating_sub(listed));
    println!("{rows} rows written in {took:.1?}: {:.0} a second", rows as f64 / took.as_secs_f64());
    println!("{listed:.1?} to list the bills and find what is new, {writing:.1?} to read and write it, {}", memory());
    println!("{:.1?} of all threads in the generator", made.generated());
}

/// What the lake has.
async fn held(lake: &Lake, folder: &Path, now: Timestamp) {
    let started = Instant::now();
    let periods = status(lake, now).await.periods;
    let (took, sum) = (started.elapsed(), |of: fn(&Period) -> u64| periods.values().map(of).sum::<u64>());
    let (bills, rows) = (sum(|period| period.units), sum(|period| period.rows));
    println!("{bills} bills, {rows} rows in the lake; {took:.1?} to read all manifests, {}", memory());
    for name in ["focus", "tables", "state"] {
        let (count, bytes) = files(&folder.join(name));
        println!("{name}: {count} files, {bytes} bytes, {:.1} a row", bytes as f64 / rows.max(1) as f64);
    }
}

fn memory() -> String {
    peak_memory().map_or_else(String::new, |bytes| format!("peak memory {} MB", bytes / 1_000_000))
}
