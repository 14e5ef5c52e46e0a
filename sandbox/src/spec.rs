//! The specs as the catalogue has them, prepared for serving: routes, parsed examples, and places to edit.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::OnceLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use cloud_billing_catalogue::{Body, Envelope, PageStyle, Parameter, Place};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::error::{Error, SpecError};
use crate::routing::{Routed, Router, Template};
use crate::service::Service;
use crate::shape::Shape;

/// The order of the methods in `Allow`.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "PATCH", "DELETE"];

/// The spec of one service.
#[derive(Debug)]
pub(crate) struct Spec {
    operations: Vec<Operation>,
    /// Method and path to an index in `operations`.
    router: Router<usize>,
    /// The fields that hold the items of a list.
    list_fields: BTreeSet<&'static str>,
}

impl Spec {
    /// The spec of a service, prepared on first use.
    pub(crate) fn of(service: Service) -> Result<&'static Self, Error> {
        static ATLAS: OnceLock<Result<Spec, SpecError>> = OnceLock::new();
        static IBM: OnceLock<Result<Spec, SpecError>> = OnceLock::new();
        let cell = match service {
            Service::Atlas => &ATLAS,
            Service::Ibm => &IBM,
        };
        cell.get_or_init(|| Self::new(service)).as_ref().map_err(|error| Error::spec(error.clone()))
    }

    fn new(service: Service) -> Result<Self, SpecError> {
        let entry = cloud_billing_catalogue::service(service.name())
            .ok_or_else(|| SpecError::new(service.name(), "is not in the catalogue"))?;
        let operations =
            entry.operations.iter().map(|it| Operation::new(service, it)).collect::<Result<Vec<_>, _>>()?;
        let mut routes: Vec<(Template, Vec<(Method, usize)>)> = Vec::new();
        for (index, operation) in entry.operations.iter().enumerate() {
            let method = Method::from_bytes(operation.http_method.as_bytes())
                .map_err(|_| SpecError::new(operation.pointer, "has an unknown method"))?;
            match routes.iter_mut().find(|(template, _)| template.as_str() == operation.path) {
                Some((_, methods)) => methods.push((method, index)),
                None => {
                    let template = Template::parse(operation.path)
                        .map_err(|problem| SpecError::new(operation.pointer, &problem))?;
                    routes.push((template, vec![(method, index)]));
                }
            }
        }
        for (_, methods) in &mut routes {
            methods.sort_by_key(|(method, _)| METHODS.iter().position(|it| *it == method.as_str()));
        }
        let list_fields = operations.iter().filter_map(|it| it.paging.as_ref()).map(|paging| paging.items).collect();
        Ok(Self { operations, router: Router::new(routes), list_fields })
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
    pub(crate) id: &'static str,
    /// File and JSON pointer.
    pub(crate) place: String,
    /// Whether a caller must authenticate.
    pub(crate) secured: bool,
    pub(crate) parameters: &'static [Parameter],
    pub(crate) body: Option<Body>,
    pub(crate) success: Success,
    /// The example of its 404, if it documents one.
    pub(crate) not_found: Option<Value>,
    /// The statuses of its errors.
    pub(crate) statuses: Vec<StatusCode>,
    pub(crate) paging: Option<Paging>,
    pub(crate) envelope: Option<Envelope>,
}

/// The success response of an operation.
#[derive(Debug)]
pub(crate) struct Success {
    pub(crate) status: StatusCode,
    /// Declared headers, with the values of their examples.
    pub(crate) headers: HeaderMap,
    /// The media types; none if there is no body.
    pub(crate) content: Vec<Media>,
    /// File and JSON pointer.
    pub(crate) place: String,
}

/// One media type of a response and its example.
#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) name: &'static str,
    pub(crate) header: HeaderValue,
    pub(crate) example: Example,
    /// The places in a JSON body that faults can edit.
    pub(crate) shape: Shape,
}

