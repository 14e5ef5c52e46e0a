//! Running cargo. `cargo xtask demo` and `cargo xtask bench` run programs as processes of their own, so that xtask does
//! not depend on generated code.

use std::path::Path;
use std::process::Command;

/// The cargo that runs this program, else the one on the path.
pub(crate) fn command() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Shows a year of bills of the sandbox, and writes them as a page if one is named. `false` if it failed. Paths are relative to the
/// folder of the caller.
pub(crate) fn demo(root: &Path, html: Option<&str>) -> Result<bool, String> {
    let cloudbill = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().chain(&["--sandbox"]).map(|&argument| argument.into()).collect();
        let mut program = command();
        program.args(["run", "--quiet", "--package", "cloudbill", "--manifest-path"]).arg(root.join("Cargo.toml"));
        run(&mut program, &arguments)
    };
    match html {
        Some(page) => Ok(cloudbill(&["trend"])? && cloudbill(&["html", "--out", page])?),
        None => cloudbill(&["trend"]),
    }
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
