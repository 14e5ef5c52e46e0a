//! The side table: everything a spec says that the engine has no words for. The lowering passes fill it, the emit passes
//! read it.

use std::collections::{BTreeMap, BTreeSet};

use crate::constraint::Constraint;

/// What is known about a service beside its lowered document.
#[derive(Debug, Default)]
pub(crate) struct Side {
    /// Title of the document.
    pub(crate) title: String,
    /// Version of the vendor's API.
    pub(crate) api_version: String,
    /// Base URLs with their descriptions, the default one first.
    pub(crate) servers: Vec<(String, String)>,
    /// The methods of the client, in the order of the text.
    pub(crate) operations: Vec<Operation>,
    /// String enums by Rust name.
    pub(crate) enums: BTreeMap<String, Enum>,
    /// Object schemas by Rust name.
    pub(crate) schemas: BTreeMap<String, Schema>,
    /// Types the engine is told to use in place of a schema: (name of the schema, Rust type).
    pub(crate) replacements: Vec<(String, String)>,
}

impl Side {
    /// The operation that became the method `name`.
    pub(crate) fn operation_mut(&mut self, name: &str) -> Option<&mut Operation> {
        self.operations.iter_mut().find(|operation| operation.name == name)
    }
}

/// One method of the client.
#[derive(Debug, Default)]
pub(crate) struct Operation {
    /// The vendor's `operationId`.
    pub(crate) id: String,
    /// The Rust method.
    pub(crate) name: String,
    /// HTTP method, lower case.
    pub(crate) method: String,
    /// Path template, as in the spec.
    pub(crate) path: String,
    /// Module the code goes into.
    pub(crate) group: String,
    /// Line of the operation in the spec.
    pub(crate) line: usize,
    pub(crate) accept: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) success: Vec<u16>,
    pub(crate) processing: Vec<u16>,
    pub(crate) errors: Vec<u16>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) has_body: bool,
    pub(crate) idempotent: bool,
    pub(crate) envelope: Option<Envelope>,
    pub(crate) bare_item: Option<BareItem>,
    pub(crate) pagination: Option<Pagination>,
    pub(crate) documentation: Documentation,
}

/// One parameter of an operation.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) wire: String,
    pub(crate) rust: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) description: String,
    pub(crate) constraints: Constraints,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// Checks on a value, and on each element when it is a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Constraints {
    pub(crate) value: Vec<Constraint>,
    pub(crate) elements: Vec<Constraint>,
}

impl Constraints {
    pub(crate) fn is_empty(&self) -> bool {
        self.value.is_empty() && self.elements.is_empty()
    }
}

/// Fields of the wrapper that a service puts around a body on request.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) status: String,
    pub(crate) content: String,
}

/// How a body that is one bare item is told from a list of them.
#[derive(Clone, Debug)]
pub(crate) struct BareItem {
    pub(crate) items: String,
    pub(crate) markers: Vec<String>,
}

/// How an operation pages. Names are wire names; a field may be a path with dots.
#[derive(Clone, Debug)]
pub(crate) enum Pagination {
    Cursor { token: String, size: String, items: String, next_href: String, next_token: String, id: Option<String> },
    PageNumber { page: String, size: String, default_size: u64, items: String, links: String, id: Option<String> },
}

/// What a method's documentation is put together from.
#[derive(Debug, Default)]
pub(crate) struct Documentation {
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) link: String,
    pub(crate) role: Option<String>,
    pub(crate) iam_action: Option<String>,
    pub(crate) audit_event: Option<String>,
    pub(crate) preview: bool,
}

/// A string enum.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) description: String,
    /// (Rust variant, wire value), in the order of the spec.
    pub(crate) values: Vec<(String, String)>,
}

/// An object schema.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) usage: Usage,
    pub(crate) fields: Vec<Field>,
    /// Unknown fields are kept.
    pub(crate) extra: bool,
}

/// A property of an object schema.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) wire: String,
    pub(crate) rust: String,
    /// Its position in the schema's `required`, which is the order of a constructor's arguments.
    pub(crate) required: Option<usize>,
    pub(crate) constraints: Constraints,
    /// Rust name of the object schema behind it (directly, or as the element of a list), if there is one.
    pub(crate) object: Option<String>,
}

/// Who uses a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) request: bool,
    pub(crate) response: bool,
    /// Groups of the operations that reach it.
    pub(crate) groups: BTreeSet<String>,
}
