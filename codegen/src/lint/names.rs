//! Names that differ only by case. Equal names are found by the rules of each kind of name.

use std::collections::HashMap;

use serde_json::Value;

use super::Spec;
use crate::naming;
use crate::nodes::{Kind, SchemaPlace};
use crate::pointer::Pointer;

/// A name on the wire, its name in Rust, and where it stands.
type Name = (String, String, Pointer);

pub(super) fn check(spec: &Spec<'_>) {
    let operations = spec.operations().filter_map(|operation| {
        let id = operation.node.text("operationId")?;
        Some((id.to_owned(), naming::pascal(id), operation.node.pointer.join("operationId")))
    });
    distinct(spec, "operations", operations);
    let components = spec.of_kind(Kind::Schema(SchemaPlace::Component));
    let named = components.map(|node| {
        let name = node.pointer.last();
        (name.to_owned(), naming::pascal(name), node.pointer.clone())
    });
    distinct(spec, "schemas", named);
    for node in spec.schemas() {
        let place = node.pointer.join("properties");
        let properties = node.object("properties").into_iter().flatten().map(|(name, property)| {
            let chosen = property.get("x-sdk-name").and_then(Value::as_str);
            (name.clone(), chosen.map_or_else(|| naming::snake(name), str::to_owned), place.join(name))
        });
        distinct(spec, "properties", properties);
        let chosen = node.object("x-sdk-enum-names");
        let values = node.list("enum").iter().enumerate().filter_map(|(index, value)| {
            let value = value.as_str()?;
            let chosen = chosen.and_then(|names| names.get(value)).and_then(Value::as_str);
            let rust = chosen.map(str::to_owned).or_else(|| naming::variant(value))?;
            Some((value.to_owned(), rust, node.pointer.join("enum").join(index)))
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
