//! Running cargo. `cargo xtask demo` and `cargo xtask bench` run programs as processes of their own, so that xtask does
//! not depend on generated code.

use std::path::Path;
use std::process::Command;

/// The cargo that runs this program, else the one on the path.
pub(crate) fn command() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Builds and runs the demo. `false` if it failed. Paths in the arguments are relative to the folder of the caller.
pub(crate) fn demo(root: &Path, arguments: &[String]) -> Result<bool, String> {
    run(command().args(["run", "--package", "demo", "--manifest-path"]).arg(root.join("Cargo.toml")), arguments)
}

/// Builds and runs the driver of the benches, as users build: optimised. `false` if it failed.
///
/// The benches are a workspace of their own, with a lock file that holds what the clients are compared with, so that
/// none of it reaches this workspace.
pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<bool, String> {
    let (mut driver, bench) = (command(), root.join("bench"));
    driver.args(["run", "--release", "--locked", "--quiet", "--package", "bench"]);
    // The driver starts the programs in its own directory.
    driver.arg("--manifest-path").arg(bench.join("Cargo.toml")).arg("--target-dir").arg(bench.join("target"));
    run(&mut driver, arguments)
}

fn run(program: &mut Command, arguments: &[String]) -> Result<bool, String> {
    let status = program.arg("--").args(arguments).status().map_err(|error| format!("cannot start cargo: {error}"))?;
    Ok(status.success())
}
