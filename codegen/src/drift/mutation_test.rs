//! Whatever changes in a vendor's document is reported. Each node of the structures in `specs/upstream/` is taken out,
//! changed and added to in turn; what may stay unnoticed has a line in `ignored.txt`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{IGNORED, Inputs, Ours, Text, upstream};
use crate::Source;

/// What is added to nodes of a kind. The nodes take turns.
fn additions(kind: &str) -> Vec<(&'static str, Value)> {
    let text = json!({"type": "string"});
    match kind {
        "operation" => vec![
            ("deprecated", json!(true)),
            ("parameters", json!([{"in": "query", "name": "new", "schema": text}])),
            ("requestBody", json!({"content": {"text/new": {}}})),
            ("security", json!([{}])),
            ("servers", json!([{"url": "https://new.example.com"}])),
            ("x-sunset", json!("2030-01-01")),
        ],
        "parameter" => vec![
            ("content", json!({"application/json": {"schema": text}})),
            ("deprecated", json!(true)),
            ("style", json!("deepObject")),
        ],
        "responses" => vec![("4XX", json!({})), ("418", json!({})), ("default", json!({}))],
        "response" => vec![("headers", json!({"X-New": {}})), ("content", json!({"text/new": {}}))],
        "content" => vec![("text/new", json!({}))],
        "number" => vec![
            ("allOf", json!([{"maximum": 7}, {"maximum": 70}])),
            ("enum", json!([7])),
            ("exclusiveMaximum", json!(7)),
            ("multipleOf", json!(7)),
            ("nullable", json!(true)),
        ],
        "string" => vec![
            ("allOf", json!([{"enum": ["NEW"]}, {"enum": ["NEW", "OTHER"]}])),
            ("deprecated", json!(true)),
            ("maxLength", json!(7)),
            ("not", json!({"enum": ["NEW"]})),
            ("pattern", json!("^new$")),
        ],
        "list" => vec![("maxItems", json!(7)), ("nullable", json!(true)), ("uniqueItems", json!(true))],
        "object" => vec![("allOf", json!([{"properties": {"new": text}}])), ("minProperties", json!(7))],
        _ => vec![],
    }
}

fn kind(place: &str, value: &Value) -> &'static str {
    let place: Vec<&str> = place.rsplit('/').collect();
    let is = |key: &str| value.get(key).is_some();
    match (value.get("type").and_then(Value::as_str), &place[..]) {
        _ if place.contains(&"securitySchemes") => "scheme",
        (Some("integer" | "number"), _) => "number",
        (Some("string"), _) => "string",
        (Some("array"), _) => "list",
        (Some("object"), _) => "object",
        _ if is("operationId") && is("responses") => "operation",
        _ if is("in") && is("name") => "parameter",
        (_, ["content", ..]) => "content",
        (_, ["responses", method, ..]) if *method != "components" => "responses",
        (_, [_, "responses", ..]) if !is("$ref") => "response",
        _ => "",
    }
}

/// Why a change of a place may stay unnoticed.
fn excuse(document: &Value, place: &str, is_removed: bool) -> Option<&'static str> {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let parent = document.pointer(parent).unwrap();
    let has = |key: &str| parent.get(key).is_some();
    let is = |key: &str, values: &[&str]| parent[key].as_str().is_some_and(|value| values.contains(&value));
    match key {
        "openapi" => Some("openapi"),
        "x-xgen-sha" => Some("other extensions (`x-...`)"),
        "default" => Some("a default of a response"),
        "format" if is_removed && is("type", &["integer", "number"]) => Some("a format that is left out of a number"),
        "operationId" | "x-xgen-operation-id-override" => {
            Some("a name of an operation that its other name, or none of ours, repeats")
        }
        "readOnly" => Some("readOnly of a response, writeOnly of a request"),
        "required" if is("in", &["path"]) => Some("required of a path parameter"),
        "type" if is_removed && ["additionalProperties", "enum", "items", "properties"].into_iter().any(has) => {
            Some("a type beside properties, items or values")
        }
        _ if place.ends_with("/ApiError/properties/parameters/items") => {
            Some("the inside of what ours reads as any JSON")
        }
        _ => None,
    }
}

/// The pointers of all nodes, the root left out.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    let mut inner = |key: &str, value: &Value| {
        let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        into.push(place.clone());
        places(value, &place, into);
    };
    match value {
        Value::Array(list) => (0..list.len()).for_each(|index| inner(&index.to_string(), &list[index])),
        Value::Object(map) => map.iter().for_each(|(key, member)| inner(key, member)),
        _ => {}
    }
}

