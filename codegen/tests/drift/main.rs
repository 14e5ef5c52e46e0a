//! Drift: a spec against the vendor's document. Each document here is written for its test.
#![allow(clippy::expect_used, clippy::panic, missing_docs)]

mod accepted;
mod mutations;
mod reports;
mod same;
mod structure;

use codegen::Source;
use codegen::drift::{Class, Inputs, Report, Text, compare};
use serde_json::Value;

const OURS: &str = include_str!("ours.yaml");

fn source(text: &str) -> Source<'_> {
    Source { file: "ours.yaml", text, command: "cargo xtask regen" }
}

fn inputs(upstream: &str) -> Inputs<'_> {
    Inputs { spec: source(OURS), upstream: Text { file: "theirs", text: upstream }, accepted: None, texts: None }
}

fn report(upstream: &Value) -> Report {
    compare(inputs(&upstream.to_string())).unwrap_or_else(|error| panic!("{error}"))
}

/// Our own spec as a vendor's document: the start of every mutation.
fn theirs() -> Value {
    serde_yaml::from_str(OURS).expect("the spec")
}

fn findings(report: &Report) -> Vec<(Class, &str, &str)> {
    report.open().map(|change| (change.class, change.change, change.at.as_str())).collect()
}

/// One edit of the vendor's document: the pointer, and the value it gets; `null` takes the member out.
type Edit = (&'static str, Value);

/// The class, kind and place of a difference.
type Difference = (Class, &'static str, &'static str);

fn edited(edits: &[Edit]) -> Value {
    let mut document = theirs();
    for (pointer, value) in edits {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let key = key.replace("~1", "/");
        match document.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
            Value::Object(map) if value.is_null() => drop(map.remove(&key).unwrap_or_else(|| panic!("{pointer}"))),
            Value::Object(map) => drop(map.insert(key, value.clone())),
            Value::Array(list) if key == "-" => list.push(value.clone()),
            Value::Array(list) if value.is_null() => drop(list.remove(key.parse().expect("an index"))),
            Value::Array(list) => list[key.parse::<usize>().expect("an index")] = value.clone(),
            _ => panic!("{pointer}"),
        }
    }
    document
}
