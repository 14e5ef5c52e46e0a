//! Runs the sandbox until it is interrupted.

mod arguments;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use sandbox::Sandbox;

use crate::arguments::{Command, HELP};

fn main() -> ExitCode {
    let command = match arguments::parse(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("sandbox: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
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

fn run(command: Command) -> Result<(), Box<dyn Error>> {
    let builder = match command {
        Command::Help => return Ok(writeln!(io::stdout(), "{HELP}")?),
        Command::Serve(builder) => *builder,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let sandbox = builder.start().await?;
        // Listening for the interrupt begins with the first poll, and has to precede the word that everything runs.
        let interrupted = tokio::spawn(tokio::signal::ctrl_c());
        tokio::task::yield_now().await;
        // In one piece, for readers that leave once they have seen what they came for.
        let mut out = io::stdout();
        out.write_all(banner(&sandbox).as_bytes())?;
        out.flush()?;
        interrupted.await??;
        sandbox.shutdown().await;
        Ok(())
    })
}

/// What a shell has to be told, and a reader wants to know.
fn banner(sandbox: &Sandbox) -> String {
    let exports = sandbox.environment().into_iter().map(|(name, value)| format!("export {name}={value}\n"));
    let (public_key, private_key) = sandbox.atlas_api_key();
    format!(
        "{}# For HTTP Digest, in place of the client id and secret:\n\
         # export MONGODB_ATLAS_PUBLIC_KEY={public_key}\n\
         # export MONGODB_ATLAS_PRIVATE_KEY={private_key}\n\
         # IBM's SDKs read all of USAGE_REPORTS_*, so does ibm-usage-reports; Atlas's SDK is given the MONGODB_ATLAS_* values\n\
         # by its caller, atlas-billing reads them.\n\
         # Running until interrupted (Ctrl-C).\n",
        exports.collect::<String>()
    )
}
