//! Running cargo.

use std::process::Command;

/// The cargo that runs this program, else the one on the path.
pub(crate) fn command() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command of it to its end. Returns whether that was a success.
pub(crate) fn run(command: &mut Command) -> Result<bool, String> {
    let status = command.status().map_err(|error| format!("cannot start cargo: {error}"))?;
    Ok(status.success())
}
