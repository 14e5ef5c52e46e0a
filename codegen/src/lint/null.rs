//! Where null may stand: in place of a field of a response, or of an optional field of a request body.

use std::collections::HashSet;

use super::nodes::SchemaPlace;
use super::{Spec, requests};
use crate::node::Node;
use crate::pointer::Pointer;

pub(super) fn check(spec: &Spec<'_>) {
    let sent: HashSet<Pointer> = requests::sent(spec).into_iter().map(|found| found.node.pointer).collect();
    for (place, node) in spec.schemas().filter(|(_, node)| node.flag("nullable")) {
        let (fault, help) = match place {
            SchemaPlace::Property => match property(node, sent.contains(&node.pointer)) {
                Some(found) => found,
                None => continue,
            },
            SchemaPlace::Element if node.pointer.last() == "items" => {
                ("an element of a list", "remove it: nulls in a list are dropped, and the places of the others shift")
            }
            SchemaPlace::Element => ("a value of a map", "remove it, or write the values as `{}`, any JSON value"),
            SchemaPlace::Component => {
                ("a component", "move it to the properties that can be null, beside `allOf: [{$ref: ...}]`")
            }
            SchemaPlace::Parameter => ("a parameter", "remove it: a parameter is sent or left out"),
            SchemaPlace::Body => ("a body", "remove it: a body is an object, or there is none"),
            SchemaPlace::Header | SchemaPlace::Part => continue,
        };
        spec.report(&node.pointer.join("nullable"), "null-place", format!("`nullable` on {fault}"), help);
    }
}

/// Why a property cannot be null, and the remedy.
fn property(node: &Node<'_>, sent: bool) -> Option<(&'static str, &'static str)> {
    if node.flag("x-sdk-guaranteed") {
        return Some(("a guaranteed property", "remove one of the two: a guaranteed property is never null"));
    }
    let required = requests::is_required(&node.parent()?.parent()?, node.pointer.last());
    let help = "remove it, or take the property out of `required`: only an optional one can be sent as null";
    (sent && required).then_some(("a required property of a request", help))
}
