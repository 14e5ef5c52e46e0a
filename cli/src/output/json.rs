//! JSON text in another layout. Values are copied, never read: numbers keep their digits.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The text on one line, without space between values; `None` if it is on one line as it is.
pub(crate) fn one_line(text: &str) -> Option<String> {
    // One by one: each is found several bytes at a time.
    if !text.contains('\n') && !text.contains('\r') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    each(text, |token| out.push_str(token));
    Some(out)
}

/// The text with a line for each value, indented by two spaces a level.
pub(crate) fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut opened) = (0_usize, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    each(text, |token| {
        let closes = matches!(token, "}" | "]");
        if closes {
            depth = depth.saturating_sub(1);
        }
        if opened != closes && (opened || closes) {
            line(&mut out, depth);
        }
        opened = matches!(token, "{" | "[");
        out.push_str(token);
        match token {
            "{" | "[" => depth += 1,
            "," => line(&mut out, depth),
            ":" => out.push(' '),
            _ => {}
        }
    });
    out.push('\n');
    out
}

/// Calls a function with each token: a mark of punctuation, a text, or any other value.
fn each<'a>(text: &'a str, mut with: impl FnMut(&'a str)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => at + 1,
            b'"' => end_of_text(bytes, at),
            _ => {
                let ends = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'}' | b']' | b',' | b':' | b'"');
                bytes[at..].iter().position(ends).map_or(bytes.len(), |length| at + length)
            }
        };
        with(text.get(at..end).unwrap_or_default());
        at = end;
    }
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

/// How deeply values are nested.
#[cfg(feature = "jq")]
pub(crate) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    each(text, |token| match token {
        "{" | "[" => {
            depth += 1;
            deepest = deepest.max(depth);
        }
        "}" | "]" => depth = depth.saturating_sub(1),
        _ => {}
    });
    deepest
}

/// The items of a body: the elements of a field, or the body itself.
pub(crate) fn items<'a>(body: &'a str, field: &str) -> Result<Vec<&'a str>, serde_json::Error> {
    if field.is_empty() {
        return Ok(vec![body]);
    }
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(body)?;
    let list = fields.get(field).map_or("null", |list| list.get());
    let items: Option<Vec<&RawValue>> = serde_json::from_str(list)?;
    Ok(items.unwrap_or_default().into_iter().map(RawValue::get).collect())
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
        assert_eq!(indented(TEXT), expected);
        assert_eq!(indented("[]"), "[]\n");
        assert_eq!(indented("1"), "1\n");
    }

    #[test]
    fn items_of_bodies() {
        assert_eq!(items(r#"{"n":2,"list":[{"a":1.0},{"a":2}]}"#, "list").unwrap(), [r#"{"a":1.0}"#, r#"{"a":2}"#]);
        assert_eq!(items(r#"{"list":null}"#, "list").unwrap(), Vec::<&str>::new());
        assert_eq!(items("{}", "").unwrap(), ["{}"]);
        assert!(items("[]", "list").is_err());
    }
}
