//! Random texts for credentials and tokens.

use std::hash::{BuildHasher, RandomState};

/// Random hexadecimal digits. Not secure; for tests only.
pub(crate) fn random_hex(length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        // Each state has new keys.
        text.push_str(&format!("{:016x}", RandomState::new().hash_one(text.len())));
    }
    text.truncate(length);
    text
}

/// Random lower-case letters.
pub(super) fn letters(length: usize) -> String {
    random_hex(length).bytes().map(|byte| char::from(b'a' + byte % 26)).collect()
}

/// A random UUID of no version.
pub(super) fn uuid() -> String {
    let digits = random_hex(32);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
