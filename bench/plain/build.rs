//! Generates the clients of Usage Reports and Atlas from the project's specs.

use std::path::PathBuf;

fn main() {
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    for service in ["ibm-usage-reports", "atlas-billing"] {
        let spec = format!("../../specs/{service}.yaml");
        println!("cargo::rerun-if-changed={spec}");
        let yaml = std::fs::read_to_string(&spec).expect("the spec");
        std::fs::write(out.join(format!("{service}.rs")), plain_spec::client(&yaml, false))
            .expect("OUT_DIR is writable");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
