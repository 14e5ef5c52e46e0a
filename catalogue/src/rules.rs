//! Checks of values against schemas: what a service would refuse.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate};
use regex_lite::Regex;
use serde_json::{Map, Number, Value};

use crate::{List, Object, Schema, Text, Type};

/// How many characters of a value a message shows.
const MAX_EXCERPT: usize = 60;

/// A value that does not fit its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where in the value, as in `filters.groupIds[0]`; empty for the value itself.
    pub at: String,
    /// The keyword that it breaks.
    pub keyword: &'static str,
    /// How it breaks the keyword.
    pub problem: String,
    /// The place of the keyword in the spec, as a JSON pointer.
    pub pointer: String,
}

impl Violation {
    /// Stands in `keyword` if the schema has no such field.
    pub const UNKNOWN_FIELD: &'static str = "unknown field";

    fn new(schema: &Schema, at: &str, keyword: &'static str, problem: String) -> Self {
        Self { at: at.to_owned(), keyword, problem, pointer: format!("{}/{keyword}", schema.pointer) }
    }
}

/// Everything that is wrong with a value.
pub fn violations(schema: &Schema, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found
}

/// Whether the values of a schema are lists.
pub fn is_list(schema: &Schema) -> bool {
    matches!(schema.ty, Type::List(_))
}

/// Reads a parameter's text as a value of its schema or, for a list, as one of its items.
///
/// # Errors
///
/// If the text does not stand for a value of the type.
pub fn value_of(schema: &Schema, text: &str) -> Result<Value, Violation> {
    let value = match schema.ty {
        Type::List(list) => return value_of(list.items, text),
        Type::Boolean => match text {
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            _ => None,
        },
        Type::Integer(_) => read_integer(text).map(Into::into),
        Type::Number(_) => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
        _ => Some(text.into()),
    };
    value.ok_or_else(|| {
        Violation::new(schema, "", "type", format!("`{}` is not {}", excerpt(text), expected(schema.ty)))
    })
}

fn check(schema: &Schema, value: &Value, at: &str, found: &mut Vec<Violation>) {
    let broken = |keyword, problem| Violation::new(schema, at, keyword, problem);
    match (schema.ty, value) {
        (_, Value::Null) if schema.nullable => {}
        (_, Value::Null) => found.push(broken("type", "is null".to_owned())),
        (Type::Any, _) | (Type::Boolean, Value::Bool(_)) => {}
        (Type::Integer(rules), Value::Number(number)) => match number.as_i64() {
            Some(integer) => {
                if let Some(problem) = integer_problem(rules.format, integer) {
                    found.push(broken("format", problem));
                }
                check_range(schema, rules, number, at, found);
            }
            None => found.push(broken("type", format!("{number} is not an integer of 64 bits"))),
        },
        (Type::Number(rules), Value::Number(number)) => check_range(schema, rules, number, at, found),
        (Type::Text(rules), Value::String(text)) => check_text(schema, rules, text, at, found),
        (Type::Enum(rules), Value::String(text)) => {
            if !rules.values.contains(&text.as_str()) {
                let problem = format!("`{}` is none of {}", excerpt(text), rules.values.join(", "));
                found.push(broken("enum", problem));
            }
        }
        (Type::List(rules), Value::Array(items)) => check_list(schema, rules, items, at, found),
        (Type::Map(values), Value::Object(members)) => {
            members.iter().for_each(|(name, value)| check(values, value, &member(at, name), found));
        }
        (Type::Object(object), Value::Object(members)) => check_object(schema, object, members, at, found),
        _ => {
            let problem = format!("`{}` is not {}", excerpt(&value.to_string()), expected(schema.ty));
            found.push(broken("type", problem));
        }
    }
}

fn check_range(schema: &Schema, rules: crate::Number, number: &Number, at: &str, found: &mut Vec<Violation>) {
    let Some(value) = number.as_f64() else { return };
    if let Some(minimum) = rules.minimum.filter(|minimum| value < *minimum) {
        found.push(Violation::new(schema, at, "minimum", format!("{number} is less than {minimum}")));
    }
    if let Some(maximum) = rules.maximum.filter(|maximum| value > *maximum) {
        found.push(Violation::new(schema, at, "maximum", format!("{number} is greater than {maximum}")));
    }
}

