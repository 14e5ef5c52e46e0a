//! The services, and their specs as the catalogue has them, prepared for serving: routes and parsed examples.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::ops::Deref;
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use cloud_billing_catalogue::{self as catalogue, PageStyle, Parameter, Place};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

/// The order of the methods in `Allow`.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "PATCH", "DELETE"];

/// A service that the sandbox speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// MongoDB Atlas billing.
    Atlas,
    /// IBM Cloud Usage Reports.
    Ibm,
    /// IBM Cloud Enterprise Usage Reports, and the listings of Enterprise Management.
    IbmEnterprise,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 3] = [Self::Atlas, Self::Ibm, Self::IbmEnterprise];

    /// The name of the service, which is also the name of its spec without the ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Atlas => "atlas-billing",
            Self::Ibm => "ibm-usage-reports",
            Self::IbmEnterprise => "ibm-enterprise",
        }
    }

    /// A place in the spec, as messages name it: file and JSON pointer.
    pub(crate) fn place(self, pointer: &str) -> String {
        format!("{}.yaml{pointer}", self.name())
    }

    /// How `Accept` is read.
    pub(crate) const fn accept_rule(self) -> AcceptRule {
        match self {
            Self::Atlas => AcceptRule::Dated,
            Self::Ibm | Self::IbmEnterprise => AcceptRule::Range,
        }
    }

    /// The response header with the identifier of the request. Atlas documents none, so the sandbox uses the common one.
    pub(crate) const fn request_id_header(self) -> &'static str {
        match self {
            Self::Atlas => "x-request-id",
            Self::Ibm | Self::IbmEnterprise => "x-global-transaction-id",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the `Accept` header of a request has to name the media type of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AcceptRule {
    /// Exactly one of the operation's media types: the media type carries the version of the API.
    Exact,
    /// One of the operation's media types, or the same with a later version date, as long as there is such a version.
    Dated,
    /// Any range that admits one of them.
    Range,
}

/// The spec of one service.
#[derive(Debug)]
pub(crate) struct Spec {
    /// In the order of the spec.
    pub(crate) operations: Vec<Operation>,
    /// Indices of `operations` in the order in which their paths are tried.
    routes: Vec<usize>,
    /// The fields that hold the items of a list.
    list_fields: BTreeSet<&'static str>,
}

/// The operation of a method and a path.
#[derive(Debug)]
pub(crate) enum Routed<'p> {
    /// The operation, with the names and the raw values of the path's parameters.
    Found(&'static Operation, Vec<(&'static str, &'p str)>),
    /// The path exists, but not with that method.
    WrongMethod { template: &'static str, allowed: Vec<&'static str> },
    /// No operation has the path.
    UnknownPath,
}

impl Spec {
    /// The spec of a service, prepared on first use.
    pub(crate) fn of(service: Service) -> &'static Self {
        static ATLAS: LazyLock<Spec> = LazyLock::new(|| Spec::new(Service::Atlas));
        static IBM: LazyLock<Spec> = LazyLock::new(|| Spec::new(Service::Ibm));
        static IBM_ENTERPRISE: LazyLock<Spec> = LazyLock::new(|| Spec::new(Service::IbmEnterprise));
        match service {
            Service::Atlas => &ATLAS,
            Service::Ibm => &IBM,
            Service::IbmEnterprise => &IBM_ENTERPRISE,
        }
    }

    fn new(service: Service) -> Self {
        let entries = catalogue::service(service.name()).map(|entry| entry.operations).unwrap_or_default();
        let operations: Vec<Operation> = entries.iter().map(|entry| Operation::new(service, entry)).collect();
        let mut routes: Vec<usize> = (0..operations.len()).collect();
        routes.sort_by_cached_key(|index| std::cmp::Reverse(specificity(operations[*index].path)));
        let list_fields = operations.iter().filter_map(|it| it.paging.as_ref()).map(|paging| paging.items).collect();
        Self { operations, routes, list_fields }
    }

    /// The operation with an identifier.
    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Whether a body has the items of a list.
    pub(crate) fn is_list(&self, body: &Value) -> bool {
        self.list_fields.iter().any(|field| body.get(field).is_some())
    }

    /// The operation of a method and a path. The first template that fits decides, whether or not it has the method.
    pub(crate) fn route<'p>(&'static self, method: &Method, path: &'p str) -> Routed<'p> {
        let in_order = self.routes.iter().map(|index| &self.operations[*index]);
        let fitting = in_order.filter_map(|operation| Some((operation.path, captures(operation.path, path)?)));
        let Some((template, captures)) = fitting.into_iter().next() else { return Routed::UnknownPath };
        let siblings = self.operations.iter().filter(|operation| operation.path == template);
        match siblings.clone().find(|operation| operation.http_method == method.as_str()) {
            Some(operation) => Routed::Found(operation, captures),
            None => {
                let mut allowed: Vec<&str> = siblings.map(|operation| operation.http_method).collect();
                allowed.sort_by_key(|method| METHODS.iter().position(|it| it == method));
                Routed::WrongMethod { template, allowed }
            }
        }
    }
}

