//! Mistakes that a maintainer can make, each made here and seen to be caught. What is said to them is what they read in
//! CI, so the words matter.
//!
//! Each row is made on a copy in memory, from the real specs and the real code, and is given to the very function that the
//! gate calls. Rules for specs have rows where a change of everyday life would break them; every rule has a spec of its own
//! in `codegen/tests/corpus/bad/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cloud_billing_sandbox::Sandbox;
use codegen::api::{Change, compare, read as read_api, unsaid};
use codegen::drift::{Inputs, Text, compare as drift_from};
use codegen::{Client, Source};
use workspace_tests::gate;
use workspace_tests::read;
use workspace_tests::registry::{Service, services};

fn generate(text: &str) -> Client {
    let source = Source { file: "specs/ibm-usage-reports.yaml", text, command: "cargo xtask regen" };
    codegen::generate(source).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// What the linter says about the spec with a change.
fn lint(from: &str, to: &str) -> String {
    let text = changed(from, to);
    let source = Source { file: "specs/ibm-usage-reports.yaml", text: &text, command: "cargo xtask regen" };
    codegen::lint(source).map_or_else(|diagnostics| diagnostics.to_string(), |()| String::new())
}

fn changed(from: &str, to: &str) -> String {
    let text = read("specs/ibm-usage-reports.yaml");
    assert!(text.contains(from), "the spec has no {from:?} any more");
    text.replacen(from, to, 1)
}

fn files(client: &Client) -> BTreeMap<String, String> {
    client.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect()
}

/// What the outline's snapshot would show, as the lines that differ.
fn outline(text: &str) -> String {
    // The snapshot is held to this by `generated.rs`.
    let snapshot = generate(&read("specs/ibm-usage-reports.yaml")).outline;
    let outline = generate(text).outline;
    let gone = snapshot.lines().filter(|line| !outline.contains(line)).map(|line| format!("-{line}\n"));
    let new = outline.lines().filter(|line| !snapshot.contains(line)).map(|line| format!("+{line}\n"));
    gone.chain(new).collect()
}

/// What CI finds about the API.
fn changes(text: &str) -> Vec<Change> {
    let of =
        |client: &Client| read_api(client.files.iter().map(|file| (file.path.as_str(), file.text.as_str()))).unwrap();
    compare(&of(&generate(&read("specs/ibm-usage-reports.yaml"))), &of(&generate(text)))
}

/// What CI prints about the API.
fn api(text: &str) -> String {
    changes(text).iter().fold(String::new(), |mut all, change| {
        let _ = writeln!(all, "{} {} {} {}", change.rule.level(), change.rule.id(), change.subject, change.detail);
        all
    })
}

/// What drift says about a vendor's document that is our spec with a change, and about the accepted differences.
fn drift(from: &str, to: &str, accepted: &str) -> String {
    let (spec, upstream) = (read("specs/ibm-usage-reports.yaml"), changed(from, to));
    let report = drift_from(Inputs {
        spec: Source { file: "specs/ibm-usage-reports.yaml", text: &spec, command: "cargo xtask regen" },
        upstream: Text { file: "vendor.yaml", text: &upstream },
        accepted: Some(Text { file: "specs/ibm-usage-reports.drift-allow.toml", text: accepted }),
        texts: None,
    });
    report.map_or_else(
        |error| error.to_string(),
        |report| if report.is_clean() { String::new() } else { report.to_text() },
    )
}

/// Mistake, what is said to it, and words of that.
fn mistakes() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let spec = read("specs/ibm-usage-reports.yaml");
    let client = generate(&spec);
    let property = "        account_id:\n          type: string\n          description: The account.\n";
    let property_bare = "        account_id:\n          type: string\n";
    let mut edited = files(&client);
    edited.get_mut("types/account.rs").unwrap().push_str("// a quick fix\n");
    let mut stray = files(&client);
    stray.insert("types/old.rs".to_owned(), String::new());
    let mut lost = files(&client);
    lost.remove("operations/account.rs");
    let kinds = "enum: [account, enterprise";
    let without_value = changed(kinds, "enum: [account");
    let renamed = spec.replace("operationId: get_account_summary\n", "operationId: get_summary\n");
    let accepted = "[[accepted]]\nchange = \"enum-value-new\"\nat = \"AccountType\"\ntheirs = \"new_kind\"\nreason = \"Not for us.\"\n";
    let log = read("CHANGELOG.md");
    let in_code = |line: &str| vec![("codegen/src/emit/types.rs".to_owned(), line.to_owned())];
    vec![
        (
            "a field without a description",
            lint(property, property_bare),
            vec!["description", "specs/ibm-usage-reports.yaml:"],
        ),
        (
            "an operation without an operationId",
            lint("      operationId: get_account_summary\n", ""),
            vec!["operationId"],
        ),
        (
            "two operations of one name",
            lint("operationId: get_account_summary\n", "operationId: get_account_usage\n"),
            vec!["get_account_usage"],
        ),
        ("a misspelt key", lint(property, &property.replace("description", "descripton")), vec!["descripton"]),
        (
            "a reference to nothing",
            lint("#/components/schemas/AccountSummary'", "#/components/schemas/Acount'"),
            vec!["Acount"],
        ),
        ("an unknown extension", lint("x-sdk-group: account", "x-sdk-groop: account"), vec!["x-sdk-groop"]),
        (
            "an enum value removed that an example has",
            lint(", pending, completed", ", pending"),
            vec!["`completed` is not one of the enum's values"],
        ),
        (
            "an example of the wrong type",
            lint("account_id: 4f6e0c1b9a7d42e38b5c2d71f0a9e864", "account_id: 17"),
            vec!["example", "specs/ibm-usage-reports.yaml:"],
        ),
        (
            "a value of the vendor's that nobody looked at",
            drift(kinds, "enum: [account, enterprise, new_kind", ""),
            vec!["additive[enum-value-new]: AccountType", "theirs: new_kind"],
        ),
        (
            "a difference accepted without a reason",
            drift(kinds, "enum: [account, enterprise, new_kind", &accepted.replace("Not for us.", "")),
            vec!["specs/ibm-usage-reports.drift-allow.toml:1", "the reason is empty"],
        ),
        (
            "an accepted difference that is gone",
            drift(kinds, kinds, accepted),
            vec!["stale[enum-value-new]: AccountType", "remove the entry"],
        ),
        (
            "an accepted difference that is another one now",
            drift(kinds, "enum: [account, enterprise, other_kind", accepted),
            vec!["accepted for `new_kind`; the vendor has `other_kind` now"],
        ),
        (
            "a spec that was not regenerated",
            gate::stale(&generate(&changed(property, &property.replace("The account.", "Account."))), &files(&client))
                .join("\n"),
            vec!["types/account.rs", "cargo xtask regen"],
        ),
        (
            "a generated file edited by hand",
            gate::stale(&client, &edited).join("\n"),
            vec!["types/account.rs", "cargo xtask regen"],
        ),
        ("a generated file left behind", gate::stale(&client, &stray).join("\n"), vec!["types/old.rs"]),
        ("a generated file not committed", gate::stale(&client, &lost).join("\n"), vec!["operations/account.rs"]),
        (
            "an enum value removed: the outline is not as reviewed",
            outline(&without_value),
            vec!["-    Enterprise = \"enterprise\""],
        ),
        (
            "an enum value removed: a break for users",
            api(&without_value),
            vec!["major variant-removed types::AccountType::Enterprise"],
        ),
        (
            "an operation renamed: the outline is not as reviewed",
            outline(&renamed),
            vec!["-fn get_account_summary(", "+fn get_summary("],
        ),
        (
            "an operation renamed: a break for users",
            api(&renamed),
            vec!["major operation-removed get_account_summary", "minor operation-added get_summary"],
        ),
        (
            "a break that the changelog does not name",
            unsaid(&changes(&renamed), &log, &log).unwrap_or_default(),
            vec!["CHANGELOG.md", "operation-removed: get_account_summary", "`Unreleased`"],
        ),
        (
            "a spec that was not made a service",
            gate::unregistered(&["specs/new-costs.yaml".to_owned()], &services()).join("\n"),
            vec!["specs/new-costs.yaml", "cargo xtask add-service"],
        ),
        (
            "a service named in the generator",
            gate::named(&in_code("if name == \"ibm-usage-reports\" {"), &services()).join("\n"),
            vec!["types.rs:1: ibm-usage-reports"],
        ),
        (
            "a vendor named in the generator",
            gate::named(&in_code("const ATLAS: u8 = 1;"), &services()).join("\n"),
            vec!["types.rs:1: atlas"],
        ),
        (
            "a file from outside in a published crate",
            gate::outside(&[("sandbox/src/x.rs".to_owned(), "include_str!(\"../../specs/a.yaml\")".to_owned())])
                .join("\n"),
            vec!["sandbox/src/x.rs:1", "not in the package"],
        ),
    ]
}

