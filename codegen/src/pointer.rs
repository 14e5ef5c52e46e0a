//! JSON pointers (RFC 6901) in the form a `$ref` writes them: `#/paths/~1orgs/get`.

use std::fmt;

use serde_json::Value;

/// A place in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Pointer(Vec<String>);

impl Pointer {
    /// The document itself.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// The member `key` of this place; of a list, the item at that index.
    pub(crate) fn join(&self, key: &(impl ToString + ?Sized)) -> Self {
        let mut segments = self.0.clone();
        segments.push(key.to_string());
        Self(segments)
    }

    /// Reads `#/a/b~1c`. `None` when the text does not point into the same document.
    pub(crate) fn parse(reference: &str) -> Option<Self> {
        let rest = reference.strip_prefix('#')?;
        if rest.is_empty() {
            return Some(Self::root());
        }
        let segments = rest.strip_prefix('/')?.split('/');
        Some(Self(segments.map(|s| s.replace("~1", "/").replace("~0", "~")).collect()))
    }

    /// The value at this place of a document.
    pub(crate) fn find<'a>(&self, root: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(root, |value, key| match value {
            Value::Object(map) => map.get(key),
            Value::Array(list) => list.get(key.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The keys on the way down.
    pub(crate) fn segments(&self) -> &[String] {
        &self.0
    }

    /// The last key; empty for the root.
    pub(crate) fn last(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// The place this one is a member of.
    pub(crate) fn parent(&self) -> Self {
        let mut segments = self.0.clone();
        segments.pop();
        Self(segments)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("#")?;
        for segment in &self.0 {
            write!(f, "/{}", segment.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;

    #[test]
    fn escapes_both_ways() {
        let pointer = Pointer::root().join("paths").join("/a~b/{id}").join(&0);
        assert_eq!(pointer.to_string(), "#/paths/~1a~0b~1{id}/0");
        assert_eq!(Pointer::parse(&pointer.to_string()), Some(pointer));
        assert_eq!(Pointer::parse("#"), Some(Pointer::root()));
        assert_eq!(Pointer::parse("other.yaml#/a"), None);
    }
}
