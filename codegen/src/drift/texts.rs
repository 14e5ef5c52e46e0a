//! The vendor's texts. Ours differ from them on purpose, so a difference counts only if the vendor's text changed since
//! a maintainer read it. A digest of each text is kept, never the text.

use sha2::{Digest, Sha256};

use crate::node::Node;

/// The texts of a node under the keys, with all white space made single spaces.
pub(super) fn joined(node: &Node<'_>, keys: &[&str]) -> String {
    let words = keys.iter().filter_map(|key| node.text(key)).flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

/// Twelve hexadecimal digits: enough to tell a few hundred texts from their later versions.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The beginning of a text, for a report.
pub(super) fn excerpt(text: &str) -> String {
    const LENGTH: usize = 96;
    let mut short: String = text.chars().take(LENGTH).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    format!("it begins: {short}")
}
