//! `cargo xtask demo`: both clients against the sandbox. The program is an example of the sandbox, in a process of its
//! own, so that xtask does not depend on generated code.

use crate::cargo;
use crate::registry::Registry;

/// Builds and runs the demo. `false` if it failed.
pub(crate) fn run(registry: &Registry, arguments: &[String]) -> Result<bool, String> {
    let mut demo = cargo::command();
    demo.args(["run", "--package", "cloud-billing-sandbox", "--example", "demo", "--manifest-path"])
        // Files that are named are where the caller is.
        .arg(registry.root.join("Cargo.toml"))
        .arg("--")
        .args(arguments);
    cargo::run(&mut demo)
}
