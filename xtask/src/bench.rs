//! `cargo xtask bench`: the figures of `docs/performance.md`. The benches are a workspace of their own, with a lock file that
//! holds what the clients are compared with, so that none of it reaches this workspace.

use std::path::Path;

use crate::cargo;

/// Builds and runs the driver of the benches, as users build: optimised. `false` if it failed.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<bool, String> {
    let bench = root.join("bench");
    let mut driver = cargo::command();
    driver
        .args(["run", "--release", "--locked", "--quiet", "--package", "bench", "--manifest-path"])
        .arg(bench.join("Cargo.toml"))
        // The driver starts the programs in its own directory.
        .arg("--target-dir")
        .arg(bench.join("target"))
        .arg("--")
        .args(arguments);
    cargo::run(&mut driver)
}
