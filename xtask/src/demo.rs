//! `cargo xtask demo`: both clients against the sandbox. The program is an example of the sandbox, in a process of its
//! own, so that xtask does not depend on generated code.

use std::process::{Command, ExitCode};

use crate::registry::Registry;

/// Builds and runs the demo.
pub(crate) fn run(registry: &Registry, arguments: &[String]) -> Result<ExitCode, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--package", "sandbox", "--example", "demo", "--manifest-path"])
        // Files that are named are where the caller is.
        .arg(registry.root.join("Cargo.toml"))
        .arg("--")
        .args(arguments)
        .status()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
