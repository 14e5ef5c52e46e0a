//! Each service of `specs/upstream.toml` is a whole one. That the generator and the maintainer's commands need nothing else
//! of a service is held by the test of `cargo xtask add-service`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;

use codegen::Source;
use codegen::drift::{Inputs, Text, compare, reduce};
use workspace_tests::gate::{outside, unregistered};
use workspace_tests::registry::{Service, services};
use workspace_tests::{read, root};

/// The text files below a directory: (path, text).
fn files(directory: &Path, into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), into);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            into.push((entry.path().display().to_string(), text));
        }
    }
}

#[test]
fn each_spec_belongs_to_a_service() {
    let names = fs::read_dir(root().join("specs")).unwrap().map(|entry| entry.unwrap().file_name());
    let specs: Vec<String> = names.map(|name| format!("specs/{}", name.to_str().unwrap())).collect();
    assert_eq!(unregistered(&specs, &services()), [""; 0]);
}

#[test]
fn each_service_is_a_member_that_is_built_by_default() {
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    for Service { name, directory, .. } in services() {
        for list in ["members", "default-members"] {
            let members = workspace["workspace"][list].as_array().unwrap();
            assert!(members.iter().any(|member| member.as_str() == Some(&directory)), "{name} is not in `{list}`");
        }
        let manifest: toml::Table = read(&format!("{directory}/Cargo.toml")).parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some(name.as_str()));
    }
}

/// The folders of the published crates: `.ci/publishable` has their names.
fn published() -> impl Iterator<Item = String> {
    let others = ["sdk-core", "catalogue", "sandbox", "focus", "cli"].map(str::to_owned);
    services().into_iter().map(|service| service.directory).chain(others)
}

/// A published crate is built from its package, and nothing else is there then.
#[test]
fn what_a_published_crate_is_built_from_lies_in_it() {
    for directory in published() {
        let mut sources = Vec::new();
        files(&root().join(&directory).join("src"), &mut sources);
        assert_eq!(outside(&sources), [""; 0]);
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            assert_eq!(
                read(&format!("{directory}/{licence}")),
                read(licence),
                "link it: ln -s ../{licence} {directory}/"
            );
        }
    }
}

/// What a registry shows of a published crate.
#[test]
fn a_published_crate_introduces_itself() {
    for directory in published() {
        let manifest: toml::Table = read(&format!("{directory}/Cargo.toml")).parse().unwrap();
        let package = manifest["package"].as_table().unwrap();
        for key in ["description", "keywords", "categories"] {
            assert!(package.contains_key(key), "{directory} has no {key}");
        }
        assert_eq!(package["repository"]["workspace"].as_bool(), Some(true), "{directory}");
        assert_eq!(package["metadata"]["docs"]["rs"]["all-features"].as_bool(), Some(true), "{directory}");
        // Cargo packs a README of this name, if the manifest has no other.
        assert!(!package.contains_key("readme"), "{directory}");
        let name = package["name"].as_str().unwrap();
        assert!(read(&format!("{directory}/README.md")).starts_with(&format!("# {name}\n")), "{directory}");
    }
}

/// A refresh begins with what the spec was curated against.
#[test]
fn each_service_says_what_it_was_curated_against() {
    let table: toml::Table = read("specs/upstream.toml").parse().unwrap();
    for entry in table["service"].as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        let sources = entry.get("source").and_then(toml::Value::as_array).map_or(0, Vec::len);
        assert!(sources > 0, "specs/upstream.toml: {name} has no [[service.source]]: add document, url and date");
    }
}

