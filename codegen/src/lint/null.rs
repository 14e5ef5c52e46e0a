//! Where null is: in place of a field of a response, or of an optional field of a request body.

use std::collections::HashSet;

use serde_json::Value;

use super::Spec;
use crate::nodes::{Kind, Node, SchemaPlace};
use crate::pointer::Pointer;

pub(super) fn check(spec: &Spec<'_>) {
    let sent = sent(spec);
    for node in spec.schemas().filter(|node| node.flag("nullable")) {
        let (fault, help) = match node.kind {
            Kind::Schema(SchemaPlace::Property) => match property(spec, node, sent.contains(&node.pointer)) {
                Some(found) => found,
                None => continue,
            },
            Kind::Schema(SchemaPlace::Element) if node.pointer.last() == "items" => {
                ("an element of a list", "remove it: nulls in a list are dropped, and the places of the others shift")
            }
            Kind::Schema(SchemaPlace::Element) => {
                ("a value of a map", "remove it, or write the values as `{}`, any JSON value")
            }
            Kind::Schema(SchemaPlace::Component) => {
                ("a component", "move it to the properties that can be null, beside `allOf: [{$ref: ...}]`")
            }
            Kind::Schema(SchemaPlace::Parameter) => ("a parameter", "remove it: a parameter is sent or left out"),
            Kind::Schema(SchemaPlace::Body) => ("a body", "remove it: a body is an object, or there is none"),
            _ => continue,
        };
        spec.report(&node.pointer.join("nullable"), "null-place", format!("`nullable` on {fault}"), help);
    }
}

/// Why a property cannot be null, and the remedy.
fn property(spec: &Spec<'_>, node: &Node<'_>, sent: bool) -> Option<(&'static str, &'static str)> {
    if node.flag("x-sdk-guaranteed") {
        return Some(("a guaranteed property", "remove one of the two: a guaranteed property is never null"));
    }
    let owner = spec.at(&node.pointer.parent().parent())?;
    let required = owner.list("required").iter().filter_map(Value::as_str).any(|name| name == node.pointer.last());
    let help = "remove it, or take the property out of `required`: only an optional one can be sent as null";
    (sent && required).then_some(("a required property of a request", help))
}

/// Every schema that a request holds.
fn sent(spec: &Spec<'_>) -> HashSet<Pointer> {
    let mut todo: Vec<Pointer> = Vec::new();
    for operation in spec.operations() {
        todo.push(operation.node.pointer.join("requestBody"));
    }
    let mut seen = HashSet::new();
    while let Some(at) = todo.pop() {
        for node in spec.below(&at) {
            if seen.insert(node.pointer.clone()) {
                todo.extend(node.reference().and_then(Pointer::parse));
            }
        }
    }
    seen
}
