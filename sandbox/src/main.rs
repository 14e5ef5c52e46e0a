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
    let (atlas_port, ibm_port) = match command {
        Command::Help => return Ok(writeln!(io::stdout(), "{HELP}")?),
        Command::Serve { atlas_port, ibm_port } => (atlas_port, ibm_port),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let sandbox = Sandbox::builder().atlas_port(atlas_port).ibm_port(ibm_port).start().await?;
        let mut out = io::stdout().lock();
        for (name, value) in sandbox.environment() {
            writeln!(out, "export {name}={value}")?;
        }
        writeln!(out, "# Running until interrupted (Ctrl-C).")?;
        out.flush()?;
        drop(out);
        tokio::signal::ctrl_c().await?;
        sandbox.shutdown().await;
        Ok(())
    })
}
