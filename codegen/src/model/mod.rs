//! The typed model of a spec: everything that the generator knows of a service, resolved once.
//!
//! [`model`] makes it from a linted document. References, aliases and `allOf` of one are gone: a schema stands where it
//! is used. What cannot be resolved is a diagnostic with its place, never a missing part. Nothing changes the model
//! afterwards.

mod node;
mod operations;
mod pagination;
mod schemas;
mod usage;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::constraint::Constraint;
use crate::load::Document;
use crate::node::Node;
use node::Fault;
pub(crate) use schemas::Format;

/// The model of a document.
///
/// # Errors
/// What cannot be read, with its place.
pub(crate) fn model(document: &Document) -> Result<Model, Fault> {
    let root = document.root();
    let info = root.require("info")?;
    let components = root.find("components")?.map_or(Ok(Vec::new()), |components| components.each("schemas"))?;
    let mut objects = schemas::objects(&components)?;
    let operations = operations::all(document, &objects)?;
    usage::set_usage(&mut objects, &operations);
    let server = |(_, server): (String, Node<'_>)| {
        Ok((server.require_text("url")?.to_owned(), server.text_or_empty("description")))
    };
    Ok(Model {
        title: info.require_text("title")?.to_owned(),
        api_version: info.require_text("version")?.to_owned(),
        servers: root.each("servers")?.into_iter().map(server).collect::<Result<_, Fault>>()?,
        operations,
        enums: schemas::enums(&components)?,
        ids: schemas::ids(&components)?,
        objects,
    })
}

/// A service.
#[derive(Debug)]
pub(crate) struct Model {
    /// Title of the document.
    pub(crate) title: String,
    /// Version of the vendor's API.
    pub(crate) api_version: String,
    /// Base URLs with their descriptions, the default one first.
    pub(crate) servers: Vec<(String, String)>,
    /// The operations, in the order of the text.
    pub(crate) operations: Vec<Operation>,
    /// Object schemas by Rust name.
    pub(crate) objects: BTreeMap<String, Object>,
    /// String enums by Rust name.
    pub(crate) enums: BTreeMap<String, Enum>,
    /// Ids by Rust name.
    pub(crate) ids: BTreeMap<String, Id>,
}

impl Model {
    /// Whether the client has a type of that name.
    pub(crate) fn has_type(&self, name: &str) -> bool {
        self.objects.contains_key(name) || self.enums.contains_key(name) || self.ids.contains_key(name)
    }

    /// Each method of the client with its operation, in the order of the text.
    pub(crate) fn methods(&self) -> impl Iterator<Item = (&Operation, &Method)> {
        self.operations.iter().flat_map(|operation| operation.methods.iter().map(move |method| (operation, method)))
    }
}

/// An operation.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The vendor's `operationId`.
    pub(crate) id: String,
    /// Where the spec has it, as a JSON pointer.
    pub(crate) pointer: String,
    /// HTTP method, lower case.
    pub(crate) http_method: String,
    /// Path template, as in the spec.
    pub(crate) path: String,
    /// Module that the code goes into.
    pub(crate) group: String,
    /// Whether a caller has to authenticate.
    pub(crate) secured: bool,
    /// A POST or PATCH that may be sent again without harm.
    pub(crate) idempotent: bool,
    pub(crate) quota: Option<Quota>,
    /// Parameters in the order of the spec, those of the path item last.
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) success: Success,
    /// Interim statuses (1xx).
    pub(crate) processing: Vec<u16>,
    pub(crate) errors: Vec<ErrorResponse>,
    /// The methods of the client, one for each success media type; JSON first.
    pub(crate) methods: Vec<Method>,
    pub(crate) envelope: Option<Envelope>,
    pub(crate) bare_item: Option<BareItem>,
    pub(crate) pagination: Option<Pagination>,
    pub(crate) documentation: Documentation,
}

impl Operation {
    /// The wire name of a parameter, by its index.
    pub(crate) fn wire(&self, parameter: usize) -> &str {
        &self.parameters[parameter].wire
    }

