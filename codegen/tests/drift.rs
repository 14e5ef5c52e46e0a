//! Drift: a spec against the vendor's document. Each document here is written for its test.
#![allow(clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use codegen::Source;
use codegen::drift::{CHANGES, Class, Inputs, Report, Text, Unreadable, compare};
use serde_json::{Value, json};

const OURS: &str = include_str!("drift/ours.yaml");

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

/// What is changed, and the one difference it makes.
fn mutations() -> Vec<(Vec<Edit>, Difference)> {
    use Class::{Additive, Breaking, DocOnly};
    let dated = "/paths/~1things~1{thingId}/get/responses/200/content/application~1vnd.things.2023-01-01+json";
    let dated_again = "/paths/~1things~1{thingId}/get/responses/200/content/application~1vnd.things.2025-02-02+json";
    let body = "/paths/~1things/post/requestBody/content/application~1vnd.things.2023-01-01+json";
    let thing = json!({"schema": {"$ref": "#/components/schemas/Thing"}});
    let text = json!({"type": "string"});
    vec![
        // Operations.
        (vec![("/paths/~1things/post", Value::Null)], (Breaking, "operation-removed", "createThing")),
        (
            vec![("/paths/~1things", Value::Null), ("/paths/~1stuff", theirs()["paths"]["/things"].clone())],
            (Breaking, "operation-moved", "createThing"),
        ),
        (
            vec![(
                "/paths/~1things~1{thingId}/delete",
                json!({"operationId": "deleteThing", "tags": ["Things"], "responses": {}}),
            )],
            (Additive, "operation-new", "DELETE /things/{thingId}"),
        ),
        (vec![("/paths/~1things/post/operationId", json!("makeThing"))], (DocOnly, "operation-renamed", "createThing")),
        (vec![("/paths/~1things/post/deprecated", json!(true))], (DocOnly, "deprecated", "createThing")),
        (vec![("/paths/~1things/post/x-sunset", json!("2027-01-01"))], (DocOnly, "sunset", "createThing")),
        (vec![("/paths/~1things/post/summary", json!("Make one"))], (DocOnly, "text", "createThing")),
        // Parameters. The list of getThing: thingId, sort, kinds, limit, X-Trace.
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/1", Value::Null)],
            (Breaking, "parameter-removed", "getThing query sort"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/-", json!({"name": "q", "in": "query", "schema": text}))],
            (Additive, "parameter-new", "getThing query q"),
        ),
        (
            vec![(
                "/paths/~1things~1{thingId}/parameters",
                json!([{"name": "q", "in": "query", "required": true, "schema": text}]),
            )],
            (Breaking, "parameter-new", "getThing query q"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/1/required", json!(true))],
            (Breaking, "parameter-required", "getThing query sort"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/4/required", json!(false))],
            (Additive, "parameter-optional", "getThing header X-Trace"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/2/explode", json!(false))],
            (Breaking, "parameter-style", "getThing query kinds"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/deprecated", json!(true))],
            (DocOnly, "deprecated", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/description", json!("Page size"))],
            (DocOnly, "text", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/type", json!("string"))],
            (Breaking, "type", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/default", json!(50))],
            (Breaking, "default", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/default", Value::Null)],
            (DocOnly, "default", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/maximum", json!(50))],
            (Breaking, "constraint", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/maximum", json!(500))],
            (Additive, "constraint", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/minimum", Value::Null)],
            (Additive, "constraint", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/2/schema/minItems", json!(1))],
            (Breaking, "constraint", "getThing query kinds"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/0/schema/pattern", json!("^[0-9]+$"))],
            (Breaking, "constraint", "getThing path thingId"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/2/schema/items/enum", json!(["A"]))],
            (Breaking, "enum-closed", "getThing query kinds[]"),
        ),
        (vec![("/components/schemas/SortField/enum/1", Value::Null)], (Breaking, "enum-value-removed", "SortField")),
        // Bodies.
        (vec![("/paths/~1things/post/requestBody", Value::Null)], (Breaking, "body-removed", "createThing")),
        (
            vec![("/paths/~1things~1{thingId}/get/requestBody", json!({"content": {}}))],
            (Additive, "body-new", "getThing"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/requestBody", json!({"content": {}, "required": true}))],
            (Breaking, "body-new", "getThing"),
        ),
        (vec![("/paths/~1things/post/requestBody/required", json!(false))], (Additive, "body-optional", "createThing")),
        (
            vec![("/components/schemas/NewThing/properties/size", text.clone())],
            (Additive, "field-new", "NewThing.size"),
        ),
        (
            vec![
                ("/components/schemas/NewThing/properties/size", text.clone()),
                ("/components/schemas/NewThing/required", json!(["name", "size"])),
            ],
            (Breaking, "field-new", "NewThing.size"),
        ),
        (
            vec![("/components/schemas/NewThing/required/-", json!("remark"))],
            (Breaking, "required-added", "NewThing.remark"),
        ),
        (vec![("/components/schemas/NewThing/required", Value::Null)], (Additive, "required-dropped", "NewThing.name")),
        (
            vec![("/components/schemas/NewThing/properties/remark/nullable", json!(false))],
            (Breaking, "nullable", "NewThing.remark"),
        ),
        (
            vec![("/components/schemas/NewThing/properties/name/nullable", json!(true))],
            (Additive, "nullable", "NewThing.name"),
        ),
        (
            vec![("/components/schemas/NewThing/properties/name/readOnly", json!(true))],
            (Breaking, "field-removed", "NewThing.name"),
        ),
        (vec![(body, Value::Null)], (Breaking, "media-type-removed", "createThing body")),
        // Responses.
        (vec![("/paths/~1things~1{thingId}/get/responses/404", Value::Null)], (DocOnly, "status-removed", "getThing")),
        (vec![("/paths/~1things~1{thingId}/get/responses/200", Value::Null)], (Breaking, "status-removed", "getThing")),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/429", json!({"description": "Slower."}))],
            (Additive, "status-new", "getThing"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/\u{e9}X", json!({"description": "No status."}))],
            (Additive, "status-new", "getThing"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/200/headers", Value::Null)],
            (DocOnly, "header-removed", "getThing 200"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/200/headers/ETag", json!({}))],
            (Additive, "header-new", "getThing 200"),
        ),
        (vec![(dated, Value::Null), (dated_again, thing.clone())], (Breaking, "version-removed", "getThing 200")),
        (vec![(dated_again, thing)], (Additive, "version-new", "getThing 200")),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/200/content/text~1csv", json!({}))],
            (Additive, "media-type-new", "getThing 200"),
        ),
        (
            vec![(
                "/paths/~1things~1{thingId}/get/responses/200/content/application~1vnd.things.2023-01-01+json/schema",
                Value::Null,
            )],
            (DocOnly, "schema-missing", "getThing 200"),
        ),
        // Fields of responses.
        (vec![("/components/schemas/Thing/properties/note", Value::Null)], (Breaking, "field-removed", "Thing.note")),
        (vec![("/components/schemas/Thing/properties/size", text)], (Additive, "field-new", "Thing.size")),
        (vec![("/components/schemas/Thing/properties/note/type", json!("integer"))], (Breaking, "type", "Thing.note")),
        (
            vec![("/components/schemas/Thing/properties/price/type", json!("integer"))],
            (Additive, "type", "Thing.price"),
        ),
        (
            vec![("/components/schemas/Thing/properties/count/format", json!("int64"))],
            (Breaking, "format", "Thing.count"),
        ),
        (
            vec![("/components/schemas/Thing/properties/created/format", json!("date"))],
            (Breaking, "format", "Thing.created"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/format", json!("date-time"))],
            (Additive, "format", "Thing.note"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/enum", json!(["A"]))],
            (Additive, "enum-closed", "Thing.note"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/nullable", json!(true))],
            (DocOnly, "nullable", "Thing.note"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/deprecated", json!(true))],
            (DocOnly, "deprecated", "Thing.note"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/description", json!("Other"))],
            (DocOnly, "text", "Thing.note"),
        ),
        (vec![("/components/schemas/Thing/description", json!("Other"))], (DocOnly, "text", "Thing")),
        (vec![("/components/schemas/Thing/required", Value::Null)], (Breaking, "required-dropped", "Thing.id")),
        (vec![("/components/schemas/Thing/required/-", json!("note"))], (DocOnly, "required-added", "Thing.note")),
        (vec![("/components/schemas/ThingState/enum/-", json!("GONE"))], (Additive, "enum-value-new", "ThingState")),
        (vec![("/components/schemas/ThingState/enum/0", Value::Null)], (Breaking, "enum-value-removed", "ThingState")),
        (vec![("/components/schemas/ThingState/enum", Value::Null)], (Additive, "enum-opened", "ThingState")),
        (
            vec![("/components/schemas/Thing/properties/tags/additionalProperties/items/type", json!("number"))],
            (Breaking, "type", "Thing.tags{}[]"),
        ),
        (
            vec![("/components/schemas/Thing/properties/children/items/$ref", json!("#/nowhere"))],
            (Breaking, "unresolvable", "Thing.children[]"),
        ),
        (
            vec![("/paths/~1things/post/responses/409/$ref", json!("other.yaml#/Fault"))],
            (Breaking, "unresolvable", "createThing"),
        ),
    ]
}

/// Each change of the vendor's is one difference, of the right class, at the right place; and each kind has such a change.
#[test]
fn every_mutation_is_one_difference() {
    let mut kinds = BTreeSet::new();
    let mut wrong = String::new();
    for (edits, expected) in mutations() {
        let found = report(&edited(&edits));
        if findings(&found) != [expected] {
            let _ = writeln!(wrong, "{edits:?}\n  expected {expected:?}\n  found    {:?}", findings(&found));
        }
        kinds.insert(expected.1);
    }
    assert!(wrong.is_empty(), "{wrong}");
    let all: BTreeSet<&str> = CHANGES.iter().map(|(id, _)| *id).collect();
    assert_eq!(kinds, all, "kinds of difference without a mutation, or the other way round");
}

#[test]
fn every_kind_is_explained() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/README.md")).expect("the rules");
    let rows: BTreeSet<&str> = readme
        .split("## Drift")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("a section on drift")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let all: BTreeSet<&str> = CHANGES.iter().map(|(id, _)| *id).collect();
    assert_eq!(rows, all);
}

/// The specs of the workspace differ from themselves in nothing.
#[test]
fn a_spec_does_not_drift_from_itself() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut specs = vec![OURS.to_owned()];
    for entry in fs::read_dir(directory).expect("the specs") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            specs.push(fs::read_to_string(path).expect("a spec"));
        }
    }
    assert!(specs.len() >= 3);
    for text in specs {
        let both = Inputs { spec: source(&text), ..inputs(&text) };
        let report = compare(both).expect("readable");
        assert!(report.is_clean() && report.changes.is_empty(), "{}", report.to_text());
    }
}

/// The vendor writes the same things in another manner: nothing of it is a difference.
#[test]
fn other_spellings_are_no_difference() {
    let mut vendor = theirs();
    // Another base path, other names of path parameters, parameters at the path, an overridden operation id.
    vendor["servers"] = json!([{"url": "https://things.example.com/"}]);
    let paths = vendor["paths"].as_object_mut().expect("paths");
    for (old, new) in [("/things", "/api/things/"), ("/things/{thingId}", "/api/things/{thing_id}")] {
        let item = paths.remove(old).expect("a path");
        paths.insert(new.to_owned(), item);
    }
    let item = &mut paths["/api/things/{thing_id}"];
    item["get"]["operationId"] = json!("retrieveOne");
    item["get"]["x-vendor-operation-id-override"] = json!("get_thing");
    item["get"]["parameters"][0]["name"] = json!("thing_id");
    item["get"]["parameters"][4]["name"] = json!("x-trace");
    item["parameters"] = item["get"]["parameters"].take();
    item["get"].as_object_mut().expect("a map").remove("parameters");
    // Alternatives, parts and inline enums instead of our one schema; a type list with null; a constant.
    let schemas = vendor["components"]["schemas"].as_object_mut().expect("schemas");
    let mut thing = schemas["Thing"].clone();
    let properties = thing["properties"].as_object_mut().expect("properties");
    properties["state"] = json!({"type": "string", "enum": ["NEW", "OLD"], "description": "Its state."});
    let note = properties.remove("note").expect("a note");
    let count = properties.remove("count").expect("a count");
    schemas.insert("Base".into(), thing);
    schemas.insert(
        "Noted".into(),
        json!({"allOf": [{"$ref": "#/components/schemas/B%61se"}, {"properties": {"note": note}}]}),
    );
    schemas.insert(
        "Counted".into(),
        json!({"allOf": [{"$ref": "#/components/schemas/Base"}, {"type": "object", "properties": {"count": count}}]}),
    );
    schemas.insert(
        "Thing".into(),
        json!({"description": "A thing.", "oneOf": [{"$ref": "#/components/schemas/Noted"}, {"$ref": "#/components/schemas/Counted"}]}),
    );
    schemas["NewThing"]["properties"]["remark"] = json!({"type": ["string", "null"], "description": "A remark."});
    schemas["SortField"] =
        json!({"description": "What can be sorted by.", "anyOf": [{"const": "NAME"}, {"enum": ["DATE"]}]});
    let report = report(&vendor);
    assert!(report.changes.is_empty(), "{}", report.to_text());
}

/// Cycles of every kind end, and what stands beside them is still compared.
#[test]
fn cycles_end() {
    let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    for (thing, expected) in [
        (to("Thing"), "unresolvable"),
        (json!({"allOf": [to("Thing"), {"properties": {"extra": {"type": "string"}}}]}), "field-new"),
        (json!({"oneOf": [to("Loop"), {"properties": {"extra": {"type": "string"}}}]}), "field-new"),
        (
            json!({"type": "object", "properties": {"children": {"type": "array", "items": {"type": "array", "items": to("Thing")}}}}),
            "type",
        ),
    ] {
        let mut vendor = edited(&[("/components/schemas/Thing", thing.clone())]);
        vendor["components"]["schemas"]["Loop"] = json!({"anyOf": [to("Loop"), to("Thing")]});
        let report = report(&vendor);
        assert!(report.open().any(|change| change.change == expected), "{thing}\n{}", report.to_text());
    }
    // Parts of parts of parts, each twice: 2^40 paths through 40 schemas.
    let mut vendor = theirs();
    let schemas = vendor["components"]["schemas"].as_object_mut().expect("schemas");
    for n in 0..40 {
        let next = to(&format!("S{}", n + 1));
        schemas.insert(format!("S{n}"), json!({"allOf": [next, next]}));
    }
    schemas.insert("S40".into(), json!({"type": "object", "properties": {"deep": {"type": "string"}}}));
    schemas.insert("Thing".into(), to("S0"));
    assert!(report(&vendor).open().any(|change| change.at == "Thing.deep"));
}

fn accepted(upstream: &Value, allow: &str) -> Result<Report, Unreadable> {
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

/// A vendor's document with `count` operations more than ours, each as long as `words` sentences.
fn padded(count: usize, words: usize) -> Value {
    let mut vendor = edited(&[("/components/schemas/ThingState/enum/-", json!("GONE"))]);
    let get = &theirs()["paths"]["/things/{thingId}"]["get"];
    for n in 0..count {
        let mut operation = get.clone();
        operation["tags"] = json!([format!("Area {}", n % 20)]);
        operation["operationId"] = json!(format!("getArea{n}"));
        operation["description"] = json!("A long description of the operation. ".repeat(words));
        operation["responses"]["200"]["content"] =
            json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/Big{n}")}}});
        vendor["paths"][format!("/area/{n}/{{id}}")] = json!({"get": operation});
        let to = |field: usize| json!({"$ref": format!("#/components/schemas/Big{}", (n * 7 + field) % count)});
        let fields: serde_json::Map<String, Value> =
            (0..100).map(|field| (format!("field{field}"), to(field))).collect();
        vendor["components"]["schemas"][format!("Big{n}")] = json!({"type": "object", "properties": fields});
    }
    vendor
}

/// Only what is ours is compared, however much else there is.
#[test]
fn a_thousand_other_operations_change_nothing() {
    let vendor = padded(1000, 1);
    assert_eq!(findings(&report(&vendor)), [(Class::Additive, "enum-value-new", "ThingState")]);
}

/// Writes a document of a thousand operations and 20 MB as `big.json` and `big.yaml` into `$DRIFT_BIG`, to measure
/// `cargo xtask drift` with.
#[test]
#[ignore = "writes files for a measurement"]
fn write_a_big_document() {
    let directory = std::env::var("DRIFT_BIG").expect("DRIFT_BIG: the directory to write into");
    let vendor = padded(1000, 350);
    let write = |name: &str, text: String| fs::write(Path::new(&directory).join(name), text).expect("written");
    write("big.json", vendor.to_string());
    write("big.yaml", serde_yaml::to_string(&vendor).expect("YAML"));
}

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
