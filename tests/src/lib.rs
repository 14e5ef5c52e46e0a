//! Helpers of the tests across crates. The tests themselves are in `tests/tests/`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod catalogue;
pub mod clients;
pub mod fuzz_targets;
pub mod gate;
pub mod registry;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
///
/// # Panics
/// If this crate lies outside of it.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

/// The text of a file of the workspace.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What cargo prints, run in the root of the workspace.
///
/// # Panics
/// If it fails.
#[must_use]
pub fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().expect("cargo");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

/// What `cargo tree` prints of the normal dependencies of a package, a crate a line.
///
/// # Panics
/// If cargo does not say.
#[must_use]
pub fn tree(package: &str, arguments: &[&str]) -> String {
    let normal = ["tree", "--locked", "--edges", "normal", "--prefix", "none", "--package", package];
    cargo(&[&normal, arguments].concat())
}

/// The crates in the normal dependency tree of a package, itself first, down to a depth, as cargo resolves it.
///
/// # Panics
/// If cargo does not say.
#[must_use]
pub fn dependencies(package: &str, depth: &str) -> Vec<String> {
    let text = tree(package, &["--format", "{p}", "--depth", depth]);
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
