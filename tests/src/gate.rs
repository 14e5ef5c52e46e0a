//! Checks of the gate as functions, so that `mistakes.rs` can see each of them fail.

use std::collections::{BTreeMap, BTreeSet};

use cloud_billing_catalogue::{self as catalogue, Parameter, Place};
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

/// Operations and media types of a service that no request was made for, and parameters that none had.
#[must_use]
pub fn uncalled(seen: &[RecordedRequest], service: &catalogue::Service) -> Vec<String> {
    let mut problems = Vec::new();
    for operation in service.operations {
        let id = operation.id;
        let calls: Vec<_> = seen.iter().filter(|request| request.operation.as_deref() == Some(id)).collect();
        if calls.is_empty() {
            problems.push(format!("{id} is never called: add it to tests/tests/wire.rs"));
            continue;
        }
        for media in operation.success.content {
            if !calls.iter().any(|request| request.header("accept") == Some(media.name)) {
                problems.push(format!("{id} is never called for {}: add it to tests/tests/wire.rs", media.name));
            }
        }
        for Parameter { name, place, .. } in operation.parameters {
            let sent = |request: &&RecordedRequest| match place {
                Place::Query => request.target.contains(&format!("{name}=")),
                Place::Header => request.header(name).is_some(),
                Place::Path => true,
            };
            if !calls.iter().any(sent) {
                problems.push(format!("{id} never sends `{name}`: add it to the full call in tests/tests/wire.rs"));
            }
        }
    }
    problems
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
