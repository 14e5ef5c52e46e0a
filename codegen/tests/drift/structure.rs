//! The structure of a vendor's document, which is kept beside the spec.

use codegen::drift::{Unreadable, reduce};
use serde_json::{Value, json};

use crate::{edited, findings, inputs, report};

fn structure(vendor: &Value) -> String {
    reduce(inputs(&vendor.to_string())).expect("readable")
}

/// It has no words of the vendor's and nothing of what ours lacks, and it drifts as the document does.
#[test]
fn a_structure_is_what_is_compared() {
    let mut vendor = edited(&[
        ("/info/x-vendor-build", json!("7f3a")),
        ("/paths/~1things/post/deprecated", json!(true)),
        ("/paths/~1things/post/summary", json!("Prose.")),
        ("/paths/~1things/post/x-vendor-notes", json!("Notes.")),
        ("/components/schemas/Thing/properties/description", json!({"type": "string", "description": "Prose."})),
        ("/components/schemas/Thing/properties/note/title", json!("Prose.")),
        ("/components/schemas/Other", json!({"type": "string"})),
    ]);
    let dated = &mut vendor["paths"]["/things"]["post"]["responses"]["201"]["content"];
    dated["application/vnd.things.2030-01-01+json"] = json!({"schema": {"$ref": "#/components/schemas/Other"}});
    vendor["paths"]["/things"]["put"] =
        json!({"operationId": "replaceThings", "tags": ["Things"], "summary": "Prose.", "responses": {"200": {}}});
    vendor["paths"]["/others"] = json!({"get": {"operationId": "listOthers", "responses": {}}});
    let text = structure(&vendor);
    for absent in ["Prose", "Returns", "Notes", "Other", "example:", "listOthers", "summary"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    let kept = ["7f3a", "replaceThings", "description:\n          type: string", "vnd.things.2030-01-01+json: {}"];
    for kept in kept {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    let reduced: Value = serde_yaml::from_str(&text).expect("YAML");
    let (whole, part) = (report(&vendor), report(&reduced));
    let expected = findings(&whole);
    assert_eq!(findings(&part), expected);
    assert_eq!(expected.len(), 5, "{expected:?}");
    assert_eq!(structure(&reduced), text, "a structure has a structure of its own");
}

#[test]
fn references_that_lead_nowhere_stay() {
    let vendor = edited(&[
        ("/components/schemas/Thing/properties/children/items/$ref", json!("#/nowhere")),
        ("/components/schemas/ThingState", json!({"$ref": "#/components/schemas/ThingState"})),
    ]);
    assert!(structure(&vendor).contains("#/nowhere"));
    assert!(matches!(reduce(inputs("{")), Err(Unreadable::Other(message)) if message.contains("not JSON")));
}
