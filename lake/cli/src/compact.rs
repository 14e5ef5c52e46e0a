//! `compact`: a second copy in few files, for engines.

use clap::{Arg, ArgAction, ArgMatches, Command};
use cloud_billing_lake::compact::{Options, Outcome, compact};
use cloud_billing_lake::{Compaction, Month};
use cloudbill::Context;
use cloudbill::companion::{self, Failure, Value};

use crate::failed;
use crate::place::{existing, place};

const LONG_ABOUT: &str = "\
Write a second copy of the bills below `compact`, in few large files, for engines that are slow at many small ones.

Compacted are months of which the vendor changes no bill any more, and months that have been compacted before and have changed since. It reads the lake alone. A compaction that is killed harms nothing, and a repeat changes nothing.";

/// The command.
pub(crate) fn command() -> Command {
    let all = Arg::new("all").long("all").action(ArgAction::SetTrue);
    Command::new("compact")
        .about("Write a second copy of the bills in few large files, for other engines")
        .long_about(LONG_ABOUT)
        .arg(place())
        .arg(all.help("Compact all months, also those whose bills may still change"))
        .args(companion::output())
}

/// Runs the command.
pub(crate) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let mut options = Options::default();
    options.all = companion::is_on(matches, "all");
    let done = compact(&existing(matches)?, options).await.map_err(failed)?;
    let rows: Vec<_> = done.iter().map(row).collect();
    companion::print(&["service", "month", "outcome", "bills", "rows", "files", "bytes"], &rows, matches, context)?;
    let mut status = 0;
    for (month, outcome) in done {
        if let Outcome::Failed(why) = outcome {
            failed(format!("{month}: {why}")).report(context);
            status = 1;
        }
    }
    Ok(status)
}

fn row((month, outcome): &(Month, Outcome)) -> Vec<Value> {
    let (name, copy) = match outcome {
        Outcome::Compacted(copy) => ("compacted", Some(copy)),
        Outcome::Unchanged(copy) => ("unchanged", Some(copy)),
        Outcome::Incomplete => ("may still change", None),
        _ => ("failed", None),
    };
    let counts = |copy: &Compaction| [copy.units, copy.rows(), copy.files.len() as u64, copy.bytes()];
    let counts = copy.map_or([const { Value::Nothing }; 4], |copy| counts(copy).map(Value::Count));
    let texts = [month.service.to_string(), month.period.to_string(), name.to_owned()].map(Value::Text);
    texts.into_iter().chain(counts).collect()
}
