//! What we say about a change of the API, held against what `cargo semver-checks` says.
//!
//! The tool's verdicts are a snapshot, made by the test that is ignored unless asked for; `.ci/release` runs it:
//!
//! ```text
//! cargo test --package codegen --test semver -- --ignored
//! ```
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use codegen::api::{Level, compare, read};
use codegen::{File, Source};

const SPEC: &str = include_str!("acme-costs.yaml");

/// A change as vendors, and generators, make them.
struct Case {
    name: &'static str,
    change: Edit,
    /// Our rules, the gravest first.
    rules: &'static [&'static str],
    /// Why we say more than the tool does, where we do.
    more: Option<&'static str>,
}

enum Edit {
    /// Of the spec: from, to.
    Spec(&'static str, &'static str),
    /// Of what the generator writes.
    Code(&'static str, &'static str),
}
use Edit::{Code, Spec};

const BLIND_TO_TYPES: Option<&str> = Some("it does not compare types");

const CASES: &[Case] = &[
    Case {
        name: "a response gains a field",
        change: Spec(
            "        note:\n",
            "        discount:\n          type: number\n          format: decimal\n          description: What was taken off, in dollars.\n        note:\n",
        ),
        rules: &["field-added"],
        more: Some("a field is no reason for it to ask for a minor version"),
    },
    Case {
        name: "a response loses a field",
        change: Spec(
            "        plan:\n          type: string\n          description: The plan it was bought under.\n",
            "",
        ),
        rules: &["field-removed"],
        more: None,
    },
    Case {
        name: "an amount is read as a float",
        change: Spec(
            "format: decimal\n          description: What it cost, in dollars.",
            "format: double\n          description: What it cost, in dollars.",
        ),
        rules: &["field-retyped"],
        more: BLIND_TO_TYPES,
    },
    Case {
        name: "a field is guaranteed",
        change: Spec(
            "        product:\n          type: string\n",
            "        product:\n          x-sdk-guaranteed: true\n          type: string\n",
        ),
        rules: &["field-retyped", "impl-removed"],
        more: Some("it does not compare types, and it let the lost `Default` pass"),
    },
    Case {
        name: "an enum gains a value",
        change: Spec("[USAGE, SUPPORT, TAX]", "[USAGE, SUPPORT, TAX, REFUND]"),
        rules: &["variant-added"],
        more: Some("a variant of a `#[non_exhaustive]` enum is no reason for it to ask for a minor version"),
    },
    Case {
        name: "an enum loses a value",
        change: Spec("[USAGE, SUPPORT, TAX]", "[USAGE, SUPPORT]"),
        rules: &["variant-removed"],
        more: None,
    },
    Case {
        name: "an operation goes",
        change: Spec("operationId: deleteBudget", "operationId: removeBudget"),
        rules: &["operation-removed", "operation-added"],
        more: None,
    },
    Case {
        name: "a filter becomes required",
        change: Spec(
            "        - name: cursor\n          in: query\n",
            "        - name: region\n          in: query\n          required: true\n          description: The region.\n          schema:\n            type: string\n        - name: cursor\n          in: query\n",
        ),
        rules: &["signature-changed"],
        more: None,
    },
    Case {
        name: "a filter is added",
        change: Spec(
            "        - name: cursor\n          in: query\n",
            "        - name: region\n          in: query\n          description: The region.\n          schema:\n            type: string\n        - name: cursor\n          in: query\n",
        ),
        rules: &["method-added"],
        more: Some("a method is no reason for it to ask for a minor version"),
    },
    Case {
        name: "a body needs a field more",
        change: Spec("required: [name, from, amount]", "required: [name, from, amount, kinds]"),
        rules: &["signature-changed", "method-removed", "decoding"],
        more: None,
    },
    Case {
        name: "a body has its fields in another order",
        change: Spec("required: [name, from, amount]", "required: [name, amount, from]"),
        rules: &["signature-changed"],
        more: BLIND_TO_TYPES,
    },
    Case {
        name: "a list has no pages any more",
        change: Spec(
            "      x-sdk-pagination:\n        style: cursor\n        token: cursor\n        size: limit\n        items: lines\n        next-href: next.href\n        next-token: next.cursor\n",
            "",
        ),
        rules: &["method-removed", "impl-removed", "documentation"],
        more: None,
    },
    Case {
        name: "a smaller page is the largest",
        change: Spec("maximum: 100", "maximum: 60"),
        rules: &["check-tightened"],
        more: Some("what is refused at run time is not in its sight"),
    },
    Case {
        name: "an operation moves",
        change: Spec("/v2/budgets/{budgetId}:", "/v3/budgets/{budgetId}:"),
        rules: &["wire-operation", "documentation"],
        more: None,
    },
    Case {
        name: "the generator derives less",
        change: Code("#[derive(Clone, Debug, Default, PartialEq, ", "#[derive(Clone, Debug, Default, "),
        rules: &["impl-removed"],
        more: None,
    },
    Case {
        name: "the generator closes bodies",
        change: Code("#[non_exhaustive]\npub struct NewBudget", "pub struct NewBudget"),
        rules: &["non-exhaustive-removed"],
        more: Some("what becomes possible is no reason for it to ask for a minor version"),
    },
];

