//! Parameters and request bodies: the types that can be sent, and their Rust names.

use std::collections::HashMap;

use super::nodes::Kind;
use super::{Operation, Spec};
use crate::node::Node;
use crate::{media, naming};

/// Names that the builder of every operation has already.
const TAKEN: [&str; 12] = [
    "send",
    "send_raw",
    "into_future",
    "options",
    "items",
    "pages",
    "core",
    "body",
    "request",
    "new",
    "clone",
    "collect_all",
];

pub(super) fn check(spec: &Spec<'_>) {
    for node in spec.written(Kind::Parameter) {
        parameter(spec, node);
    }
    for operation in spec.operations() {
        names(spec, &operation);
    }
    for node in spec.written(Kind::RequestBody) {
        request_body(spec, node);
    }
}

fn parameter(spec: &Spec<'_>, node: &Node<'_>) {
    let name = node.text("name").unwrap_or_default();
    let report = |rule, message: String, help: &str| spec.report(&node.pointer, rule, message, help);
    let place = node.text("in").unwrap_or_default();
    let wanted_style = match place {
        "path" | "header" => "simple",
        "query" => "form",
        "cookie" => {
            let help = "leave it out: the clients keep no cookies";
            return report("parameter-place", format!("`{name}` is a cookie parameter"), help);
        }
        other => {
            let help = "`in` is one of: path, query, header";
            return report("parameter-place", format!("`{name}` is in `{other}`"), help);
        }
    };
    if place == "path" && !node.flag("required") {
        report("parameter-required", format!("the path parameter `{name}` is not required"), "add `required: true`");
    }
    if node.text("style").is_some_and(|style| style != wanted_style) {
        let message = format!("`{name}` has the style `{}`", node.text("style").unwrap_or_default());
        report("parameter-style", message, "only the default style is supported: form in the query, simple elsewhere");
    }
    let Some(schema) = node.schema_of("schema") else {
        if !node.has("content") {
            report("parameter-schema", format!("`{name}` has no schema"), "add `schema: {type: ...}`");
        }
        return;
    };
    let scalar = |node: &Node<'_>| matches!(node.text("type"), Some("string" | "integer" | "number" | "boolean"));
    let is_list = schema.text("type") == Some("array");
    let fits = if is_list {
        place == "query" && schema.schema_of("items").is_some_and(|items| scalar(&items))
    } else {
        scalar(&schema)
    };
    if !fits {
        let help = "a parameter is text, a number, a boolean or an enum; in the query also a list of these";
        report("parameter-type", format!("`{name}` has a type that cannot be sent in the {place}"), help);
    }
    if is_list && node.value.get("explode") == Some(&false.into()) {
        let help = "only repeated keys are supported (`a=1&a=2`): remove `explode: false`";
        report("parameter-style", format!("`{name}` is a comma-separated list"), help);
    }
}

/// The Rust names of an operation's parameters: valid, distinct, and not taken.
fn names(spec: &Spec<'_>, operation: &Operation<'_>) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    let mut wire_names: Vec<(&str, &str)> = Vec::new();
    for (place, node) in operation.parameters() {
        let (Some(wire), Some(location)) = (node.text("name"), node.text("in")) else {
            let message = "a parameter has no `name` or no `in`";
            spec.report(&node.pointer, "parameter-place", message, "add both");
            continue;
        };
        if wire_names.contains(&(location, wire)) {
            let message = format!("{} has the {location} parameter `{wire}` twice", operation.name());
            spec.report(&place.pointer, "parameter-duplicate", message, "remove one of them");
            continue;
        }
        wire_names.push((location, wire));
        let rust = naming::argument(&node);
        if !naming::is_identifier(&rust) || TAKEN.contains(&rust.as_str()) {
            let message = format!("the parameter `{wire}` of {} cannot be called `{rust}` in Rust", operation.name());
            let help = "add `x-sdk-name` with another name; taken are Rust's keywords and the methods of every \
                        operation (send, items, pages, body, ...)";
            spec.report(&place.pointer, "parameter-name", message, help);
        } else if let Some(other) = seen.insert(rust.clone(), wire) {
            let message = format!("`{other}` and `{wire}` of {} are both `{rust}` in Rust", operation.name());
            spec.report(&place.pointer, "parameter-name", message, "add `x-sdk-name` to one of them");
        }
        if location == "header"
            && ["accept", "content-type", "content-length", "authorization", "host", "user-agent"]
                .contains(&wire.to_lowercase().as_str())
        {
            let message = format!("{} declares the header `{wire}`", operation.name());
            let help = "leave it out: the runtime sets it from the media types and the credential";
            spec.report(&place.pointer, "parameter-header", message, help);
        }
    }
}

fn request_body(spec: &Spec<'_>, node: &Node<'_>) {
    if !node.flag("required") {
        let help = "add `required: true`; a body that may be left out is not supported";
        spec.report(&node.pointer, "body-required", "the request body is optional", help);
    }
    let content = node.below("content");
    let [(media_type, body)] = &content[..] else {
        let message = format!("the request body has {} media types", content.len());
        return spec.report(&node.pointer, "body-media-type", message, "declare exactly one, of JSON");
    };
    if !media::is_json(media_type) {
        let message = format!("a request body of `{media_type}` is not supported");
        let help = "only JSON bodies (`application/json`, `...+json`) can be sent";
        return spec.report(&body.pointer, "body-media-type", message, help);
    }
    let schema = body.schema_of("schema");
    if !schema.is_some_and(|schema| schema.component("schemas").is_some() && schema.text("type") == Some("object")) {
        let help = "describe the body as an object under `components/schemas`, and refer to it";
        spec.report(&body.pointer, "body-schema", "the request body is not a named object", help);
    }
}