/// A structure of a vendor's document is that of the one that the spec was curated against, has nothing but what
/// `cargo xtask drift --reduce` writes, and differs from the spec in what is accepted.
#[test]
fn each_spec_is_what_the_vendors_document_says() {
    let table: toml::Table = read("specs/upstream.toml").parse().unwrap();
    let (mut compared, command) = (0, "cargo xtask regen");
    for (Service { name, spec, .. }, entry) in services().iter().zip(table["service"].as_array().unwrap()) {
        // That there is a source, another test asks for.
        let Some(source) = entry.get("source").and_then(|sources| sources.get(0)) else { continue };
        if !source["url"].as_str().unwrap().ends_with(".json") {
            continue;
        }
        let beside = |kind: &str| format!("specs/{name}.drift-{kind}.toml");
        let (place, allow, texts) = (format!("specs/upstream/{name}.yaml"), beside("allow"), beside("texts"));
        let (text, accepted, recorded, structure) = (read(spec), read(&allow), read(&texts), read(&place));
        let inputs = Inputs {
            spec: Source { file: spec, text: &text, command },
            upstream: Text { file: &place, text: &structure },
            accepted: Some(Text { file: &allow, text: &accepted }),
            texts: Some(Text { file: &texts, text: &recorded }),
        };
        let sha = source.get("sha").and_then(toml::Value::as_str).unwrap_or("nothing");
        assert!(
            structure.contains(sha),
            "{place} is of another document than the one that specs/upstream.toml names for {name}, whose `sha` is {sha}: \
             enter that of the new document, or write the structure with `cargo xtask drift FILE --service {name} --reduce`"
        );
        assert!(
            reduce(inputs).unwrap() == structure,
            "{place} has more than the structure of a document: write it with `cargo xtask drift FILE --service {name} --reduce`"
        );
        let report = compare(inputs).unwrap();
        assert!(report.is_clean(), "{}", report.to_text());
        compared += 1;
    }
    assert!(compared > 0, "no service has an OpenAPI document of the vendor's");
}

/// Either the sandbox speaks it, and the tests here call all of it; or it has the test that it was scaffolded with.
#[test]
fn each_service_is_called_over_http() {
    let in_sandbox: Vec<&str> =
        cloud_billing_sandbox::Service::ALL.into_iter().map(cloud_billing_sandbox::Service::name).collect();
    for Service { name, directory, .. } in services() {
        let own = root().join(&directory).join("tests/operations.rs").exists();
        assert!(
            own || in_sandbox.contains(&name.as_str()),
            "no test calls {name}: it has no tests/operations.rs, and the sandbox (sandbox/src/spec.rs) does not speak it"
        );
    }
}

/// The base URLs of a client are the servers of its spec, the default one first.
#[test]
fn base_urls_are_the_servers_of_the_specs() {
    let urls = |name: &str| match name {
        "atlas-billing" => vec![atlas_billing::DEFAULT_BASE_URL, atlas_billing::GOV_BASE_URL],
        "ibm-usage-reports" => vec![
            ibm_usage_reports::DEFAULT_BASE_URL,
            ibm_usage_reports::PRIVATE_BASE_URL,
            ibm_usage_reports::PRIVATE_US_SOUTH_BASE_URL,
            ibm_usage_reports::PRIVATE_US_EAST_BASE_URL,
        ],
        "ibm-enterprise" => vec![
            ibm_enterprise::DEFAULT_BASE_URL,
            ibm_enterprise::PRIVATE_BASE_URL,
            ibm_enterprise::PRIVATE_US_SOUTH_BASE_URL,
            ibm_enterprise::PRIVATE_US_EAST_BASE_URL,
            ibm_enterprise::PRIVATE_EU_FR_BASE_URL,
        ],
        _ => panic!("add the base URLs of {name} to this test"),
    };
    // Those of a service that the sandbox does not speak yet are as `add-service` wrote them.
    let spoken = cloud_billing_sandbox::Service::ALL.map(cloud_billing_sandbox::Service::name);
    for service in cloud_billing_catalogue::SERVICES.iter().filter(|service| spoken.contains(&service.name)) {
        let servers: Vec<&str> = service.servers.iter().map(|server| server.url).collect();
        assert_eq!(urls(service.name), servers, "{}", service.name);
    }
}
