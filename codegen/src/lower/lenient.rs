//! Takes `x-sdk-lenient`: the schema it stands on is replaced by a reference that the engine is told to write as
//! `Lenient<T>`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Lowering, referred};
use crate::diagnostic::Diagnostics;
use crate::naming;
use crate::pointer::Pointer;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let mut wrapped: BTreeMap<String, String> = BTreeMap::new();
    let mut unnamed: Option<Pointer> = None;
    for (name, schema) in lowering.schemas().into_iter().flatten() {
        for (wire, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            let at = || Pointer::root().join("components").join("schemas").join(name).join("properties").join(wire);
            let element = property.get_mut("items").map(|items| wrap(items, &mut wrapped));
            if element == Some(false) || !wrap(property, &mut wrapped) {
                unnamed = Some(at());
            }
        }
    }
    if let Some(at) = unnamed {
        return Err(lowering
            .document
            .finding(
                &at,
                "extension-target",
                "`x-sdk-lenient` on a schema that is not a reference",
                "write `allOf: [{$ref: ...}]` beside it: only a named schema can be kept as JSON where it does not fit",
            )
            .into());
    }
    for (name, inner) in wrapped {
        if let Some(schemas) = lowering.schemas() {
            schemas.insert(name.clone(), json!({ "type": "object" }));
        }
        lowering.side.replacements.push((name, format!("::cloud_billing_core::Lenient<crate::types::{inner}>")));
    }
    Ok(())
}

/// Replaces a marked schema. `false` when it is marked but refers to nothing.
fn wrap(schema: &mut Value, wrapped: &mut BTreeMap<String, String>) -> bool {
    if schema.as_object_mut().and_then(|map| map.remove("x-sdk-lenient")).is_none() {
        return true;
    }
    let Some(inner) = referred(schema).map(naming::pascal) else { return false };
    let name = format!("Lenient{inner}");
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    // A property keeps its description.
    match schema.get("description").cloned() {
        Some(description) => *schema = json!({ "allOf": [reference], "description": description }),
        None => *schema = reference,
    }
    wrapped.insert(name, inner);
    true
}
