//! Responses: one success shape an operation, one error shape a service.

use std::collections::HashMap;

use super::{Operation, Spec};
use crate::media;
use crate::nodes::Node;

pub(super) fn check(spec: &Spec<'_>) {
    // The error schema of the service is the one that most error responses have; the others are reported.
    let mut schemas: HashMap<String, usize> = HashMap::new();
    for operation in spec.operations() {
        for (_, _, node) in spec.responses(&operation).iter().filter(|(status, ..)| is_error(status)) {
            if let Some(name) = error_schema(spec, node) {
                *schemas.entry(name).or_default() += 1;
            }
        }
    }
    let common = schemas.into_iter().max_by_key(|(name, count)| (*count, name.clone())).map(|(name, _)| name);
    for operation in spec.operations() {
        statuses(spec, &operation);
        success(spec, &operation);
        for (status, place, node) in spec.responses(&operation) {
            interim(spec, &status, node);
            if is_error(&status) {
                error(spec, &operation, &status, place, node, common.as_deref());
            }
        }
    }
}

fn is_error(status: &str) -> bool {
    status.starts_with(['3', '4', '5'])
}

fn statuses(spec: &Spec<'_>, operation: &Operation<'_>) {
    let responses = spec.responses(operation);
    for (status, place, _) in &responses {
        let three = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
        let number: Option<u16> = three.then(|| status.parse().ok()).flatten();
        if number.is_none_or(|n| !(100..=599).contains(&n)) {
            let message = format!("`{status}` is not a status");
            let help =
                "list each status by number; `default` and ranges such as `4XX` would hide the documented statuses";
            spec.report(&place.pointer, "response-status", message, help);
        }
    }
    if !responses.iter().any(|(status, ..)| status.starts_with('2')) {
        let message = format!("{} has no success response", operation.name());
        spec.report(&operation.node.pointer, "response-success", message, "add the 2xx response the vendor documents");
    }
    if !responses.iter().any(|(status, ..)| is_error(status)) {
        let message = format!("{} has no error response", operation.name());
        let help = "add every documented error status with the service's error schema";
        spec.report(&operation.node.pointer, "response-errors", message, help);
    }
}

/// One success status; at most two media types, of which one is JSON; every one with a schema and an example.
fn success(spec: &Spec<'_>, operation: &Operation<'_>) {
    let responses = spec.responses(operation);
    let found: Vec<_> = responses.iter().filter(|(status, ..)| status.starts_with('2')).collect();
    if let [(first, ..), (second, place, _), ..] = found[..] {
        let message = format!("{} has two success responses, {first} and {second}", operation.name());
        let help = "keep the one that carries the result: a method returns one type. A status that means \"not ready \
                    yet\" has no body, and is read as such";
        spec.report(&place.pointer, "response-success", message, help);
    }
    for (status, place, node) in found {
        let empty = serde_json::Map::new();
        let content = node.object("content").unwrap_or(&empty);
        if status == "204" && !content.is_empty() {
            let help = "remove its `content`";
            spec.report(&place.pointer, "response-success", "204 says that there is no content", help);
        }
        let json = content.keys().filter(|media_type| media::is_json(media_type)).count();
        if content.len() > 2 || json > 1 || (content.len() == 2 && json == 0) {
            let message = format!("{} answers in {} media types", operation.name(), content.len());
            let help = "one media type, or JSON beside one other, can be told apart";
            spec.report(&place.pointer, "response-media-type", message, help);
        }
        let methods = operation.node.object("x-sdk-methods");
        if content.len() == 2 && methods.is_none() {
            let names: Vec<&str> = content.keys().map(String::as_str).collect();
            let message = format!("{} answers in {}", operation.name(), names.join(" and in "));
            let help = "add `x-sdk-methods` to the operation, with a method name for each of them";
            spec.report(&place.pointer, "response-media-type", message, help);
        }
        for media_type in content.keys() {
            media_type_of(spec, node, media_type);
        }
    }
}

fn media_type_of(spec: &Spec<'_>, node: &Node<'_>, media_type: &str) {
    let place = node.pointer.join("content").join(media_type);
    if !media::is_well_formed(media_type) {
        let message = format!("`{media_type}` is not a media type");
        spec.report(&place, "response-media-type", message, "write it as `type/subtype`");
    }
    let content = spec.document.get(&place);
    if content.is_some_and(|content| content.get("example").is_none()) {
        let help = "add an `example`: the sandbox answers with it, and tests decode it";
        spec.report(&place, "response-example", "this success response has no example", help);
    }
    let Some(schema) = spec.node_at(&place.join("schema")) else {
        let help = "add `schema: {$ref: ...}`";
        return spec.report(&place, "response-schema", "this success response has no schema", help);
    };
    let named = spec.component_name(schema).is_some();
    if media::is_json(media_type) && !named {
        let help = "describe it under `components/schemas`, and refer to it: the type of a response has a name";
        spec.report(&place, "response-schema", "the schema of this response is written inline", help);
    }
    if !media::is_json(media_type) && (schema.text("type") != Some("string") || named) {
        let help =
            "write `schema: {type: string}`, or `{type: string, format: binary}`: the body is handed out as it is";
        spec.report(&place, "response-schema", format!("a body of `{media_type}` is not text or bytes"), help);
    }
}

fn interim(spec: &Spec<'_>, status: &str, node: &Node<'_>) {
    if status.starts_with('1') && node.object("content").is_some_and(|content| !content.is_empty()) {
        let help = "remove its `content`: an interim response has no body (RFC 9110, section 15.2)";
        spec.report(&node.pointer, "response-interim", format!("{status} carries a body"), help);
    }
}

fn error_schema(spec: &Spec<'_>, node: &Node<'_>) -> Option<String> {
    let (media_type, _) = node.object("content")?.iter().next()?;
    spec.component_name(spec.node_at(&node.pointer.join("content").join(media_type).join("schema"))?)
}

fn error(
    spec: &Spec<'_>,
    operation: &Operation<'_>,
    status: &str,
    place: &Node<'_>,
    node: &Node<'_>,
    common: Option<&str>,
) {
    let schema = error_schema(spec, node);
    if schema.is_none() {
        let message = format!("the {status} response of {} has no error schema", operation.name());
        let help = "give every error response the service's error schema; bodies that differ are still readable";
        spec.report(&place.pointer, "response-error-schema", message, help);
    } else if schema.as_deref() != common {
        let message = format!(
            "the {status} response of {} has the schema `{}`, the others have `{}`",
            operation.name(),
            schema.unwrap_or_default(),
            common.unwrap_or_default()
        );
        let help = "a service has one error type: describe both shapes in one schema, all fields optional";
        spec.report(&place.pointer, "response-error-schema", message, help);
    } else if node.object("content").is_some_and(|content| content.len() > 1) {
        let message = format!("the {status} response of {} has several media types", operation.name());
        spec.report(&place.pointer, "response-error-schema", message, "keep the JSON one");
    }
}
