//! The program `cloudbill-lake`, as a library for its own tests. It has the flags, credentials, errors and tables of `cloudbill`.
//!
//! | module | command |
//! |---|---|
//! | `sync` | `sync`: bills of the services into a lake |
//! | `status` | `status`: what a lake holds |
//! | `sql` | `sql`: questions to a lake |
//! | `compact` | `compact`: a second copy in few files |
//! | `collect` | `collect`: files that nothing names any more |
//! | `place`, `sources` | where the lake is, and where bills come from |

mod collect;
mod compact;
mod place;
mod sources;
mod sql;
mod status;
mod sync;

use std::cell::Cell;
use std::ffi::OsString;

use clap::{ArgMatches, Command};
use cloudbill::Context;
use cloudbill::companion::{self, Failure};

const ABOUT: &str = "A lake of bills: FOCUS rows in Parquet files, in a folder or an object store";

/// What is added to the exit status of a `sync` that could not be done, because lower ones say how many bills are not exact.
const NOT_DONE: u8 = 100;

/// Runs the program, and returns its exit status.
pub async fn run(arguments: Vec<OsString>, context: Context) -> u8 {
    let syncs = companion::command(&arguments) == Some("sync");
    let synced = Cell::new(None);
    let status = companion::run(arguments, context, tree(), async |matches, context| match matches.subcommand() {
        Some(("sync", matches)) => sync::run(matches, context).await.map(|count| synced.set(Some(count))).map(|()| 0),
        Some((name, matches)) => command(name, matches, context).await,
        None => Err(Failure::usage("no command was given")),
    });
    match (status.await, synced.get()) {
        (_, Some(count)) => count,
        (status @ 1..NOT_DONE, None) if syncs => status + NOT_DONE,
        (status, None) => status,
    }
}

async fn command(name: &str, matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    match name {
        "status" => status::run(matches, context).await,
        "sql" => sql::run(matches, context).await,
        "compact" => compact::run(matches, context).await,
        "collect" => collect::run(matches, context).await,
        _ => Err(Failure::usage(format!("there is no command `{name}`"))),
    }
}

fn tree() -> Command {
    Command::new("cloudbill-lake")
        .about(ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .max_term_width(100)
        .subcommands([sync::command(), status::command(), sql::command(), compact::command(), collect::command()])
}

/// An error of the lake.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(1, error.to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_sound() {
        super::tree().debug_assert();
    }
}
