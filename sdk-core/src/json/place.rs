//! The path, line and column of a byte in a JSON text.

use super::Reader;
use crate::text::shown;

/// The most objects and arrays that a path leads through. What is skipped may be nested deeper.
const MAX_DEPTH: usize = 128;

/// The longest key that is unescaped, in bytes.
const MAX_KEY: usize = 1000;

/// An object or array that is open at the byte.
enum Open<'a> {
    /// An object, and its last key as it is written.
    Object(Option<&'a str>),
    /// An array, and the index of its last element.
    Array(usize),
}

/// The path to the value at `at`, such as `results[0].amount`, behind the path to the text; `None` if that is empty and the
/// value is the text as a whole. The text before `at` has been read, so it is JSON.
pub(crate) fn path(above: String, text: &str, at: usize) -> Option<String> {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut deeper = 0_usize;
    let mut reader = Reader::new(text);
    while let Some(byte) = reader.peek().filter(|_| reader.offset() < at) {
        let start = reader.offset();
        if byte == b'"' {
            if reader.skip().is_err() {
                break;
            }
            if let (0, Some(Open::Object(key @ None))) = (deeper, open.last_mut()) {
                *key = text.get(start..reader.offset());
            }
            continue;
        }
        let full = open.len() == MAX_DEPTH;
        match (byte, open.last_mut()) {
            (b'{' | b'[', _) if full => deeper += 1,
            (b'}' | b']', _) if deeper > 0 => deeper -= 1,
            _ if deeper > 0 => {}
            (b'{', _) => open.push(Open::Object(None)),
            (b'[', _) => open.push(Open::Array(0)),
            (b'}' | b']', _) => drop(open.pop()),
            (b',', Some(Open::Object(key))) => *key = None,
            (b',', Some(Open::Array(index))) => *index += 1,
            _ => {}
        }
        reader.advance(1);
    }
    Some(display(above, &open)).filter(|path| !path.is_empty())
}

fn display(mut path: String, open: &[Open<'_>]) -> String {
    for open in open {
        match open {
            Open::Object(Some(key)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name(key));
            }
            Open::Array(index) => path.push_str(&format!("[{index}]")),
            Open::Object(None) => {}
        }
    }
    path
}

/// A key as text. A long one is not unescaped: who sends it must not choose how much memory the path takes.
fn name(key: &str) -> String {
    let whole = Some(key).filter(|key| key.len() <= MAX_KEY).and_then(|key| super::from_str::<String>(key).ok());
    whole.map_or_else(|| shown(key.trim_matches('"')), |key| shown(&key))
}

/// The byte at a line and a column, both from 1.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines_before = line.saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(lines_before).map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

/// Counts the lines of a text, each time on from the byte before.
#[derive(Default)]
pub(crate) struct Lines {
    at: usize,
    /// How many lines end before it, and where its own begins.
    ended: usize,
    start: usize,
}

impl Lines {
    /// The line and the column of a byte, both from 1. The column counts bytes.
    pub(crate) fn place(&mut self, text: &str, at: usize) -> (usize, usize) {
        let at = at.min(text.len());
        let new = text.as_bytes().get(self.at..at).unwrap_or_default();
        if let Some(newline) = new.iter().rposition(|byte| *byte == b'\n') {
            self.ended += new.iter().filter(|byte| **byte == b'\n').count();
            self.start = self.at + newline + 1;
        }
        self.at = at;
        (self.ended + 1, at.saturating_sub(self.start) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (text, path_of) in [
            (r#"{"a": ^1}"#, Some("a")),
            (r#"{"a": [1, ^2]}"#, Some("a[1]")),
            (r#"{"a": [{"b": {}, "c": ^true}]}"#, Some("a[0].c")),
            (r#"{"a": [[], {"b" ^1}]}"#, Some("a[1].b")),
            (r#"{"a": {"b": 1}, "c": ^"#, Some("c")),
            (r#"{"\u0061\nb": ^1}"#, Some("a b")),
            (r#"{"a,]}": [{}, "[", ^1]}"#, Some("a,]}[2]")),
            (r#"[^1]"#, Some("[0]")),
            ("^[]", None),
            ("{^", None),
            ("{} ^x", None),
        ] {
            let at = text.find('^').unwrap();
            let text = text.replace('^', "");
            assert_eq!(path(String::new(), &text, at).as_deref(), path_of, "{text}");
            let below = path("list[7]".to_owned(), &text, at).unwrap();
            let joint = path_of.map_or("", |path| if path.starts_with('[') { "" } else { "." });
            assert_eq!(below, format!("list[7]{joint}{}", path_of.unwrap_or_default()));
        }
    }

    #[test]
    fn lines_and_columns() {
        let text = "{\n  \"ä\": x\n}";
        let mut lines = Lines::default();
        for (at, place) in [(0, (1, 1)), (1, (1, 2)), (10, (2, 9)), (99, (3, 2))] {
            assert_eq!((lines.place(text, at), Lines::default().place(text, at)), (place, place));
        }
        assert_eq!(offset(text, 2, 9), 10);
        assert_eq!(offset(text, 9, 9), text.len());
    }
}
