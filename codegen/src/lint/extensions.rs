//! Our `x-sdk-*` extensions: known, in the right place, of the right form, and pointing at things that exist.

use serde_json::{Map, Value};

use super::{Operation, Spec, pagination};
use crate::naming;
use crate::nodes::{Kind, Node, SchemaPlace};

/// Key, where it may stand (in words), whether this is such a place, and whether the value has the right form.
type Rule = (&'static str, &'static str, fn(Kind) -> bool, fn(&Value) -> bool, &'static str);

const RULES: [Rule; 14] = [
    ("x-sdk-group", "an operation", is_operation, Value::is_string, "a lower-case word"),
    ("x-sdk-methods", "an operation", is_operation, is_text_map, "a map from media type to method name"),
    ("x-sdk-pagination", "an operation", is_operation, is_text_map, "a map; see specs/README.md"),
    ("x-sdk-idempotent", "an operation", is_operation, is_true, "`true`, or nothing at all"),
    ("x-sdk-stability", "an operation", is_operation, is_preview, "`preview`, or nothing at all"),
    ("x-sdk-role", "an operation", is_operation, Value::is_string, "the name of a role"),
    ("x-sdk-iam-action", "an operation", is_operation, Value::is_string, "the name of an IAM action"),
    ("x-sdk-audit-event", "an operation", is_operation, Value::is_string, "the name of an audit event"),
    ("x-sdk-name", "a parameter or a property", is_named, Value::is_string, "a snake_case name"),
    ("x-sdk-envelope", "a parameter", is_parameter, is_text_map, "`{status: ..., content: ...}`"),
    ("x-sdk-guaranteed", "a property", is_property, is_true, "`true`, or nothing at all"),
    ("x-sdk-lenient", "a property or the items of a list", is_value, is_true, "`true`, or nothing at all"),
    ("x-sdk-bare-item", "a component schema", is_component, Value::is_object, "`{items: ..., markers: [...]}`"),
    ("x-sdk-enum-names", "an enum component", is_component, is_text_map, "a map from value to PascalCase name"),
];

fn is_operation(kind: Kind) -> bool {
    kind == Kind::Operation
}
fn is_parameter(kind: Kind) -> bool {
    kind == Kind::Parameter
}
fn is_property(kind: Kind) -> bool {
    kind == Kind::Schema(SchemaPlace::Property)
}
fn is_named(kind: Kind) -> bool {
    is_parameter(kind) || is_property(kind)
}
fn is_value(kind: Kind) -> bool {
    is_property(kind) || kind == Kind::Schema(SchemaPlace::Element)
}
fn is_component(kind: Kind) -> bool {
    kind == Kind::Schema(SchemaPlace::Component)
}
fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true)
}
fn is_preview(value: &Value) -> bool {
    value == "preview"
}
fn is_text_map(value: &Value) -> bool {
    value.as_object().is_some_and(|map| !map.is_empty() && map.values().all(Value::is_string))
}

pub(super) fn check(spec: &Spec<'_>) {
    for node in &spec.nodes {
        for (key, value) in node.map.iter().filter(|(key, _)| key.starts_with("x-sdk")) {
            let at = node.pointer.join(key);
            let Some((_, place, fits, form, wanted)) = RULES.iter().find(|(known, ..)| known == key) else {
                let known: Vec<&str> = RULES.iter().filter(|rule| rule.2(node.kind)).map(|rule| rule.0).collect();
                let help = match known.len() {
                    0 => "no x-sdk key belongs here".to_owned(),
                    _ => format!("here it can be one of: {}", known.join(", ")),
                };
                spec.report(&at, "extension-unknown", format!("there is no extension `{key}`"), help);
                continue;
            };
            if !fits(node.kind) {
                let message = format!("`{key}` has no effect here");
                spec.report(&at, "extension-place", message, format!("it belongs on {place}"));
            } else if key == "x-sdk-lenient" && node.pointer.last() == "additionalProperties" {
                let help =
                    "write the values as `{}`, any JSON value; only properties and items of lists can be lenient";
                spec.report(&at, "extension-place", "`x-sdk-lenient` on the values of a map", help);
            } else if !form(value) {
                let message = format!("`{key}` has the wrong form");
                spec.report(&at, "extension-form", message, format!("its value is {wanted}"));
            } else {
                meaning(spec, node, key, value);
            }
        }
    }
    for operation in spec.operations() {
        if let Some(keys) = operation.node.object("x-sdk-pagination") {
            pagination::check(spec, &operation, keys);
        }
        if let Some(methods) = operation.node.object("x-sdk-methods") {
            media_types(spec, &operation, methods);
        }
    }
}

