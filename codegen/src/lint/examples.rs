//! Examples and defaults fit their schemas.

use serde_json::{Map, Value};

use super::Spec;
use super::nodes::{Found, Kind};
use crate::constraint::{self, Constraint};
use crate::media;
use crate::node::Node;
use crate::pointer::Pointer;

pub(super) fn check(spec: &Spec<'_>) {
    for Found { kind, node } in &spec.nodes {
        let schema = match kind {
            Kind::MediaType | Kind::Parameter | Kind::Header => node.get("schema"),
            Kind::Schema(_) => Some(node.clone()),
            _ => None,
        };
        let Some(schema) = schema else { continue };
        for (key, rule) in [("example", "example-invalid"), ("default", "default-invalid")] {
            let Some(Node { value, pointer: at, .. }) = node.get(key) else { continue };
            let is_text = |media_type: &str| media::is_well_formed(media_type) && !media::is_json(media_type);
            if *kind == Kind::MediaType && is_text(node.pointer.last()) && !value.is_string() {
                let help = "write the body as text, with `|` if it has several lines";
                spec.report(&at, rule, "the example of a body that is not JSON is not text", help);
                continue;
            }
            Checker { spec, rule }.value(&schema, value, &at);
        }
    }
}

struct Checker<'s, 'a> {
    spec: &'s Spec<'a>,
    rule: &'static str,
}

impl Checker<'_, '_> {
    fn refuse(&self, at: &Pointer, message: impl Into<String>) {
        let help = "correct the value; or, where the service really sends it, the schema";
        self.spec.report(at, self.rule, message, help);
    }

    fn value(&self, schema: &Node<'_>, value: &Value, at: &Pointer) {
        if schema.has("x-sdk-lenient") || value.is_null() && schema.flag("nullable") {
            return;
        }
        if schema.has("allOf") {
            self.bounds(schema, value, at);
        }
        let Some(schema) = &schema.schema() else { return };
        let Some(kind) = schema.text("type") else { return };
        let fits = match kind {
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => return,
        };
        if !fits {
            let quoted = if kind == "string" && value.is_number() { "; quote it" } else { "" };
            return self.refuse(at, format!("{} is not of type {kind}{quoted}", shown(value)));
        }
        match value {
            Value::String(text) => self.text(schema, text, at),
            Value::Array(list) => self.list(schema, list, at),
            Value::Object(members) => self.object(schema, members, at),
            _ => {}
        }
        self.bounds(schema, value, at);
        if schema.text("format") == Some("int32") && value.as_i64().is_none_or(|n| i32::try_from(n).is_err()) {
            self.refuse(at, format!("{value} does not fit into 32 bits"));
        }
    }

    fn text(&self, schema: &Node<'_>, text: &str, at: &Pointer) {
        if schema.has("enum") && !schema.list("enum").iter().any(|value| value == text) {
            self.refuse(at, format!("`{text}` is not one of the enum's values"));
        }
        let format = schema.text("format").unwrap_or_default();
        let fits = match format {
            "date" => is_date(text),
            "date-time" => is_date_time(text),
            "billing-month" => is_date(&format!("{text}-01")),
            "decimal" => is_decimal(text),
            _ => true,
        };
        if !fits {
            self.refuse(at, format!("`{text}` does not have the format `{format}`"));
        }
    }

    fn list(&self, schema: &Node<'_>, list: &[Value], at: &Pointer) {
        let Some(items) = schema.get("items") else { return };
        let is_any = items.schema().is_some_and(|items| !items.has("type"));
        for (index, value) in list.iter().enumerate() {
            self.value(&items, value, &at.join(&index));
            if is_any && value.is_null() {
                self.refuse(&at.join(&index), "a null in a list, which the client drops");
            }
        }
        if schema.flag("uniqueItems") {
            for (index, value) in list.iter().enumerate().filter(|(index, value)| list[..*index].contains(value)) {
                self.refuse(&at.join(&index), format!("{} is listed twice", shown(value)));
            }
        }
    }

