//! Puts parameters, request bodies and responses that operations refer to in place of the reference, and the parameters
//! of a path into each of its operations. What is left of `components` are the schemas.

use serde_json::{Map, Value};

use super::Lowering;
use crate::diagnostic::Diagnostics;
use crate::pointer::Pointer;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let document = lowering.document;
    let resolve = |value: &mut Value| {
        for _ in 0..8 {
            let target = value.get("$ref").and_then(Value::as_str).and_then(Pointer::parse);
            match target.and_then(|at| document.get(&at)) {
                Some(found) => *value = found.clone(),
                None => return,
            }
        }
    };
    let shared = document.root.get("paths");
    lowering.each_operation(|path, _, operation, _| {
        let of_path = shared.and_then(|paths| paths.get(path)?.get("parameters")?.as_array());
        if let Value::Array(parameters) = operation.entry("parameters").or_insert_with(|| Value::Array(Vec::new())) {
            parameters.extend(of_path.into_iter().flatten().cloned());
            parameters.iter_mut().for_each(&resolve);
        }
        operation.get_mut("requestBody").into_iter().for_each(&resolve);
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        responses.into_iter().flat_map(Map::values_mut).for_each(&resolve);
        Ok(())
    })?;
    for item in lowering.root.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        item.as_object_mut().map(|item| item.remove("parameters"));
    }
    if let Some(components) = lowering.root.get_mut("components").and_then(Value::as_object_mut) {
        components.retain(|section, _| section == "schemas");
    }
    Ok(())
}
