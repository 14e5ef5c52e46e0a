//! Formats text from requests and command lines for messages.

/// The longest message, in characters.
const LONGEST: usize = 1000;

/// A message on one line, without control characters and marks of text direction, and cut after 1000 characters.
pub(crate) fn one_line(message: &str) -> String {
    let is_mark =
        |c: &char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = message.chars().filter(|c| !is_mark(c));
    let mut plain = plain.map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c });
    let mut line: String = plain.by_ref().take(LONGEST).collect();
    if plain.next().is_some() {
        line.push('…');
    }
    line
}