/// How specific each segment of a template is.
fn specificity(template: &str) -> Vec<u8> {
    let rank = |segment| match parameter(segment) {
        None => 2,
        Some(("", _, "")) => 0,
        Some(_) => 1,
    };
    template.split('/').map(rank).collect()
}

/// The parameter in a segment of a template, between the literal texts around it:
/// `{invoiceId}:generateAndDownloadReport`.
fn parameter(segment: &str) -> Option<(&str, &str, &str)> {
    let (prefix, rest) = segment.split_once('{')?;
    let (name, suffix) = rest.split_once('}')?;
    Some((prefix, name, suffix))
}

/// The raw values of the parameters, if the path fits the template.
///
/// Segments are separated before they are decoded, so a `%2F` never becomes a separator. Literal texts are compared
/// without decoding: `lineItems%3Asearch` is not `lineItems:search`. A value is neither empty nor a dot segment, since a
/// dot segment stands for another path.
fn captures<'t, 'p>(template: &'t str, path: &'p str) -> Option<Vec<(&'t str, &'p str)>> {
    let mut captures = Vec::new();
    let mut parts = path.split('/');
    for segment in template.split('/') {
        let part = parts.next()?;
        let Some((prefix, name, suffix)) = parameter(segment) else {
            if segment == part {
                continue;
            }
            return None;
        };
        let value = part.strip_prefix(prefix)?.strip_suffix(suffix)?;
        if matches!(value, "" | "." | "..") {
            return None;
        }
        captures.push((name, value));
    }
    parts.next().is_none().then_some(captures)
}

/// One operation: its entry in the catalogue, and the parts of it that are parsed in advance.
#[derive(Debug)]
pub(crate) struct Operation {
    entry: &'static catalogue::Operation,
    /// File and JSON pointer.
    pub(crate) place: String,
    /// The status of its success.
    pub(crate) status: StatusCode,
    /// The declared headers of its success, with the values of their examples.
    pub(crate) headers: HeaderMap,
    /// The media types of its success; none if there is no body.
    pub(crate) content: Vec<Media>,
    /// The example of its 404, if it documents one.
    pub(crate) not_found: Option<Value>,
    pub(crate) paging: Option<Paging>,
}

impl Deref for Operation {
    type Target = catalogue::Operation;

    fn deref(&self) -> &Self::Target {
        self.entry
    }
}

/// One media type of a response and its example.
#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) name: &'static str,
    pub(crate) header: HeaderValue,
    pub(crate) schema: Option<catalogue::Schema>,
    pub(crate) example: Example,
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
    pub(crate) style: PageStyle,
}

impl Operation {
    fn new(service: Service, entry: &'static catalogue::Operation) -> Self {
        let header = |(name, example): &(&str, &str)| {
            Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(example).ok()?))
        };
        let not_found = entry.errors.iter().find(|it| it.status == 404).and_then(|it| it.example);
        Self {
            entry,
            place: service.place(entry.pointer),
            status: StatusCode::from_u16(entry.success.status).unwrap_or_default(),
            headers: entry.success.headers.iter().filter_map(header).collect(),
            content: entry.success.content.iter().filter_map(Media::new).collect(),
            not_found: not_found.and_then(|example| serde_json::from_str(example).ok()),
            paging: Paging::new(entry),
        }
    }

    /// The parameters at one place.
    pub(crate) fn parameters(&self, place: Place) -> impl Iterator<Item = &'static Parameter> + use<> {
        self.entry.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    /// A query parameter by its name.
    pub(crate) fn query(&self, name: &str) -> Option<&'static Parameter> {
        self.entry.parameter(Place::Query, name)
    }
}