fn removed(document: &Value, place: &str) -> Value {
    let mut document = document.clone();
    let (parent, key) = place.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Array(list) => drop(list.remove(key.parse().unwrap())),
        Value::Object(map) => drop(map.remove(&key.replace("~1", "/").replace("~0", "~"))),
        _ => unreachable!("{place}"),
    }
    document
}

/// Another value, or what is added to a map.
fn changed(document: &Value, place: &str, turn: usize) -> Option<(String, Value)> {
    let mut document = document.clone();
    let value = document.pointer_mut(place)?;
    let kind = kind(place, value);
    let what = match value {
        Value::Bool(flag) => (*value = json!(!*flag), "changed".to_owned()).1,
        Value::Number(number) => (*value = json!(number.as_i64()? + 1), "changed".to_owned()).1,
        Value::String(text) => (text.push('x'), "changed".to_owned()).1,
        Value::Object(map) => {
            let all: Vec<_> = additions(kind).into_iter().filter(|(key, _)| !map.contains_key(*key)).collect();
            let (key, member) = all.get(turn.checked_rem(all.len())?)?;
            map.insert((*key).to_owned(), member.clone());
            format!("with {key}")
        }
        _ => return None,
    };
    Some((what, document))
}

/// The mutations of every second place that stay unnoticed, and the excuses that were needed.
fn unnoticed(inputs: Inputs<'_>, half: usize) -> (Vec<String>, BTreeSet<&'static str>) {
    let ours = Ours::read(inputs).unwrap();
    let document = upstream::read(inputs.upstream.file, inputs.upstream.text).unwrap();
    let (mut all, mut found, mut excuses) = (Vec::new(), Vec::new(), BTreeSet::new());
    places(&document, "", &mut all);
    assert!(ours.compare(&document).is_clean(), "differs before anything is changed");
    for (turn, place) in all.iter().enumerate().filter(|(turn, _)| turn % 2 == half) {
        // A value is taken out or changed; a map or list is taken out, and a map is added to as well.
        let is_value = document.pointer(place).is_some_and(|value| !value.is_object() && !value.is_array());
        let removal = (!is_value || turn / 2 % 2 == 0).then(|| ("removed".to_owned(), removed(&document, place)));
        let change = (!is_value || removal.is_none()).then(|| changed(&document, place, turn / 2)).flatten();
        for (what, mutated) in removal.into_iter().chain(change) {
            if ours.compare(&mutated).is_clean() {
                match excuse(&document, place, what == "removed") {
                    Some(excuse) => drop(excuses.insert(excuse)),
                    None => found.push(format!("{place}: {what}")),
                }
            }
        }
    }
    (found, excuses)
}

#[test]
fn every_change_is_reported() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let (mut found, mut excuses) = (Vec::new(), BTreeSet::new());
    for entry in fs::read_dir(specs.join("upstream")).unwrap() {
        let path = entry.unwrap().path();
        let service = path.file_stem().unwrap().to_str().unwrap();
        let read = |name: &str| fs::read_to_string(specs.join(format!("{service}.{name}"))).unwrap();
        let (spec, allow, structure) = (read("yaml"), read("drift-allow.toml"), fs::read_to_string(&path).unwrap());
        let inputs = Inputs {
            spec: Source { file: service, text: &spec, command: "" },
            upstream: Text { file: service, text: &structure },
            accepted: Some(Text { file: "allow", text: &allow }),
            texts: None,
        };
        std::thread::scope(|scope| {
            let halves = [0, 1].map(|half| scope.spawn(move || unnoticed(inputs, half)));
            for half in halves {
                let (unnoticed, excused) = half.join().unwrap();
                found.extend(unnoticed);
                excuses.extend(excused);
            }
        });
    }
    assert!(found.is_empty(), "{} changes are not reported:\n{}", found.len(), found.join("\n"));
    // Keywords are left out of the structures; the other lines say when a keyword is not looked at.
    let conditions: BTreeSet<&str> = IGNORED.iter().map(|(id, _)| *id).filter(|id| id.contains(' ')).collect();
    let unknown: Vec<_> = excuses.iter().filter(|excuse| !IGNORED.iter().any(|(id, _)| id == *excuse)).collect();
    let unused: Vec<_> = conditions.difference(&excuses).collect();
    assert!(unknown.is_empty() && unused.is_empty(), "{unknown:?} {unused:?}");
}
