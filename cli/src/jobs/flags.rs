//! Flags that several jobs have.

use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

pub(super) use crate::flags::{flag, value};

/// The formats of jobs; the first is the default.
const FORMATS: [&str; 5] = ["table", "csv", "tsv", "json", "ndjson"];

/// A job whose flags say whose bills to read and how to print them.
pub(super) fn job(name: &'static str, about: &'static str) -> Command {
    Command::new(name).about(about).args(payers()).args(output())
}

/// Whose bills.
pub(super) fn payers() -> [Arg; 5] {
    [
        service(),
        value("org", "ID")
            .action(ArgAction::Append)
            .value_delimiter(',')
            .help("Organization of Atlas; may be repeated [default: MONGODB_ATLAS_ORG_ID, else all]"),
        flag("all-orgs").conflicts_with("org").help("All organizations of Atlas that the credential can see"),
        value("account", "ID")
            .action(ArgAction::Append)
            .value_delimiter(',')
            .help("Account of IBM Cloud; may be repeated [default: USAGE_REPORTS_ACCOUNT_ID]"),
        value("enterprise", "ID").conflicts_with("account").help(
            "All accounts of this enterprise of IBM Cloud [default, if no account is named: \
             ENTERPRISE_USAGE_REPORTS_ENTERPRISE_ID]",
        ),
    ]
}

/// Which vendor.
pub(super) fn service() -> Arg {
    value("service", "VENDOR")
        .value_parser(["atlas", "ibm"])
        .action(ArgAction::Append)
        .value_delimiter(',')
        .help("Only this vendor [default: those with a credential]")
}

/// How to print.
pub(super) fn output() -> [Arg; 2] {
    [
        value("output", "FORMAT")
            .short('o')
            .value_parser(PossibleValuesParser::new(FORMATS))
            .help("How to print: table (default; amounts to the cent), csv, tsv, json or ndjson (all digits)"),
        value("out", "FILE").help("Write the output to a file, as a whole or not at all"),
    ]
}

/// Which month.
pub(super) fn month(name: &'static str, help: &'static str) -> Arg {
    value(name, "MONTH").allow_hyphen_values(true).help(help)
}

/// Which month, where the bills of the last one are asked for most.
pub(super) fn last_month() -> Arg {
    month("month", "Which month: last (default), this, -2 for two months ago, or such as 2026-10")
}

/// How long to wait for a result of the service.
pub(super) fn timeout() -> Arg {
    let seconds = clap::value_parser!(u64).range(1..=604_800);
    value("timeout", "SECONDS").value_parser(seconds).help("How long to wait for the result [default: 600]")
}

/// The time that the flag `timeout` gives.
pub(super) fn deadline(matches: &ArgMatches) -> Duration {
    Duration::from_secs(matches.get_one::<u64>("timeout").copied().unwrap_or(600))
}
