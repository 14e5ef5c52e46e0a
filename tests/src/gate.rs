//! Checks of the gate as functions, so that `mistakes.rs` can see each of them fail.

use std::collections::{BTreeMap, BTreeSet};

use cloud_billing_sandbox::RecordedRequest;
use codegen::Client;

use crate::registry::Service;

/// The files that are not what the generator writes.
pub fn stale(client: &Client, checked_in: &BTreeMap<String, String>) -> Vec<String> {
    let generated: BTreeMap<&String, &String> = client.files.iter().map(|file| (&file.path, &file.text)).collect();
    let paths: BTreeSet<&String> = generated.keys().copied().chain(checked_in.keys()).collect();
    let differs = |path: &&&String| generated.get(**path).copied() != checked_in.get(**path);
    paths
        .iter()
        .filter(differs)
        .map(|path| format!("{path} differs; run `cargo xtask regen` and commit the result"))
        .collect()
}

/// Operations that no request was made for, and parameters that none had. `expected` are the operations of the spec.
pub fn uncalled<'a>(
    seen: &[RecordedRequest],
    expected: impl Iterator<Item = &'a str>,
    spec: &str,
    all: &[&cloud_billing_core::Operation],
) -> Vec<String> {
    let called: BTreeSet<(&str, Option<&str>)> = seen
        .iter()
        .map(|request| (request.operation.as_deref().unwrap_or_default(), request.header("accept")))
        .collect();
    let mut problems = Vec::new();
    for id in expected.filter(|id| !called.iter().any(|(called, _)| called == id)) {
        problems.push(format!("{id} is never called: add it to tests/tests/wire.rs"));
    }
    for operation in all {
        let (id, accept) = (operation.id(), operation.accepted_type());
        if accept.is_some() && !called.contains(&(id, accept)) {
            problems.push(format!(
                "{id} is never called for {}: add it to tests/tests/wire.rs",
                accept.unwrap_or_default()
            ));
        }
    }
    let spec: serde_yaml::Value = serde_yaml::from_str(spec).unwrap();
    for item in spec["paths"].as_mapping().unwrap().values() {
        for operation in item.as_mapping().unwrap().values() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let own = operation["parameters"].as_sequence().into_iter().flatten();
            let shared = item["parameters"].as_sequence().into_iter().flatten();
            for parameter in own.chain(shared).map(|parameter| resolve(&spec, parameter)) {
                let (name, place) = (parameter["name"].as_str().unwrap(), parameter["in"].as_str().unwrap());
                let sent = |request: &RecordedRequest| match place {
                    "query" => request.target.contains(&format!("{name}=")),
                    "header" => request.header(name).is_some(),
                    _ => true,
                };
                let mut calls = seen.iter().filter(|request| request.operation.as_deref() == Some(id)).peekable();
                if calls.peek().is_some() && !calls.any(sent) {
                    problems.push(format!("{id} never sends `{name}`: add it to the full call in tests/tests/wire.rs"));
                }
            }
        }
    }
    problems
}

fn resolve<'a>(spec: &'a serde_yaml::Value, value: &'a serde_yaml::Value) -> &'a serde_yaml::Value {
    match value["$ref"].as_str() {
        Some(target) => target.trim_start_matches("#/").split('/').fold(spec, |at, key| &at[key]),
        None => value,
    }
}

/// Where a text names a service, or code the vendor it is named after: `place: word`. A comment may say what a number was
/// measured on.
pub fn named(texts: &[(String, String)], services: &[Service]) -> Vec<String> {
    let words = services.iter().flat_map(|service| {
        let vendor = service.name.split('-').next().unwrap().to_owned();
        [service.name.clone(), service.name.replace('-', "_"), vendor]
    });
    let words: Vec<String> = words.collect();
    let mut found = Vec::new();
    for (path, text) in texts {
        for (number, line) in text.lines().enumerate() {
            let parts: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').collect();
            let comment = line.trim_start().starts_with("//");
            let is_named = |word: &&String| {
                (!comment || word.contains(['-', '_'])) && parts.iter().any(|part| part.eq_ignore_ascii_case(word))
            };
            found.extend(words.iter().find(is_named).map(|word| format!("{path}:{}: {word}", number + 1)));
        }
    }
    found
}

/// Specs that no service is made from. `specs` are the files of the folder.
pub fn unregistered(specs: &[String], services: &[Service]) -> Vec<String> {
    let known = |file: &&String| !services.iter().any(|service| &service.spec == *file);
    let say = |file| {
        format!("{file} belongs to no [[service]] of specs/upstream.toml: enter it with `cargo xtask add-service`")
    };
    specs.iter().filter(|file| file.ends_with(".yaml")).filter(known).map(say).collect()
}

/// Files of a published crate that are read at build time from outside of it, and so are not in its package.
pub fn outside(sources: &[(String, String)]) -> Vec<String> {
    let reads =
        |line: &str| (line.contains("include_str!") || line.contains("include_bytes!")) && line.contains("\"../../");
    let mut found = Vec::new();
    for (path, text) in sources {
        let lines = text.lines().enumerate().filter(|(_, line)| reads(line));
        found.extend(
            lines.map(|(number, _)| format!("{path}:{}: is not in the package; link it into the crate", number + 1)),
        );
    }
    found
}