#[test]
fn each_mistake_is_caught_in_words_that_help() {
    for (mistake, said, words) in mistakes() {
        assert!(!said.is_empty(), "{mistake}: nothing is said");
        for word in words {
            assert!(said.contains(word), "{mistake}: no {word:?} in\n{said}");
        }
    }
}

/// The same functions have nothing to say where there is no mistake, or they would catch nothing.
#[test]
fn nothing_is_said_without_a_mistake() {
    let spec = read("specs/ibm-usage-reports.yaml");
    let client = generate(&spec);
    assert_eq!(gate::stale(&client, &files(&client)), [""; 0]);
    assert_eq!(outline(&spec), "");
    assert_eq!(api(&spec), "");
    let kinds = "enum: [account, enterprise";
    assert_eq!(drift(kinds, kinds, ""), "");
    assert_eq!(unsaid(&changes(&changed(kinds, "enum: [account")), "", "- Changed: ..."), None);
}

/// An operation that is new in the spec, and a parameter that is, have no test yet.
#[tokio::test]
async fn an_operation_or_a_parameter_without_a_test_is_missed() {
    let sandbox = Sandbox::start().await.unwrap();
    let token = "a-token";
    ibm_usage_reports::Client::builder()
        .base_url(sandbox.ibm_url())
        .bearer_token(token)
        .build()
        .unwrap()
        .get_account_usage("987d4cfd77b04e9b9e1a6a0cc8612340", "2023-05".parse().unwrap())
        .send()
        .await
        .unwrap();
    let Service { spec, .. } = services().into_iter().find(|service| service.name == "ibm-usage-reports").unwrap();
    let seen = sandbox.requests();
    let all = ibm_usage_reports::operations::ALL;
    let said = gate::uncalled(&seen, Sandbox::operations(cloud_billing_sandbox::Service::Ibm), &read(&spec), all);
    for expected in [
        "get_account_summary is never called: add it to tests/tests/wire.rs",
        "get_account_usage never sends `_names`: add it to the full call in tests/tests/wire.rs",
    ] {
        assert!(said.iter().any(|problem| problem == expected), "{said:#?}");
    }
    assert!(!said.iter().any(|problem| problem.starts_with("get_account_usage is never called")), "{said:#?}");
}
