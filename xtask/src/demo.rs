//! `cargo xtask demo` runs the crate `demo` as a process of its own, so that xtask does not depend on generated code.

use crate::cargo;
use crate::registry::Registry;

/// Builds and runs the demo. `false` if it failed.
pub(crate) fn run(registry: &Registry, arguments: &[String]) -> Result<bool, String> {
    let mut demo = cargo::command();
    demo.args(["run", "--package", "demo", "--manifest-path"])
        // Paths in the arguments are relative to the folder of the caller.
        .arg(registry.root.join("Cargo.toml"))
        .arg("--")
        .args(arguments);
    cargo::run(&mut demo)
}
