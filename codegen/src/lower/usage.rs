//! Finds out which operations reach each component schema, from requests and from responses. Error bodies count as
//! responses of every group.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Lowering, method_name};
use crate::diagnostic::Diagnostics;
use crate::naming;
use crate::pointer::Pointer;
use crate::side::{Enum, Schema, Usage};

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let mut usages: BTreeMap<String, Usage> = BTreeMap::new();
    let schemas = lowering.root["components"]["schemas"].clone();
    lowering.each_operation(|_, _, operation, side| {
        let Some(entry) = side.operation_mut(method_name(operation)) else { return Ok(()) };
        let group = entry.group.clone();
        let mut reach = |part: Option<&Value>, request: bool| {
            for name in reachable(part.unwrap_or(&Value::Null), &schemas) {
                let usage = usages.entry(name).or_default();
                usage.groups.insert(group.clone());
                if request {
                    usage.request = true;
                } else {
                    usage.response = true;
                }
            }
        };
        reach(operation.get("parameters"), true);
        reach(operation.get("requestBody"), true);
        reach(operation.get("responses"), false);
        Ok(())
    })?;
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        // Only error responses reach what nothing above did, and those were taken off already.
        let usage = usages.remove(name).unwrap_or_else(|| Usage { response: true, ..Usage::default() });
        let rust = naming::pascal(name);
        if schema.get("enum").is_some() {
            let entry = Enum { description: super::text(schema, "description"), values: Vec::new() };
            lowering.side.enums.insert(rust, entry);
        } else if usage.request && usage.response {
            let at = Pointer::root().join("components").join("schemas").join(name);
            return Err(lowering.document.finding(
                &at,
                "schema-both-ways",
                format!("`{name}` is sent and received"),
                "write two schemas: what is sent is checked and keeps its required fields, what is received is read \
                 whatever it lacks",
            ).into());
        } else {
            lowering.side.schemas.insert(rust, Schema { usage, ..Schema::default() });
        }
    }
    Ok(())
}

/// The component schemas that a value refers to, directly or through others.
fn reachable(from: &Value, schemas: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut todo = vec![from];
    while let Some(value) = todo.pop() {
        match value {
            Value::Object(map) => {
                let name =
                    map.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/components/schemas/"));
                if let Some(name) = name.filter(|name| !found.iter().any(|f| f == name)) {
                    found.push(name.to_owned());
                    todo.extend(schemas.get(name));
                }
                // An example is data: what looks like a reference in it is none.
                todo.extend(map.iter().filter(|(key, _)| *key != "example").map(|(_, value)| value));
            }
            Value::Array(list) => todo.extend(list),
            _ => {}
        }
    }
    found
}
