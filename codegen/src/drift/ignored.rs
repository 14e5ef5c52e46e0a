//! What is not compared, with the reasons. `specs/README.md` has the same table.

use std::sync::LazyLock;

use crate::rules;

/// Each keyword that is not looked at, and why.
pub static IGNORED: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| rules::table(include_str!("ignored.txt")));

/// Whether a keyword is not looked at.
pub(super) fn is_ignored(key: &str) -> bool {
    IGNORED.iter().any(|(ignored, _)| *ignored == key)
}
