//! Formats foreign text for messages.

/// Returns at most `limit` characters of `text` on one line. Runs of white space and control characters become one
/// space.
pub(crate) fn excerpt(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = !out.is_empty();
            continue;
        }
        if length + usize::from(gap) >= limit {
            out.push('…');
            break;
        }
        if gap {
            out.push(' ');
            length += 1;
            gap = false;
        }
        out.push(c);
        length += 1;
    }
    out
}

/// Like [`excerpt`], but shortens a long text in the middle and keeps its beginning and end. The end of a decoding
/// error says what was expected, and where.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    let line = excerpt(text, usize::MAX);
    let length = line.chars().count();
    if length <= limit {
        return line;
    }
    let begin: String = line.chars().take(limit / 2).collect();
    let end: String = line.chars().skip(length - limit / 2).collect();
    format!("{begin}…{end}")
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
