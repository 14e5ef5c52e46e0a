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
mod world;

use std::ffi::OsString;

pub use jobs::companion;
pub use world::{Terminal, World};

use clap::{ArgMatches, Command};
use failure::Failure;

/// Runs the program, and returns its exit status.
pub async fn run(arguments: Vec<OsString>, mut world: World) -> u8 {
    match lake::line(&arguments) {
        Some(line) => lake::run(&line).unwrap_or_else(|failure| failure.report(&mut world)),
        None => {
            conduct(arguments::normal(arguments), world, commands::tree(), async |matches, world| {
                commands::run(matches, world).await
            })
            .await
        }
    }
}

/// Runs a command of a tree, and returns the exit status.
async fn conduct(
    arguments: Vec<OsString>,
    mut world: World,
    tree: Command,
    run: impl AsyncFnOnce(&ArgMatches, &mut World) -> Result<u8, Failure>,
) -> u8 {
    world.set_colours(arguments::colour(&arguments));
    world.json_errors = arguments::wants_json(&arguments);
    match attempt(arguments, &mut world, tree, run).await {
        Ok(status) => status,
        Err(failure) => failure.report(&mut world),
    }
}

async fn attempt(
    arguments: Vec<OsString>,
    world: &mut World,
    tree: Command,
    run: impl AsyncFnOnce(&ArgMatches, &mut World) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    let matches = match tree.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return failure::usage(world, &error),
    };
    world.set_up(&matches);
    credentials::complete(world);
    // Kept to the end: it answers the calls.
    let _sandbox = sandbox::start_if_asked(world, &matches).await?;
    if matches.subcommand_name() != Some("sandbox") {
        interrupt::insist();
    }
    tokio::select! {
        biased;
        status = run(&matches, world) => status,
        ended = interrupt::wait(), if matches.subcommand_name() != Some("sandbox") => Err(ended),
    }
}
