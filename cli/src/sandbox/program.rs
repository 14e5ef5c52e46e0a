//! `sandbox serve` runs until it is interrupted, `sandbox run` until a program ends.

use std::error::Error;
use std::ffi::OsString;
use std::process;

use atlas_billing::config::PREFIXES;
use clap::ArgMatches;
use cloud_billing_core::config::ibm;
use cloud_billing_sandbox::{Builder, Sandbox};

use super::arguments::{self, Command, HELP};
use crate::context::Context;
use crate::credentials;
use crate::failure::Failure;
use crate::generated::SERVICES;
use crate::interrupt;
use crate::service::Service;

/// Runs `sandbox serve` or `sandbox run`.
pub(crate) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(2) };
    let rest = matches.get_many::<OsString>("rest").into_iter().flatten().cloned();
    let command = arguments::parse(lexopt::Parser::from_args(rest))
        .map_err(|error| Failure::usage(error.to_string()).hint("`cloudbill sandbox serve --help` has the options"))?;
    match (name, command) {
        (_, Command::Help) => context.write(HELP.as_bytes()).and_then(|()| context.flush()).map(|()| 0),
        ("run", Command::Run(builder, program)) => {
            let sandbox = builder.start().await.map_err(|error| failed(&error))?;
            run_with(sandbox, &program)
        }
        ("run", Command::Serve(_)) => Err(Failure::usage("sandbox run needs a program")),
        (_, Command::Run(_, program)) => {
            let program = program.first().map(|program| program.display().to_string()).unwrap_or_default();
            Err(Failure::usage(format!("sandbox serve runs no program, such as `{program}`")).hint("sandbox run does"))
        }
        (_, Command::Serve(builder)) => serve(*builder, context).await.map(|()| 0),
    }
}

/// An error with its causes on one line.
fn failed(error: &dyn Error) -> Failure {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message += &format!(": {cause}");
        source = cause.source();
    }
    Failure::new(1, message)
}

async fn serve(builder: Builder, context: &mut Context) -> Result<(), Failure> {
    let sandbox = builder.start().await.map_err(|error| failed(&error))?;
    // The signal handler is installed by the first poll. It must be in place before the banner is printed.
    let interrupted = tokio::spawn(interrupt::wait());
    tokio::task::yield_now().await;
    context.write(banner(&sandbox).as_bytes())?;
    context.flush()?;
    interrupted.await.map_err(|error| failed(&error))?;
    sandbox.shutdown().await;
    Ok(())
}

/// Runs a program with the sandbox's environment, and returns its exit code. The sandbox serves on threads of its own.
fn run_with(sandbox: Sandbox, command: &[OsString]) -> Result<u8, Failure> {
    let Some((program, arguments)) = command.split_first() else { return Ok(0) };
    let mut child = process::Command::new(program);
    for (name, _) in std::env::vars_os() {
        if is_of_clients(&name.to_string_lossy()) {
            child.env_remove(&name);
        }
    }
    let status = child.args(arguments).envs(sandbox.environment()).status();
    let status = status.map_err(|error| Failure::new(1, format!("cannot run {}: {error}", program.display())))?;
    drop(sandbox);
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// Whether clients read a variable. A program under the sandbox must not get the caller's own.
fn is_of_clients(name: &str) -> bool {
    let of_service = |service: &Service| name.strip_prefix(service.variables).is_some_and(|rest| rest.starts_with('_'));
    let named = [credentials::VARIABLE].into_iter().chain(ibm::VARIABLES);
    SERVICES.iter().any(of_service)
        || PREFIXES.iter().any(|it| name.starts_with(it))
        || named.into_iter().any(|it| it == name)
}

/// The environment variables as shell commands, with hints.
fn banner(sandbox: &Sandbox) -> String {
    let exports = sandbox.environment().into_iter().map(|(name, value)| format!("export {name}={value}\n"));
    let (public_key, private_key) = sandbox.atlas_api_key();
    format!(
        "{}{}# For HTTP Digest, in place of the client id and secret:\n\
         # export MONGODB_ATLAS_PUBLIC_KEY={public_key}\n\
         # export MONGODB_ATLAS_PRIVATE_KEY={private_key}\n\
         # IBM's SDKs read all of USAGE_REPORTS_* and ENTERPRISE_USAGE_REPORTS_*, and so do ibm-usage-reports and\n\
         # ibm-enterprise; Atlas's SDK is given the MONGODB_ATLAS_* values by its caller, atlas-billing reads them.\n\
         # Running until interrupted (Ctrl-C).\n",
        exports.collect::<String>(),
        accounts(sandbox),
    )
}

/// The organizations and accounts of the estate, as comments.
fn accounts(sandbox: &Sandbox) -> String {
    /// How many are listed of each.
    const LISTED: usize = 10;
    let line = |what: &str, ids: Vec<String>| {
        let more = ids.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("# {what}: {}{more}\n", ids[..ids.len().min(LISTED)].join(" "))
    };
    let Some(estate) = sandbox.estate() else { return String::new() };
    line("Organizations of Atlas", estate.atlas_organizations().collect())
        + &line("Accounts of IBM", estate.ibm_accounts().map(str::to_owned).collect())
}
