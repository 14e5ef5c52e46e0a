//! Jobs: commands written by hand over the typed clients, for questions about bills rather than for operations.
//!
//! ```text
//! bill, trend, diff, html   charges::collect    what each organization and account is charged, part by part
//! check, export --focus     books::read         each row of a bill, and whether the rows add up to it
//! compare                   vendor::rows        the rows of the vendor's own FOCUS export
//! cost, report, export, whoami                  calls of their own
//!    ├─ payers    whose bills: the credentials that are found, and the organizations and accounts
//!    ├─ each      one question to each of them, many at once
//!    ├─ month     `--month last`
//!    ├─ sheet     rows as a table, CSV, JSON
//!    └─ progress  on standard error, if it is a terminal
//! ```
//!
//! `companion` offers these to `cloudbill-lake`.

mod atlas;
mod bars;
mod bill;
mod books;
mod breakdown;
mod charges;
mod check;
pub mod companion;
mod compare;
mod cost;
mod diff;
mod each;
mod enterprise;
mod export;
mod flags;
mod html;
mod ibm;
mod money;
mod month;
mod page;
mod payers;
mod problems;
mod progress;
mod report;
mod series;
mod sheet;
mod trend;
mod vendor;
mod whoami;

use clap::{ArgMatches, Command};

use crate::context::Context;
use crate::failure::Failure;

/// The commands, in the order of `--help`.
pub(crate) fn commands() -> Vec<Command> {
    vec![
        bill::command(),
        trend::command(),
        diff::command(),
        check::command(),
        compare::command(),
        cost::command(),
        report::command(),
        export::command(),
        html::command(),
        whoami::command(),
    ]
}

/// Runs a job; `None` if there is none of this name.
pub(crate) async fn run(name: &str, matches: &ArgMatches, context: &mut Context) -> Option<Result<u8, Failure>> {
    Some(match name {
        "bill" => bill::run(matches, context).await,
        "trend" => trend::run(matches, context).await,
        "diff" => diff::run(matches, context).await,
        "check" => check::run(matches, context).await,
        "compare" => compare::run(matches, context).await,
        "cost" => cost::run(matches, context).await,
        "report" => report::run(matches, context).await,
        "export" => export::run(matches, context).await,
        "html" => html::run(matches, context).await,
        "whoami" => whoami::run(matches, context).await,
        _ => return None,
    })
}

/// A name, or else the id.
fn named(name: Option<&String>, id: Option<&impl ToString>) -> Option<String> {
    name.cloned().or_else(|| id.map(ToString::to_string))
}