fn check_text(schema: &Schema, rules: Text, value: &str, at: &str, found: &mut Vec<Violation>) {
    let (shown, length) = (excerpt(value), value.chars().count());
    let mut broken = |keyword, problem| found.push(Violation::new(schema, at, keyword, problem));
    if let Some(minimum) = rules.min_length.filter(|minimum| length < *minimum) {
        broken("minLength", format!("`{shown}` has {length} characters, fewer than {minimum}"));
    }
    if let Some(maximum) = rules.max_length.filter(|maximum| length > *maximum) {
        broken("maxLength", format!("`{shown}` has {length} characters, more than {maximum}"));
    }
    if let Some(pattern) = rules.pattern.filter(|pattern| !matches(pattern, value)) {
        broken("pattern", format!("`{shown}` does not match {pattern}"));
    }
    if let Some(description) = unmet_format(rules.format, value) {
        broken("format", format!("`{shown}` is not {description}"));
    }
}

/// Whether a text matches a pattern. A pattern that is no regular expression matches nothing.
fn matches(pattern: &'static str, text: &str) -> bool {
    thread_local! {
        static COMPILED: RefCell<HashMap<&'static str, Option<Regex>>> = RefCell::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        let regex = compiled.entry(pattern).or_insert_with(|| Regex::new(pattern).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    })
}

fn check_list(schema: &Schema, rules: List, items: &[Value], at: &str, found: &mut Vec<Violation>) {
    if let Some(minimum) = rules.min_items.filter(|minimum| items.len() < *minimum) {
        let problem = format!("has {} items, fewer than {minimum}", items.len());
        found.push(Violation::new(schema, at, "minItems", problem));
    }
    if let Some(maximum) = rules.max_items.filter(|maximum| items.len() > *maximum) {
        let problem = format!("has {} items, more than {maximum}", items.len());
        found.push(Violation::new(schema, at, "maxItems", problem));
    }
    // Pairs of too many items are not compared.
    let unique = rules.unique && rules.max_items.is_none_or(|most| items.len() <= most);
    for (index, item) in items.iter().enumerate() {
        let item_at = format!("{at}[{index}]");
        if unique && items[..index].contains(item) {
            let problem = format!("`{}` is in the list already", excerpt(&plain(item)));
            found.push(Violation::new(schema, &item_at, "uniqueItems", problem));
        }
        check(rules.items, item, &item_at, found);
    }
}

fn check_object(schema: &Schema, object: &Object, members: &Map<String, Value>, at: &str, found: &mut Vec<Violation>) {
    let missing = object.properties.iter().filter(|it| it.required && !members.contains_key(it.name));
    for property in missing {
        let mut violation = Violation::new(schema, &member(at, property.name), "required", "is missing".to_owned());
        violation.pointer = format!("{}/required", object.pointer);
        found.push(violation);
    }
    for (name, value) in members {
        let at = member(at, name);
        let property = object.properties.iter().find(|property| property.name == name);
        match property.map(|property| (&property.schema, property.schema.read_only)) {
            Some((_, Some(pointer))) => found.push(Violation {
                at,
                keyword: "readOnly",
                problem: "is set by the service and may not be sent".to_owned(),
                pointer: pointer.to_owned(),
            }),
            Some((schema, None)) => check(schema, value, &at, found),
            None if object.open => {}
            None => found.push(Violation {
                at,
                keyword: Violation::UNKNOWN_FIELD,
                problem: "is not a field of this object".to_owned(),
                pointer: object.pointer.to_owned(),
            }),
        }
    }
}

fn member(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// What a value of the type is, for a message.
fn expected(ty: Type) -> &'static str {
    match ty {
        Type::Any => "a value",
        Type::Boolean => "`true` or `false`",
        Type::Integer(_) => "an integer",
        Type::Number(_) => "a number",
        Type::Text(_) | Type::Enum(_) => "a string",
        Type::List(_) => "a list",
        Type::Map(_) | Type::Object(_) => "an object",
    }
}

/// An integer as JSON writes it: no plus sign, no leading zero.
fn read_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A value as a message shows it: strings without quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MAX_EXCERPT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The problem with an integer of a format, if there is one.
fn integer_problem(format: &str, value: i64) -> Option<String> {
    let (fits, description) = match format {
        "int32" => (i32::try_from(value).is_ok(), "a 32-bit integer"),
        "epoch-millis" => {
            let years = -62_167_219_200_000..=253_402_300_799_999;
            (years.contains(&value), "a count of milliseconds in the years 0000 to 9999")
        }
        _ => return None,
    };
    (!fits).then(|| format!("{value} is not {description}"))
}

/// The formats of texts: name, pattern, and what a text has to be. The first two take any text. Dates must also be on the calendar.
const TEXT_FORMATS: [(&str, &str, &str); 6] = [
    ("", "", ""),
    ("password", "", ""),
    ("date", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "a date of the form yyyy-mm-dd"),
    (
        "date-time",
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})$",
        "a date and time of RFC 3339",
    ),
    ("billing-month", r"^[0-9]{4}-(0[1-9]|1[0-2])$", "a month of the form yyyy-mm"),
    ("decimal", r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$", "a decimal number"),
];

