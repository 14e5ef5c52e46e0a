//! Our `x-sdk-*` extensions: known, in the right place, of the right form, and pointing at things that exist.

use serde_json::Value;

use super::nodes::{Found, Kind, SchemaPlace};
use super::{Operation, Spec, pagination};
use crate::naming;
use crate::node::Node;

/// Key, where it may stand in words and as kinds, whether the value has the right form, and that form in words.
type Rule = (&'static str, &'static str, &'static [Kind], fn(&Value) -> bool, &'static str);

const OPERATION: &[Kind] = &[Kind::Operation];
const COMPONENT: &[Kind] = &[Kind::Schema(SchemaPlace::Component)];
const PROPERTY: Kind = Kind::Schema(SchemaPlace::Property);
const ELEMENT: Kind = Kind::Schema(SchemaPlace::Element);

const RULES: [Rule; 17] = [
    ("x-sdk-group", "an operation", OPERATION, Value::is_string, "a lower-case word"),
    ("x-sdk-methods", "an operation", OPERATION, is_text_map, "a map from media type to method name"),
    ("x-sdk-pagination", "an operation", OPERATION, is_text_map, "a map; see specs/README.md"),
    ("x-sdk-quota", "an operation", OPERATION, is_text_map, "`{set: ..., scope: ...}`"),
    ("x-sdk-idempotent", "an operation", OPERATION, is_true, "`true`, or nothing at all"),
    ("x-sdk-stability", "an operation", OPERATION, |value| value == "preview", "`preview`, or nothing at all"),
    ("x-sdk-aliases", "an operation", OPERATION, is_text_list, "a list of names"),
    ("x-sdk-role", "an operation", OPERATION, Value::is_string, "the name of a role"),
    ("x-sdk-iam-action", "an operation", OPERATION, Value::is_string, "the name of an IAM action"),
    ("x-sdk-audit-event", "an operation", OPERATION, Value::is_string, "the name of an audit event"),
    ("x-sdk-name", "a parameter or a property", &[Kind::Parameter, PROPERTY], Value::is_string, "a snake_case name"),
    ("x-sdk-envelope", "a parameter", &[Kind::Parameter], is_text_map, "`{status: ..., content: ...}`"),
    ("x-sdk-guaranteed", "a property", &[PROPERTY], is_true, "`true`, or nothing at all"),
    ("x-sdk-lenient", "a property or the items of a list", &[PROPERTY, ELEMENT], is_true, "`true`, or nothing at all"),
    ("x-sdk-bare-item", "a component schema", COMPONENT, Value::is_object, "`{items: ..., markers: [...]}`"),
    ("x-sdk-id", "a component schema", COMPONENT, is_true, "`true`, or nothing at all"),
    ("x-sdk-enum-names", "an enum component", COMPONENT, is_text_map, "a map from value to PascalCase name"),
];

fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true)
}

fn is_text_map(value: &Value) -> bool {
    value.as_object().is_some_and(|map| !map.is_empty() && map.values().all(Value::is_string))
}

fn is_text_list(value: &Value) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string))
}

pub(super) fn check(spec: &Spec<'_>) {
    for Found { kind, node } in &spec.nodes {
        for (key, mark) in node.members().iter().filter(|(key, _)| key.starts_with("x-sdk")) {
            let at = &mark.pointer;
            let Some((_, place, kinds, form, wanted)) = RULES.iter().find(|(known, ..)| known == key) else {
                let known: Vec<&str> = RULES.iter().filter(|rule| rule.2.contains(kind)).map(|rule| rule.0).collect();
                let help = match known.len() {
                    0 => "no x-sdk key belongs here".to_owned(),
                    _ => format!("here it can be one of: {}", known.join(", ")),
                };
                spec.report(at, "extension-unknown", format!("there is no extension `{key}`"), help);
                continue;
            };
            if !kinds.contains(kind) {
                let message = format!("`{key}` has no effect here");
                spec.report(at, "extension-place", message, format!("it belongs on {place}"));
            } else if key == "x-sdk-lenient" && node.pointer.last() == "additionalProperties" {
                let help =
                    "write the values as `{}`, any JSON value; only properties and items of lists can be lenient";
                spec.report(at, "extension-place", "`x-sdk-lenient` on the values of a map", help);
            } else if !form(mark.value) {
                let message = format!("`{key}` has the wrong form");
                spec.report(at, "extension-form", message, format!("its value is {wanted}"));
            } else {
                meaning(spec, node, key, mark);
            }
        }
    }
    for operation in spec.operations() {
        if let Some(mark) = operation.node.get("x-sdk-pagination") {
            pagination::check(spec, &operation, &mark);
        }
        if let Some(mark) = operation.node.get("x-sdk-quota") {
            quota(spec, &operation, &mark);
        }
        if let Some(methods) = operation.node.get("x-sdk-methods") {
            media_types(spec, &operation, &methods);
        }
    }
}

