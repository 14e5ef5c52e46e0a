//! The sandbox as a program: it runs until it is interrupted, or until a command ends.

mod arguments;

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{self, ExitCode};

use cloud_billing_sandbox::{Builder, Sandbox};

use crate::arguments::{Command, HELP};

fn main() -> ExitCode {
    let command = match arguments::parse(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            eprint!("sandbox: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            eprint!("sandbox: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprint!(": {cause}");
                source = cause.source();
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match command {
        Command::Help => write!(io::stdout(), "{HELP}")?,
        Command::Serve(builder) => runtime.block_on(serve(*builder))?,
        Command::Run(builder, command) => return run_with(runtime.block_on(builder.start())?, &command),
    }
    Ok(ExitCode::SUCCESS)
}

async fn serve(builder: Builder) -> Result<(), Box<dyn Error>> {
    let sandbox = builder.start().await?;
    // The signal handler is installed by the first poll. It must be in place before the banner is printed.
    let interrupted = tokio::spawn(tokio::signal::ctrl_c());
    tokio::task::yield_now().await;
    // One write, since a reader may close the pipe after the first line.
    let mut out = io::stdout();
    out.write_all(banner(&sandbox).as_bytes())?;
    out.flush()?;
    interrupted.await??;
    sandbox.shutdown().await;
    Ok(())
}

/// Runs a command with the sandbox's environment, and returns its exit code.
fn run_with(sandbox: Sandbox, command: &[OsString]) -> Result<ExitCode, Box<dyn Error>> {
    let Some((program, arguments)) = command.split_first() else { return Ok(ExitCode::SUCCESS) };
    let mut child = process::Command::new(program);
    // The command must not get the caller's own credentials.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["MONGODB_ATLAS_", "USAGE_REPORTS_", "ENTERPRISE_USAGE_REPORTS_", "IBM_CREDENTIALS_FILE"]
            .iter()
            .any(|own| text.starts_with(own))
        {
            child.env_remove(&name);
        }
    }
    let status = child.args(arguments).envs(sandbox.environment()).status();
    let status = status.map_err(|error| format!("cannot run {}: {error}", program.display()))?;
    drop(sandbox);
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
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