/// What the format requires of a text, if the text does not fit.
fn unmet_format(format: &str, text: &str) -> Option<&'static str> {
    let (_, pattern, description) = TEXT_FORMATS.iter().find(|(name, ..)| *name == format)?;
    let on_calendar = match format {
        "date" => text.parse::<NaiveDate>().is_ok(),
        "date-time" => DateTime::parse_from_rfc3339(text).is_ok(),
        _ => true,
    };
    (!on_calendar || !matches(pattern, text)).then_some(description)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formats of integers.
    const INTEGER_FORMATS: [&str; 4] = ["", "int32", "int64", "epoch-millis"];

    /// Fails for a pattern or a format that requests are not checked for.
    fn assert_checked(schema: &Schema, depth: usize) {
        match schema.ty {
            _ if depth > 16 => {}
            Type::Text(rules) => {
                let known = TEXT_FORMATS.iter().any(|(name, ..)| *name == rules.format);
                assert!(known, "{}: {}", schema.pointer, rules.format);
                assert!(rules.pattern.is_none_or(|pattern| Regex::new(pattern).is_ok()), "{}", schema.pointer);
            }
            Type::Integer(rules) => {
                assert!(INTEGER_FORMATS.contains(&rules.format), "{}: {}", schema.pointer, rules.format);
            }
            Type::List(rules) => assert_checked(rules.items, depth + 1),
            Type::Map(values) => assert_checked(values, depth + 1),
            Type::Object(object) => object.properties.iter().for_each(|it| assert_checked(&it.schema, depth + 1)),
            _ => {}
        }
    }

    #[test]
    fn every_rule_of_a_request_is_checked() {
        for operation in crate::SERVICES.iter().flat_map(|service| service.operations) {
            operation.parameters.iter().for_each(|parameter| assert_checked(&parameter.schema, 0));
            operation.body.iter().for_each(|body| assert_checked(&body.schema, 0));
        }
    }

    #[test]
    fn months() {
        for (text, fits) in
            [("2023-05", true), ("2023-12", true), ("2023-5", false), ("2023-13", false), ("2023-00", false)]
        {
            assert_eq!(unmet_format("billing-month", text).is_none(), fits, "{text}");
        }
    }

    #[test]
    fn dates() {
        for text in ["2026-10-01", "2024-02-29", "2000-02-29"] {
            assert_eq!(unmet_format("date", text), None, "{text}");
        }
        for text in [
            "",
            "2026-10",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-10-1",
            "2026-10-00",
            "26-10-01",
            "2026-10-01T",
        ] {
            assert!(unmet_format("date", text).is_some(), "{text}");
        }
    }

    #[test]
    fn date_times() {
        for text in ["2026-10-01T00:00:00Z", "2026-10-01t23:59:60.123456789+05:30", "2016-12-31T23:59:60Z"] {
            assert_eq!(unmet_format("date-time", text), None, "{text}");
        }
        for text in [
            "2026-10-01",
            "2026-10-01T00:00:00",
            "2026-10-01T24:00:00Z",
            "2026-10-01T00:00Z",
            "2026-10-01T00:00:00.Z",
            "2026-10-01T00:00:00+0530",
            "2026-10-01T00:00:00ZZ",
            "2026-10-01 00:00:00Z",
        ] {
            assert!(unmet_format("date-time", text).is_some(), "{text}");
        }
    }

    #[test]
    fn decimals() {
        for text in ["0", "-12.50", "6.035e-07", "1E3"] {
            assert_eq!(unmet_format("decimal", text), None, "{text}");
        }
        for text in ["", "-", "1.", ".5", "+1", "1e", "NaN", "1,5"] {
            assert!(unmet_format("decimal", text).is_some(), "{text}");
        }
    }

    #[test]
    fn integers() {
        assert_eq!(integer_problem("int32", 2_147_483_647), None);
        assert_eq!(integer_problem("int32", 2_147_483_648).as_deref(), Some("2147483648 is not a 32-bit integer"));
        assert_eq!(integer_problem("epoch-millis", 1_684_108_800_000), None);
        assert!(integer_problem("epoch-millis", i64::MAX).is_some());
    }
}