fn generate(spec: &str) -> Vec<File> {
    let source = Source { file: "specs/acme-costs.yaml", text: spec, command: "cargo xtask regen" };
    codegen::generate(source).unwrap_or_else(|diagnostics| panic!("{diagnostics}")).files
}

fn edited(edit: &Edit) -> Vec<File> {
    match edit {
        Spec(from, to) => {
            assert!(SPEC.contains(from), "{from} is not in the spec");
            generate(&SPEC.replacen(from, to, 1))
        }
        Code(from, to) => {
            let mut files = generate(SPEC);
            assert!(files.iter().any(|file| file.text.contains(from)), "{from} is not in the code");
            files.iter_mut().for_each(|file| file.text = file.text.replace(from, to));
            files
        }
    }
}

/// The tool's verdicts by case: (level, if it asks for a version at all; its lints).
fn verdicts() -> BTreeMap<String, (Option<Level>, String)> {
    let snapshot = include_str!("snapshots/semver__cargo_semver_checks.snap");
    let lines = snapshot.splitn(3, "---\n").nth(2).unwrap().lines().skip(1);
    let level = |word: &str| match word {
        "major" => Some(Level::Major),
        "minor" => Some(Level::Minor),
        _ => None,
    };
    lines
        .map(|line| {
            let (name, verdict) = line.split_once(": ").unwrap();
            let (word, lints) = verdict.split_once(' ').unwrap_or((verdict, ""));
            (name.to_owned(), (level(word), lints.to_owned()))
        })
        .collect()
}

#[test]
fn nothing_that_the_tool_sees_escapes_us() {
    let base = generate(SPEC);
    let base = read(base.iter().map(|file| (file.path.as_str(), file.text.as_str()))).unwrap();
    let mut verdicts = verdicts();
    for case in CASES {
        let files = edited(&case.change);
        let changes = compare(&base, &read(files.iter().map(|file| (file.path.as_str(), file.text.as_str()))).unwrap());
        let mut rules: Vec<&str> = changes.iter().map(|change| change.rule.id()).collect();
        rules.dedup();
        assert_eq!(rules, case.rules, "{}: {changes:#?}", case.name);
        let (theirs, lints) = verdicts.remove(case.name).unwrap_or_else(|| panic!("{}: no verdict", case.name));
        let ours = changes.iter().map(|change| change.rule.level()).max().filter(|level| *level > Level::Patch);
        assert!(ours >= theirs, "{}: we say {ours:?}, the tool {theirs:?} ({lints})", case.name);
        assert_eq!(ours > theirs, case.more.is_some(), "{}: we say {ours:?}, the tool {theirs:?}", case.name);
    }
    assert!(verdicts.is_empty(), "no such cases: {verdicts:?}");
}

/// Documentation of a crate as JSON, for the tool.
fn rustdoc(directory: &Path, files: &[File]) -> PathBuf {
    let generated = directory.join("src/generated");
    let _ = fs::remove_dir_all(&generated);
    for file in files {
        let path = generated.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.text).unwrap();
    }
    // The tool reads the unstable JSON of rustdoc, and asks for it in the same way.
    let output = Command::new(env!("CARGO"))
        .args(["rustdoc", "--quiet", "--lib", "--", "-Zunstable-options", "--output-format", "json"])
        .arg("--document-private-items")
        .current_dir(directory)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", directory.join("target"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    directory.join("target/doc/acme_costs.json")
}

#[test]
#[ignore = "needs cargo-semver-checks, and takes minutes; .ci/release runs it"]
fn cargo_semver_checks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("semver");
    fs::create_dir_all(scratch.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"acme-costs\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [features]\ndefault = [\"client\"]\nclient = []\n\n[dependencies]\n\
         cloud-billing-core = {{ path = {:?}, default-features = false, features = [\"client\"] }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
         serde_json = \"1\"\n",
        root.join("sdk-core")
    );
    fs::write(scratch.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), scratch.join("Cargo.lock")).unwrap();
    fs::write(
        scratch.join("src/lib.rs"),
        "mod generated;\npub use generated::{API_VERSION, operations, types};\n\npub struct Client(cloud_billing_core::Core);\n\
         impl Client {\n    fn core(&self) -> &cloud_billing_core::Core {\n        &self.0\n    }\n}\n",
    )
    .unwrap();

    let base = rustdoc(&scratch, &generate(SPEC));
    fs::copy(&base, scratch.join("base.json")).unwrap();
    let version = Command::new("cargo-semver-checks").args(["semver-checks", "--version"]).output().unwrap();
    let mut text = String::from_utf8(version.stdout).unwrap();
    for case in CASES {
        let current = rustdoc(&scratch, &edited(&case.change));
        let output = Command::new("cargo-semver-checks")
            .args(["semver-checks", "--release-type", "patch", "--color", "never", "--baseline-rustdoc"])
            .arg(scratch.join("base.json"))
            .arg("--current-rustdoc")
            .arg(current)
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(shown.contains("Summary"), "{shown}");
        let level =
            ["major", "minor"].into_iter().find(|level| shown.contains(&format!("requires new {level} version")));
        let lints = shown.lines().filter_map(|line| line.strip_prefix("--- failure ")?.split(':').next());
        let lints: Vec<&str> = lints.collect();
        let _ = writeln!(text, "{}: {}", case.name, [&[level.unwrap_or("nothing")][..], &lints].concat().join(" "));
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(text) });
}
