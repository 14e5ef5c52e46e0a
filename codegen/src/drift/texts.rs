//! The vendor's texts. Ours differ from them on purpose, so a difference counts only if the vendor's text changed since
//! a maintainer read it. A digest of each text is kept, never the text.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Where the structure of a document has the digest of a text instead of the text.
pub(super) const DIGEST: &str = "x-text-sha256";

/// The texts of a node, with all white space made single spaces.
pub(super) fn joined(node: &Value) -> String {
    let texts = ["summary", "description"].into_iter().filter_map(|key| node.get(key)?.as_str());
    texts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The digest of a node's texts; none where it has no text.
pub(super) fn of(node: &Value) -> Option<String> {
    let kept = node.get(DIGEST).and_then(Value::as_str).map(str::to_owned);
    kept.or_else(|| Some(joined(node)).filter(|text| !text.is_empty()).map(|text| digest(&text)))
}

/// Twelve hexadecimal digits: enough to tell a few hundred texts from their later versions.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The beginning of a text, for a report; nothing where only its digest is known.
pub(super) fn excerpt(text: &str) -> String {
    const LENGTH: usize = 96;
    let mut short: String = text.chars().take(LENGTH).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    if short.is_empty() { short } else { format!("it begins: {short}") }
}
