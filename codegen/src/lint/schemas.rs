//! Schemas: only shapes that have one obvious Rust type, under names that the spec chooses.

use std::collections::HashMap;

use serde_json::Value;

use super::{Spec, parameters, rust_names};
use crate::formats;
use crate::naming;
use crate::nodes::{Kind, Node, SchemaPlace};

/// Keys that a schema of any JSON value may have.
const UNTYPED: [&str; 6] = ["description", "nullable", "readOnly", "writeOnly", "deprecated", "example"];

pub(super) fn check(spec: &Spec<'_>) {
    component_names(spec);
    for node in spec.schemas().filter(|node| node.reference().is_none()) {
        crossed(spec, node);
        if node.map.contains_key("enum") {
            enumeration(spec, node);
        } else {
            shape(spec, node);
        }
    }
    for operation in spec.operations() {
        if let Some(body) = spec.node_at(&operation.node.pointer.join("requestBody")) {
            request_constraints(spec, body);
        }
    }
}

/// Bounds that nothing can lie between.
fn crossed(spec: &Spec<'_>, node: &Node<'_>) {
    for (low, high) in [("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")] {
        let bound = |key: &str| node.map.get(key).and_then(Value::as_f64);
        if let (Some(least), Some(most)) = (bound(low), bound(high))
            && least > most
        {
            let message = format!("`{low}` {least} is above `{high}` {most}");
            spec.report(&node.pointer.join(low), "constraint-crossed", message, "swap them, or correct one");
        }
    }
}

fn component_names(spec: &Spec<'_>) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    let builders: Vec<String> = spec.operations().flat_map(|op| rust_names::builders(&op)).collect();
    for node in spec.of_kind(Kind::Schema(SchemaPlace::Component)) {
        let name = node.pointer.last();
        let rust = naming::pascal(name);
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if builders.contains(&rust) {
            let message = format!("the schema `{name}` and an operation are both `{rust}` in Rust");
            spec.report(&node.pointer, "schema-name", message, "rename the component: its name is ours to choose");
        } else if !plain || !naming::is_identifier(&rust) || rust_names::is_taken(&rust) {
            let message = format!("the schema `{name}` cannot be called `{rust}` in Rust");
            spec.report(&node.pointer, "schema-name", message, "rename the component: its name is ours to choose");
        } else if let Some(other) = seen.insert(rust.clone(), name) {
            let message = format!("the schemas `{other}` and `{name}` are both `{rust}` in Rust");
            spec.report(&node.pointer, "schema-name", message, "rename one of the components");
        }
        if node.reference().is_some() || node.map.contains_key("allOf") {
            let message = format!("the schema `{name}` is another name for a schema, or is put together from several");
            let help = "write out its members, and copy those of the schemas that it is made of";
            spec.report(&node.pointer, "schema-alias", message, help);
        }
    }
}

/// Everything but enums.
fn shape(spec: &Spec<'_>, node: &Node<'_>) {
    let report = |rule, message: String, help: &str| spec.report(&node.pointer, rule, message, help);
    let parts = node.list("allOf");
    if !parts.is_empty() {
        if parts.len() > 1 || parts.iter().any(|part| part.get("$ref").is_none()) {
            let help =
                "`allOf` with one `$ref` gives a reference a description; several parts are written out as one schema";
            report("schema-all-of", "this `allOf` is more than one reference".into(), help);
        }
        if node.map.contains_key("type") {
            report("schema-all-of", "`type` beside `allOf`".into(), "remove `type`: the reference has one");
        }
        return;
    }
    let format = node.text("format");
    if let (Some(kind @ ("boolean" | "array" | "object")), Some(format)) = (node.text("type"), format) {
        report("schema-format", format!("a {kind} with the format `{format}`"), "remove `format`: this type has none");
    }
    match node.text("type") {
        Some("string" | "number") if node.kind == Kind::Schema(SchemaPlace::Body) => {}
        Some(kind @ ("string" | "integer" | "number")) => match format {
            _ if formats::is_known(kind, format) => {}
            None => report(
                "schema-format",
                format!("this {kind} has no format"),
                match kind {
                    "number" => "say which: `format: decimal` (money, quantities: exact) or `format: double`",
                    _ => "say which: `format: int64`, `int32` or `epoch-millis`",
                },
            ),
            Some(format) => report(
                "schema-format",
                format!("a {kind} with the format `{format}` is not supported"),
                "see the table of formats in specs/README.md; a format that is only decoration is left out",
            ),
        },
        Some("boolean") => {}
        Some("array") if node.object("items").is_none() => {
            report("schema-items", "a list without `items`".into(), "add `items`; `items: {}` takes any JSON value");
        }
        Some("array") => {}
        Some("object") => object(spec, node),
        Some(other) => report(
            "schema-type",
            format!("`{other}` is not a type"),
            "`type` is one of: string, integer, number, boolean, array, object",
        ),
        None if node.map.keys().any(|key| !UNTYPED.contains(&key.as_str()) && !key.starts_with("x-")) => {
            let help = "add its `type`; a schema that takes any JSON value has nothing but a description";
            report("schema-type", "the schema says something about its values but has no `type`".into(), help);
        }
        None if node.kind == Kind::Schema(SchemaPlace::Component) => {
            report("schema-type", "a component without a type".into(), "add a `type`; `{}` can be written in place");
        }
        None => {}
    }
}