    /// The documented statuses of errors.
    pub(crate) fn error_statuses(&self) -> Vec<u16> {
        self.errors.iter().map(|error| error.status).collect()
    }
}

/// The quota that the service counts an operation's requests by.
#[derive(Debug)]
pub(crate) struct Quota {
    /// Operations of one set share a quota.
    pub(crate) set: String,
    /// The path parameter whose value it is counted for. Without one, it is counted for the caller.
    pub(crate) scope: Option<String>,
}

/// A method of the client.
#[derive(Debug)]
pub(crate) struct Method {
    /// Its Rust name.
    pub(crate) name: String,
    /// The media type that it asks for.
    pub(crate) accept: Option<String>,
    pub(crate) output: Output,
    /// Whether it is the one that lists pages.
    pub(crate) pages: bool,
}

/// The result of a method.
#[derive(Clone, Debug)]
pub(crate) enum Output {
    Json(Type),
    Bytes,
    Empty,
}

/// A parameter of an operation.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) wire: String,
    pub(crate) rust: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) description: String,
    pub(crate) schema: Schema,
    pub(crate) constraints: Constraints,
    pub(crate) example: Option<Value>,
    /// Where the spec has it, as a JSON pointer.
    pub(crate) pointer: String,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

impl Place {
    /// Its name in OpenAPI.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// The body of a request.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) media_type: String,
    pub(crate) schema: Schema,
    pub(crate) example: Option<Value>,
    /// Where the spec has it, as a JSON pointer.
    pub(crate) pointer: String,
}

/// The success response of an operation.
#[derive(Debug)]
pub(crate) struct Success {
    pub(crate) status: u16,
    /// Declared headers with the text of their examples.
    pub(crate) headers: Vec<(String, String)>,
    /// Its media types; none where there is no body.
    pub(crate) content: Vec<Media>,
    /// Where the spec has it, as a JSON pointer.
    pub(crate) pointer: String,
}

/// One media type of a success response.
#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) name: String,
    /// Its schema, where it is JSON.
    pub(crate) schema: Option<Schema>,
    pub(crate) example: Option<Value>,
}

/// An error response.
#[derive(Debug, PartialEq)]
pub(crate) struct ErrorResponse {
    pub(crate) status: u16,
    pub(crate) description: String,
    /// The schema of its JSON.
    pub(crate) schema: Option<Schema>,
    /// Its JSON example.
    pub(crate) example: Option<Value>,
}

/// A schema where it is used.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Schema {
    pub(crate) ty: Type,
    pub(crate) nullable: bool,
    /// A value that does not fit is kept as JSON.
    pub(crate) lenient: bool,
    /// Where the spec says that only the service sets the value.
    pub(crate) read_only: Option<String>,
    pub(crate) default: Option<Value>,
    /// The keywords that say which values are allowed.
    pub(crate) rules: Value,
    /// Where the spec defines it, as a JSON pointer.
    pub(crate) pointer: String,
}

/// The type of a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Type {
    /// Any JSON value.
    #[default]
    Any,
    /// Text, a number or a boolean.
    Scalar(&'static Format),
    /// An enum, by Rust name.
    Enum(String),
    /// An id, by Rust name.
    Id(String),
    /// An object, by Rust name.
    Object(String),
    List(Box<Schema>),
    /// A map from text.
    Map(Box<Schema>),
}

impl Type {
    /// The type inside all lists and maps.
    pub(crate) fn leaf(&self) -> &Self {
        match self {
            Self::List(inner) | Self::Map(inner) => inner.ty.leaf(),
            other => other,
        }
    }
}

/// Checks on a value that is sent, and on each element when it is a list.
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

/// A string enum.
#[derive(Debug)]
pub(crate) struct Enum {
    /// Its name in the spec.
    pub(crate) name: String,
    pub(crate) description: String,
    /// (Rust variant, wire value), in the order of the spec.
    pub(crate) values: Vec<(String, String)>,
}

