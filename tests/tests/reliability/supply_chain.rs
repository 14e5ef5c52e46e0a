//! What a client is made of and where it comes from, read from cargo's own resolution. `deny.toml` says the same for
//! `cargo deny`; which crates must not reach a client is in `walls.rs`.

use std::collections::BTreeSet;

use serde_json::Value;
use workspace_tests::{cargo, dependencies, read, tree};

const CLIENTS: [&str; 3] = ["atlas-billing", "ibm-usage-reports", "ibm-enterprise"];

/// What `cargo metadata` says of the workspace alone.
fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"])).unwrap()
}

/// Building one of our crates runs no code of ours, and none of them can switch the compiler's checks off.
#[test]
pub(crate) fn no_build_script_and_no_unsafe_code() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    assert_eq!(manifest["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() >= 7, "{}", packages.len());
    for package in packages {
        let name = package["name"].as_str().unwrap();
        for target in package["targets"].as_array().unwrap() {
            let kinds = target["kind"].as_array().unwrap();
            assert!(!kinds.iter().any(|kind| kind == "custom-build" || kind == "proc-macro"), "{name}");
        }
        let manifest = std::fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{name} has lints of its own");
    }
}

/// Every crate is one that was published, and the one that was checked when the lock file was written.
#[test]
pub(crate) fn everything_comes_from_the_registry() {
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let members: BTreeSet<String> = metadata()["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| package["name"].as_str().unwrap().to_owned())
        .collect();
    for package in lock["package"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        match package.get("source").and_then(toml::Value::as_str) {
            None => assert!(members.contains(name), "{name} comes from a path"),
            Some(source) => {
                assert!(source.starts_with("registry+"), "{name} comes from {source}");
                assert!(package["checksum"].as_str().is_some_and(|sum| sum.len() == 64), "{name} has no checksum");
            }
        }
    }
}

/// What the gate installs from PyPI: versions with hashes, and no line that says where else to look.
#[test]
pub(crate) fn python_packages_of_the_gate_have_hashes() {
    for (path, at_least) in [
        ("focus/foreign/requirements.txt", 20),
        ("focus/foreign/sources.txt", 1),
        ("lake/foreign/engines.txt", 5),
        ("lake/foreign/requirements.txt", 20),
        ("lake/foreign/spark.txt", 1),
        ("sandbox/foreign/requirements.txt", 10),
        ("tests/witness/requirements.txt", 10),
    ] {
        let text = read(path).replace("\\\n", " ");
        let packages: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(packages.len() >= at_least, "{path}: {}", packages.len());
        for package in packages {
            let (name, hashes) = package.split_once(' ').unwrap_or((package, ""));
            assert!(name.split_once("==").is_some_and(|(name, _)| !name.contains(':')), "{path}: {package}");
            let mut hashes = hashes.split_whitespace().peekable();
            let is_pinned = hashes.peek().is_some() && hashes.all(|hash| hash.starts_with("--hash=sha256:"));
            assert!(is_pinned, "{path}: {name} has more or less than hashes");
        }
    }
}

/// What the gate installs from npm: versions with hashes, from wherever npm is told to look.
#[test]
pub(crate) fn node_packages_of_the_gate_have_hashes() {
    let lock: Value = serde_json::from_str(&read("sandbox/foreign/package-lock.json")).unwrap();
    let packages = lock["packages"].as_object().unwrap().iter().filter(|(folder, _)| !folder.is_empty());
    let mut count = 0;
    for (folder, package) in packages {
        assert!(package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")), "{folder}");
        assert!(package.get("resolved").is_none(), "{folder} has an address");
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

/// Crates of which a client has two versions, with the reason.
const TWICE: [(&str, &str, &str); 1] =
    [("atlas-billing", "getrandom", "ring has not moved to the version that we use")];

#[test]
pub(crate) fn clients_have_one_version_of_each_crate() {
    for client in CLIENTS {
        let text = tree(client, &["--format", "{p}", "--duplicates", "--depth", "0"]);
        let twice: BTreeSet<&str> =
            text.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty()).collect();
        assert_eq!(
            twice,
            TWICE.iter().filter(|(of, ..)| *of == client).map(|(_, name, _)| *name).collect(),
            "{client}"
        );
    }
}

/// What crates with many features are asked for: nothing that a client does not need.
#[test]
pub(crate) fn clients_ask_for_few_features() {
    const FEATURES: [(&str, &str); 6] = [
        ("chrono", "alloc,serde,std"),
        ("flate2", "any_impl,miniz_oxide,rust_backend"),
        ("reqwest", "__rustls,__tls,http2,rustls-no-provider"),
        ("rustls", "ring,std,tls12"),
        ("serde_json", "default,float_roundtrip,raw_value,std"),
        ("tokio", "bytes,default,fs,io-util,libc,mio,net,rt,socket2,sync,time"),
    ];
    for client in CLIENTS {
        let text = tree(client, &["--format", "{p}|{f}"]);
        for (name, expected) in FEATURES {
            let line = text.lines().find(|line| line.split(' ').next() == Some(name)).expect(name);
            assert_eq!(line.trim_end_matches(" (*)").split('|').nth(1), Some(expected), "{name} of {client}");
        }
    }
}

/// The README's row of dependencies.
#[test]
pub(crate) fn the_readme_counts_the_dependencies() {
    let readme = read("README.md");
    let row = readme.lines().find_map(|line| line.strip_prefix("| dependencies |")).expect("a row");
    for (client, cell) in CLIENTS.into_iter().zip(row.split('|')) {
        // Cargo names some twice.
        let [count, named] =
            ["1000", "1"].map(|depth| dependencies(client, depth).into_iter().collect::<BTreeSet<_>>().len() - 1);
        let expected = format!("{count} crates with TLS on Linux; it names {named}, of which one is our runtime");
        assert_eq!(cell.trim(), expected, "{client}");
    }
}
