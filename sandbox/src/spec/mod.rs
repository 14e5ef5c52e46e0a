//! The specs, read into what serving and checking needs.

mod media;
mod read;
mod shape;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::document::Document;
use crate::error::{Error, SpecError};
use crate::routing::{Routed, Router};
use crate::schema::Schema;
use crate::service::Service;

pub(crate) use media::{Example, Media};
pub(crate) use shape::{Path, Shape, Step};

/// The spec of one service.
#[derive(Debug)]
pub(crate) struct Spec {
    operations: Vec<Operation>,
    /// Method and path to an index in `operations`.
    router: Router<usize>,
    /// The fields that hold the items of a list.
    list_fields: BTreeSet<String>,
}

impl Spec {
    /// The spec of a service, read when it is first asked for.
    pub(crate) fn of(service: Service) -> Result<&'static Self, Error> {
        static ATLAS: OnceLock<Result<Spec, SpecError>> = OnceLock::new();
        static IBM: OnceLock<Result<Spec, SpecError>> = OnceLock::new();
        let cell = match service {
            Service::Atlas => &ATLAS,
            Service::Ibm => &IBM,
        };
        let dialect = service.dialect();
        let spec = cell.get_or_init(|| read::spec(&Document::parse(dialect.file, dialect.text)?));
        spec.as_ref().map_err(|error| Error::spec(error.clone()))
    }

    /// Every operation.
    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation with an identifier.
    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Whether a body has the items of a list.
    pub(crate) fn is_list(&self, body: &Value) -> bool {
        self.list_fields.iter().any(|field| body.get(field).is_some())
    }

    /// The operation of a method and a path.
    pub(crate) fn route<'s, 'p>(&'s self, method: &Method, path: &'p str) -> Routed<'s, 'p, Operation> {
        match self.router.find(method, path) {
            Routed::Found(index, captures) => match self.operations.get(*index) {
                Some(operation) => Routed::Found(operation, captures),
                None => Routed::UnknownPath,
            },
            Routed::WrongMethod { template, allowed } => Routed::WrongMethod { template, allowed },
            Routed::UnknownPath => Routed::UnknownPath,
        }
    }
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    /// Where the spec has it.
    pub(crate) place: String,
    /// Whether a caller has to say who it is.
    pub(crate) secured: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
    pub(crate) success: Success,
    /// The example of its 404, if it lists one.
    pub(crate) not_found: Option<Value>,
    /// The statuses that it lists.
    pub(crate) statuses: Vec<StatusCode>,
    pub(crate) paging: Option<Paging>,
    pub(crate) envelope: Option<Envelope>,
}

impl Operation {
    /// The parameters at one location.
    pub(crate) fn parameters(&self, location: Location) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.location == location)
    }

    /// A query parameter by its name.
    pub(crate) fn query(&self, name: &str) -> Option<&Parameter> {
        self.parameters(Location::Query).find(|parameter| parameter.name == name)
    }
}

/// How a list is cut into pages.
#[derive(Debug)]
pub(crate) struct Paging {
    /// The field of the response that holds the items.
    pub(crate) items: String,
    /// The query parameter with the size of a page.
    pub(crate) size: String,
    pub(crate) default_size: usize,
    pub(crate) style: Style,
}

#[derive(Debug)]
pub(crate) enum Style {
    /// A response has the token of the next page. `token` is the query parameter that takes it, and the example of that
    /// parameter stands for the first page.
    Cursor { token: String, example: Option<String> },
    /// Pages have numbers, which the query parameter `page` takes.
    Numbered { page: String },
}

impl Paging {
    /// The query parameter that chooses the page.
    pub(crate) fn position(&self) -> &str {
        match &self.style {
            Style::Cursor { token, .. } => token,
            Style::Numbered { page } => page,
        }
    }
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    Path,
    Query,
    Header,
}

impl Location {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// A parameter of an operation.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) location: Location,
    pub(crate) required: bool,
    pub(crate) schema: Schema,
    /// The example, as text.
    pub(crate) example: Option<String>,
    pub(crate) place: String,
}

/// The body that an operation takes.
#[derive(Debug)]
pub(crate) struct RequestBody {
    pub(crate) required: bool,
    pub(crate) content: Vec<RequestMedia>,
    pub(crate) place: String,
}

/// One media type of a request body.
#[derive(Debug)]
pub(crate) struct RequestMedia {
    pub(crate) name: String,
    pub(crate) schema: Schema,
    pub(crate) example: Option<Value>,
}

/// The success response of an operation.
#[derive(Debug)]
pub(crate) struct Success {
    pub(crate) status: StatusCode,
    /// Declared headers, with the values of their examples.
    pub(crate) headers: HeaderMap,
    /// The media types; none if there is no body.
    pub(crate) content: Vec<Media>,
    pub(crate) place: String,
}

/// The wrapper that a caller can ask for.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// The query parameter that asks for it.
    pub(crate) parameter: String,
    /// The field with the status.
    pub(crate) status: String,
    /// The field with the body, unless that is a list.
    pub(crate) content: String,
}
