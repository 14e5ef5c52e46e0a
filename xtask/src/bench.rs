//! `cargo xtask bench`: the figures of `docs/performance.md`. The benches are a workspace of their own, with a lock file that
//! holds what the clients are compared with, so that none of it reaches this one.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Builds and runs the driver of the benches, as users build: optimised.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let bench = root.join("bench");
    let status = Command::new(cargo)
        .args(["run", "--release", "--locked", "--quiet", "--package", "bench", "--manifest-path"])
        .arg(bench.join("Cargo.toml"))
        // The driver finds what it runs beside itself.
        .arg("--target-dir")
        .arg(bench.join("target"))
        .arg("--")
        .args(arguments)
        .status()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
