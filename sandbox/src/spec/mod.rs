//! The specs, read into what serving and checking needs.

mod document;
mod media;
mod read;
mod shape;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::error::Error;
use crate::paging::Paging;
use crate::routing::{Routed, Router};
use crate::schema::Schema;
use crate::service::Service;

pub(crate) use document::{Document, Fault, Node};
pub(crate) use media::{Example, Media};
pub(crate) use shape::{Path, Shape, Step};

/// The spec of one service.
#[derive(Debug)]
pub(crate) struct Spec {
    operations: Vec<Operation>,
    /// Method and path to an index in `operations`.
    router: Router<usize>,
    /// Fields that hold the items of a list, in any operation that pages. A body that has one of them is a list.
    pub(crate) list_fields: BTreeSet<String>,
}

impl Spec {
    /// The spec of a service, read when it is first asked for.
    pub(crate) fn of(service: Service) -> Result<&'static Self, Error> {
        static ATLAS: OnceLock<Result<Spec, Fault>> = OnceLock::new();
        static IBM: OnceLock<Result<Spec, Fault>> = OnceLock::new();
        let cell = match service {
            Service::Atlas => &ATLAS,
            Service::Ibm => &IBM,
        };
        let dialect = service.dialect();
        let spec = cell.get_or_init(|| read::spec(&Document::parse(dialect.file, dialect.text)?));
        spec.as_ref().map_err(|fault| Error::spec(fault.clone()))
    }

    /// Every operation.
    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation with an identifier.
    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// What a method and a path mean.
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
