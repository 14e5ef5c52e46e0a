//! `status`: what a lake holds, month by month.

use clap::{Arg, ArgAction, ArgMatches, Command};
use cloud_billing_lake::status::{Period, Status, status};
use cloudbill::Context;
use cloudbill::companion::{self, Failure, Value};

use crate::failed;
use crate::place::{existing, now, place};

/// The exit status if a bill is stale, does not add up, or cannot be read in whole. It is that of `cloudbill check`.
const NOT_SOUND: u8 = 20;

const HEADS: [&str; 10] =
    ["service", "month", "bills", "open", "settling", "stale", "unexplained", "rows", "cost", "currency"];

const EXPLAINED: &str = "\
open: the bill still grows. settling: its month is over, and the vendor may still change it. stale: either of them, and not read for two days. unexplained: the rows do not add up to the bill, or the bill does not say what is to be paid.

Exit status: 20 if a bill is stale or unexplained, if a manifest cannot be read, or if a file is missing or has another length.";

/// The command.
pub(crate) fn command() -> Command {
    let prometheus = Arg::new("prometheus").long("prometheus").action(ArgAction::SetTrue);
    Command::new("status")
        .about("Print which months are open, stale or unexplained, and what they cost")
        .after_help(EXPLAINED)
        .arg(place())
        .arg(prometheus.conflicts_with_all(["output", "out"]).help("Print metrics for Prometheus"))
        .args(companion::output())
}

/// Runs the command.
pub(crate) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let now = now(context)?;
    let found = status(&existing(matches)?, now).await;
    if companion::is_on(matches, "prometheus") {
        context.write(found.prometheus().as_bytes())?;
        context.flush()?;
    } else {
        companion::print(&HEADS, &rows(&found), matches, context)?;
    }
    for broken in &found.broken {
        failed(broken).report(context);
    }
    let sound = |period: &Period| period.stale == 0 && period.unexplained == 0;
    Ok(if found.broken.is_empty() && found.periods.values().all(sound) { 0 } else { NOT_SOUND })
}

/// A row for each month and currency.
fn rows(status: &Status) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for ((service, month), period) in &status.periods {
        let counts = [period.units, period.open, period.settling, period.stale, period.unexplained, period.rows];
        let mut row = vec![Value::Text(service.to_string()), Value::Text(month.to_string())];
        row.extend(counts.map(Value::Count));
        if period.totals.is_empty() {
            rows.push([row.clone(), vec![Value::Nothing, Value::Nothing]].concat());
        }
        for (currency, total) in &period.totals {
            let total = vec![Value::Amount(total.clone()), Value::Text(currency.clone())];
            rows.push([row.clone(), total].concat());
        }
    }
    rows
}
