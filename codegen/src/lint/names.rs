//! Names that differ only by case. Equal names are found by the rules of each kind of name.

use std::collections::HashMap;

use super::Spec;
use crate::naming;
use crate::pointer::Pointer;

/// A name on the wire, its name in Rust, and where it stands.
type Name = (String, String, Pointer);

pub(super) fn check(spec: &Spec<'_>) {
    let operations = spec.operations().filter_map(|operation| {
        let id = operation.node.text("operationId")?;
        Some((id.to_owned(), naming::pascal(id), operation.node.pointer.join("operationId")))
    });
    distinct(spec, "operations", operations);
    let components = spec.components().map(|node| {
        let name = node.pointer.last();
        (name.to_owned(), naming::pascal(name), node.pointer.clone())
    });
    distinct(spec, "schemas", components);
    for (_, node) in spec.schemas() {
        let properties = node.below("properties").into_iter().map(|(wire, property)| {
            let rust = naming::field(&wire, &property);
            (wire, rust, property.pointer)
        });
        distinct(spec, "properties", properties);
        let values = node.below("enum").into_iter().filter_map(|(_, value)| {
            let wire = value.value.as_str()?;
            Some((wire.to_owned(), naming::variant(wire, node)?, value.pointer))
        });
        distinct(spec, "enum values", values);
    }
}

fn distinct(spec: &Spec<'_>, kind: &str, names: impl Iterator<Item = Name>) {
    let mut seen: HashMap<String, (String, String)> = HashMap::new();
    for (wire, rust, at) in names {
        let plain = rust.replace('_', "").to_ascii_lowercase();
        match seen.get(&plain) {
            Some((other, other_rust)) if *other_rust != rust => {
                let message = format!("the {kind} `{other}` and `{wire}` are `{other_rust}` and `{rust}` in Rust");
                spec.report(&at, "name-case", message, "give one of them a name that differs by more than its case");
            }
            Some(_) => {}
            None => drop(seen.insert(plain, (wire, rust))),
        }
    }
}
