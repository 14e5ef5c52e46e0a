//! Takes what is known about the properties of object schemas: Rust names, which of them a request requires, the checks
//! a request makes, and whether unknown fields are kept. No bound, pattern or length is left for the engine.

use std::collections::BTreeMap;

use serde_json::Value;

use super::parameters::constraints_of;
use super::{Lowering, referred};
use crate::diagnostic::Diagnostics;
use crate::naming;
use crate::pointer::Pointer;
use crate::side::{Constraints, Field};

/// Keywords that say which values are allowed.
const CONSTRAINTS: [&str; 8] =
    ["pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems"];

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let document = lowering.document;
    let requests: BTreeMap<String, bool> =
        lowering.side.schemas.iter().map(|(name, schema)| (name.clone(), schema.usage.request)).collect();
    let mut taken: Vec<(String, bool, Vec<Field>)> = Vec::new();
    for (name, schema) in lowering.schemas().into_iter().flatten() {
        let rust = naming::pascal(name);
        let Some(in_request) = requests.get(&rust) else { continue };
        let required: Vec<String> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        let mut fields = Vec::new();
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (wire, property) in properties.into_iter().flatten() {
            let constraints = if *in_request {
                constraints_of(property).map_err(|(keyword, reason)| {
                    let at =
                        Pointer::root().join("components").join("schemas").join(name).join("properties").join(wire);
                    Diagnostics::from(document.finding(
                        &at,
                        "constraint-unsupported",
                        format!("`{keyword}`: {reason}"),
                        "correct it",
                    ))
                })?
            } else {
                Constraints::default()
            };
            let object = referred(property).or_else(|| referred(property.get("items")?)).map(naming::pascal);
            let object = object.filter(|name| requests.contains_key(name));
            let chosen = property.as_object_mut().and_then(|map| map.remove("x-sdk-name"));
            let rust = chosen.as_ref().and_then(Value::as_str).map_or_else(|| field_name(wire), str::to_owned);
            fields.push(Field {
                wire: wire.clone(),
                rust,
                required: required.iter().position(|name| name == wire),
                constraints,
                object,
            });
            drop_constraints(property);
        }
        let extra = schema.as_object_mut().and_then(|map| map.remove("additionalProperties")).is_some();
        taken.push((rust, extra, fields));
    }
    for (name, extra, fields) in taken {
        if let Some(schema) = lowering.side.schemas.get_mut(&name) {
            schema.extra = extra;
            schema.fields = fields;
        }
    }
    Ok(())
}

/// The name of a field: snake case, with an underscore after a keyword.
fn field_name(wire: &str) -> String {
    let name = naming::snake(wire);
    if naming::is_keyword(&name) { name + "_" } else { name }
}

fn drop_constraints(schema: &mut Value) {
    if let Some(map) = schema.as_object_mut() {
        map.retain(|key, _| !CONSTRAINTS.contains(&key.as_str()));
        for key in ["items", "additionalProperties"] {
            map.get_mut(key).map(drop_constraints);
        }
    }
}
