//! The command-line program `cloudbill`, as a library for its own tests.
//!
//! ```text
//! main.rs      arguments, variables and streams of the process
//!    │
//! run()        lake                lines for `cloudbill-lake` go there
//!    │         arguments::normal   the vendors' own lines become ours
//!    │         commands            the tree of commands, from the catalogue
//!    ├─ jobs/                      questions about bills, over the typed clients
//!    ├─ operation/                 one command for each operation: flags, request, response
//!    ├─ sandbox                    the sandbox as a server, or under everything (`--sandbox`)
//!    └─ failure                    errors: one line, a hint, and the exit status
//! ```

mod arguments;
mod attempts;
mod commands;
mod credentials;
mod docs;
mod failure;
mod flags;
#[rustfmt::skip]
mod generated;
mod context;
mod input;
mod interrupt;
mod jobs;
mod lake;
#[cfg(feature = "man")]
mod man;
mod operation;
mod output;
mod sandbox;
mod service;
mod text;

use std::ffi::OsString;

pub use context::{Context, Terminal};
pub use jobs::companion;

use clap::{ArgMatches, Command};
use failure::Failure;

/// Runs the program, and returns its exit status.
pub async fn run(arguments: Vec<OsString>, mut context: Context) -> u8 {
    match lake::line(&arguments) {
        Some(line) => lake::run(&line).unwrap_or_else(|failure| failure.report(&mut context)),
        None => {
            conduct(arguments::normal(arguments), context, commands::tree(), async |matches, context| {
                commands::run(matches, context).await
            })
            .await
        }
    }
}

/// Runs a command of a tree, and returns the exit status.
async fn conduct(
    arguments: Vec<OsString>,
    mut context: Context,
    tree: Command,
    run: impl AsyncFnOnce(&ArgMatches, &mut Context) -> Result<u8, Failure>,
) -> u8 {
    context.set_colours(arguments::colour(&arguments));
    context.json_errors = arguments::wants_json(&arguments);
    match attempt(arguments, &mut context, tree, run).await {
        Ok(status) => status,
        Err(failure) => failure.report(&mut context),
    }
}

async fn attempt(
    arguments: Vec<OsString>,
    context: &mut Context,
    tree: Command,
    run: impl AsyncFnOnce(&ArgMatches, &mut Context) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    let matches = match tree.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return failure::usage(context, &error),
    };
    context.set_up(&matches);
    credentials::complete(context);
    // Kept to the end: it answers the calls.
    let _sandbox = sandbox::start_if_asked(context, &matches).await?;
    if matches.subcommand_name() != Some("sandbox") {
        interrupt::insist();
    }
    tokio::select! {
        biased;
        status = run(&matches, context) => status,
        ended = interrupt::wait(), if matches.subcommand_name() != Some("sandbox") => Err(ended),
    }
}