/// Checks of a single extension that is in its place and of the right form.
fn meaning(spec: &Spec<'_>, node: &Node<'_>, key: &str, mark: &Node<'_>) {
    let refuse = |message: String, help: &str| spec.report(&mark.pointer, "extension-target", message, help);
    match key {
        "x-sdk-envelope" => {
            let is_boolean = node.schema_of("schema").is_some_and(|schema| schema.text("type") == Some("boolean"));
            if node.text("in") != Some("query") || !is_boolean {
                let help = "remove the mark, or correct the type";
                refuse("an envelope parameter is a boolean in the query".into(), help);
            }
            if !mark.has("status") || !mark.has("content") {
                refuse("an envelope has `status` and `content`".into(), "name both fields");
            }
        }
        "x-sdk-bare-item" => bare_item(node, mark, refuse),
        "x-sdk-id" if node.text("type") != Some("string") || node.has("format") || node.has("enum") => {
            refuse("an id is not plain text".into(), "write `type: string`, without `format` and `enum`");
        }
        "x-sdk-enum-names" => {
            for (wire, name) in mark.members() {
                if !node.list("enum").iter().any(|value| *value == wire.as_str()) {
                    refuse(format!("`{wire}` is not a value of this enum"), "remove it, or correct its spelling");
                }
                let name = name.value.as_str().unwrap_or_default();
                if !naming::is_identifier(name) || naming::pascal(name) != name {
                    refuse(format!("`{name}` is not a PascalCase name"), "choose one such as `StandardPremium`");
                }
            }
        }
        "x-sdk-name" => {
            let name = mark.value.as_str().unwrap_or_default();
            if naming::snake(name) != name {
                refuse(format!("`{name}` is not a snake_case name"), "choose one such as `billing_month`");
            }
        }
        _ => {}
    }
}

/// The items are a list of the schema, and each marker is a property of an item.
fn bare_item(schema: &Node<'_>, mark: &Node<'_>, refuse: impl Fn(String, &str)) {
    let items = mark.text("items").unwrap_or_default();
    let list = schema.property(items).and_then(|list| list.schema());
    let list = list.filter(|list| list.text("type") == Some("array"));
    let Some(element) = list.and_then(|list| list.schema_of("items")) else {
        let known: Vec<String> = schema.below("properties").into_iter().map(|(name, _)| name).collect();
        let message = format!("`items: {items}` is not a list property of this schema");
        return refuse(message, &format!("its properties are: {}", known.join(", ")));
    };
    if mark.list("markers").is_empty() {
        refuse("there are no `markers`".into(), "name the fields by which a bare item is known");
    }
    for marker in mark.list("markers") {
        if marker.as_str().and_then(|name| element.property(name)).is_none() {
            let message = format!("the marker {marker} is not a property of an item");
            refuse(message, "name a property that only an item has");
        }
    }
}

/// `x-sdk-quota` names a set of operations, and perhaps a path parameter of this one.
fn quota(spec: &Spec<'_>, operation: &Operation<'_>, mark: &Node<'_>) {
    let refuse =
        |at: &Node<'_>, message: String, help: &str| spec.report(&at.pointer, "extension-target", message, help);
    for (key, value) in mark.members().iter().filter(|(key, _)| !["set", "scope"].contains(&key.as_str())) {
        refuse(value, format!("`{key}` has no meaning for a quota"), "it has: set, scope");
    }
    if !mark.has("set") {
        refuse(mark, "`set` is missing".to_owned(), "name the set; operations that name the same one share the quota");
    }
    let Some(scope) = mark.get("scope") else { return };
    let name = scope.value.as_str().unwrap_or_default();
    let in_path =
        |(_, parameter): &(_, Node<'_>)| parameter.text("in") == Some("path") && parameter.text("name") == Some(name);
    if !operation.parameters().iter().any(in_path) {
        let message = format!("{} has no path parameter `{name}`", operation.name());
        refuse(&scope, message, "name the path parameter whose value the quota is counted for, or remove `scope`");
    }
}

/// `x-sdk-methods` names exactly the media types of the success response.
fn media_types(spec: &Spec<'_>, operation: &Operation<'_>, methods: &Node<'_>) {
    let declared = operation.successes().flat_map(|(_, _, response)| response.below("content"));
    let declared: Vec<String> = declared.map(|(name, _)| name).collect();
    for (name, method) in methods.members().iter().filter(|(name, _)| !declared.contains(name)) {
        let message = format!("{} does not answer in `{name}`", operation.name());
        let help = format!("it answers in: {}", declared.join(", "));
        spec.report(&method.pointer, "extension-target", message, help);
    }
    for name in declared.iter().filter(|name| !methods.has(name)) {
        let message = format!("`x-sdk-methods` does not name `{name}`");
        let help = "give every media type of the success response a method";
        spec.report(&methods.pointer, "extension-target", message, help);
    }
}
