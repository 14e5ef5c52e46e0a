//! Text for terminals.

use cloud_billing_core::config::steers;

/// Text on one line, without characters that control a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}
