//! The tables of rules for specs and of the kinds of drift: an id a line, with a sentence about it.

use std::sync::LazyLock;

/// An id, and a sentence about it.
pub(crate) type Row = (&'static str, &'static str);

/// Every rule for specs, in alphabetical order, with the reason for it. `specs/README.md` has a section for each,
/// `tests/corpus/bad` a spec that breaks it.
pub(crate) static RULES: LazyLock<Vec<Row>> = LazyLock::new(|| table(include_str!("rules.txt")));

/// Reads the lines `id: sentence`.
pub(crate) fn table(text: &'static str) -> Vec<Row> {
    text.lines().filter_map(|line| line.split_once(": ")).collect()
}

/// The sentence about an id; empty for one that is not in the table.
pub(crate) fn sentence(table: &[Row], id: &str) -> &'static str {
    table.iter().find(|(known, _)| *known == id).map_or("", |(_, sentence)| sentence)
}
