//! What people and programs are shown.

use serde_json::{Value, json};

use crate::accepted::accepted;
use crate::{edited, report, theirs};

#[test]
fn the_report_for_people_and_for_programs() {
    let vendor = edited(&[
        ("/components/schemas/Thing/properties/note", Value::Null),
        ("/components/schemas/ThingState/enum/-", json!("GONE")),
        ("/paths/~1things/post/deprecated", json!(true)),
    ]);
    let allow = "[[accepted]]\nchange = 'deprecated'\nat = 'createThing'\nreason = 'Known.'\n\n\
                 [[accepted]]\nchange = 'type'\nat = 'Thing.id'\nreason = 'Was so.'\n";
    let report = accepted(&vendor, allow).expect("readable");
    insta::assert_snapshot!("report", report.to_text());
    insta::assert_snapshot!("report_json", report.to_json().expect("JSON"));
    insta::assert_snapshot!("report_toml", report.to_toml());
}

/// A document that has no title and no version is named by its file alone.
#[test]
fn a_document_without_a_title() {
    let text = report(&edited(&[("/info", Value::Null)])).to_text();
    assert!(text.contains("\nours.yaml against theirs\n"), "{text}");
    assert!(report(&theirs()).to_text().starts_with("ours.yaml against theirs (Things 1)\n"));
}
