//! One method per success media type: an operation that answers in JSON and in CSV becomes two, the second on a path
//! that `#` and the method's name tell apart (the engine never sees the difference on the wire: the side table has the
//! true path). From here on `operationId` is the name of the Rust method.

use serde_json::{Map, Value};

use super::{Lowering, text};
use crate::diagnostic::Diagnostics;
use crate::naming;
use crate::pointer::Pointer;
use crate::side::Operation;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let document = lowering.document;
    let mut added: Vec<(String, String, Value)> = Vec::new();
    lowering.each_operation(|path, method, operation, side| {
        let pointer = Pointer::root().join("paths").join(path).join(method);
        let described = Value::Object(operation.clone());
        let entry = |name: &str| Operation {
            id: text(&described, "operationId"),
            name: name.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            group: text(&described, "x-sdk-group").replace('-', "_"),
            line: document.line(&pointer),
            idempotent: operation.contains_key("x-sdk-idempotent"),
            has_body: operation.contains_key("requestBody"),
            ..Operation::default()
        };
        let methods = match operation.get("x-sdk-methods").and_then(Value::as_object) {
            None => vec![(None, naming::snake(&text(&described, "operationId")))],
            // JSON first: it keeps the path.
            Some(map) => {
                let mut named: Vec<_> = map
                    .iter()
                    .map(|(media_type, name)| (Some(media_type.clone()), name.as_str().unwrap_or_default().to_owned()))
                    .collect();
                named.sort_by_key(|(media_type, _)| !media_type.as_deref().is_some_and(crate::media::is_json));
                named
            }
        };
        for (_, name) in &methods {
            side.operations.push(entry(name));
        }
        for key in ["x-sdk-group", "x-sdk-idempotent", "x-sdk-methods"] {
            operation.remove(key);
        }
        let whole = operation.clone();
        for (index, (media_type, name)) in methods.into_iter().enumerate() {
            let mut variant = whole.clone();
            variant.insert("operationId".into(), Value::String(name.clone()));
            if let Some(media_type) = &media_type {
                keep_success_media_type(&mut variant, media_type);
            }
            if index == 0 {
                *operation = variant;
            } else {
                variant.remove("x-sdk-pagination");
                added.push((format!("{path}#{name}"), method.to_owned(), Value::Object(variant)));
            }
        }
        Ok(())
    })?;
    if let Some(paths) = lowering.root.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, method, operation) in added {
            paths.insert(path, Value::Object(Map::from_iter([(method, operation)])));
        }
    }
    // JSON before its variants, and otherwise as the spec has them.
    lowering.side.operations.sort_by_key(|operation| operation.line);
    Ok(())
}

fn keep_success_media_type(operation: &mut Map<String, Value>, media_type: &str) {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (_, response) in responses.into_iter().flatten().filter(|(status, _)| status.starts_with('2')) {
        if let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) {
            content.retain(|known, _| known == media_type);
        }
    }
}
