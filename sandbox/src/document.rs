//! A spec as a tree whose nodes know their place.

use serde_json::Value;

use crate::error::SpecError;

/// How many references may follow one another.
const MAX_REFERENCES: usize = 16;

/// The parsed text of a spec.
#[derive(Debug)]
pub(crate) struct Document {
    file: &'static str,
    root: Value,
}

impl Document {
    pub(crate) fn parse(file: &'static str, text: &str) -> Result<Self, SpecError> {
        let root = serde_yaml::from_str(text)
            .map_err(|error| SpecError::new(file.to_owned(), format!("is not YAML: {error}")))?;
        Ok(Self { file, root })
    }

    pub(crate) fn root(&self) -> Node<'_> {
        Node { document: self, value: &self.root, pointer: String::new() }
    }
}

/// A value of a spec. Going to another node follows references, so that a node is never one.
#[derive(Clone)]
pub(crate) struct Node<'d> {
    document: &'d Document,
    value: &'d Value,
    pointer: String,
}

impl<'d> Node<'d> {
    /// The value, in which references are not followed.
    pub(crate) fn value(&self) -> &'d Value {
        self.value
    }

    /// File and JSON pointer.
    pub(crate) fn place(&self) -> String {
        format!("{}#{}", self.document.file, self.pointer)
    }

    pub(crate) fn error(&self, problem: impl Into<String>) -> SpecError {
        SpecError::new(self.place(), problem.into())
    }

    /// The member of an object, if there is one.
    pub(crate) fn get(&self, key: &str) -> Result<Option<Self>, SpecError> {
        self.value.get(key).map(|value| self.child(key, value)).transpose()
    }

    /// The member of an object.
    pub(crate) fn require(&self, key: &str) -> Result<Self, SpecError> {
        self.get(key)?.ok_or_else(|| self.error(format!("has no `{key}`")))
    }

    /// The members of an object.
    pub(crate) fn members(&self) -> Result<Vec<(&'d str, Self)>, SpecError> {
        let map = self.value.as_object().ok_or_else(|| self.error("is not an object"))?;
        map.iter().map(|(key, value)| Ok((key.as_str(), self.child(key, value)?))).collect()
    }

    /// The items of an array.
    pub(crate) fn items(&self) -> Result<Vec<Self>, SpecError> {
        let items = self.value.as_array().ok_or_else(|| self.error("is not a list"))?;
        items.iter().enumerate().map(|(index, value)| self.child(&index.to_string(), value)).collect()
    }

    /// The value as a string.
    pub(crate) fn text(&self) -> Result<&'d str, SpecError> {
        self.value.as_str().ok_or_else(|| self.error("is not a string"))
    }

    /// The member as a string, if there is one.
    pub(crate) fn get_text(&self, key: &str) -> Result<Option<&'d str>, SpecError> {
        self.get(key)?.map(|node| node.text()).transpose()
    }

    /// The member as a boolean; false if there is none.
    pub(crate) fn get_flag(&self, key: &str) -> Result<bool, SpecError> {
        let Some(node) = self.get(key)? else { return Ok(false) };
        node.value.as_bool().ok_or_else(|| node.error("is neither true nor false"))
    }

    /// The member as a count, if there is one.
    pub(crate) fn get_count(&self, key: &str) -> Result<Option<usize>, SpecError> {
        let Some(node) = self.get(key)? else { return Ok(None) };
        let count = node.value.as_u64().and_then(|count| usize::try_from(count).ok());
        count.map(Some).ok_or_else(|| node.error("is not a count"))
    }

    fn child(&self, key: &str, value: &'d Value) -> Result<Self, SpecError> {
        let pointer = format!("{}/{}", self.pointer, escape(key));
        let mut node = Self { document: self.document, value, pointer };
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = node.value.get("$ref").and_then(Value::as_str) else { return Ok(node) };
            let target = reference.strip_prefix('#').and_then(|pointer| {
                let value = self.document.root.pointer(pointer)?;
                Some(Self { document: self.document, value, pointer: pointer.to_owned() })
            });
            node = target.ok_or_else(|| node.error(format!("refers to `{reference}`, which is not in this file")))?;
        }
        Err(node.error("is a reference that leads nowhere"))
    }
}

/// A key as a JSON pointer writes it.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: {$ref: '#/c/d~1e'}\nb: {$ref: '#/b'}\nc: {d/e: {n: 3, flag: true}}\n";

    #[test]
    fn follows_references_and_names_the_target() {
        let document = Document::parse("spec.yaml", TEXT).unwrap();
        let node = document.root().require("a").unwrap();
        assert_eq!(node.place(), "spec.yaml#/c/d~1e");
        assert_eq!(node.get_count("n").unwrap(), Some(3));
        assert!(node.get_flag("flag").unwrap());
        assert_eq!(node.require("x").err().unwrap().to_string(), "spec.yaml#/c/d~1e: has no `x`");
    }

    #[test]
    fn a_circular_reference_is_an_error() {
        let document = Document::parse("spec.yaml", TEXT).unwrap();
        let error = document.root().get("b").err().unwrap();
        assert_eq!(error.to_string(), "spec.yaml#/b: is a reference that leads nowhere");
    }
}
