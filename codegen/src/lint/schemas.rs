//! Schemas: only shapes that have one obvious Rust type, under names that the spec chooses.

use std::collections::HashMap;

use serde_json::Value;

use super::nodes::SchemaPlace;
use super::{Spec, rust_names};
use crate::model::Format;
use crate::naming;
use crate::node::Node;

/// Keys that a schema of any JSON value may have.
const UNTYPED: [&str; 6] = ["description", "nullable", "readOnly", "writeOnly", "deprecated", "example"];

pub(super) fn check(spec: &Spec<'_>) {
    component_names(spec);
    for (place, node) in spec.schemas().filter(|(_, node)| node.reference().is_none()) {
        crossed(spec, node);
        if node.has("enum") {
            enumeration(spec, place, node);
        } else {
            shape(spec, place, node);
        }
    }
}

/// Bounds that nothing can lie between.
fn crossed(spec: &Spec<'_>, node: &Node<'_>) {
    for (low, high) in [("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")] {
        let bound = |key: &str| node.value.get(key).and_then(Value::as_f64);
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
    let methods = spec.operations().flat_map(|operation| rust_names::methods(operation.node));
    let builders: Vec<String> = methods.map(|(name, _)| naming::pascal(&name)).collect();
    for node in spec.components() {
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
        if node.reference().is_some() || node.has("allOf") {
            let message = format!("the schema `{name}` is another name for a schema, or is put together from several");
            let help = "write out its members, and copy those of the schemas that it is made of";
            spec.report(&node.pointer, "schema-alias", message, help);
        }
    }
}

/// Everything but enums.
fn shape(spec: &Spec<'_>, place: SchemaPlace, node: &Node<'_>) {
    let report = |rule, message: String, help: &str| spec.report(&node.pointer, rule, message, help);
    let parts = node.list("allOf");
    if !parts.is_empty() {
        if parts.len() > 1 || parts.iter().any(|part| part.get("$ref").is_none()) {
            let help =
                "`allOf` with one `$ref` gives a reference a description; several parts are written out as one schema";
            report("schema-all-of", "this `allOf` is more than one reference".into(), help);
        }
        if node.has("type") {
            report("schema-all-of", "`type` beside `allOf`".into(), "remove `type`: the reference has one");
        }
        return;
    }
    let format = node.text("format");
    if let (Some(kind @ ("boolean" | "array" | "object")), Some(format)) = (node.text("type"), format) {
        report("schema-format", format!("a {kind} with the format `{format}`"), "remove `format`: this type has none");
    }
    match node.text("type") {
        Some("string" | "number") if place == SchemaPlace::Body => {}
        Some(kind @ ("string" | "integer" | "number")) => match format {
            _ if Format::find(kind, format).is_some() => {}
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
        Some("object") => object(spec, place == SchemaPlace::Component, node),
        Some(other) => report(
            "schema-type",
            format!("`{other}` is not a type"),
            "`type` is one of: string, integer, number, boolean, array, object",
        ),
        None if node.members().iter().any(|(key, _)| !UNTYPED.contains(&key.as_str()) && !key.starts_with("x-")) => {
            let help = "add its `type`; a schema that takes any JSON value has nothing but a description";
            report("schema-type", "the schema says something about its values but has no `type`".into(), help);
        }
        None if place == SchemaPlace::Component => {
            report("schema-type", "a component without a type".into(), "add a `type`; `{}` can be written in place");
        }
        None => {}
    }
}

fn object(spec: &Spec<'_>, is_component: bool, node: &Node<'_>) {
    let properties = node.below("properties");
    let extra = node.get("additionalProperties");
    let place = extra.as_ref().map_or(&node.pointer, |extra| &extra.pointer);
    if !properties.is_empty() && !is_component {
        let help = "move it to components/schemas under a name of its own, and refer to it";
        spec.report(&node.pointer, "schema-inline-object", "an object with properties is written inline", help);
    }
    match (extra.as_ref().map(|extra| extra.value), properties.is_empty(), is_component) {
        (Some(Value::Bool(false)), ..) => {
            let help = "remove it: services add fields, and a client must go on reading";
            spec.report(place, "schema-closed", "a closed object", help);
        }
        (Some(Value::Object(_)), false, _) => {
            let help = "write `additionalProperties: true`, which keeps unknown fields as JSON, or drop the properties";
            spec.report(place, "schema-map", "an object with properties and typed further members", help);
        }
        (None, true, false) => {
            let help = "add `additionalProperties` with the schema of the values, or write `{}` for any JSON value";
            spec.report(place, "schema-map", "an object without properties", help);
        }
        (None | Some(Value::Bool(true)), true, true) => {
            let help = "give it properties, or write `{}` (any JSON value) where it is used";
            spec.report(&node.pointer, "schema-map", "a component object without properties", help);
        }
        (Some(Value::Object(_)), true, true) => {
            let help = "write the map in place, at the property that has it";
            spec.report(&node.pointer, "schema-map", "a component that is a map", help);
        }
        _ => {}
    }
    property_names(spec, node, &properties);
    for (_, name) in node.below("required") {
        if name.value.as_str().and_then(|name| node.property(name)).is_none() {
            let message = format!("{} is required but not a property", name.value);
            let help = "remove it from `required`, or add the property";
            spec.report(&name.pointer, "schema-required", message, help);
        }
    }
}

/// Each property has a field of its own.
fn property_names(spec: &Spec<'_>, object: &Node<'_>, properties: &[(String, Node<'_>)]) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    if object.flag("additionalProperties") {
        seen.insert("extra".to_owned(), "(unknown fields)");
    }
    for (name, property) in properties {
        let rust = naming::field(name, property);
        if !naming::is_identifier(&rust) {
            let message = format!("the property `{name}` cannot be called `{rust}` in Rust");
            spec.report(&property.pointer, "schema-property-name", message, "add `x-sdk-name` with another name");
        } else if let Some(other) = seen.insert(rust.clone(), name) {
            let message = format!("the properties `{other}` and `{name}` are both `{rust}` in Rust");
            spec.report(&property.pointer, "schema-property-name", message, "add `x-sdk-name` to one of them");
        }
    }
}

fn enumeration(spec: &Spec<'_>, stands: SchemaPlace, node: &Node<'_>) {
    let place = node.pointer.join("enum");
    if node.text("type") != Some("string") {
        let help = "write the values as text, or drop `enum` and list them in the description";
        return spec.report(&place, "enum-type", "an enum of anything but text", help);
    }
    if stands != SchemaPlace::Component {
        let help = "move it to components/schemas under a name of its own, and refer to it";
        spec.report(&place, "enum-inline", "an enum is written inline", help);
    }
    let values = node.list("enum");
    if values.is_empty() {
        spec.report(&place, "enum-empty", "an enum without values", "list its values, or drop `enum`");
    }
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (index, value) in values.iter().enumerate() {
        let at = place.join(&index);
        let Some(value) = value.as_str() else {
            let message = format!("the enum value {value} is not text");
            spec.report(&at, "enum-type", message, "quote it; for a field that can be null add `nullable: true` there");
            continue;
        };
        match naming::variant(value, node).filter(|rust| naming::is_identifier(rust) && !rust.starts_with('_')) {
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