/// A text that names one thing, with a type of its own.
#[derive(Debug)]
pub(crate) struct Id {
    pub(crate) description: String,
    /// Checks on every value.
    pub(crate) constraints: Constraints,
}

/// An object schema.
#[derive(Debug)]
pub(crate) struct Object {
    /// Its name in the spec.
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) usage: Usage,
    /// Its properties, by wire name.
    pub(crate) properties: Vec<Property>,
    /// Unknown fields are kept.
    pub(crate) extra: bool,
    pub(crate) bare_item: Option<BareItem>,
    /// Where the spec has it, as a JSON pointer.
    pub(crate) pointer: String,
}

/// A property of an object schema.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) wire: String,
    pub(crate) rust: String,
    pub(crate) description: String,
    pub(crate) schema: Schema,
    /// Its position in the schema's `required`, which is the order of a constructor's arguments.
    pub(crate) required: Option<usize>,
    /// A response always has it.
    pub(crate) guaranteed: bool,
    /// Checks before it is sent.
    pub(crate) constraints: Constraints,
}

/// Which operations reach a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) request: bool,
    /// Groups of the operations that reach it, error bodies apart.
    pub(crate) groups: BTreeSet<String>,
}

/// The wrapper that a service puts around a body on request.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    /// The query parameter that asks for it.
    pub(crate) parameter: String,
    /// The field with the status.
    pub(crate) status: String,
    /// The field with the body.
    pub(crate) content: String,
}

/// How a body that is one bare item is told from a list of them.
#[derive(Clone, Debug)]
pub(crate) struct BareItem {
    pub(crate) items: String,
    pub(crate) markers: Vec<String>,
}

/// How an operation pages.
#[derive(Debug)]
pub(crate) struct Pagination {
    /// The parameter that sets the page size, as an index of the operation's parameters.
    pub(crate) size: usize,
    /// The property of the page that holds the items.
    pub(crate) items: Field,
    /// The object schema of an item, by Rust name.
    pub(crate) item: String,
    /// The property that tells an item from all others.
    pub(crate) id: Option<Field>,
    pub(crate) style: Style,
}

/// How the next page is asked for.
#[derive(Debug)]
pub(crate) enum Style {
    Cursor {
        /// The parameter that takes the cursor, as an index of the operation's parameters.
        token: usize,
        /// Properties on the way to the link whose query holds the cursor.
        href: Option<Vec<Field>>,
        /// Properties on the way to the cursor itself.
        next: Option<Vec<Field>>,
    },
    PageNumber {
        /// The parameter with the number, as an index of the operation's parameters.
        page: usize,
        /// The page size when none is asked for.
        default_size: u64,
        /// The property with the links of the page.
        links: Field,
        /// The property with the number of items of the whole list.
        total: Option<Field>,
        /// A relation of links that means the same as `next`.
        relation: Option<String>,
    },
}

/// A property that the pagination names.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) wire: String,
    pub(crate) rust: String,
}

/// A path of properties as the spec writes it.
pub(crate) fn dotted(path: &[Field]) -> String {
    path.iter().map(|field| field.wire.as_str()).collect::<Vec<_>>().join(".")
}

/// The texts of an operation.
#[derive(Debug)]
pub(crate) struct Documentation {
    pub(crate) summary: String,
    pub(crate) description: String,
    /// Address of the vendor's page.
    pub(crate) link: String,
    pub(crate) role: Option<String>,
    pub(crate) iam_action: Option<String>,
    pub(crate) audit_event: Option<String>,
    pub(crate) preview: bool,
    /// Other names of the operation.
    pub(crate) aliases: Vec<String>,
}

impl Property {
    /// Whether it is there in every value: a required field of a request, or a guaranteed one of a response.
    pub(crate) fn is_always_present(&self, object: &Object) -> bool {
        if object.usage.request { self.required.is_some() } else { self.guaranteed }
    }
}
