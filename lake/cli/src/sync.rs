//! `sync`: bills of the services into a lake.

use clap::{Arg, ArgAction, ArgMatches, Command};
use cloud_billing_lake::sync::{Done, Outcome};
use cloud_billing_lake::{Options, Report, sync};
use cloudbill::Context;
use cloudbill::companion::{self, Failure, Value};

use crate::failed;
use crate::place::{open, place, unchanged};
use crate::sources::{From, clock, find};

/// Months before the current one that are read if no flag says since when.
const MONTHS: u32 = 12;

const LONG_ABOUT: &str = "\
Bring a lake up to date: read the bills that it does not have, that still grow, or that have changed.

A bill is replaced as a whole or not at all. A sync that is interrupted goes on where it was when it is run again, and a repeat changes nothing. Prints the bills that were read; with --dry-run all of them, and nothing is read but lists of bills.";

const STATUSES: &str = "\
Exit status:
  0        all bills are in the lake, and their rows add up to them
  1 - 100  how many do not, could not be read, or are not listed any more (100: or more); with --dry-run, how many lists could not be read
  101 ...  nothing was synced: 100 more than the status of cloudbill, so 102 is wrong usage and 104 no credential
  129 ...  interrupted";

/// The command.
pub(crate) fn command() -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    Command::new("sync")
        .about("Bring a lake up to date with the bills of the services")
        .long_about(LONG_ABOUT)
        .after_help(STATUSES)
        .arg(place())
        .args(companion::whose())
        .args([
            Arg::new("since")
                .long("since")
                .value_name("MONTH")
                .allow_hyphen_values(true)
                .help("The first month: -12 for twelve months ago (default), or such as 2026-01"),
            flag("dry-run").help("Print which bills would be read and why, and read none"),
            flag("everything").help("Read all bills again, also those that have not changed"),
            flag("keep-raw").help("Keep the bodies of the services beside, as they came"),
            Arg::new("concurrency")
                .long("concurrency")
                .value_name("N")
                .value_parser(clap::value_parser!(u64).range(1..=1_000))
                .help("How many bills are read at once [default: 8]"),
        ])
        .args(companion::output())
}

/// Runs the command, and returns how many bills are not exact.
pub(crate) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let since = companion::month(matches, "since", MONTHS, context)?;
    let options = options(matches, context)?;
    let (all, mut failures) = find(matches, context).await?;
    let lake = if options.dry_run { unchanged(matches)? } else { open(matches)? };
    let bar = companion::bar(context, "bills", 0);
    let (mut rows, mut not_exact, dry_run) = (Vec::new(), 0, options.dry_run);
    for From { service, accounts, open } in all {
        let report = sync(&lake, open(since), accounts, options.clone(), |done| {
            bar.inc_length(1);
            bar.inc(1);
            rows.extend(row(done, dry_run));
        });
        let report = report.await.map_err(failed)?;
        not_exact += if dry_run { 0 } else { report.not_exact() - report.failed.len() as u64 };
        context.note(&summary(service.as_str(), &report));
        failures.extend(report.failed.iter().map(|(what, why)| failed(format!("{what}: {why}"))));
    }
    bar.finish_and_clear();
    rows.sort();
    let values: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().cloned().map(Value::Text).collect()).collect();
    companion::print(&["service", "account", "month", "outcome", "why", "adds up"], &values, matches, context)?;
    for failure in &failures {
        failure.report(context);
    }
    Ok(u8::try_from(not_exact + failures.len() as u64).unwrap_or(100).min(100))
}

fn options(matches: &ArgMatches, context: &Context) -> Result<Options, Failure> {
    let mut options = Options::default();
    options.clock = clock(context)?;
    options.dry_run = companion::is_on(matches, "dry-run");
    options.everything = companion::is_on(matches, "everything");
    options.keep_raw = companion::is_on(matches, "keep-raw");
    if let Some(count) = matches.get_one::<u64>("concurrency") {
        options.concurrency = usize::try_from(*count).unwrap_or(1);
        options.per_account = options.per_account.min(options.concurrency);
    }
    Ok(options)
}

/// A bill that was read, or would be. Of those that are left as they are, only a dry run tells.
fn row(done: &Done, all: bool) -> Option<[String; 6]> {
    let (outcome, why) = match &done.outcome {
        Outcome::Replaced(reason) => ("replaced", reason.to_string()),
        Outcome::Unchanged(reason) => ("unchanged", reason.to_string()),
        Outcome::Would(reason) => ("would be read", reason.to_string()),
        Outcome::Overtaken => ("replaced by another sync", String::new()),
        Outcome::Gone => ("not listed any more", String::new()),
        Outcome::Failed(_) => ("failed", String::new()),
        Outcome::Kept(kept) if all => ("kept", kept.to_string()),
        _ => return None,
    };
    let verdict = done.reconciliation.clone().unwrap_or_default();
    let unit = &done.unit;
    Some([unit.service.to_string(), unit.account.clone(), unit.period.to_string(), outcome.to_owned(), why, verdict])
}

/// The report without what failed, which is printed as errors.
fn summary(service: &str, report: &Report) -> String {
    let text = report.to_string();
    format!("{service}: {}", text.lines().next().unwrap_or_default())
}
