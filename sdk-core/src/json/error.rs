//! The error of decoding.

use std::fmt;

use super::place;
use crate::text::shown;

/// A text is not JSON, or it does not have the expected type.
pub struct JsonError(Box<Inner>);

struct Inner {
    kind: Kind,
    at: usize,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The text is not JSON.
    Syntax,
    /// The text ends too early.
    End,
    /// A value does not have the expected type.
    Data,
    /// The value would take too much memory.
    Memory,
}

impl JsonError {
    #[cold]
    #[inline(never)]
    pub(crate) fn new(kind: Kind, at: usize, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, at, message: shown(&message.into()) }))
    }

    /// The offset of the value or character at fault, in bytes from the start of the text.
    pub fn offset(&self) -> usize {
        self.0.at
    }

    /// The path to the value at fault, such as `results[0].amount`, with keys that are long or have line
    /// breaks as [`shown`](crate::config::shown) formats them. `None` for the text as a whole. `text` is the text that
    /// was decoded.
    pub fn path(&self, text: &str) -> Option<String> {
        place::path(String::new(), text, self.0.at)
    }

    /// What is wrong, without the place.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    pub(crate) fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Whether the text is not JSON, so that another response may be better.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.0.kind, Kind::Syntax | Kind::End)
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.0.message, self.0.at)
    }
}

impl fmt::Debug for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonError({self})")
    }
}

impl std::error::Error for JsonError {}
