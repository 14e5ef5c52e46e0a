//! Which crates reach which, read from cargo's own resolution. `deny.toml` says the same for `cargo deny`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeSet;

use workspace_tests::registry::services;
use workspace_tests::{cargo, dependencies, read};

/// The crates in the normal dependency tree of a package, itself included.
fn tree(package: &str) -> BTreeSet<String> {
    dependencies(package, "1000").into_iter().collect()
}

/// The crates of the clients.
fn clients() -> Vec<String> {
    services().into_iter().map(|service| service.name).collect()
}

#[test]
fn the_generator_never_reaches_a_client() {
    for client in clients() {
        let tree = tree(&client);
        for refused in [
            "codegen",
            "progenitor",
            "progenitor-impl",
            "progenitor-client",
            "typify",
            "prettyplease",
            "openapiv3",
            "serde_yaml",
            "schemars",
            "regress",
            "cloud-billing-sandbox",
            "aws-lc-rs",
            "openssl-sys",
            "native-tls",
        ] {
            assert!(!tree.contains(refused), "{client} depends on {refused}");
        }
    }
}

/// The cost model is for programs of any kind: types in, rows out.
#[test]
fn the_cost_model_needs_no_client() {
    let tree = tree("cloud-billing-focus");
    assert!(tree.contains("atlas-billing") && tree.contains("ibm-usage-reports"));
    for refused in ["arrow-array", "arrow-schema", "csv", "parquet", "reqwest", "rust_xlsxwriter", "rustls", "tokio"] {
        assert!(!tree.contains(refused), "cloud-billing-focus depends on {refused}");
    }
}

/// What a client needs beyond that: (client, crate).
const MORE: [(&str, &str); 1] = [
    // The profiles of the Atlas CLI are TOML.
    ("atlas-billing", "toml"),
];

/// What a client names in its manifest: the runtime does the rest.
#[test]
fn clients_name_few_crates() {
    for client in clients() {
        let tree = dependencies(&client, "1");
        let direct: BTreeSet<&str> = tree.iter().skip(1).map(String::as_str).collect();
        let mut expected = BTreeSet::from(["cloud-billing-core", "serde", "serde_json"]);
        expected.extend(MORE.iter().filter(|(of, _)| *of == client).map(|(_, named)| *named));
        assert_eq!(direct, expected, "{client}");
    }
}

/// The types without the client need no async runtime, HTTP or TLS.
#[test]
fn without_the_client_there_are_few_crates() {
    let crates = |package: &str, depth: &str| -> BTreeSet<String> {
        let text = workspace_tests::tree(package, &["--no-default-features", "--format", "{p}", "--depth", depth]);
        text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    let direct = ["bigdecimal", "chrono", "cloud-billing-core", "serde", "serde_json", "zeroize"].map(str::to_owned);
    assert_eq!(crates("cloud-billing-core", "1"), BTreeSet::from(direct));
    for package in clients().into_iter().chain(["cloud-billing-core".to_owned(), "types-alone".to_owned()]) {
        let tree = crates(&package, "1000");
        assert!(tree.contains("cloud-billing-core"), "{tree:?}");
        for refused in
            ["getrandom", "h2", "http", "hyper", "libc", "reqwest", "ring", "rustls", "tokio", "toml", "tracing"]
        {
            assert!(!tree.contains(refused), "{package} depends on {refused} without its client");
        }
    }
}

/// xtask builds while the generated code does not.
#[test]
fn xtask_depends_on_no_client() {
    let tree = tree("xtask");
    for client in clients().into_iter().chain(["cloud-billing-core".to_owned(), "cloud-billing-sandbox".to_owned()]) {
        assert!(!tree.contains(&client), "xtask depends on {client}");
    }
}

/// What is published asks for no newer compiler than it says, as far as the crates below it say what they need.
#[test]
fn no_dependency_asks_for_a_newer_compiler() {
    let metadata = cargo(&["metadata", "--locked", "--format-version", "1"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let version = |text: &str| {
        let numbers = text.split('.').map(|number| number.parse::<u32>().unwrap());
        numbers.chain([0]).take(3).collect::<Vec<_>>()
    };
    let ours = read("Cargo.toml").parse::<toml::Table>().unwrap();
    let ours = version(ours["workspace"]["package"]["rust-version"].as_str().unwrap());
    let published: BTreeSet<String> =
        clients().iter().map(String::as_str).chain(["cloud-billing-sandbox"]).flat_map(tree).collect();
    let mut looked_at = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if let Some(theirs) = package["rust_version"].as_str().filter(|_| published.contains(name)) {
            looked_at += 1;
            assert!(version(theirs) <= ours, "{name} needs Rust {theirs}: take an older one, or raise `rust-version`");
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}
