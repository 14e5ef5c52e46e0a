//! The schemas of requests: checked before they are sent, and so apart from those of responses.

use std::collections::HashSet;

use super::nodes::{Found, Kind};
use super::{Operation, Spec, reached};
use crate::constraint;
use crate::naming;
use crate::node::Node;
use crate::pointer::Pointer;

pub(super) fn check(spec: &Spec<'_>) {
    let received: HashSet<Pointer> = received(spec).into_iter().map(|found| found.node.pointer).collect();
    for Found { node, .. } in sent(spec).iter().filter(|found| matches!(found.kind, Kind::Schema(_))) {
        constraints(spec, node);
        setters(spec, node);
        if node.has("properties") && received.contains(&node.pointer) {
            let message = format!("`{}` is sent and received", node.pointer.last());
            let help = "write two schemas: what is sent is checked and keeps its required fields, what is received is \
                        read with any field missing";
            spec.report(&node.pointer, "schema-both-ways", message, help);
        }
    }
}

/// Everything that the parameters and bodies of requests hold.
pub(super) fn sent<'a>(spec: &'a Spec<'_>) -> Vec<Found<'a>> {
    let of = |operation: Operation<'a>| {
        let body = operation.node.get("requestBody").map(|node| Found { kind: Kind::RequestBody, node });
        let parameters = operation.parameters().into_iter().map(|(node, _)| Found { kind: Kind::Parameter, node });
        body.into_iter().chain(parameters).collect::<Vec<_>>()
    };
    reached(spec.operations().flat_map(of))
}

/// Everything that success responses hold.
fn received<'a>(spec: &'a Spec<'_>) -> Vec<Found<'a>> {
    let successes = spec.operations().flat_map(|operation| operation.successes().collect::<Vec<_>>());
    reached(successes.map(|(_, node, _)| Found { kind: Kind::Response, node }))
}

/// Whether an object schema requires a property.
pub(super) fn is_required(object: &Node<'_>, name: &str) -> bool {
    object.list("required").iter().any(|required| required == name)
}

/// Each keyword is one that the client can check before it sends a value.
fn constraints(spec: &Spec<'_>, schema: &Node<'_>) {
    for (keyword, reason) in constraint::of_schema(schema.value).1 {
        let help = "the clients carry no regex engine and check integers and lengths only; write the rule in one of \
                    the supported forms, or drop it and say it in the description";
        let message = format!("this `{keyword}` cannot be checked: {reason}");
        spec.report(&schema.pointer.join(keyword), "constraint-unsupported", message, help);
    }
}

/// An object has a constructor `new`, a setter for each optional property, and one more for each that can be sent as
/// null.
fn setters(spec: &Spec<'_>, object: &Node<'_>) {
    let optional = object.below("properties").into_iter().filter(|(name, _)| !is_required(object, name));
    let optional: Vec<_> = optional.map(|(wire, node)| (naming::field(&wire, &node), node)).collect();
    for (rust, node) in &optional {
        let null = format!("{rust}_null");
        let other = optional.iter().find(|(other, _)| *other == null).filter(|_| node.flag("nullable"));
        let fault = match other {
            Some((_, other)) => format!("the setter of `{}`", other.pointer.last()),
            None if rust == "new" => "the constructor".to_owned(),
            None => continue,
        };
        let name = if other.is_some() { &null } else { rust };
        let message = format!("a setter of `{}` and {fault} are both `{name}` in Rust", node.pointer.last());
        spec.report(&node.pointer, "schema-setter", message, "add `x-sdk-name` with another name");
    }
}
