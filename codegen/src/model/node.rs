//! Strict reading, for the model: going to a member follows references, and what is missing is a fault.

use crate::node::{Broken, Node};
use crate::pointer::Pointer;

/// What the model cannot read, and where. The lint rules find that first, unless one is missing.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) at: Pointer,
    pub(crate) message: String,
}

impl From<Broken> for Fault {
    fn from(Broken { at, reference }: Broken) -> Self {
        Self { at, message: format!("`{reference}` leads to nothing in this document") }
    }
}

impl<'d> Node<'d> {
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { at: self.pointer.clone(), message: message.into() }
    }

    /// A member, if there is one.
    pub(super) fn find(&self, key: &str) -> Result<Option<Self>, Fault> {
        Ok(self.get(key).map(|node| node.resolve()).transpose()?)
    }

    /// A member that has to be there.
    pub(super) fn require(&self, key: &str) -> Result<Self, Fault> {
        self.find(key)?.ok_or_else(|| self.fault(format!("`{key}` is missing")))
    }

    /// The members of the map or list `key`, each followed to its target; none if it is absent.
    pub(super) fn each(&self, key: &str) -> Result<Vec<(String, Self)>, Fault> {
        self.below(key).into_iter().map(|(name, node)| Ok((name, node.resolve()?))).collect()
    }

    /// The value as text.
    pub(super) fn as_text(&self) -> Result<&'d str, Fault> {
        self.value.as_str().ok_or_else(|| self.fault("this is not text"))
    }

    /// A member as text that has to be there.
    pub(super) fn require_text(&self, key: &str) -> Result<&'d str, Fault> {
        self.require(key)?.as_text()
    }

    /// A member as text; empty if there is none.
    pub(super) fn text_or_empty(&self, key: &str) -> String {
        self.text(key).unwrap_or_default().to_owned()
    }
}
