//! Texts that end up in the documentation of the clients.

use super::nodes::{Found, Kind, SchemaPlace};
use super::{Spec, servers};
use crate::diagnostic::is_control;
use crate::node::Node;
use crate::pointer::Pointer;

pub(super) fn check(spec: &Spec<'_>) {
    for operation in spec.operations() {
        let (node, name) = (operation.node, operation.name());
        for key in ["summary", "description"] {
            if is_blank(node, key) {
                let help = "describe the purpose of the operation in our own words; the text becomes the method's documentation";
                spec.report(&node.pointer, "text-operation", format!("{name} has no {key}"), help);
            }
        }
        if link(node).is_none() {
            let message = format!("{name} has no link to the vendor's document");
            spec.report(&node.pointer, "text-docs-link", message, "add `externalDocs: {url: https://...}`");
        }
    }
    links(spec);
    info(spec);
    for Found { kind, node } in &spec.nodes {
        let subject = match kind {
            Kind::Response => format!("the response {}", node.pointer.last()),
            Kind::Parameter => format!("the parameter `{}`", node.text("name").unwrap_or_default()),
            Kind::Schema(SchemaPlace::Property) => format!("the property `{}`", node.pointer.last()),
            Kind::Schema(SchemaPlace::Component) => format!("the schema `{}`", node.pointer.last()),
            _ => continue,
        };
        if node.has("$ref") && matches!(kind, Kind::Parameter | Kind::Response) {
            continue;
        }
        if is_blank(node, "description") {
            let help = match node.reference() {
                Some(_) => "write `allOf: [{$ref: ...}]` with a `description` beside it",
                None => "describe it, with the unit if it is a number (cents, dollars, percent, count)",
            };
            spec.report(&node.pointer, "text-missing", format!("{subject} has no description"), help);
        }
    }
}

/// Links are addresses of pages, and nothing that ends a link in Markdown or a literal in Rust.
fn links(spec: &Spec<'_>) {
    for (url, at) in spec.of_kind(Kind::Operation).chain([&spec.root]).filter_map(link) {
        if let Some(fault) = servers::link_fault(url) {
            let help = "copy the address of the vendor's page from a browser, in quotes";
            spec.report(&at, "text-docs-link", format!("{url:?} {fault}"), help);
        }
    }
}

/// The address of the vendor's page, and where it stands.
fn link<'a>(node: &Node<'a>) -> Option<(&'a str, Pointer)> {
    let docs = node.get("externalDocs")?;
    Some((docs.text("url")?, docs.pointer.join("url")))
}

fn is_blank(node: &Node<'_>, key: &str) -> bool {
    node.text(key).is_none_or(|text| text.trim().is_empty())
}

/// The document's title and version, which the clients show.
fn info(spec: &Spec<'_>) {
    let place = Pointer::root().join("info");
    for key in ["title", "version"] {
        let text = spec.root.get("info").and_then(|info| info.text(key)).unwrap_or_default();
        let odd = |c: char| matches!(c, '`' | '"' | '\'' | '\\') || is_control(c);
        if text.trim().is_empty() {
            let help = "add it, in quotes: the title of the service, and the vendor's version of the API";
            spec.report(&place.join(key), "text-info", format!("`info` has no {key}"), help);
        } else if let Some(found) = text.chars().find(|c| odd(*c)) {
            let help = "write it in one line, without quotes, backquotes and backslashes: it becomes part of manifests \
                        and of code";
            let message = format!("the {key} has the character U+{:04X}", u32::from(found));
            spec.report(&place.join(key), "text-info", message, help);
        }
    }
}
