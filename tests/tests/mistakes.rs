//! Mistakes that a maintainer can make. Each is made here, and the test reads what the gate says to it: CI prints the same
//! words.
//!
//! A mistake is made on a copy in memory of the real specs and the real code, and goes to the function that the gate calls.
//! Of the rules for specs, this has those that an everyday change can break; each rule has a spec of its own in
//! `codegen/tests/corpus/bad/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use cloud_billing_sandbox::Sandbox;
use codegen::api::{Change, compare, read as read_api, unsaid};
use codegen::drift::{Inputs, Text, compare as drift_from};
use codegen::{Client, Source};
use ibm_usage_reports::types::AccountId;
use workspace_tests::gate;
use workspace_tests::read;
use workspace_tests::registry::services;

/// What is generated from the spec as it is.
static SOUND: LazyLock<Client> = LazyLock::new(|| generate(&read("specs/ibm-usage-reports.yaml")));

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
    let snapshot = &SOUND.outline;
    let outline = generate(text).outline;
    let gone = snapshot.lines().filter(|line| !outline.contains(line)).map(|line| format!("-{line}\n"));
    let new = outline.lines().filter(|line| !snapshot.contains(line)).map(|line| format!("+{line}\n"));
    gone.chain(new).collect()
}

/// What CI finds about the API.
fn changes(text: &str) -> Vec<Change> {
    let of =
        |client: &Client| read_api(client.files.iter().map(|file| (file.path.as_str(), file.text.as_str()))).unwrap();
    compare(&of(&SOUND), &of(&generate(text)))
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

/// A mistake, what is said to it, and words that must be in that.
type Mistake = (&'static str, fn() -> String, &'static [&'static str]);

const PROPERTY: &str = "        account_id:\n          allOf:\n            - $ref: '#/components/schemas/AccountId'\n          description: The account.\n";
const KINDS: &str = "enum: [account, enterprise";
const NEW_KIND: &str = "enum: [account, enterprise, new_kind";
const ACCEPTED: &str = "[[accepted]]\nchange = \"enum-value-new\"\nat = \"AccountType\"\ntheirs = \"new_kind\"\nreason = \"Not for us.\"\n";

/// What the gate says about generated files with a change.
fn stale(edit: fn(&mut BTreeMap<String, String>)) -> String {
    let mut files = files(&SOUND);
    edit(&mut files);
    gate::stale(&SOUND, &files).join("\n")
}

/// What the gate says about files of the spec with another text.
fn not_regenerated() -> String {
    let changed = generate(&changed(PROPERTY, &PROPERTY.replace("The account.", "Account.")));
    gate::stale(&changed, &files(&SOUND)).join("\n")
}

fn without_value() -> String {
    changed(KINDS, "enum: [account")
}

fn renamed() -> String {
    read("specs/ibm-usage-reports.yaml").replace("operationId: get_org_usage\n", "operationId: get_organization\n")
}

fn outside() -> String {
    let line = "include_str!(\"../../specs/a.yaml\")".to_owned();
    gate::outside(&[("sandbox/src/x.rs".to_owned(), line)]).join("\n")
}

fn unsaid_break() -> String {
    let log = read("CHANGELOG.md");
    unsaid(&changes(&renamed()), &log, &log).unwrap_or_default()
}

const MISTAKES: [Mistake; 23] = [
    (
        "a field without a description",
        || lint(PROPERTY, "        account_id:\n          type: string\n"),
        &["description", "specs/ibm-usage-reports.yaml:"],
    ),
    ("an operation without an operationId", || lint("      operationId: get_account_summary\n", ""), &["operationId"]),
    (
        "two operations of one name",
        || lint("operationId: get_account_summary\n", "operationId: get_account_usage\n"),
        &["get_account_usage"],
    ),
    ("a misspelt key", || lint(PROPERTY, &PROPERTY.replace("description", "descripton")), &["descripton"]),
    (
        "a reference to nothing",
        || lint("#/components/schemas/AccountSummary'", "#/components/schemas/Acount'"),
        &["Acount"],
    ),
    ("an unknown extension", || lint("x-sdk-group: account", "x-sdk-groop: account"), &["x-sdk-groop"]),
    (
        "an enum value removed that an example has",
        || lint(", pending, completed", ", pending"),
        &["`completed` is not one of the enum's values"],
    ),
    (
        "an example of the wrong type",
        || lint("account_id: 4f6e0c1b9a7d42e38b5c2d71f0a9e864", "account_id: 17"),
        &["example", "specs/ibm-usage-reports.yaml:"],
    ),
    (
        "a value of the vendor's that is not in the spec",
        || drift(KINDS, NEW_KIND, ""),
        &["additive[enum-value-new]: AccountType", "theirs: new_kind"],
    ),
    (
        "a difference accepted without a reason",
        || drift(KINDS, NEW_KIND, &ACCEPTED.replace("Not for us.", "")),
        &["specs/ibm-usage-reports.drift-allow.toml:1", "the reason is empty"],
    ),
    (
        "an accepted difference that is gone",
        || drift(KINDS, KINDS, ACCEPTED),
        &["stale[enum-value-new]: AccountType", "remove the entry"],
    ),
    (
        "an accepted difference that has changed",
        || drift(KINDS, "enum: [account, enterprise, other_kind", ACCEPTED),
        &["accepted for `new_kind`; the vendor has `other_kind` now"],
    ),
    ("a spec that was not regenerated", not_regenerated, &["types/account.rs", "cargo xtask regen"]),
    (
        "a generated file edited by hand",
        || stale(|files| files.get_mut("types/account.rs").unwrap().push_str("// a quick fix\n")),
        &["types/account.rs", "cargo xtask regen"],
    ),
    (
        "a generated file left behind",
        || stale(|files| drop(files.insert("types/old.rs".to_owned(), String::new()))),
        &["types/old.rs"],
    ),
    (
        "a generated file not committed",
        || stale(|files| drop(files.remove("operations/account.rs"))),
        &["operations/account.rs"],
    ),
    (
        "an enum value removed: the outline is not as reviewed",
        || outline(&without_value()),
        &["-    Enterprise = \"enterprise\""],
    ),
    (
        "an enum value removed: a break for users",
        || api(&without_value()),
        &["major variant-removed types::AccountType::Enterprise"],
    ),
    (
        "an operation renamed: the outline is not as reviewed",
        || outline(&renamed()),
        &["-fn get_org_usage(", "+fn get_organization("],
    ),
    (
        "an operation renamed: a break for users",
        || api(&renamed()),
        &["major operation-removed get_org_usage", "minor operation-added get_organization"],
    ),
    (
        "a break that the changelog does not name",
        unsaid_break,
        &["CHANGELOG.md", "operation-removed: get_org_usage", "`Unreleased`"],
    ),
    (
        "a spec that was not made a service",
        || gate::unregistered(&["specs/new-costs.yaml".to_owned()], &services()).join("\n"),
        &["specs/new-costs.yaml", "cargo xtask add-service"],
    ),
    ("a file from outside in a published crate", outside, &["sandbox/src/x.rs:1", "not in the package"]),
];

#[test]
fn each_mistake_is_caught_in_words_that_help() {
    for (mistake, said, words) in MISTAKES {
        let said = said();
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
    assert_eq!(gate::stale(&SOUND, &files(&SOUND)), [""; 0]);
    assert_eq!(outline(&spec), "");
    assert_eq!(api(&spec), "");
    assert_eq!(drift(KINDS, KINDS, ""), "");
    assert_eq!(unsaid(&changes(&without_value()), "", "- Changed: ..."), None);
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
        .get_account_usage(AccountId::new("987d4cfd77b04e9b9e1a6a0cc8612340"), "2023-05".parse().unwrap())
        .send()
        .await
        .unwrap();
    let seen = sandbox.requests();
    let said = gate::uncalled(&seen, cloud_billing_catalogue::service("ibm-usage-reports").unwrap());
    for expected in [
        "get_account_summary is never called: add it to tests/tests/wire.rs",
        "get_account_usage never sends `_names`: add it to the full call in tests/tests/wire.rs",
    ] {
        assert!(said.iter().any(|problem| problem == expected), "{said:#?}");
    }
    assert!(!said.iter().any(|problem| problem.starts_with("get_account_usage is never called")), "{said:#?}");
}
