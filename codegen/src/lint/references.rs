//! `$ref`s: they stay in the document, lead to something of the right kind, do not go round in circles, stand alone, and
//! every component is used.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Spec, components};
use crate::nodes::Kind;
use crate::pointer::Pointer;

/// Where references lead.
pub(super) fn check(spec: &Spec<'_>) {
    for node in &spec.nodes {
        let Some(target) = node.map.get("$ref") else { continue };
        let place = node.pointer.join("$ref");
        if let Some(sibling) = node.map.keys().find(|key| *key != "$ref") {
            spec.report(
                &node.pointer.join(sibling),
                "ref-sibling",
                format!("`{sibling}` beside a `$ref` is ignored in OpenAPI 3.0"),
                match node.kind {
                    Kind::Schema(_) => "write `allOf: [{$ref: ...}]` and put the other keys beside that",
                    _ => "remove it here, or write the object out instead of the `$ref`",
                },
            );
        }
        let section = match node.kind {
            Kind::Parameter => "parameters",
            Kind::RequestBody => "requestBodies",
            Kind::Response => "responses",
            Kind::Header => "headers",
            Kind::Schema(_) => "schemas",
            _ => {
                spec.report(&place, "ref-unsupported", "a `$ref` is not supported here", "write the object out");
                continue;
            }
        };
        let Some(target) = target.as_str() else {
            spec.report(&place, "ref-dangling", "`$ref` is not text", "write it as `'#/components/...'`, in quotes");
            continue;
        };
        let wanted = format!("#/components/{section}/");
        let name = Pointer::parse(target).filter(|_| target.starts_with(&wanted));
        match name {
            None => spec.report(
                &place,
                "ref-unsupported",
                format!("`{target}` does not refer to `{wanted}...`"),
                "refer to a component of this document; other files and other places are not read",
            ),
            Some(at) if spec.document.get(&at).is_none() => spec.report(
                &place,
                "ref-dangling",
                format!("`{target}` does not exist"),
                match nearest(spec, section, at.last()) {
                    Some(name) => format!("did you mean `{name}`? Otherwise add it under `components/{section}`"),
                    None => format!("add `{}` under `components/{section}`, or correct the name", at.last()),
                },
            ),
            Some(_) => {}
        }
    }
    cycles(spec);
}

/// A component that leads back to itself with no object in between has no meaning: by `$ref`s and `allOf`s, and by the
/// items of lists and the values of maps.
fn cycles(spec: &Spec<'_>) {
    let step = |at: &Pointer| Pointer::parse(leads_to(spec.document.get(at)?)?);
    for section in ["schemas", "parameters", "responses", "requestBodies", "headers"] {
        for name in components(spec.document, section).into_iter().flat_map(|map| map.keys()) {
            let start = Pointer::root().join("components").join(section).join(name);
            let mut seen = vec![start.clone()];
            while let Some(next) = seen.last().and_then(step) {
                if next == start {
                    let names: Vec<&str> = seen.iter().map(Pointer::last).collect();
                    spec.report(
                        &start,
                        "ref-cycle",
                        format!("`{name}` is defined by itself: {} -> {name}", names.join(" -> ")),
                        "give one of them members of its own; a recursive type refers to itself from a property",
                    );
                    break;
                }
                if seen.contains(&next) {
                    break;
                }
                seen.push(next);
            }
        }
    }
}

/// The component that a schema refers to before it has fields of its own.
fn leads_to(schema: &Value) -> Option<&str> {
    if let Some(reference) = schema.get("$ref") {
        return reference.as_str();
    }
    if schema.get("properties").is_some() {
        return None;
    }
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    parts.chain(schema.get("items")).chain(schema.get("additionalProperties")).find_map(leads_to)
}

/// Whether everything is reached from an operation, directly or through other components.
pub(super) fn check_use(spec: &Spec<'_>) {
    let mut used: HashSet<Pointer> = HashSet::new();
    let mut todo: Vec<Pointer> = vec![Pointer::root().join("paths")];
    while let Some(place) = todo.pop() {
        for target in spec.below(&place).iter().filter_map(|node| Pointer::parse(node.reference()?)) {
            if used.insert(target.clone()) {
                todo.push(target);
            }
        }
    }
    for section in ["schemas", "parameters", "responses", "requestBodies", "headers"] {
        for name in components(spec.document, section).into_iter().flat_map(|map| map.keys()) {
            let at = Pointer::root().join("components").join(section).join(name);
            if !used.contains(&at) {
                spec.report(
                    &at,
                    "component-unused",
                    format!("no operation reaches `{name}`"),
                    "remove it, or refer to it from where it belongs",
                );
            }
        }
    }
}

/// The component whose name differs least, if it differs little.
fn nearest(spec: &Spec<'_>, section: &str, name: &str) -> Option<String> {
    let letters = |text: &str| {
        let mut counts: HashMap<char, i32> = HashMap::new();
        text.to_lowercase().chars().for_each(|c| *counts.entry(c).or_default() += 1);
        counts
    };
    let wanted = letters(name);
    let distance = |other: &str| {
        let other = letters(other);
        let keys: HashSet<&char> = wanted.keys().chain(other.keys()).collect();
        keys.into_iter().map(|c| (wanted.get(c).unwrap_or(&0) - other.get(c).unwrap_or(&0)).abs()).sum::<i32>()
    };
    let known = components(spec.document, section)?;
    known.keys().map(|other| (distance(other), other)).min().filter(|(d, _)| *d <= 3).map(|(_, other)| other.clone())
}
