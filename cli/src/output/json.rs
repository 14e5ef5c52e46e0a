//! JSON text in another layout. Values are copied, never read: numbers keep their digits.

use std::collections::BTreeMap;

use cloud_billing_core::json::{self, Decode, JsonError, Reader};

use crate::failure::Failure;

/// A JSON value as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

impl Decode for Text {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.raw().map(|text| Self(text.to_owned()))
    }
}

/// How many levels are indented. What is nested more deeply stays on its line, so that spaces do not outgrow the text.
const LEVELS: usize = 32;

/// The text on one line, without space between values; `None` if it is on one line as it is.
pub(crate) fn one_line(text: &str) -> Option<String> {
    // One by one: each is found several bytes at a time.
    if !text.contains('\n') && !text.contains('\r') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    out.extend(tokens(text));
    Some(out)
}

/// Writes the text with a line for each value, indented by two spaces a level. The last line is not ended.
pub(crate) fn indent(text: &str, mut write: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    let (mut depth, mut opened) = (0_usize, false);
    let line = |depth: usize| if depth > LEVELS { String::new() } else { format!("\n{}", "  ".repeat(depth)) };
    for token in tokens(text) {
        let closes = matches!(token, "}" | "]");
        if opened != closes && (opened || closes) {
            write(&line(if closes { depth.saturating_sub(1) } else { depth }))?;
        }
        opened = matches!(token, "{" | "[");
        write(token)?;
        match token {
            "{" | "[" => depth += 1,
            "}" | "]" => depth = depth.saturating_sub(1),
            "," => write(&line(depth))?,
            ":" => write(" ")?,
            _ => {}
        }
    }
    Ok(())
}

/// The tokens of a text: a mark of punctuation, a text, or any other value.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
    let ends = move |byte: &u8| is_space(byte) || matches!(byte, b'}' | b']' | b',' | b':' | b'"');
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = next + bytes.get(next..)?.iter().position(|byte| !is_space(byte))?;
        let end = match bytes[start] {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => start + 1,
            b'"' => end_of_text(bytes, start),
            _ => bytes[start..].iter().position(ends).map_or(bytes.len(), |length| start + length),
        };
        next = end;
        Some(text.get(start..end).unwrap_or_default())
    })
}

/// The end of the text that begins at a quote.
fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether values are nested no deeper than that, for a reader of JSON by recursion that skips comments: there may be none, because
/// what looks like a text behind one is not.
///
/// # Errors
///
/// With what is wrong.
#[cfg(feature = "jq")]
pub(crate) fn check_depth(text: &str, most: usize) -> Result<(), String> {
    let mut depth = 0_usize;
    for token in tokens(text) {
        match token.as_bytes() {
            [b'{' | b'['] => depth += 1,
            [b'}' | b']'] => depth = depth.saturating_sub(1),
            [b'"', ..] => {}
            other if other.contains(&b'#') => return Err("the JSON has a comment".to_owned()),
            _ => {}
        }
        if depth > most {
            return Err(format!("the JSON is nested more than {most} levels deep"));
        }
    }
    Ok(())
}

/// The items of a body: the elements of a field, or the body itself.
///
/// # Errors
///
/// If there is no such object, or it has a field twice: one of the two would be lost.
pub(crate) fn items(body: &str, field: &str) -> Result<Vec<Text>, JsonError> {
    if field.is_empty() {
        return Ok(vec![Text(body.to_owned())]);
    }
    let mut fields: BTreeMap<String, Text> = json::from_str(body)?;
    match fields.remove(field) {
        Some(list) if list.0 != "null" => json::from_str(&list.0),
        _ => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = " {\"a\" : [1.10, {} ,[ ]],\n\"b\\\"}\":\"x, y\" , \"c\":null}";

    #[test]
    fn one_line_of_text() {
        assert_eq!(one_line(TEXT).as_deref(), Some(r#"{"a":[1.10,{},[]],"b\"}":"x, y","c":null}"#));
        assert_eq!(one_line("[1, 2]"), None);
    }

    #[test]
    fn indented_text() {
        let expected = "{\n  \"a\": [\n    1.10,\n    {},\n    []\n  ],\n  \"b\\\"}\": \"x, y\",\n  \"c\": null\n}\n";
        assert_eq!(indented(TEXT) + "\n", expected);
        assert_eq!(indented("[]"), "[]");
        assert_eq!(indented("1"), "1");
    }

    /// What a hostile service sends on purpose.
    #[test]
    fn deep_text_does_not_grow_without_bound() {
        let deep = format!("{}1, 2{}", "[".repeat(5_000), "]".repeat(5_000));
        let indented = indented(&deep);
        assert!(indented.len() < deep.len() + 5_000, "{}", indented.len());
        assert_eq!(one_line(&indented), Some(deep.replace(' ', "")));
    }

    fn indented(text: &str) -> String {
        let mut out = String::new();
        let write = |part: &str| {
            out.push_str(part);
            Ok(())
        };
        indent(text, write).unwrap();
        out
    }

    #[test]
    fn items_of_bodies() {
        let texts = |texts: &[&str]| texts.iter().map(|text| Text((*text).to_owned())).collect::<Vec<_>>();
        let list = items(r#"{"n":2,"list":[{"a":1.0},{"a":2}]}"#, "list");
        assert_eq!(list.unwrap(), texts(&[r#"{"a":1.0}"#, r#"{"a":2}"#]));
        for body in [r#"{"list":null}"#, r#"{"list":[]}"#, "{}"] {
            assert_eq!(items(body, "list").unwrap(), []);
        }
        assert_eq!(items("{}", "").unwrap(), texts(&["{}"]));
        for body in ["[]", r#"{"list":{}}"#, r#"{"list":[1],"list":[2]}"#, r#"{"list":[1],"a":1,"\u0061":2}"#] {
            assert!(items(body, "list").is_err(), "{body}");
        }
    }
}
