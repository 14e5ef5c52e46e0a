//! Each pass by itself: what the document and the side table look like after it has run.

use serde_json::{Value, json};

use super::{Lowering, PASSES};
use crate::Source;
use crate::constraint::Constraint;
use crate::load::Document;
use crate::side::{Pagination, Place, Side};

const SPEC: &str = include_str!("tests.yaml");

/// The lowered document and the side table after the pass `name`, and what both were before it.
struct Step {
    before: Value,
    after: Value,
    side: Side,
}

fn step(name: &str) -> Step {
    let document = Document::load(Source { file: "tests.yaml", text: SPEC, command: "regen" }).unwrap();
    crate::lint::check(&document, None).unwrap_or_else(|findings| panic!("{findings}"));
    let mut lowering = Lowering { document: &document, root: document.root.clone(), side: Side::default() };
    for (pass, run) in PASSES {
        let before = lowering.root.clone();
        run(&mut lowering).unwrap_or_else(|findings| panic!("{pass}: {findings}"));
        if pass == name {
            return Step { before, after: lowering.root, side: lowering.side };
        }
    }
    panic!("there is no pass `{name}`");
}

fn get<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

const THING: &str = "/paths/~1things~1{thing-id}/get";

#[test]
fn every_pass_is_tested() {
    let here = include_str!("tests.rs");
    for (name, _) in PASSES {
        assert!(here.contains(&format!("step(\"{name}\")")), "{name}");
    }
}

#[test]
fn service_takes_title_version_and_servers() {
    let Step { side, .. } = step("service");
    assert_eq!((side.title.as_str(), side.api_version.as_str()), ("Small", "7"));
    assert_eq!(side.servers, [("https://example.com".to_owned(), "Everyone.".to_owned())]);
}

#[test]
fn references_are_put_in_place_and_path_parameters_moved() {
    let Step { before, after, .. } = step("references");
    assert_eq!(get(&before, &format!("{THING}/responses/404/$ref")), "#/components/responses/Fault");
    assert_eq!(get(&after, &format!("{THING}/responses/404/description")), "What went wrong.");
    let names: Vec<&Value> =
        get(&after, &format!("{THING}/parameters")).as_array().unwrap().iter().map(|p| &p["name"]).collect();
    assert_eq!(names, ["kind", "pageNum", "size", "envelope", "thing-id"]);
    assert_eq!(get(&after, "/components").as_object().unwrap().keys().collect::<Vec<_>>(), ["schemas"]);
}

