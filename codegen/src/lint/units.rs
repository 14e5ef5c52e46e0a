//! The description of a number names its unit.

use super::Spec;
use crate::nodes::{Kind, SchemaPlace};

/// The description of a number has one of these words: a unit, or the kind of a number that counts nothing.
const UNITS: [&str; 39] = [
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
    "id",
    "identifier",
    "index",
    "megabytes",
    "milliseconds",
    "minute",
    "minutes",
    "month",
    "months",
    "ordinal",
    "percent",
    "percentage",
    "position",
    "rank",
    "ratio",
    "requests",
    "second",
    "seconds",
    "share",
    "unit",
    "units",
    "version",
    "year",
    "years",
];

/// The format `epoch-millis` is a unit by itself.
pub(super) fn check(spec: &Spec<'_>) {
    for node in &spec.nodes {
        let (subject, schema) = match node.kind {
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
            let help = "name its unit: cents, dollars, percent, seconds, a count of something; for money in the \
                        currency that a field names, `in currency_code`; or, if it counts nothing, that it is an id, an \
                        index, a position, a rank or a version";
            let at = if node.map.contains_key("description") {
                node.pointer.join("description")
            } else {
                node.pointer.clone()
            };
            spec.report(&at, "text-unit", format!("the description of {subject} names no unit"), help);
        }
    }
}
