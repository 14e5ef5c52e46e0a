//! The sandbox: under a command (`--sandbox`), as a server, or under another program.

mod arguments;
mod program;

use std::ffi::OsString;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command};
use cloud_billing_core::config::Environment;
use cloud_billing_sandbox::{Estate, Sandbox};

use crate::context::Context;
use crate::failure::Failure;
use crate::flags;

pub(crate) use program::run;

/// The command `sandbox`. Its own options are read by [`arguments`], so that everything after the name of a program
/// goes to that program.
pub(crate) fn command() -> Command {
    let rest = || {
        Arg::new("rest")
            .num_args(0..)
            .trailing_var_arg(true)
            .allow_hyphen_values(true)
            .value_name("OPTIONS")
            .value_parser(clap::value_parser!(OsString))
    };
    let sub =
        |name: &'static str, about: &'static str| Command::new(name).about(about).disable_help_flag(true).arg(rest());
    Command::new("sandbox")
        .about("Serve invented bills of both vendors on this machine")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(sub(
            "serve",
            "Serve until interrupted, and print the variables that lead here; --help has the options",
        ))
        .subcommand(sub("run", "Run a program with the variables that lead here: sandbox run [OPTIONS] PROGRAM ..."))
}

/// Starts a sandbox if `--sandbox` asks for one, and points the environment at it.
pub(crate) async fn start_if_asked(context: &mut Context, matches: &ArgMatches) -> Result<Option<Sandbox>, Failure> {
    if !flags::is_on(matches, "sandbox") || matches.subcommand_name() == Some("sandbox") {
        return Ok(None);
    }
    let builder = Sandbox::builder().estate(Estate::new()).kept_requests(0).exact_versions(true);
    let builder = builder.cost_explorer_time(Duration::from_secs(1)).report_time(Duration::from_secs(1));
    let started = builder.start().await;
    let sandbox = started.map_err(|error| Failure::new(1, format!("the sandbox cannot start: {error}")))?;
    context.note("note: invented data of a sandbox on this machine");
    context.environment = sandbox.environment().into_iter().collect::<Environment>();
    Ok(Some(sandbox))
}