/// The example of a media type.
#[derive(Debug)]
pub(crate) enum Example {
    /// A JSON body.
    Json(Value),
    /// A text, and the bytes to send for it: the text itself, or the text compressed.
    Text { text: &'static str, bytes: Vec<u8> },
}

/// How a list is cut into pages.
#[derive(Debug)]
pub(crate) struct Paging {
    /// The field of the response that holds the items.
    pub(crate) items: &'static str,
    /// The query parameter with the size of a page.
    pub(crate) size: &'static str,
    pub(crate) default_size: usize,
    pub(crate) style: Style,
}

#[derive(Debug)]
pub(crate) enum Style {
    /// A response has the token of the next page. `token` is the query parameter that takes it, and the example of that
    /// parameter stands for the first page.
    Cursor { token: &'static str, example: Option<&'static str> },
    /// Pages have numbers, which the query parameter `page` takes.
    Numbered { page: &'static str },
}

impl Operation {
    fn new(service: Service, entry: &'static cloud_billing_catalogue::Operation) -> Result<Self, SpecError> {
        let place = |pointer: &str| service.place(pointer);
        let error = |problem: &str| SpecError::new(&place(entry.pointer), problem);
        let mut headers = HeaderMap::new();
        for (name, example) in entry.success.headers {
            let name: HeaderName = name.parse().map_err(|_| error("has a header with a bad name"))?;
            headers.insert(name, HeaderValue::from_str(example).map_err(|_| error("has a header with a bad example"))?);
        }
        let content =
            entry.success.content.iter().map(|media| Media::new(media).ok_or_else(|| error("has no example")));
        let success = Success {
            status: StatusCode::from_u16(entry.success.status).map_err(|_| error("has a bad status"))?,
            headers,
            content: content.collect::<Result<_, _>>()?,
            place: place(entry.success.pointer),
        };
        let not_found = entry.errors.iter().find(|it| it.status == 404).and_then(|it| it.example);
        Ok(Self {
            id: entry.id,
            place: place(entry.pointer),
            secured: entry.secured,
            parameters: entry.parameters,
            body: entry.body,
            success,
            not_found: not_found.and_then(|example| serde_json::from_str(example).ok()),
            statuses: entry.errors.iter().filter_map(|it| StatusCode::from_u16(it.status).ok()).collect(),
            paging: Paging::new(entry),
            envelope: entry.envelope,
        })
    }

    /// The parameters at one place.
    pub(crate) fn parameters(&self, place: Place) -> impl Iterator<Item = &'static Parameter> + use<> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    /// A query parameter by its name.
    pub(crate) fn query(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters(Place::Query).find(|parameter| parameter.name == name)
    }
}

impl Media {
    fn new(entry: &'static cloud_billing_catalogue::Media) -> Option<Self> {
        let text = entry.example?;
        let example = if entry.name.ends_with("json") {
            Example::Json(serde_json::from_str(text).ok()?)
        } else {
            let bytes = if entry.name.ends_with("gzip") { gzip(text).ok()? } else { text.into() };
            Example::Text { text, bytes }
        };
        let shape = entry.schema.as_ref().map(Shape::new).unwrap_or_default();
        Some(Self { name: entry.name, header: HeaderValue::from_str(entry.name).ok()?, example, shape })
    }
}

impl Example {
    /// The body, if it is JSON.
    pub(crate) fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            Self::Text { .. } => None,
        }
    }

    /// The example as the spec has it.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Json(value) => value.clone(),
            Self::Text { text, .. } => (*text).into(),
        }
    }
}

impl Paging {
    fn new(entry: &'static cloud_billing_catalogue::Operation) -> Option<Self> {
        let paging = entry.pagination?;
        let default_size = entry.parameter(Place::Query, paging.size)?.schema.default?.parse().ok()?;
        let style = match paging.style {
            PageStyle::Cursor { token, .. } => {
                Style::Cursor { token, example: entry.parameter(Place::Query, token)?.example }
            }
            PageStyle::PageNumber { page, .. } => Style::Numbered { page },
        };
        Some(Self { items: paging.items, size: paging.size, default_size, style })
    }

    /// The query parameter that chooses the page.
    pub(crate) fn position(&self) -> &'static str {
        match self.style {
            Style::Cursor { token, .. } => token,
            Style::Numbered { page } => page,
        }
    }
}

fn gzip(text: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}