#[test]
fn variants_split_json_and_csv() {
    let Step { after, side, .. } = step("variants");
    let methods: Vec<(&str, &str)> = side.operations.iter().map(|o| (o.name.as_str(), o.path.as_str())).collect();
    assert_eq!(
        methods,
        [
            ("get_thing", "/things/{thing-id}"),
            ("get_thing_as_csv", "/things/{thing-id}"),
            ("make_thing", "/things/{thing-id}")
        ]
    );
    let content = |path: &str| {
        let content = get(&after, &format!("/paths/{path}/get/responses/200/content"));
        content.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(content("~1things~1{thing-id}"), ["application/vnd.small+json"]);
    assert_eq!(content("~1things~1{thing-id}#get_thing_as_csv"), ["application/vnd.small+csv"]);
    assert!(side.operations[2].idempotent && side.operations[2].has_body && !side.operations[0].has_body);
}

#[test]
fn statuses_leave_one_success() {
    let Step { after, side, .. } = step("statuses");
    let left = get(&after, &format!("{THING}/responses"));
    assert_eq!(left.as_object().unwrap().keys().collect::<Vec<_>>(), ["200"]);
    let operation = &side.operations[0];
    let found = (&operation.success, &operation.processing, &operation.errors);
    assert_eq!(found, (&vec![200], &vec![102], &vec![404]));
}

#[test]
fn media_types_become_the_two_that_the_engine_knows() {
    let Step { after, side, .. } = step("media-types");
    assert!(get(&after, &format!("{THING}/responses/200/content/application~1json")).is_object());
    let csv = "/paths/~1things~1{thing-id}#get_thing_as_csv/get/responses/200/content/application~1octet-stream";
    assert!(get(&after, csv).is_object());
    assert_eq!(side.operations[0].accept.as_deref(), Some("application/vnd.small+json"));
    assert_eq!(side.operations[1].accept.as_deref(), Some("application/vnd.small+csv"));
    assert_eq!(side.operations[2].content_type.as_deref(), Some("application/vnd.small+json"));
}

#[test]
fn pagination_is_taken_with_the_default_size() {
    let Step { after, side, .. } = step("pagination");
    assert!(get(&after, &format!("{THING}/x-sdk-pagination")).is_null());
    let Some(Pagination::PageNumber { page, size, default_size, items, links, id }) = &side.operations[0].pagination
    else {
        panic!("{:?}", side.operations[0].pagination);
    };
    let names = [page, size, items, links].map(String::as_str);
    assert_eq!((names, *default_size, id.as_deref()), (["pageNum", "size", "results", "links"], 25, Some("id")));
    assert!(side.operations[1].pagination.is_none(), "CSV has no pages");
}

#[test]
fn parameters_get_their_rust_names_and_lose_their_rules() {
    let Step { after, side, .. } = step("parameters");
    let parameters = get(&after, "/paths/~1things~1{thing_id}/get/parameters");
    assert_eq!(
        parameters[0],
        json!({ "name": "sort", "in": "query", "schema": { "$ref": "#/components/schemas/Kind" } })
    );
    assert_eq!(parameters[1]["schema"], json!({ "type": "integer", "format": "int32" }));
    let first = &side.operations[0].parameters[0];
    assert_eq!(
        (first.wire.as_str(), first.rust.as_str(), first.place, first.required),
        ("kind", "sort", Place::Query, false)
    );
    let size = &side.operations[0].parameters[2];
    assert_eq!(size.constraints.value, [Constraint::Range { min: Some(1), max: Some(50) }]);
    let envelope = side.operations[0].envelope.as_ref().unwrap();
    assert_eq!((envelope.status.as_str(), envelope.content.as_str()), ("status", "content"));
}

#[test]
fn documentation_is_taken() {
    let Step { after, side, .. } = step("documentation");
    let texts = &side.operations[0].documentation;
    assert_eq!(texts.summary, "Read a thing");
    assert_eq!((texts.role.as_deref(), texts.preview), (Some("Reader"), true));
    assert!(get(&after, "/paths/~1things~1{thing_id}/get/summary").is_null());
}

#[test]
fn usage_tells_requests_from_responses() {
    let Step { side, .. } = step("usage");
    let of = |name: &str| (side.schemas[name].usage.request, side.schemas[name].usage.response);
    assert_eq!((of("Things"), of("NewThing"), of("Fault")), ((false, true), (true, false), (false, true)));
    assert!(side.schemas["Fault"].usage.groups.is_empty(), "an error body belongs to no group");
    assert!(side.enums.contains_key("Kind"));
}

#[test]
fn enums_become_text_and_a_replacement() {
    let Step { after, side, .. } = step("enums");
    assert_eq!(get(&after, "/components/schemas/Kind/enum"), &Value::Null);
    assert_eq!(side.enums["Kind"].values, [("Small".into(), "small".into()), ("Biggest".into(), "2x".into())]);
    assert!(side.replacements.contains(&("Kind".into(), "crate::types::Kind".into())));
}

#[test]
fn bare_items_go_to_the_operation() {
    let Step { after, side, .. } = step("bare-items");
    let mark = side.operations[0].bare_item.as_ref().unwrap();
    assert_eq!((mark.items.as_str(), mark.markers.as_slice()), ("results", ["id".to_owned()].as_slice()));
    assert!(get(&after, "/components/schemas/Things/x-sdk-bare-item").is_null());
}

#[test]
fn fields_keep_order_names_and_checks() {
    let Step { after, side, .. } = step("fields");
    let field = |wire: &str| side.schemas["NewThing"].fields.iter().find(|field| field.wire == wire).unwrap();
    assert_eq!((field("to").required, field("from").required, field("ids").required), (Some(1), Some(0), None));
    let Constraint::Chars { max, .. } = &field("ids").constraints.elements[0] else { panic!("a pattern") };
    assert_eq!((*max, field("ids").constraints.value.len()), (Some(2), 1));
    assert!(get(&after, "/components/schemas/NewThing/properties/ids/maxItems").is_null());
    let thing = &side.schemas["Thing"];
    assert!(thing.extra && thing.fields.iter().any(|field| field.rust == "type_"));
}

#[test]
fn responses_promise_only_what_is_guaranteed() {
    let Step { before, after, .. } = step("responses");
    assert_eq!(get(&before, "/components/schemas/Thing/required"), &json!(["id", "price"]));
    assert_eq!(get(&after, "/components/schemas/Thing/required"), &json!(["type"]));
    assert_eq!(get(&after, "/components/schemas/NewThing/required"), &json!(["from", "to"]), "requests keep theirs");
}

#[test]
fn lenient_schemas_are_replaced() {
    let Step { after, side, .. } = step("lenient");
    let price = get(&after, "/components/schemas/Thing/properties/price");
    assert_eq!(price["allOf"][0]["$ref"], "#/components/schemas/LenientPrice");
    assert!(
        side.replacements
            .contains(&("LenientPrice".into(), "::cloud_billing_core::Lenient<crate::types::Price>".into()))
    );
}

#[test]
fn strip_leaves_no_mark_and_no_example() {
    let Step { before, after, .. } = step("strip");
    assert!(before.to_string().contains("\"example\""));
    for word in ["x-sdk-", "\"example\"", "\"default\"", "\"nullable\"", "\"headers\""] {
        assert!(!after.to_string().contains(word), "{word}");
    }
}

/// A mark that no pass takes stops the generator.
#[test]
fn a_mark_that_is_left_over_is_an_error() {
    let document = Document::load(Source { file: "tests.yaml", text: SPEC, command: "regen" }).unwrap();
    let mut lowering = Lowering { document: &document, root: document.root.clone(), side: Side::default() };
    for (name, run) in PASSES {
        if name == "lenient" {
            continue;
        }
        let result = run(&mut lowering);
        if name == "strip" {
            let findings = result.unwrap_err().to_string();
            assert!(findings.contains("no pass took the mark `x-sdk-lenient`"), "{findings}");
        }
    }
}
