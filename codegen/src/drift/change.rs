//! The kinds of differences, and their meaning for a program.

use serde::Serialize;

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
pub const CHANGES: [(&str, &str); 40] = [
    ("body-new", "the vendor's operation takes a request body, ours does not"),
    ("body-optional", "the request body may be left out"),
    ("body-removed", "our operation sends a request body, the vendor's takes none"),
    ("constraint", "a bound, length or pattern differs"),
    ("default", "the service's default for an absent value differs"),
    ("deprecated", "the vendor calls it deprecated"),
    ("enum-closed", "the vendor lists values where ours takes any text"),
    ("enum-opened", "the vendor takes any text where ours lists values"),
    ("enum-value-new", "the vendor has a value that ours lacks"),
    ("enum-value-removed", "ours has a value that the vendor lacks"),
    ("field-new", "the vendor has a field that ours lacks"),
    ("field-removed", "ours has a field that the vendor lacks"),
    ("format", "the format differs in a way that matters for reading or writing"),
    ("header-new", "the vendor documents a response header that ours lacks"),
    ("header-removed", "ours documents a response header that the vendor lacks"),
    ("media-type-new", "the vendor has a media type that ours lacks"),
    ("media-type-removed", "ours has a media type that the vendor lacks"),
    ("nullable", "one of the two says that the value can be null"),
    ("operation-moved", "the operation has another method or path"),
    ("operation-new", "the vendor has an operation under a tag of ours that our spec lacks"),
    ("operation-removed", "ours has an operation that the vendor lacks"),
    ("operation-renamed", "the vendor calls the operation differently"),
    ("parameter-new", "the vendor has a parameter that ours lacks"),
    ("parameter-optional", "a parameter that ours requires may be left out"),
    ("parameter-removed", "ours has a parameter that the vendor lacks"),
    ("parameter-required", "the vendor requires a parameter that ours may leave out"),
    ("parameter-style", "a list is written differently in the address"),
    ("required-added", "the vendor requires a field that ours may leave out"),
    ("required-dropped", "a field that ours requires may be left out"),
    ("schema-missing", "the vendor describes no body where ours does"),
    ("security-new", "the vendor takes a way to authenticate that ours lacks"),
    ("security-removed", "ours has a way to authenticate that the vendor does not take"),
    ("status-new", "the vendor documents a status that ours lacks"),
    ("status-removed", "ours documents a status that the vendor lacks"),
    ("sunset", "the vendor names a day on which it ends"),
    ("text", "the vendor's text is neither ours nor the one that was last read"),
    ("type", "the JSON type differs"),
    ("unresolvable", "the vendor's document refers to a missing part"),
    ("version-new", "the vendor has a newer version than the one ours asks for"),
    ("version-removed", "the version that ours asks for is gone"),
];

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
    /// The meaning of the kind, in one sentence.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        CHANGES.iter().find(|(id, _)| *id == self.change).map_or("", |(_, meaning)| meaning)
    }
}
