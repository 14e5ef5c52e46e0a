//! Turns every JSON media type into `application/json` and every other one into bytes, the two the engine knows. The
//! true ones go to the side table, and from there into `Accept` and `Content-Type`.

use serde_json::{Map, Value, json};

use super::{Lowering, method_name};
use crate::diagnostic::Diagnostics;
use crate::media;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    lowering.each_operation(|_, _, operation, side| {
        let Some(entry) = side.operation_mut(method_name(operation)) else { return Ok(()) };
        if let Some((media_type, content)) = operation.get_mut("requestBody").and_then(take_content) {
            entry.content_type = Some(media_type);
            operation["requestBody"]["content"] = json!({ "application/json": content });
        }
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        for response in responses.into_iter().flat_map(Map::values_mut) {
            let Some((media_type, content)) = take_content(response) else { continue };
            response["content"] = if media::is_json(&media_type) {
                json!({ "application/json": content })
            } else {
                json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
            };
            entry.accept = Some(media_type);
        }
        Ok(())
    })
}

/// The one media type of a body and what it holds.
fn take_content(body: &mut Value) -> Option<(String, Value)> {
    let content = body.get_mut("content")?.as_object_mut()?;
    std::mem::take(content).into_iter().next()
}
