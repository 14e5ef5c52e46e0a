//! Text for terminals.

use cloud_billing_core::config::steers;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Text on one line, without characters that control a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// Printable text of at most so many columns. Where it is cut, it ends with `…`.
pub(crate) fn fitted(text: &str, columns: usize) -> String {
    // Marks that take no column are counted too.
    let beginning = printable(&text.chars().take(columns + 1).collect::<String>());
    if beginning.width() <= columns && beginning.chars().count() <= columns {
        return beginning;
    }
    format!("{}…", cut(&beginning, columns.saturating_sub(1)))
}

/// As much of a line as fits into so many columns.
pub(crate) fn cut(line: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in line.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return &line[..at];
        }
    }
    line
}

/// A text with spaces behind it, or before it, up to so many columns. Formats of the standard library have a limit on the width.
pub(crate) fn padded(text: &str, columns: usize, right: bool) -> String {
    let space = " ".repeat(columns.saturating_sub(text.width()));
    if right { format!("{space}{text}") } else { format!("{text}{space}") }
}

/// A JSON text without characters that steer a terminal: within its strings they are escaped.
pub(crate) fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            // Outside of strings, where JSON may have one, it means nothing.
            '\r' => {}
            c if steers(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_with_a_mark() {
        assert_eq!(fitted("abcd", 4), "abcd");
        assert_eq!(fitted("abcde", 4), "abc…");
        assert_eq!(fitted("日本語", 4), "日…");
        assert_eq!(fitted("a\u{202e}b\nc", 9), "a b c");
        assert_eq!(fitted(&format!("e{}", "\u{301}".repeat(9)), 4).chars().count(), 6);
    }

    #[test]
    fn json_keeps_its_meaning() {
        let json = "{\"a\u{202e}\u{9b}\": \"\u{2028}é\",\r\n\t\"b\": 1}";
        let escaped = escaped(json);
        assert!(!escaped.chars().any(|c| steers(c) && !"\n\t".contains(c)), "{escaped}");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&escaped), read(json));
    }
}
