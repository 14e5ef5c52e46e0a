//! Removes what the engine need not see (examples, headers, security, tags, defaults, nullability), and makes sure that
//! no mark of ours is left: each must have been taken by the pass that handles it.

use serde_json::{Map, Value};

use super::Lowering;
use crate::diagnostic::Diagnostics;
use crate::pointer::Pointer;

const OF_ROOT: [&str; 4] = ["security", "tags", "externalDocs", "servers"];
const OF_OPERATION: [&str; 4] = ["tags", "security", "externalDocs", "deprecated"];
const OF_SCHEMA: [&str; 8] =
    ["default", "example", "title", "nullable", "readOnly", "writeOnly", "deprecated", "externalDocs"];

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    if let Some(root) = lowering.root.as_object_mut() {
        root.retain(|key, _| !OF_ROOT.contains(&key.as_str()));
    }
    lowering.each_operation(|_, _, operation, _| {
        operation.retain(|key, _| !OF_OPERATION.contains(&key.as_str()));
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        for response in responses.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
            response.remove("headers");
            media_types(response);
        }
        operation.get_mut("requestBody").and_then(Value::as_object_mut).map(media_types);
        Ok(())
    })?;
    lowering.schemas().into_iter().flat_map(Map::values_mut).for_each(schema);
    match leftover(&lowering.root, &Pointer::root()) {
        None => Ok(()),
        Some(at) => Err(lowering.fault(&at, "generator-mark", format!("no pass took the mark `{}`", at.last()))),
    }
}

fn media_types(body: &mut Map<String, Value>) {
    let content = body.get_mut("content").and_then(Value::as_object_mut);
    for media_type in content.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        media_type.retain(|key, _| key == "schema");
    }
}

fn schema(value: &mut Value) {
    let Some(map) = value.as_object_mut() else { return };
    map.retain(|key, _| !OF_SCHEMA.contains(&key.as_str()));
    for key in ["items", "additionalProperties"] {
        map.get_mut(key).map(schema);
    }
    map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut).for_each(schema);
}

/// The first mark of ours that is still there.
fn leftover(value: &Value, at: &Pointer) -> Option<Pointer> {
    match value {
        Value::Object(map) => map.iter().find_map(|(key, value)| {
            let place = at.join(key);
            if key.starts_with("x-sdk-") { Some(place) } else { leftover(value, &place) }
        }),
        Value::Array(list) => list.iter().enumerate().find_map(|(index, value)| leftover(value, &at.join(index))),
        _ => None,
    }
}