    fn object(&self, schema: &Node<'_>, members: &Map<String, Value>, at: &Pointer) {
        // A body of a schema with this mark can be one of its items instead.
        let list = schema.get("x-sdk-bare-item").map(|mark| mark.text("items").unwrap_or_default());
        if list.is_some_and(|list| !members.contains_key(list)) {
            return;
        }
        let further = schema.get("additionalProperties");
        for (name, value) in members {
            match schema.property(name).or_else(|| further.clone()) {
                Some(property) => self.value(&property, value, &at.join(name)),
                None => self.refuse(&at.join(name), format!("the schema has no property `{name}`")),
            }
        }
        for name in schema.list("required").iter().filter_map(Value::as_str) {
            // One that is no property is reported where it is required.
            if schema.property(name).is_some() && !members.contains_key(name) {
                self.refuse(at, format!("the required `{name}` is missing"));
            }
        }
    }

    fn bounds(&self, schema: &Node<'_>, value: &Value, at: &Pointer) {
        // A constraint that cannot be checked is reported elsewhere, where it is part of a request.
        for constraint in constraint::of_schema(schema.value).0 {
            let fits = match (&constraint, value) {
                (Constraint::Length { min, max }, Value::String(text)) => within(text.chars().count(), *min, *max),
                (Constraint::Items { min, max }, Value::Array(list)) => within(list.len(), *min, *max),
                (Constraint::Range { min, max }, Value::Number(number)) => number.as_f64().is_none_or(|number| {
                    let limit = |bound: i64| bound as f64;
                    min.is_none_or(|min| number >= limit(min)) && max.is_none_or(|max| number <= limit(max))
                }),
                (Constraint::Chars { class, min, max, anchored: true, .. }, Value::String(text)) => {
                    let known = |c: char| class.iter().any(|(low, high)| (*low..=*high).contains(&c));
                    within(text.chars().count(), *min, *max) && text.chars().all(known)
                }
                _ => true,
            };
            if !fits {
                let keyword = match constraint {
                    Constraint::Length { .. } => "its bounds of length",
                    Constraint::Items { .. } => "its bounds of count",
                    Constraint::Range { .. } => "its bounds",
                    Constraint::Chars { .. } => "its pattern",
                };
                self.refuse(at, format!("{} does not keep to {keyword}", shown(value)));
            }
        }
    }
}

fn within(count: usize, min: usize, max: Option<usize>) -> bool {
    count >= min && max.is_none_or(|max| count <= max)
}

/// A value in a message: scalars as they are, the rest by kind.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
        scalar => format!("`{}`", scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned)),
    }
}

/// `yyyy-mm-dd`, a day that the calendar has.
fn is_date(text: &str) -> bool {
    let numbers: Option<Vec<u32>> = text.split('-').map(|part| digits(part)?.parse().ok()).collect();
    let Some([year, month, day]) = numbers.as_deref() else { return false };
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    text.len() == 10 && text.as_bytes()[4] == b'-' && (1..=days).contains(day)
}

/// RFC 3339, the zone optional.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', ' ']) else { return false };
    let time = time.strip_suffix('Z').unwrap_or_else(|| match time.rfind(['+', '-']) {
        Some(at) if clock(&time[at + 1..], &[23, 59]) => &time[..at],
        _ => time,
    });
    let (time, fraction) = time.split_once('.').map_or((time, "0"), |(time, fraction)| (time, fraction));
    is_date(date) && clock(time, &[23, 59, 60]) && digits(fraction).is_some()
}

/// Two digits for each limit, none beyond it.
fn clock(text: &str, limits: &[u32]) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let fits = |(part, limit): (&&str, &u32)| {
        part.len() == 2 && digits(part).and_then(|part| part.parse().ok()).is_some_and(|n: u32| n <= *limit)
    };
    parts.len() == limits.len() && parts.iter().zip(limits).all(fits)
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{is_date, is_date_time, is_decimal};

    #[test]
    fn formats() {
        assert!(is_date("2024-02-29") && !is_date("2023-02-29") && !is_date("2023-13-01") && !is_date("2023-1-01"));
        assert!(!is_date("") && !is_date("2023-01") && !is_date("20230101") && !is_date("2023-01-00"));
        for text in
            ["2023-01-01T00:00:00Z", "2023-01-01T00:00:00.123+01:00", "2023-01-01T23:59:60", "2023-01-01 00:00:00Z"]
        {
            assert!(is_date_time(text), "{text}");
        }
        for text in
            ["2023-01-01", "2023-01-01T24:00:00Z", "2023-01-01T00:00Z", "2023-01-01T00:00:00.Z", "T", "éT00:00:00"]
        {
            assert!(!is_date_time(text), "{text}");
        }
        assert!(is_decimal("-1.5e3") && is_decimal("0") && !is_decimal("") && !is_decimal("NaN") && !is_decimal(".5"));
    }
}
