//! `collect`: deletes files that no manifest names.

use clap::{Arg, ArgMatches, Command};
use cloud_billing_core::Timestamp;
use cloudbill::Context;
use cloudbill::companion::Failure;

use crate::failed;
use crate::place::{existing, now, place};

/// A file that is younger may belong to a sync that is under way.
const HOURS: u64 = 24;

/// The command.
pub(crate) fn command() -> Command {
    Command::new("collect").about("Delete files that syncs have left which were killed").arg(place()).arg(
        Arg::new("older-than")
            .long("older-than")
            .value_name("HOURS")
            .value_parser(clap::value_parser!(u64).range(1..=1_000_000))
            .help("Only files of at least this age: longer than any sync takes [default: 24]"),
    )
}

/// Runs the command.
pub(crate) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let hours = matches.get_one::<u64>("older-than").copied().unwrap_or(HOURS);
    let age = i64::try_from(hours).unwrap_or(i64::MAX).saturating_mul(3_600_000);
    let before = now(context)?.unix_millis().saturating_sub(age);
    let before =
        Timestamp::from_unix_millis(before).ok_or_else(|| Failure::usage("--older-than is before all time"))?;
    let deleted = existing(matches)?.collect(before).await.map_err(failed)?;
    context.write(format!("{deleted} files deleted\n").as_bytes())?;
    context.flush()?;
    Ok(0)
}
