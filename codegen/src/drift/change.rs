//! The kinds of differences, and their meaning for a program.

use std::sync::LazyLock;

use serde::Serialize;

use crate::rules;

/// The meaning of a difference between our spec and the vendor's document, for a program built on our client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Something a program can name is gone, reads wrongly, or will be refused.
    Breaking,
    /// The vendor has something that our spec lacks; programs go on working without it.
    Additive,
    /// Nothing changes on the wire: names, texts, claims that the client does not rely on.
    DocOnly,
}

impl Class {
    /// All classes, the most serious first.
    pub const ALL: [Self; 3] = [Self::Breaking, Self::Additive, Self::DocOnly];

    /// The word for it in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Additive => "additive",
            Self::DocOnly => "doc-only",
        }
    }
}

/// Every kind of difference: its id and its meaning. `specs/README.md` has the same table for people.
pub static CHANGES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| rules::table(include_str!("changes.txt")));

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The class of the difference.
    pub class: Class,
    /// Which kind it is: an id of [`CHANGES`].
    pub change: &'static str,
    /// Where, in our spec's words: `listInvoices`, `listInvoices query sortBy`, `BillingInvoice.statusName`.
    pub at: String,
    /// Our value; empty where ours has none.
    pub ours: String,
    /// The vendor's value; empty where the vendor has none.
    pub theirs: String,
    /// More for the reader, where the values do not say it all.
    pub note: String,
    /// The line of our spec.
    pub line: usize,
    /// Where the vendor's document says it, as a JSON pointer.
    pub upstream: String,
    /// Why it is accepted, if it is.
    pub accepted: Option<String>,
}

impl Change {
    /// A difference that is still to be placed in both documents, with what is known of it.
    pub(super) fn new(class: Class, change: &'static str, at: &str) -> Self {
        let empty = String::new;
        let (ours, theirs, note, upstream) = (empty(), empty(), empty(), empty());
        Self { class, change, at: at.to_owned(), ours, theirs, note, line: 0, upstream, accepted: None }
    }

    pub(super) fn ours(self, ours: impl Into<String>) -> Self {
        Self { ours: ours.into(), ..self }
    }

    pub(super) fn theirs(self, theirs: impl Into<String>) -> Self {
        Self { theirs: theirs.into(), ..self }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// The meaning of the kind, in one sentence.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        rules::sentence(&CHANGES, self.change)
    }
}
