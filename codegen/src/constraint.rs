//! Patterns and bounds of requests as plain checks, so that no client carries a regex engine.
//!
//! A pattern is supported when it is one character class with a repetition, optionally anchored and optionally in a
//! group: `^([a-f0-9]{24})$`, `[0-9a-f]+`, `^[A-Z]{1,64}$`. Everything else is refused with that explanation.

use serde_json::{Map, Value};

/// One check on a value that is about to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Constraint {
    /// Text made of one class of characters.
    Chars { pattern: String, class: Vec<(char, char)>, min: usize, max: Option<usize>, anchored: bool },
    /// Length of a text, in characters.
    Length { min: usize, max: Option<usize> },
    /// Bounds of an integer, inclusive.
    Range { min: Option<i64>, max: Option<i64> },
    /// Number of elements of a list.
    Items { min: usize, max: Option<usize> },
}

/// The checks a schema asks for, or why one of its keywords cannot be checked: (keyword, reason).
pub(crate) fn of_schema(schema: &Map<String, Value>) -> Result<Vec<Constraint>, (&'static str, String)> {
    let mut found = Vec::new();
    let count = |key: &'static str| match schema.get(key) {
        None => Ok(None),
        Some(value) => match value.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(n) => Ok(Some(n)),
            None => Err((key, format!("{value} is not a count"))),
        },
    };
    let bound = |key: &'static str| match schema.get(key) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(n) => Ok(Some(n)),
            None => Err((key, format!("{value} is not a 64-bit integer"))),
        },
    };
    if let Some(pattern) = schema.get("pattern") {
        let pattern = pattern.as_str().ok_or(("pattern", "it is not text".to_owned()))?;
        found.push(parse_pattern(pattern).map_err(|reason| ("pattern", reason))?);
    }
    let (min, max) = (count("minLength")?, count("maxLength")?);
    if min.is_some() || max.is_some() {
        found.push(Constraint::Length { min: min.unwrap_or(0), max });
    }
    let (min, max) = (bound("minimum")?, bound("maximum")?);
    if min.is_some() || max.is_some() {
        found.push(Constraint::Range { min, max });
    }
    let (min, max) = (count("minItems")?, count("maxItems")?);
    if min.is_some() || max.is_some() {
        found.push(Constraint::Items { min: min.unwrap_or(0), max });
    }
    Ok(found)
}

fn parse_pattern(pattern: &str) -> Result<Constraint, String> {
    let unsupported = || format!("`{pattern}` is not of the form [class]repetition, optionally with ^ and $ around it");
    let (start, end) = (pattern.starts_with('^'), pattern.ends_with('$'));
    if start != end {
        return Err(unsupported());
    }
    let mut body = pattern;
    if start {
        body = &body[1..body.len() - 1];
    }
    if let Some(inner) = body.strip_prefix('(').and_then(|b| b.strip_suffix(')')) {
        body = inner;
    }
    let (class, repetition) = body.strip_prefix('[').and_then(|b| b.split_once(']')).ok_or_else(unsupported)?;
    let class = parse_class(class).ok_or_else(unsupported)?;
    let (min, max) = parse_repetition(repetition).ok_or_else(unsupported)?;
    Ok(Constraint::Chars { pattern: pattern.to_owned(), class, min, max, anchored: start })
}

fn parse_class(class: &str) -> Option<Vec<(char, char)>> {
    let chars: Vec<char> = class.chars().collect();
    if chars.first().is_none_or(|&c| c == '^') || chars.iter().any(|c| matches!(c, '\\' | '[' | '&')) {
        return None;
    }
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let (low, high) = if at + 2 < chars.len() && chars[at + 1] == '-' {
            at += 3;
            (chars[at - 3], chars[at - 1])
        } else {
            at += 1;
            (chars[at - 1], chars[at - 1])
        };
        if low > high {
            return None;
        }
        ranges.push((low, high));
    }
    Some(ranges)
}

fn parse_repetition(text: &str) -> Option<(usize, Option<usize>)> {
    match text {
        "" => return Some((1, Some(1))),
        "+" => return Some((1, None)),
        "*" => return Some((0, None)),
        _ => {}
    }
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let (min, max) = match inner.split_once(',') {
        None => (inner.parse().ok()?, Some(inner.parse().ok()?)),
        Some((min, "")) => (min.parse().ok()?, None),
        Some((min, max)) => (min.parse().ok()?, Some(max.parse().ok()?)),
    };
    (max.is_none_or(|max| min <= max)).then_some((min, max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_the_services() {
        let Ok(Constraint::Chars { class, min, max, anchored, .. }) = parse_pattern("^([a-f0-9]{24})$") else {
            panic!("supported");
        };
        assert_eq!((class, min, max, anchored), (vec![('a', 'f'), ('0', '9')], 24, Some(24), true));
        let Ok(Constraint::Chars { min, max, anchored, .. }) = parse_pattern("[0-9a-f]+") else { panic!("supported") };
        assert_eq!((min, max, anchored), (1, None, false));
    }

    #[test]
    fn everything_else_is_refused() {
        for pattern in [
            "", "^", "^$", "^[a-z]+", "[^a]+", r"^\d{4}$", "^a|b$", "[]", "[z-a]+", "[a]{2,1}", "[a]{x}", "[a",
            "(?i)[a]+",
        ] {
            assert!(parse_pattern(pattern).is_err(), "{pattern}");
        }
    }
}
