//! Renames each parameter to its Rust name, and takes its wire name, its checks, its default and its envelope mark to
//! the side table. What is left is a bare type, so the engine invents neither newtypes nor `NonZero` integers.

use serde_json::Value;

use super::{Lowering, method_name, referred, text};
use crate::constraint;
use crate::diagnostic::Diagnostics;
use crate::naming;
use crate::pointer::Pointer;
use crate::side::{Constraints, Envelope, Parameter, Place};

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let document = lowering.document;
    let mut renamed_paths: Vec<(String, String)> = Vec::new();
    lowering.each_operation(|path, method, operation, side| {
        let Some(entry) = side.operation_mut(method_name(operation)) else { return Ok(()) };
        let mut lowered_path = path.to_owned();
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten().filter_map(Value::as_object_mut) {
            let described = Value::Object(parameter.clone());
            let wire = text(&described, "name");
            let rust = match text(&described, "x-sdk-name") {
                name if name.is_empty() => naming::snake(&wire),
                name => name,
            };
            let place = match text(&described, "in").as_str() {
                "path" => Place::Path,
                "header" => Place::Header,
                _ => Place::Query,
            };
            if place == Place::Path {
                lowered_path = lowered_path.replace(&format!("{{{wire}}}"), &format!("{{{rust}}}"));
            }
            if let Some(envelope) = parameter.remove("x-sdk-envelope") {
                entry.envelope =
                    Some(Envelope { status: text(&envelope, "status"), content: text(&envelope, "content") });
            }
            let schema = parameter.get("schema").cloned().unwrap_or_default();
            let resolved = match referred(&schema) {
                Some(name) => document.root["components"]["schemas"][name].clone(),
                None => schema,
            };
            let constraints = constraints_of(&resolved).map_err(|(keyword, reason)| {
                let at = Pointer::root().join("paths").join(path).join(method);
                Diagnostics::from(document.finding(
                    &at,
                    "constraint-unsupported",
                    format!("`{keyword}`: {reason}"),
                    "correct it",
                ))
            })?;
            entry.parameters.push(Parameter {
                wire,
                rust: rust.clone(),
                place,
                required: parameter.get("required") == Some(&Value::Bool(true)),
                description: text(&described, "description"),
                constraints,
            });
            parameter.insert("name".into(), Value::String(rust));
            parameter.retain(|key, _| matches!(key.as_str(), "name" | "in" | "required" | "schema" | "style"));
            parameter.get_mut("schema").map(bare);
        }
        if lowered_path != path {
            renamed_paths.push((path.to_owned(), lowered_path));
        }
        Ok(())
    })?;
    if let Some(paths) = lowering.root.get_mut("paths").and_then(Value::as_object_mut) {
        for (from, to) in renamed_paths {
            if let Some(item) = paths.remove(&from) {
                paths.insert(to, item);
            }
        }
    }
    Ok(())
}

/// The checks of a schema and of its elements.
pub(super) fn constraints_of(schema: &Value) -> Result<Constraints, (&'static str, String)> {
    let of = |schema: &Value| schema.as_object().map_or(Ok(Vec::new()), constraint::of_schema);
    Ok(Constraints { value: of(schema)?, elements: schema.get("items").map_or(Ok(Vec::new()), of)? })
}

/// Leaves a schema its type.
fn bare(schema: &mut Value) {
    if let Some(map) = schema.as_object_mut() {
        map.retain(|key, _| matches!(key.as_str(), "type" | "format" | "items" | "$ref" | "allOf"));
        map.get_mut("items").map(bare);
        // An enum parameter is a plain reference here; its description is the parameter's.
        let target = map.get("allOf").and_then(|parts| parts.get(0)).cloned();
        if let Some(Value::Object(target)) = target {
            *schema = Value::Object(target);
        }
    }
}
