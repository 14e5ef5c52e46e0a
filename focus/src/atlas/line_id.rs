//! Ids of lines, which the API does not have.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use sha2::{Digest, Sha256};

/// Makes the ids of the lines of one invoice.
///
/// An id is the first half of a SHA-256: of the invoice's id, of the line's text without white space, and, if the same text came
/// before, of how often it did. So a line keeps its id when the invoice is read again, whatever other lines come or go.
///
/// Half of the hash is enough: among 10^12 lines, two have the same id with a probability of 10^-14. The whole hash would make files
/// almost twice as large, since hashes cannot be compressed.
pub(super) struct LineIds {
    /// Has hashed the invoice.
    invoice: Sha256,
    /// The first 8 bytes of the digests of all lines: 9 to 18 bytes of memory for each. Two that are the same by chance, one in
    /// 10^7 invoices with a million lines, still get ids of their own.
    seen: HashSet<u64, BuildHasherDefault<Same>>,
    /// How often a line came again.
    again: HashMap<u64, u64>,
    compact: String,
}

impl LineIds {
    pub(super) fn new(invoice: &str) -> Self {
        let invoice = Sha256::new().chain_update(invoice).chain_update([0]);
        Self { invoice, seen: HashSet::default(), again: HashMap::new(), compact: String::new() }
    }

    /// Puts the id of the next line in place of `id`.
    pub(super) fn write(&mut self, line: &str, id: &mut String) {
        let line = if is_compact(line) {
            line
        } else {
            remove_blanks(line, &mut self.compact);
            &self.compact
        };
        let hash = self.invoice.clone().chain_update(line);
        let mut digest: [u8; 32] = hash.clone().finalize().into();
        let key = digest.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
        if !self.seen.insert(key) {
            let times = self.again.entry(key).and_modify(|times| *times += 1).or_insert(1);
            digest = hash.chain_update([0]).chain_update(times.to_string()).finalize().into();
        }
        write_hex(&digest, id);
    }
}

impl fmt::Debug for LineIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineIds").field("lines", &self.seen.len()).finish_non_exhaustive()
    }
}

/// A key that is a hash already is its own hash.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// Whether JSON has no white space between its parts, as far as that is seen at a glance. White space between the parts is next
/// to a quote, bracket, colon or comma. That in texts is blanks, mostly between words.
fn is_compact(json: &str) -> bool {
    let bytes = json.as_bytes();
    let is_part =
        |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b':' | b','));
    let between_words =
        |at: usize| !is_part(at.checked_sub(1).and_then(|before| bytes.get(before))) && !is_part(bytes.get(at + 1));
    bytes.iter().fold(true, |plain, byte| plain & (*byte >= b' '))
        && json.match_indices(' ').all(|(at, _)| between_words(at) && bytes.get(at + 1) != Some(&b' '))
}

/// Writes JSON without the white space between its parts.
fn remove_blanks(json: &str, to: &mut String) {
    to.clear();
    let (mut in_text, mut escaped) = (false, false);
    to.extend(json.chars().filter(|char| {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => in_text = !in_text,
            _ => {}
        }
        in_text || !matches!(char, ' ' | '\n' | '\r' | '\t')
    }));
}

/// Writes the first half of a digest.
fn write_hex(digest: &[u8; 32], to: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or_default();
    let mut hex = [0; 32];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(digest) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
    }
    to.clear();
    to.push_str(std::str::from_utf8(&hex).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(invoice: &str, lines: &[&str]) -> Vec<String> {
        let mut ids = LineIds::new(invoice);
        let id = |line: &&str| {
            let mut id = String::new();
            ids.write(line, &mut id);
            id
        };
        lines.iter().map(id).collect()
    }

    #[test]
    fn an_id_is_a_hash_of_invoice_and_line() {
        // printf 'inv\0{"sku":"A"}' | sha256sum | head -c 32
        let id = "fcd7ab78041253d0b094ca0ebd9021b9";
        assert_eq!(ids("inv", &[r#"{"sku":"A"}"#]), [id]);
        assert_ne!(ids("inw", &[r#"{"sku":"A"}"#]), [id]);
    }

    #[test]
    fn equal_lines_have_ids_of_their_own() {
        let (a, b) = (r#"{"sku":"A"}"#, r#"{"sku":"B"}"#);
        let all = ids("inv", &[a, a, b, a]);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 4);
        // They do not depend on the lines between them.
        assert_eq!(ids("inv", &[b, a, a, a, b])[1..4], [&*all[0], &*all[1], &*all[3]]);
    }

    #[test]
    fn blanks_between_the_parts_change_no_id() {
        let compact = r#"{"note":"a \"b\" c\\","n":[1,2]}"#;
        let pretty = "{\n\t\"note\" : \"a \\\"b\\\" c\\\\\",\r\n \"n\": [1, 2]}";
        assert_eq!(ids("inv", &[compact]), ids("inv", &[pretty]));
        for (blanks, compact) in [
            (r#"{"a":[1 ,2]}"#, r#"{"a":[1,2]}"#),
            (r#"{"a":[true ]}"#, r#"{"a":[true]}"#),
            (r#"{"a":1  }"#, r#"{"a":1}"#),
            (r#"{"a":  1}"#, r#"{"a":1}"#),
            (r#"{"a" :"b c"}"#, r#"{"a":"b c"}"#),
        ] {
            assert_eq!(ids("inv", &[blanks]), ids("inv", &[compact]), "{blanks}");
        }
        assert_ne!(ids("inv", &[r#"{"note":"a b"}"#]), ids("inv", &[r#"{"note":"ab"}"#]));
    }
}
