//! `$ref`s: they stay in the document, lead to something of the right kind, do not go round in circles, stand alone,
//! and every component is used.

use std::collections::{HashMap, HashSet};

use indexmap::IndexSet;

use super::nodes::{Found, Kind, SECTIONS};
use super::{Spec, reached, target_kind};
use crate::node::Node;
use crate::pointer::Pointer;

/// Where references lead.
pub(super) fn check(spec: &Spec<'_>) {
    for Found { kind, node } in spec.nodes.iter().filter(|found| found.node.has("$ref")) {
        if let Some((key, sibling)) = node.members().iter().find(|(key, _)| key != "$ref") {
            let message = format!("`{key}` beside a `$ref` is ignored in OpenAPI 3.0");
            let help = match kind {
                Kind::Schema(_) => "write `allOf: [{$ref: ...}]` and put the other keys beside that",
                _ => "remove it here, or write the object out instead of the `$ref`",
            };
            spec.report(&sibling.pointer, "ref-sibling", message, help);
        }
        let section = SECTIONS.iter().find(|(_, of)| *of == target_kind(*kind));
        target(spec, node, section.map(|(section, _)| *section));
    }
    cycles(spec);
}

/// A reference leads to a component of the section that it belongs to.
fn target(spec: &Spec<'_>, node: &Node<'_>, section: Option<&str>) {
    let place = node.pointer.join("$ref");
    let Some(section) = section else {
        return spec.report(&place, "ref-unsupported", "a `$ref` is not supported here", "write the object out");
    };
    let Some(target) = node.reference() else {
        let help = "write it as `'#/components/...'`, in quotes";
        return spec.report(&place, "ref-dangling", "`$ref` is not text", help);
    };
    let wanted = format!("#/components/{section}/");
    let Some(at) = Pointer::parse(target).filter(|_| target.starts_with(&wanted)) else {
        let message = format!("`{target}` does not refer to `{wanted}...`");
        let help = "refer to a component of this document; other files and other places are not read";
        return spec.report(&place, "ref-unsupported", message, help);
    };
    if spec.root.at(at.clone()).is_none() {
        // Looking for a name takes a while, and the first few findings show what is wrong.
        let few = spec.findings.borrow().len() < 20;
        let help = match few.then(|| nearest(spec, section, at.last())).flatten() {
            Some(name) => format!("did you mean `{name}`? Otherwise add it under `components/{section}`"),
            None => format!("add `{}` under `components/{section}`, or correct the name", at.last()),
        };
        spec.report(&place, "ref-dangling", format!("`{target}` does not exist"), help);
    }
}

/// The components of a section, by name.
fn components<'a>(spec: &Spec<'a>, section: &str) -> Vec<(String, Node<'a>)> {
    spec.root.get("components").map(|components| components.below(section)).unwrap_or_default()
}

/// The components that a rule is about.
fn all_components<'a>(spec: &Spec<'a>) -> impl Iterator<Item = (String, Node<'a>)> {
    SECTIONS.iter().flat_map(|(section, _)| components(spec, section))
}

/// A component that leads back to itself with no object in between has no meaning: by `$ref`s and `allOf`s, and by the
/// items of lists and the values of maps.
fn cycles(spec: &Spec<'_>) {
    let mut followed = HashSet::new();
    for (_, start) in all_components(spec) {
        let (mut chain, mut at) = (IndexSet::new(), Some(start));
        while let Some(node) = at.filter(|node| !followed.contains(&node.pointer)) {
            let (first, is_new) = chain.insert_full(node.pointer.clone());
            if !is_new {
                let names: Vec<&str> = chain.iter().skip(first).map(Pointer::last).collect();
                let message =
                    format!("`{0}` is defined by itself: {1} -> {0}", node.pointer.last(), names.join(" -> "));
                let help = "give one of them members of its own; a recursive type refers to itself from a property";
                spec.report(&node.pointer, "ref-cycle", message, help);
                break;
            }
            at = leads_to(&node);
        }
        followed.extend(chain);
    }
}

/// The component that a schema refers to before it has fields of its own.
fn leads_to<'a>(schema: &Node<'a>) -> Option<Node<'a>> {
    if schema.has("$ref") {
        return schema.target();
    }
    if schema.has("properties") {
        return None;
    }
    let parts = schema.below("allOf").into_iter().map(|(_, part)| part);
    parts.chain(schema.get("items")).chain(schema.get("additionalProperties")).find_map(|part| leads_to(&part))
}

/// Whether everything is reached from an operation, directly or through other components.
pub(super) fn check_use(spec: &Spec<'_>) {
    let items = spec.of_kind(Kind::PathItem).map(|node| Found { kind: Kind::PathItem, node: node.clone() });
    let used: HashSet<Pointer> = reached(items).into_iter().map(|found| found.node.pointer).collect();
    for (name, component) in all_components(spec).filter(|(_, component)| !used.contains(&component.pointer)) {
        let help = "remove it, or refer to it from where it belongs";
        spec.report(&component.pointer, "component-unused", format!("no operation reaches `{name}`"), help);
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
    let known = components(spec, section).into_iter().map(|(other, _)| (distance(&other), other));
    known.min().filter(|(distance, _)| *distance <= 3).map(|(_, other)| other)
}