/// Checks of a single extension that is in its place and of the right form.
fn meaning(spec: &Spec<'_>, node: &Node<'_>, key: &str, value: &Value) {
    let at = node.pointer.join(key);
    let refuse = |message: String, help: &str| spec.report(&at, "extension-target", message, help);
    let properties = || node.object("properties").into_iter().flat_map(Map::keys);
    match key {
        "x-sdk-envelope" => {
            let schema = spec.node_at(&node.pointer.join("schema")).and_then(|schema| spec.schema(schema));
            let boolean = schema.is_some_and(|schema| schema.text("type") == Some("boolean"));
            if node.text("in") != Some("query") || !boolean {
                refuse(
                    "an envelope parameter is a boolean in the query".into(),
                    "remove the mark, or correct the type",
                );
            }
            if value.get("status").is_none() || value.get("content").is_none() {
                refuse("an envelope has `status` and `content`".into(), "name both fields");
            }
        }
        "x-sdk-bare-item" => {
            let items = value.get("items").and_then(Value::as_str).unwrap_or_default();
            let list = spec.node_at(&node.pointer.join("properties").join(items)).and_then(|n| spec.schema(n));
            let element = list
                .filter(|list| list.text("type") == Some("array"))
                .and_then(|list| spec.schema(spec.node_at(&list.pointer.join("items"))?));
            let Some(element) = element else {
                let known: Vec<&str> = properties().map(String::as_str).collect();
                return refuse(
                    format!("`items: {items}` is not a list property of this schema"),
                    &format!("its properties are: {}", known.join(", ")),
                );
            };
            let markers = value.get("markers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            if markers.is_empty() {
                refuse("there are no `markers`".into(), "name the fields by which a bare item is known");
            }
            for marker in markers {
                let known = |name: &str| element.object("properties").is_some_and(|map| map.contains_key(name));
                if !marker.as_str().is_some_and(known) {
                    refuse(
                        format!("the marker {marker} is not a property of an item"),
                        "name a property that only an item has",
                    );
                }
            }
        }
        "x-sdk-enum-names" => {
            let values = node.list("enum");
            for (wire, name) in value.as_object().into_iter().flatten() {
                if !values.iter().any(|v| v == wire.as_str()) {
                    refuse(format!("`{wire}` is not a value of this enum"), "remove it, or correct its spelling");
                }
                let name = name.as_str().unwrap_or_default();
                if !naming::is_identifier(name) || naming::pascal(name) != name {
                    refuse(format!("`{name}` is not a PascalCase name"), "choose one such as `StandardPremium`");
                }
            }
        }
        "x-sdk-name" => {
            let name = value.as_str().unwrap_or_default();
            if naming::snake(name) != name {
                refuse(format!("`{name}` is not a snake_case name"), "choose one such as `billing_month`");
            }
        }
        _ => {}
    }
}

/// `x-sdk-methods` names exactly the media types of the success response.
fn media_types(spec: &Spec<'_>, operation: &Operation<'_>, methods: &Map<String, Value>) {
    let place = operation.node.pointer.join("x-sdk-methods");
    let responses = spec.responses(operation);
    let declared: Vec<&str> = responses
        .iter()
        .filter(|(status, ..)| status.starts_with('2'))
        .flat_map(|(_, _, node)| node.object("content").into_iter().flat_map(Map::keys))
        .map(String::as_str)
        .collect();
    for name in methods.keys().filter(|name| !declared.contains(&name.as_str())) {
        let message = format!("{} does not answer in `{name}`", operation.name());
        spec.report(&place.join(name), "extension-target", message, format!("it answers in: {}", declared.join(", ")));
    }
    for name in declared.iter().filter(|name| !methods.contains_key(**name)) {
        let message = format!("`x-sdk-methods` does not name `{name}`");
        spec.report(&place, "extension-target", message, "give every media type of the success response a method");
    }
}
