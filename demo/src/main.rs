//! A tour of both clients: a year of bills from MongoDB Atlas and IBM Cloud, read from a sandbox whose customers do not
//! exist, as charts in the terminal and, with `--html FILE`, on a page of its own.
//!
//! Each way to authenticate is used as it would be against the real services: an Atlas service account (OAuth 2.0), an
//! Atlas API key (HTTP Digest), and an IBM Cloud IAM API key. The sandbox is strict here: it accepts nothing that it has
//! not issued itself. What was read is compared with what the sandbox knows, and a difference is an error.
//!
//! `cargo xtask demo` runs it. It needs no account and no network.

mod atlas;
mod bill;
mod check;
mod html;
mod ibm;
mod progress;
mod terminal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use atlas_billing::config::Environment;
use bill::{Bill, Breakdown};
use cloud_billing_sandbox::{Estate, Ledger, Sandbox};
use ibm_usage_reports::BillingMonth;
use lexopt::{Arg, ValueExt};

const HELP: &str = "\
Usage: cargo xtask demo [--html FILE]

Reads a year of bills of both services from a sandbox and shows them.

  --html FILE  write them as a page, too; it refers to nothing outside of it
  -h, --help   print this";

/// What the demo has read, of all services.
#[derive(Debug)]
struct Report {
    services: Vec<Seen>,
    /// How often each operation was called with which kind of credential.
    requests: BTreeMap<(String, String), usize>,
}

/// What was read from one service.
#[derive(Debug)]
struct Seen {
    bill: Bill,
    /// One month in detail.
    breakdown: Breakdown,
    /// How the client authenticated for the one, and for the other.
    credentials: [&'static str; 2],
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has seen enough.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut page: Option<PathBuf> = None;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("html") => page = Some(arguments.value()?.parse()?),
            Arg::Short('h') | Arg::Long("help") => return Ok(writeln!(io::stdout(), "{HELP}")?),
            other => return Err(format!("{}\n\n{HELP}", other.unexpected()).into()),
        }
    }

    let sandbox = sandbox(Estate::new()).await?;
    let report = tour(&sandbox).await?;
    let compared = check::compare(&report, &ledger(&sandbox)?)?;

    let mut out = io::stdout();
    let coloured = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    write!(out, "{}\n{compared}", terminal::show(&report, coloured))?;
    if let Some(path) = page {
        let written = std::fs::write(&path, html::page(&report, &compared));
        written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        writeln!(out, "\nThe same as a page: {}", path.display())?;
    }
    Ok(())
}

/// Noon of 10 November 2026: nine days of November are on the bills.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_794_312_000)
}

/// A sandbox that says the same in each run: the seed is fixed, and the clock stands still.
async fn sandbox(estate: Estate) -> Result<Sandbox, cloud_billing_sandbox::Error> {
    let estate = estate.organizations(1).line_items(1_340).instances(600);
    let builder = Sandbox::builder().estate(estate).now(now()).strict_credentials(true);
    // What loads at once shows no progress.
    builder
        .cost_explorer_polls(1)
        .fault(cloud_billing_sandbox::Fault::latency(Duration::from_millis(15)).always())
        .start()
        .await
}

fn ledger(sandbox: &Sandbox) -> Result<Ledger<'_>, &'static str> {
    sandbox.estate().ok_or("the sandbox has no estate")
}

/// Reads the bills of both services.
async fn tour(sandbox: &Sandbox) -> Result<Report, Box<dyn Error>> {
    let variables = sandbox.environment();
    let variable = |name| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str());
    // What `Client::from_env` finds in the environment of a process.
    let environment: Environment = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();

    let organization = variable("MONGODB_ATLAS_ORG_ID").ok_or("there is no organization")?.parse()?;
    let by_account = atlas_billing::Client::from_environment(&environment)?;
    let bill = atlas::year(&by_account, &organization).await?;
    let (public, private) = sandbox.atlas_api_key();
    let key = atlas_billing::auth::ApiKey::new(public, private);
    let by_key = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).credential(key).build()?;
    let breakdown = atlas::last_month(&by_key, &organization).await?;
    let atlas = Seen { bill, breakdown, credentials: ["a service account (OAuth 2.0)", "an API key (HTTP Digest)"] };

    let account = variable("USAGE_REPORTS_ACCOUNT_ID").ok_or("there is no account")?.parse()?;
    let current: BillingMonth = variable("USAGE_REPORTS_BILLING_MONTH").ok_or("there is no month")?.parse()?;
    let client = ibm_usage_reports::Client::from_environment(&environment)?;
    let bill = ibm::year(&client, &account, current).await?;
    let breakdown = ibm::month(&client, &account, current.previous()).await?;
    let ibm = Seen { bill, breakdown, credentials: ["an IAM API key", "the same token"] };

    Ok(Report { services: vec![atlas, ibm], requests: requests(sandbox) })
}

/// What the sandbox was asked, by credential and operation.
fn requests(sandbox: &Sandbox) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for request in sandbox.requests() {
        let scheme = request.header("authorization").and_then(|value| value.split(' ').next()).unwrap_or("none");
        let operation = request.operation.as_deref().unwrap_or("unknown");
        *counts.entry((scheme.to_owned(), operation.to_owned())).or_default() += 1;
    }
    counts
}
