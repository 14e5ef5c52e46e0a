//! Formats text from outside for messages.

/// The longest text from outside within a message, in characters: a name, an identifier, a cursor.
const SHOWN: usize = 200;

/// The longest message, in characters. It has more than one text from outside, each of them short.
const MESSAGE: usize = 4000;

/// Formats a name or another text from outside for a message: on one line, without control characters and marks of text
/// direction, and with at most 200 characters of a long text, from its beginning and its end.
pub fn shown(text: &str) -> String {
    shorten(text, SHOWN)
}

/// A whole message. Whatever it was made from, it is on one line and not long.
pub(crate) fn message(text: String) -> String {
    let is_plain = !text.contains(steers);
    if is_plain && text.chars().nth(MESSAGE).is_none() { text } else { shorten(&text, MESSAGE) }
}

/// Whether a character is not printed but controls a terminal, ends a line, or changes the direction of the text after
/// it.
pub fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || is_direction_mark(c)
}

/// A mark that changes the direction of the text after it. A log or a terminal would show the line in another order.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Escapes what is not plain in a JSON text. Such characters are only within its strings.
pub(crate) fn escape_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) {
            // None of them needs more than four digits.
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// Returns at most `limit` characters of `text` on one line. Runs of white space and control characters become one
/// space, and marks of text direction are left out.
pub(crate) fn excerpt(text: &str, limit: usize) -> String {
    let (mut line, is_cut) = one_line(text.chars(), limit);
    if is_cut {
        line.push('…');
    }
    line
}

/// Like [`excerpt`], but shortens a long text in the middle and keeps its beginning and end. The end of a decoding
/// error says what was expected, and where.
fn shorten(text: &str, limit: usize) -> String {
    let (line, is_cut) = one_line(text.chars(), limit);
    if !is_cut {
        return line;
    }
    let begin: String = line.chars().take(limit / 2).collect();
    let (end, _) = one_line(text.chars().rev(), limit / 2);
    begin + "…" + &end.chars().rev().collect::<String>()
}

/// The first `limit` characters on one line, and whether there are more.
fn one_line(chars: impl Iterator<Item = char>, limit: usize) -> (String, bool) {
    let mut line = String::new();
    let mut length = 0;
    let mut gap = false;
    for c in chars.filter(|c| !is_direction_mark(*c)) {
        if c.is_whitespace() || c.is_control() {
            gap = length > 0;
            continue;
        }
        if length + usize::from(gap) >= limit {
            return (line, true);
        }
        if gap {
            line.push(' ');
            length += 1;
            gap = false;
        }
        line.push(c);
        length += 1;
    }
    (line, false)
}

/// Quotes and escapes a value, so that white space and line breaks are visible. Cuts it after `limit` characters.
pub(crate) fn quote(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{excerpt, quote, shorten};

    #[test]
    fn quotes_are_cut_at_a_character() {
        assert_eq!(quote(" ä\n", 9), r#"" ä\n""#);
        assert_eq!(quote("äöü", 2), r#""äö"…"#);
        assert_eq!(quote("äö", 2), r#""äö""#);
        assert_eq!(quote("", 0), r#""""#);
    }

    #[test]
    fn both_ends_of_a_long_text_are_kept() {
        assert_eq!(shorten("äbcdef", 4), "äb…ef");
        assert_eq!(shorten("abcd", 4), "abcd");
        assert_eq!(shorten("a\r\nb", 4), "a b");
        assert_eq!(shorten("", 0), "");
    }

    #[test]
    fn keeps_one_short_line() {
        assert_eq!(excerpt("  a\r\n\tb \u{0} c ", 80), "a b c");
        assert_eq!(excerpt("abcdef", 3), "abc…");
        assert_eq!(excerpt("ab cd", 3), "ab…");
        assert_eq!(excerpt("äöü", 3), "äöü");
        assert_eq!(excerpt("", 3), "");
    }
}
