//! What is no difference, and what is not looked at.

use std::fs;
use std::path::Path;

use codegen::drift::{Class, Inputs, compare};
use serde_json::{Value, json};

use crate::{OURS, edited, findings, inputs, report, source, theirs};

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
    vendor["servers"] = json!([{"url": "https://things.example.com/"}, {"url": "https://eu.things.example.com"}]);
    let paths = vendor["paths"].as_object_mut().expect("paths");
    let part = "/things/{thingId}/parts/{partId}";
    for (old, new) in [
        ("/things", "/api/things/"),
        ("/things/{thingId}", "/api/things/{thing_id}"),
        (part, "/api/things/{thingId}/parts/{partId}"),
    ] {
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
    // Another name, and nothing of where a token comes from.
    vendor["components"]["securitySchemes"]["Accounts"] = json!({"type": "http", "scheme": "Bearer"});
    vendor["security"] = json!([{"key": []}, {"Accounts": []}]);
    // Bounds in parts, and in another form.
    let limit = &mut vendor["paths"]["/api/things/{thing_id}"]["parameters"][3]["schema"];
    limit["allOf"] = json!([{"maximum": 1000}, {"minimum": 0}]);
    limit["exclusiveMinimum"] = json!(true);
    limit["minimum"] = json!(0);
    let unlike = report(&vendor);
    assert!(unlike.changes.is_empty(), "{}", unlike.to_text());
    // Neither schemes nor security: nothing is said about them.
    vendor["components"].as_object_mut().expect("a map").remove("securitySchemes");
    vendor.as_object_mut().expect("a map").remove("security");
    let silent = report(&vendor);
    assert!(silent.changes.is_empty(), "{}", silent.to_text());
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
