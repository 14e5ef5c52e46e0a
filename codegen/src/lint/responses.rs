//! Responses: one success shape an operation, one error shape a service.

use std::collections::HashMap;

use super::{Operation, Spec};
use crate::media;
use crate::node::Node;

pub(super) fn check(spec: &Spec<'_>) {
    // The error schema of the service is the one that most error responses have; the others are reported.
    let mut schemas: HashMap<String, usize> = HashMap::new();
    for operation in spec.operations() {
        for (_, _, node) in operation.responses().iter().filter(|(status, ..)| is_error(status)) {
            if let Some(name) = error_schema(node) {
                *schemas.entry(name).or_default() += 1;
            }
        }
    }
    let common = schemas.into_iter().max_by_key(|(name, count)| (*count, name.clone())).map(|(name, _)| name);
    for operation in spec.operations() {
        statuses(spec, &operation);
        success(spec, &operation);
        for (status, place, node) in operation.responses() {
            interim(spec, &status, &node);
            if is_error(&status) {
                error(spec, &operation, (&status, &place, &node), common.as_deref());
            }
        }
    }
}

fn is_error(status: &str) -> bool {
    status.starts_with(['3', '4', '5'])
}

fn statuses(spec: &Spec<'_>, operation: &Operation<'_>) {
    let responses = operation.responses();
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
    let found: Vec<_> = operation.successes().collect();
    if let [(first, ..), (second, place, _), ..] = &found[..] {
        let message = format!("{} has two success responses, {first} and {second}", operation.name());
        let help = "keep the one that carries the result: a method returns one type. A status that means \"not ready \
                    yet\" has no body, and is read as such";
        spec.report(&place.pointer, "response-success", message, help);
    }
    for (status, place, node) in found {
        let content = node.below("content");
        if status == "204" && !content.is_empty() {
            let help = "remove its `content`";
            spec.report(&place.pointer, "response-success", "204 says that there is no content", help);
        }
        let json = content.iter().filter(|(name, _)| media::is_json(name)).count();
        if content.len() > 2 || json > 1 || (content.len() == 2 && json == 0) {
            let message = format!("{} answers in {} media types", operation.name(), content.len());
            let help = "one media type, or JSON beside one other, can be told apart";
            spec.report(&place.pointer, "response-media-type", message, help);
        }
        if content.len() == 2 && !operation.node.has("x-sdk-methods") {
            let names: Vec<&str> = content.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!("{} answers in {}", operation.name(), names.join(" and in "));
            let help = "add `x-sdk-methods` to the operation, with a method name for each of them";
            spec.report(&place.pointer, "response-media-type", message, help);
        }
        content.iter().for_each(|(name, content)| media_type_of(spec, name, content));
    }
}

fn media_type_of(spec: &Spec<'_>, media_type: &str, content: &Node<'_>) {
    let place = &content.pointer;
    if !media::is_well_formed(media_type) {
        let message = format!("`{media_type}` is not a media type");
        spec.report(place, "response-media-type", message, "write it as `type/subtype`");
    }
    if !content.has("example") {
        let help = "add an `example`: the sandbox answers with it, and tests decode it";
        spec.report(place, "response-example", "this success response has no example", help);
    }
    let Some(schema) = content.schema_of("schema") else {
        let help = "add `schema: {$ref: ...}`";
        return spec.report(place, "response-schema", "this success response has no schema", help);
    };
    let named = schema.component("schemas").is_some();
    if media::is_json(media_type) && !named {
        let help = "describe it under `components/schemas`, and refer to it: the type of a response has a name";
        spec.report(place, "response-schema", "the schema of this response is written inline", help);
    }
    if !media::is_json(media_type) && (schema.text("type") != Some("string") || named) {
        let help =
            "write `schema: {type: string}`, or `{type: string, format: binary}`: the body is handed out as it is";
        spec.report(place, "response-schema", format!("a body of `{media_type}` is not text or bytes"), help);
    }
}

fn interim(spec: &Spec<'_>, status: &str, node: &Node<'_>) {
    if status.starts_with('1') && node.object("content").is_some_and(|content| !content.is_empty()) {
        let help = "remove its `content`: an interim response has no body (RFC 9110, section 15.2)";
        spec.report(&node.pointer, "response-interim", format!("{status} carries a body"), help);
    }
}

/// The name of an error's schema.
fn error_schema(node: &Node<'_>) -> Option<String> {
    let (_, content) = node.below("content").into_iter().next()?;
    content.schema_of("schema")?.component("schemas").map(str::to_owned)
}

fn error(
    spec: &Spec<'_>,
    operation: &Operation<'_>,
    (status, place, node): (&str, &Node<'_>, &Node<'_>),
    common: Option<&str>,
) {
    let schema = error_schema(node);
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
