//! A value of a spec that knows its place. Going to a member follows references, so that a node is never one.

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::load::Document;
use crate::pointer::Pointer;

/// How many references may follow one another.
const MAX_REFERENCES: usize = 16;

/// A value of a spec.
#[derive(Clone)]
pub(super) struct Node<'d> {
    document: &'d Document,
    pub(super) value: &'d Value,
    pub(super) pointer: Pointer,
}

impl<'d> Node<'d> {
    /// The document itself.
    pub(super) fn root(document: &'d Document) -> Self {
        Self { document, value: &document.root, pointer: Pointer::root() }
    }

    /// The line that it begins in.
    pub(super) fn line(&self) -> usize {
        self.document.line(&self.pointer)
    }

    /// That it is not what the model needs. The lint rules find that first, unless one is missing.
    pub(super) fn fault(&self, message: impl Into<String>) -> Diagnostics {
        let help = "the lint rules should have reported this; please add one that does";
        self.finding("model", message, help).into()
    }

    /// A finding about it.
    pub(super) fn finding(
        &self,
        rule: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        self.document.finding(&self.pointer, rule, message, help)
    }

    /// A member, if there is one.
    pub(super) fn get(&self, key: &str) -> Result<Option<Self>, Diagnostics> {
        self.value.get(key).map(|value| self.child(key, value)).transpose()
    }

    /// A member that has to be there.
    pub(super) fn require(&self, key: &str) -> Result<Self, Diagnostics> {
        self.get(key)?.ok_or_else(|| self.fault(format!("`{key}` is missing")))
    }

    /// The members of a map.
    pub(super) fn members(&self) -> Result<Vec<(&'d str, Self)>, Diagnostics> {
        let map = self.value.as_object().ok_or_else(|| self.fault("this is not a map"))?;
        map.iter().map(|(key, value)| Ok((key.as_str(), self.child(key, value)?))).collect()
    }

    /// The members of the map `key`; none if it is absent.
    pub(super) fn members_of(&self, key: &str) -> Result<Vec<(&'d str, Self)>, Diagnostics> {
        self.get(key)?.map_or(Ok(Vec::new()), |node| node.members())
    }

    /// The items of the list `key`; none if it is absent.
    pub(super) fn items_of(&self, key: &str) -> Result<Vec<Self>, Diagnostics> {
        let Some(list) = self.get(key)? else { return Ok(Vec::new()) };
        let items = list.value.as_array().ok_or_else(|| list.fault("this is not a list"))?;
        items.iter().enumerate().map(|(index, value)| list.child(&index.to_string(), value)).collect()
    }

    /// The value as text.
    pub(super) fn text(&self) -> Result<&'d str, Diagnostics> {
        self.value.as_str().ok_or_else(|| self.fault("this is not text"))
    }

    /// A member as text, if there is one.
    pub(super) fn get_text(&self, key: &str) -> Result<Option<&'d str>, Diagnostics> {
        self.get(key)?.map(|node| node.text()).transpose()
    }

    /// A member as text; empty if there is none.
    pub(super) fn text_of(&self, key: &str) -> Result<String, Diagnostics> {
        Ok(self.get_text(key)?.unwrap_or_default().to_owned())
    }

    /// A member as text that has to be there.
    pub(super) fn require_text(&self, key: &str) -> Result<&'d str, Diagnostics> {
        self.require(key)?.text()
    }

    /// Whether a member is `true`.
    pub(super) fn flag(&self, key: &str) -> Result<bool, Diagnostics> {
        let Some(node) = self.get(key)? else { return Ok(false) };
        node.value.as_bool().ok_or_else(|| node.fault("this is neither true nor false"))
    }

    fn child(&self, key: &str, value: &'d Value) -> Result<Self, Diagnostics> {
        let mut node = Self { document: self.document, value, pointer: self.pointer.join(key) };
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = node.value.get("$ref").and_then(Value::as_str) else { return Ok(node) };
            let target = Pointer::parse(reference);
            let found = target.and_then(|pointer| Some((self.document.get(&pointer)?, pointer)));
            let Some((value, pointer)) = found else {
                return Err(node.fault(format!("`{reference}` leads to nothing in this document")));
            };
            node = Self { document: self.document, value, pointer };
        }
        Err(node.fault("this is a reference that leads to itself"))
    }
}
