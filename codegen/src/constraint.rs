//! Patterns and bounds of requests as plain checks, so that no client carries a regex engine.
//!
//! A pattern is supported when it is one character class with a repetition, optionally anchored and optionally in a
//! group: `^([a-f0-9]{24})$`, `[0-9a-f]+`, `^[A-Z]{1,64}$`. Everything else is refused with that explanation.

use serde_json::Value;

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

/// A keyword that cannot be checked, and why.
pub(crate) type Unsupported = (&'static str, String);

/// The checks that a schema asks for, and its keywords that cannot be checked.
pub(crate) fn of_schema(schema: &Value) -> (Vec<Constraint>, Vec<Unsupported>) {
    let mut unsupported = Vec::new();
    let pattern =
        read(schema, "pattern", &mut unsupported, |pattern| parse_pattern(pattern.as_str().unwrap_or_default()));
    let counts = ["minLength", "maxLength", "minItems", "maxItems"];
    let counts = counts.map(|key| read(schema, key, &mut unsupported, count));
    let [min, max] = ["minimum", "maximum"].map(|key| read(schema, key, &mut unsupported, bound));
    let given = |min: Option<usize>, max: Option<usize>| {
        (min.is_some() || max.is_some()).then_some((min.unwrap_or_default(), max))
    };
    let found = [
        pattern,
        given(counts[0], counts[1]).map(|(min, max)| Constraint::Length { min, max }),
        (min.is_some() || max.is_some()).then_some(Constraint::Range { min, max }),
        given(counts[2], counts[3]).map(|(min, max)| Constraint::Items { min, max }),
    ];
    (found.into_iter().flatten().collect(), unsupported)
}

fn count(value: &Value) -> Result<usize, String> {
    let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| format!("{value} is not a count"))
}

fn bound(value: &Value) -> Result<i64, String> {
    value.as_i64().ok_or_else(|| format!("{value} is not a 64-bit integer"))
}

/// The value of a keyword, if it is there and can be checked.
fn read<T>(
    schema: &Value,
    key: &'static str,
    unsupported: &mut Vec<Unsupported>,
    read: impl FnOnce(&Value) -> Result<T, String>,
) -> Option<T> {
    let value = schema.get(key)?;
    read(value).map_err(|reason| unsupported.push((key, reason))).ok()
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
