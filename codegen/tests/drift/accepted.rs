//! Differences that are accepted, and texts that were read.

use codegen::drift::{Class, Inputs, Report, Text, Unreadable, compare};
use serde_json::{Value, json};

use crate::{edited, findings, inputs, report, source, theirs};

pub(crate) fn accepted(upstream: &Value, allow: &str) -> Result<Report, Unreadable> {
    let text = upstream.to_string();
    compare(Inputs { accepted: Some(Text { file: "allow.toml", text: allow }), ..inputs(&text) })
}

#[test]
fn differences_are_accepted_with_a_reason() {
    let vendor = edited(&[("/components/schemas/ThingState/enum/-", json!("GONE"))]);
    let entry = "[[accepted]]\nchange = 'enum-value-new'\nat = 'ThingState'\ntheirs = 'GONE'\nreason = 'Not yet.'\n";
    let report = accepted(&vendor, entry).expect("readable");
    assert!(report.is_clean() && report.changes.len() == 1, "{}", report.to_text());
    assert_eq!(report.changes[0].accepted.as_deref(), Some("Not yet."));

    // The difference is gone, or is another one: the entry is stale.
    let gone = accepted(&theirs(), entry).expect("readable");
    assert!(!gone.is_clean() && gone.stale[0].line == 1 && gone.stale[0].message.contains("remove the entry"));
    let other = edited(&[("/components/schemas/ThingState/enum/-", json!("LOST"))]);
    let other = accepted(&other, entry).expect("readable");
    assert!(other.open().count() == 1 && other.stale[0].message.contains("`LOST` now"), "{}", other.to_text());
    // One of several places of an entry can be stale, too.
    let two = entry.replace("'ThingState'", "['ThingState', 'SortField']");
    let report = accepted(&vendor, &two).expect("readable");
    assert!(report.stale.len() == 1 && report.stale[0].at == "SortField", "{}", report.to_text());
}

#[test]
fn entries_are_written_for_the_reader() {
    let vendor = edited(&[("/components/schemas/Thing/properties/size", json!({"type": "string"}))]);
    let template = report(&vendor).to_toml();
    // As printed they are refused, for want of a reason; with one they are what was needed.
    let Err(Unreadable::Other(message)) = accepted(&vendor, &template) else { panic!("accepted without a reason") };
    assert!(message.contains("allow.toml:1") && message.contains("reason is empty"), "{message}");
    let report = accepted(&vendor, &template.replace("reason = \"\"", "reason = \"Not needed.\"")).expect("readable");
    assert!(report.is_clean(), "{}", report.to_text());
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let message = |allow: &str| match accepted(&theirs(), allow) {
        Err(Unreadable::Other(message)) => message,
        other => panic!("{allow}: {other:?}"),
    };
    for (allow, expected) in [
        (
            "[[accepted]]\nchange = 'nonsense'\nat = 'x'\nreason = 'y'\n",
            "allow.toml:1: there is no difference `nonsense`",
        ),
        ("\n[[accepted]]\nchange = 'text'\nat = []\nreason = 'y'\n", "allow.toml:2: `at` names no place"),
        ("[[accepted]]\nchange = 'text'\n", "missing field"),
        ("[[accepted]]\nchange = 'text'\nat = 'x'\nreason = 'y'\nwhy = 'z'\n", "unknown field `why`"),
        ("[[acepted]]\n", "unknown field `acepted`"),
        ("not toml", "allow.toml: "),
    ] {
        assert!(message(allow).contains(expected), "{}", message(allow));
    }
    let texts = Text { file: "texts.toml", text: "a = 1" };
    let error = compare(Inputs { texts: Some(texts), ..inputs(&theirs().to_string()) }).expect_err("no digests");
    assert!(error.to_string().starts_with("texts.toml"), "{error}");
    let error = compare(inputs("{")).expect_err("no document");
    assert!(error.to_string().contains("theirs is not JSON"), "{error}");
    // A few bytes, until the aliases are filled in.
    let bomb: String = (1..30)
        .map(|n| {
            format!(
                "a{n}: &a{n} [{}]
",
                format!("*a{},", n - 1).repeat(10)
            )
        })
        .collect();
    let error = compare(inputs(&format!(
        "a0: &a0 [1]
{bomb}"
    )))
    .expect_err("no document")
    .to_string();
    assert!(error.contains("theirs is not YAML") && error.len() < 1000, "{error}");
    let error = compare(Inputs { spec: source("openapi: 3.0.3\n"), ..inputs("{}") }).expect_err("no spec");
    assert!(matches!(error, Unreadable::Spec(_)), "{error}");
}

/// A text of the vendor's that was recorded as read is reported again only when it changes.
#[test]
fn texts_are_reported_once() {
    let vendor = edited(&[("/components/schemas/Thing/properties/note/description", json!("A remark on the thing."))]);
    let text = vendor.to_string();
    let first = report(&vendor);
    assert_eq!(findings(&first), [(Class::DocOnly, "text", "Thing.note")]);
    let recorded = first.to_texts();
    assert!(!recorded.contains("remark"), "the vendor's words: {recorded}");
    let again = compare(Inputs { texts: Some(Text { file: "texts.toml", text: &recorded }), ..inputs(&text) });
    assert!(again.is_ok_and(|report| report.changes.is_empty()));
    let reworded = edited(&[("/components/schemas/Thing/properties/note/description", json!("A note."))]).to_string();
    // Ours is "A note." as well: no difference at all.
    let same = compare(Inputs { texts: Some(Text { file: "texts.toml", text: &recorded }), ..inputs(&reworded) });
    assert!(same.is_ok_and(|report| report.changes.is_empty()));
    let reworded = reworded.replace("A note.", "Something else.");
    let later = compare(Inputs { texts: Some(Text { file: "texts.toml", text: &recorded }), ..inputs(&reworded) });
    assert!(later.is_ok_and(|report| report.open().count() == 1));
}
