//! The reader of OpenAPI: a value of a document that knows its place. The lint rules, the model and drift read with it,
//! our specs and the vendors' documents alike.
//!
//! A member is read as it is written, perhaps a `$ref`, unless a method says that it follows references.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::pointer::Pointer;

/// The HTTP methods a path item can hold, in the order OpenAPI lists them.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A chain of references that is longer than this is taken for a circle.
const MAX_HOPS: usize = 32;

/// A value of a document.
#[derive(Clone, Debug)]
pub(crate) struct Node<'d> {
    pub(crate) pointer: Pointer,
    pub(crate) value: &'d Value,
    /// The document.
    root: &'d Value,
}

/// A `$ref` that leads nowhere, or in a circle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Broken {
    pub(crate) at: Pointer,
    pub(crate) reference: String,
}

impl<'d> Node<'d> {
    /// The document itself.
    pub(crate) fn root(root: &'d Value) -> Self {
        Self { pointer: Pointer::root(), value: root, root }
    }

    /// Another place of the same document.
    pub(crate) fn at(&self, pointer: Pointer) -> Option<Self> {
        Some(Self { value: pointer.find(self.root)?, pointer, root: self.root })
    }

    /// The value that this one is a member of.
    pub(crate) fn parent(&self) -> Option<Self> {
        self.at(self.pointer.parent())
    }

    /// A member of a map.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        self.value.get(key).map(|value| self.member(key, value))
    }

    /// Whether a map has a member.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.value.get(key).is_some()
    }

    /// A member that is text.
    pub(crate) fn text(&self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    /// Whether a member is `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// A member that is a map.
    pub(crate) fn object(&self, key: &str) -> Option<&'d Map<String, Value>> {
        self.value.get(key)?.as_object()
    }

    /// A member that is a list; empty if it is absent.
    pub(crate) fn list(&self, key: &str) -> &'d [Value] {
        self.value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The members of a map with their names, or of a list with their indexes.
    pub(crate) fn members(&self) -> Vec<(String, Self)> {
        let named = |key: String, value| (key.clone(), self.member(&key, value));
        match self.value {
            Value::Object(map) => map.iter().map(|(key, value)| named(key.clone(), value)).collect(),
            Value::Array(list) => list.iter().enumerate().map(|(at, value)| named(at.to_string(), value)).collect(),
            _ => Vec::new(),
        }
    }

    /// The members of the map or list `key`; none if it is absent.
    pub(crate) fn below(&self, key: &str) -> Vec<(String, Self)> {
        self.get(key).map(|node| node.members()).unwrap_or_default()
    }

    /// The target of a `$ref`, where this is one.
    pub(crate) fn reference(&self) -> Option<&'d str> {
        self.text("$ref")
    }

    /// The node itself, or the target of its `$ref`, and of the `$ref`s behind that.
    pub(crate) fn resolve(&self) -> Result<Self, Broken> {
        let mut found = self.clone();
        for _ in 0..MAX_HOPS {
            let Some(reference) = found.value.get("$ref") else { return Ok(found) };
            let broken = || Broken { at: found.pointer.clone(), reference: text_of(reference) };
            found = reference.as_str().and_then(|text| self.lookup(text)).ok_or_else(broken)?;
        }
        Err(Broken { at: self.pointer.clone(), reference: self.reference().unwrap_or_default().to_owned() })
    }

    /// The target of the `$ref` that this is, perhaps another `$ref`.
    pub(crate) fn target(&self) -> Option<Self> {
        self.lookup(self.reference()?)
    }

    /// The target of a reference. It is a fragment of an address, so some write its braces as `%7B` and `%7D`.
    pub(crate) fn lookup(&self, reference: &str) -> Option<Self> {
        let decoded = percent_decode_str(reference).decode_utf8().ok()?;
        [reference, &decoded].into_iter().find_map(|text| self.at(Pointer::parse(text)?))
    }

    /// The schema that a schema stands for: `$ref`s followed, and an `allOf` of one part taken for that part.
    pub(crate) fn schema(&self) -> Option<Self> {
        let mut found = self.resolve().ok()?;
        for _ in 0..MAX_HOPS {
            let [(_, part)] = &found.below("allOf")[..] else { return Some(found) };
            found = part.resolve().ok()?;
        }
        None
    }

    /// The schema under a key, as [`schema`](Self::schema) finds it.
    pub(crate) fn schema_of(&self, key: &str) -> Option<Self> {
        self.get(key)?.schema()
    }

    /// A property of an object schema.
    pub(crate) fn property(&self, name: &str) -> Option<Self> {
        self.get("properties")?.get(name)
    }

    /// The name, where this is a component of a section such as `schemas`.
    pub(crate) fn component(&self, section: &str) -> Option<&str> {
        match self.pointer.segments() {
            [components, of, name] if components == "components" && of == section => Some(name),
            _ => None,
        }
    }

    fn member(&self, key: &str, value: &'d Value) -> Self {
        Self { pointer: self.pointer.join(key), value, root: self.root }
    }
}

/// A scalar as text, without quotes.
pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