impl Media {
    fn new(entry: &'static catalogue::Media) -> Option<Self> {
        let text = entry.example?;
        let example = if entry.name.ends_with("json") {
            Example::Json(serde_json::from_str(text).ok()?)
        } else {
            let bytes = if entry.name.ends_with("gzip") { gzip(text.as_bytes()) } else { text.into() };
            Example::Text { text, bytes }
        };
        Some(Self { name: entry.name, header: HeaderValue::from_str(entry.name).ok()?, schema: entry.schema, example })
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
    fn new(entry: &'static catalogue::Operation) -> Option<Self> {
        let paging = entry.pagination?;
        let default_size = entry.parameter(Place::Query, paging.size)?.schema.default?.parse().ok()?;
        Some(Self { items: paging.items, size: paging.size, default_size, style: paging.style })
    }

    /// The query parameter that chooses the page.
    pub(crate) fn position(&self) -> &'static str {
        match self.style {
            PageStyle::Cursor { token, .. } => token,
            PageStyle::PageNumber { page, .. } => page,
        }
    }
}

/// Bytes, compressed.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names and values in a path, as `name=value`.
    fn values(template: &str, path: &str) -> Option<String> {
        let captures = captures(template, path)?;
        Some(captures.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn a_literal_beats_a_parameter() {
        let mut templates = ["/i/{id}", "/i/{id}:generate", "/i/pending", "/i/{id}/lines:search"];
        templates.sort_by_key(|template| std::cmp::Reverse(specificity(template)));
        assert_eq!(templates, ["/i/pending", "/i/{id}:generate", "/i/{id}/lines:search", "/i/{id}"]);
        assert_eq!(values("/i/pending", "/i/%70ending"), None);
    }

    #[test]
    fn a_colon_belongs_to_the_last_segment() {
        assert_eq!(values("/i/{id}:generate", "/i/7:generate").as_deref(), Some("id=7"));
        assert_eq!(values("/i/{id}:generate", "/i/a:b:generate").as_deref(), Some("id=a:b"));
        assert_eq!(values("/i/{id}", "/i/7:other").as_deref(), Some("id=7:other"));
        for path in ["/i/:generate", "/i/7%3Agenerate", "/i/7:generates"] {
            assert_eq!(values("/i/{id}:generate", path), None, "{path}");
        }
        assert_eq!(values("/i/{id}/lines:search", "/i/7/lines:search").as_deref(), Some("id=7"));
        assert_eq!(values("/i/{id}/lines:search", "/i/7/lines%3Asearch"), None);
    }

    #[test]
    fn an_encoded_slash_does_not_separate() {
        assert_eq!(values("/i/{id}", "/i/a%2Fb").as_deref(), Some("id=a%2Fb"));
        for path in ["/i/a/b", "/i/", "/i", "/i/a/", "//i/a", "i/a", "/i/..", "/"] {
            assert_eq!(values("/i/{id}", path), None, "{path}");
        }
    }

    #[test]
    fn the_most_specific_template_decides_about_the_method() {
        let path = "/api/atlas/v2/orgs/5f0e8a1b2c3d4e5f6a7b8c9d/invoices/pending";
        let Routed::WrongMethod { template, allowed } = Spec::of(Service::Atlas).route(&Method::POST, path) else {
            panic!("POST is not declared there");
        };
        assert!(template.ends_with("/invoices/pending"), "{template}");
        assert_eq!(allowed, ["GET"]);
    }

    /// What cannot be prepared is left out, so nothing may be missing.
    #[test]
    fn every_operation_is_prepared() {
        for operation in Service::ALL.into_iter().flat_map(|service| &Spec::of(service).operations) {
            let success = &operation.success;
            assert_eq!(operation.content.len(), success.content.len(), "{}", operation.id);
            assert_eq!(operation.headers.len(), success.headers.len(), "{}", operation.id);
            assert_eq!(operation.status.as_u16(), success.status, "{}", operation.id);
            assert_eq!(operation.paging.is_some(), operation.pagination.is_some(), "{}", operation.id);
            assert!(METHODS.contains(&operation.http_method), "{}", operation.id);
        }
    }
}
