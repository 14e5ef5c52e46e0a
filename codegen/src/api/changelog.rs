//! Whether the changelog says that something changed.

use super::rules::{Change, Level};

/// The fault of an unchanged changelog: something changed that users notice. `before` and `now` are
/// its texts.
#[must_use]
pub fn unsaid(changes: &[Change], before: &str, now: &str) -> Option<String> {
    let noticed = |change: &&Change| change.rule.level() > Level::Patch || change.rule.behaves();
    let change = changes.iter().find(noticed).filter(|_| before == now)?;
    Some(format!(
        "CHANGELOG.md says nothing new, but users notice a change ({}: {}): add a line under `Unreleased`",
        change.rule.id(),
        change.subject
    ))
}