fn object(spec: &Spec<'_>, node: &Node<'_>) {
    let empty = serde_json::Map::new();
    let properties = node.object("properties").unwrap_or(&empty);
    let extra = node.map.get("additionalProperties");
    let place = &node.pointer;
    if !properties.is_empty() && node.kind != Kind::Schema(SchemaPlace::Component) {
        let help = "move it to components/schemas under a name of its own, and refer to it";
        spec.report(place, "schema-inline-object", "an object with properties is written inline", help);
    }
    match extra {
        Some(Value::Bool(false)) => {
            let help = "remove it: services add fields, and a client must go on reading";
            spec.report(&place.join("additionalProperties"), "schema-closed", "a closed object", help);
        }
        Some(Value::Object(_)) if !properties.is_empty() => {
            let help = "write `additionalProperties: true`, which keeps unknown fields as JSON, or drop the properties";
            let message = "an object with properties and typed further members";
            spec.report(&place.join("additionalProperties"), "schema-map", message, help);
        }
        None if properties.is_empty() && node.kind != Kind::Schema(SchemaPlace::Component) => {
            let help = "add `additionalProperties` with the schema of the values, or write `{}` for any JSON value";
            spec.report(place, "schema-map", "an object without properties", help);
        }
        None | Some(Value::Bool(true))
            if properties.is_empty() && node.kind == Kind::Schema(SchemaPlace::Component) =>
        {
            let help = "give it properties, or write `{}` (any JSON value) where it is used";
            spec.report(place, "schema-map", "a component object without properties", help);
        }
        Some(Value::Object(_)) if node.kind == Kind::Schema(SchemaPlace::Component) => {
            let help = "write the map in place, at the property that has it";
            spec.report(place, "schema-map", "a component that is a map", help);
        }
        _ => {}
    }
    let mut seen: HashMap<String, &str> = HashMap::new();
    if extra == Some(&Value::Bool(true)) {
        seen.insert("extra".to_owned(), "(unknown fields)");
    }
    for (name, property) in properties {
        let renamed = property.get("x-sdk-name").and_then(Value::as_str);
        let rust = renamed.map_or_else(|| naming::snake(name), str::to_owned);
        let at = place.join("properties").join(name);
        // A keyword of the wire gets an underscore (`type_`); anything else that is no identifier needs a name.
        if !naming::is_identifier(&rust) && (renamed.is_some() || !naming::is_keyword(&rust)) {
            let message = format!("the property `{name}` cannot be called `{rust}` in Rust");
            spec.report(&at, "schema-property-name", message, "add `x-sdk-name` with another name");
        } else if let Some(other) = seen.insert(rust.clone(), name) {
            let message = format!("the properties `{other}` and `{name}` are both `{rust}` in Rust");
            spec.report(&at, "schema-property-name", message, "add `x-sdk-name` to one of them");
        }
    }
    for (index, name) in node.list("required").iter().enumerate() {
        if !name.as_str().is_some_and(|name| properties.contains_key(name)) {
            let message = format!("{name} is required but not a property");
            let help = "remove it from `required`, or add the property";
            spec.report(&place.join("required").join(index), "schema-required", message, help);
        }
    }
}

fn enumeration(spec: &Spec<'_>, node: &Node<'_>) {
    let place = node.pointer.join("enum");
    if node.text("type") != Some("string") {
        let help = "write the values as text, or drop `enum` and list them in the description";
        return spec.report(&place, "enum-type", "an enum of anything but text", help);
    }
    if node.kind != Kind::Schema(SchemaPlace::Component) {
        let help = "move it to components/schemas under a name of its own, and refer to it";
        spec.report(&place, "enum-inline", "an enum is written inline", help);
    }
    let values = node.list("enum");
    if values.is_empty() {
        spec.report(&place, "enum-empty", "an enum without values", "list its values, or drop `enum`");
    }
    let names = node.object("x-sdk-enum-names");
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (index, value) in values.iter().enumerate() {
        let at = place.join(index);
        let Some(value) = value.as_str() else {
            let message = format!("the enum value {value} is not text");
            spec.report(&at, "enum-type", message, "quote it; for a field that can be null add `nullable: true` there");
            continue;
        };
        let chosen = names.and_then(|names| names.get(value)).and_then(Value::as_str);
        let rust = chosen.map(str::to_owned).or_else(|| naming::variant(value));
        match rust.filter(|rust| naming::is_identifier(rust) && !rust.starts_with('_')) {
            None => {
                let message = format!("the enum value `{value}` has no Rust name");
                spec.report(&at, "enum-name", message, "name it in `x-sdk-enum-names`");
            }
            Some(rust) => {
                if let Some(other) = seen.insert(rust.clone(), value) {
                    let message = format!("the enum values `{other}` and `{value}` are both `{rust}` in Rust");
                    spec.report(&at, "enum-name", message, "name one of them in `x-sdk-enum-names`");
                }
            }
        }
    }
}

/// The constraints of a request body are of a kind that the client can check. Those of a response are not checked.
fn request_constraints(spec: &Spec<'_>, body: &Node<'_>) {
    let mut todo = vec![body.pointer.clone()];
    let mut seen = Vec::new();
    while let Some(at) = todo.pop() {
        if seen.contains(&at) {
            continue;
        }
        for node in spec.below(&at).iter().filter(|node| matches!(node.kind, Kind::Schema(_))) {
            match node.reference().and_then(crate::pointer::Pointer::parse) {
                Some(target) => todo.push(target),
                None => parameters::constraints(spec, node),
            }
        }
        seen.push(at);
    }
}
