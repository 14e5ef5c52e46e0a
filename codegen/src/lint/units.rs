//! The description of a number names its unit.

use super::Spec;
use super::nodes::{Found, Kind, SchemaPlace};

/// The description of a number has one of these words: a unit, or the kind of a number that counts nothing.
const UNITS: &str = "byte bytes cent cents code count currency day days dollar dollars factor gigabytes hour hours id \
    identifier index megabytes milliseconds minute minutes month months ordinal percent percentage \
    position rank ratio requests second seconds share unit units version year years";

/// The format `epoch-millis` is a unit by itself.
pub(super) fn check(spec: &Spec<'_>) {
    for Found { kind, node } in &spec.nodes {
        let (subject, schema) = match kind {
            Kind::Schema(SchemaPlace::Property) => (format!("the property `{}`", node.pointer.last()), node.schema()),
            Kind::Parameter => {
                let name = node.text("name").unwrap_or_default();
                (format!("the parameter `{name}`"), node.schema_of("schema"))
            }
            Kind::Header => (format!("the header `{}`", node.pointer.last()), node.schema_of("schema")),
            _ => continue,
        };
        let items = schema.as_ref().filter(|schema| schema.text("type") == Some("array"));
        let Some(schema) = items.and_then(|list| list.schema_of("items")).or(schema) else { continue };
        let format = schema.text("format");
        let is_number = matches!(schema.text("type"), Some("integer" | "number")) || format == Some("decimal");
        let description = node.text("description").unwrap_or_default().to_ascii_lowercase();
        let mut words = description.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
        let named = words.any(|word| UNITS.split(' ').any(|unit| unit == word));
        if is_number && format != Some("epoch-millis") && !named {
            let help = "name its unit: cents, dollars, percent, seconds, a count of something; for money in the \
                        currency that a field names, `in currency_code`; or, if it counts nothing, that it is an id, an \
                        index, a position, a rank or a version";
            let at = node.get("description").map_or_else(|| node.pointer.clone(), |text| text.pointer);
            spec.report(&at, "text-unit", format!("the description of {subject} names no unit"), help);
        }
    }
}
