//! Texts that end up in the documentation of the clients.

use super::Spec;
use crate::pointer::Pointer;
use crate::walk::{Kind, SchemaPlace};

pub(super) fn check(spec: &Spec<'_>) {
    for operation in spec.operations() {
        let (node, name) = (operation.node, operation.name());
        for key in ["summary", "description"] {
            if node.text(key).is_none_or(|text| text.trim().is_empty()) {
                let help = "say in our own words what the operation is for; it becomes the method's documentation";
                spec.report(&node.pointer, "text-operation", format!("{name} has no {key}"), help);
            }
        }
        let url = node.object("externalDocs").and_then(|docs| docs.get("url")).and_then(|url| url.as_str());
        if !url.is_some_and(|url| url.starts_with("https://")) {
            let message = format!("{name} has no link to the vendor's document");
            spec.report(&node.pointer, "text-docs-link", message, "add `externalDocs: {url: https://...}`");
        }
    }
    info(spec);
    for node in &spec.nodes {
        for key in ["summary", "description"] {
            if let Some(found) = node.text(key).and_then(|text| text.chars().find(|c| is_unprintable(*c))) {
                let message = format!("the {key} has the character U+{:04X}", u32::from(found));
                spec.report(
                    &node.pointer.join(key),
                    "text-character",
                    message,
                    "remove it: it cannot stand in Rust code",
                );
            }
        }
    }
    for node in &spec.nodes {
        let what = match node.kind {
            Kind::Response => format!("the response {}", node.pointer.last()),
            Kind::Parameter => format!("the parameter `{}`", node.text("name").unwrap_or_default()),
            Kind::Schema(SchemaPlace::Property) => format!("the property `{}`", node.pointer.last()),
            Kind::Schema(SchemaPlace::Component) => format!("the schema `{}`", node.pointer.last()),
            _ => continue,
        };
        if node.map.contains_key("$ref") && matches!(node.kind, Kind::Parameter | Kind::Response) {
            continue;
        }
        if node.text("description").is_none_or(|text| text.trim().is_empty()) {
            let help = match node.reference() {
                Some(_) => "write `allOf: [{$ref: ...}]` with a `description` beside it",
                None => "say what it is, with the unit if it is a number (cents, dollars, percent, count)",
            };
            spec.report(&node.pointer, "text-missing", format!("{what} has no description"), help);
        }
    }
    units(spec);
}

/// Words of which the description of a number has one.
const UNITS: [&str; 32] = [
    "byte",
    "bytes",
    "cent",
    "cents",
    "code",
    "count",
    "currency",
    "day",
    "days",
    "dollar",
    "dollars",
    "factor",
    "gigabytes",
    "hour",
    "hours",
    "megabytes",
    "milliseconds",
    "minute",
    "minutes",
    "month",
    "months",
    "percent",
    "percentage",
    "ratio",
    "requests",
    "second",
    "seconds",
    "share",
    "unit",
    "units",
    "year",
    "years",
];

/// Descriptions of numbers say what they count. The format `epoch-millis` says it by itself.
fn units(spec: &Spec<'_>) {
    for node in &spec.nodes {
        let (what, schema) = match node.kind {
            Kind::Schema(SchemaPlace::Property) => {
                (format!("the property `{}`", node.pointer.last()), spec.schema(node))
            }
            Kind::Parameter if node.reference().is_none() => {
                let schema = spec.node_at(&node.pointer.join("schema")).and_then(|schema| spec.schema(schema));
                (format!("the parameter `{}`", node.text("name").unwrap_or_default()), schema)
            }
            Kind::Header if node.reference().is_none() => {
                let schema = spec.node_at(&node.pointer.join("schema")).and_then(|schema| spec.schema(schema));
                (format!("the header `{}`", node.pointer.last()), schema)
            }
            _ => continue,
        };
        let items = schema.filter(|schema| schema.text("type") == Some("array"));
        let items = items.and_then(|list| spec.schema(spec.node_at(&list.pointer.join("items"))?));
        let Some(schema) = items.or(schema) else { continue };
        let (kind, format) = (schema.text("type"), schema.text("format"));
        let is_number = matches!(kind, Some("integer" | "number")) || format == Some("decimal");
        let description = node.text("description").unwrap_or_default().to_ascii_lowercase();
        let named = description.split(|c: char| !c.is_ascii_alphabetic()).any(|word| UNITS.contains(&word));
        if is_number && format != Some("epoch-millis") && !named {
            let help = "say what it counts: cents, dollars, percent, seconds, a count of something; or, for money in the \
                        currency that a field names, `in currency_code`";
            let at = if node.map.contains_key("description") {
                node.pointer.join("description")
            } else {
                node.pointer.clone()
            };
            spec.report(&at, "text-unit", format!("the description of {what} names no unit"), help);
        }
    }
}

/// The document's title and version, which the clients show.
fn info(spec: &Spec<'_>) {
    let place = Pointer::root().join("info");
    for key in ["title", "version"] {
        let text = spec.document.get(&place.join(key)).and_then(|value| value.as_str());
        if text.is_none_or(str::is_empty) {
            let help = "add it, in quotes: the title of the service, and the vendor's version of the API";
            spec.report(&place.join(key), "text-info", format!("`info` has no {key}"), help);
        }
    }
}

/// Control characters, and those that turn the direction of writing, which the compiler refuses.
fn is_unprintable(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
