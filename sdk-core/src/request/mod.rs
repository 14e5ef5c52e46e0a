//! Builds one request: parameters, headers and body, all validated before anything is sent.

mod encode;
mod header;

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::Url;
use serde::Serialize;

pub(crate) use header::set_header;

use crate::check::param::{Param, Scalar};
use crate::check::{Check, Checker, Constraint, ParamValue};
use crate::error::{Error, ErrorKind};
use crate::media;
use crate::operation::{Method, Operation};
use crate::retry::Scope;

/// A request of an [`Operation`], built by generated code.
///
/// Building never fails. Problems are collected and returned as one error of kind [`ErrorKind::InvalidRequest`] when
/// the request is executed, so a chain of setters needs no `?`.
///
/// ```
/// use cloud_billing_core::{Constraint, Method, Operation, Request};
///
/// const GET: Operation = Operation::new("getInvoice", Method::Get, "/orgs/{orgId}/invoices/{invoiceId}");
///
/// let mut request = Request::new(&GET);
/// request
///     .path("orgId", "32b6e34b3d91647abb20e7b8")
///     .check("orgId", "32b6e34b3d91647abb20e7b8", &[Constraint::Length { min: 24, max: 24 }])
///     .path("invoiceId", "6a")
///     .query("pretty", &Some(true));
/// ```
pub struct Request {
    operation: &'static Operation,
    path: Vec<(&'static str, String)>,
    query: String,
    headers: HeaderMap,
    body: Option<Bytes>,
    enveloped: bool,
    checker: Checker,
}

impl Request {
    /// Creates a request without parameters.
    pub fn new(operation: &'static Operation) -> Self {
        Self {
            operation,
            path: Vec::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: None,
            enveloped: false,
            checker: Checker::default(),
        }
    }

    /// The operation.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Sets a path parameter. All characters except the unreserved ones of RFC 3986 are percent-encoded, so the value
    /// stays within its path segment. An empty value and the dot segments `.` and `..` are problems.
    pub fn path<V: ParamValue + ?Sized>(&mut self, name: &'static str, value: &V) -> &mut Self {
        self.path_param(name, value.param());
        self
    }

    // Does not depend on the type of the value, so that it is compiled once.
    fn path_param(&mut self, name: &'static str, param: Param<'_>) {
        match param {
            Param::One(scalar) => match wire(&scalar).and_then(|text| encode::path_value(&text)) {
                Ok(encoded) => self.path.push((name, encoded)),
                Err(rule) => self.refuse_path(name, rule),
            },
            Param::Absent => {}
            Param::Many(_) => self.refuse_path(name, "must be one value"),
        }
    }

    /// Adds a query parameter. An absent value adds nothing; a list repeats the key for each item. Parameters are sent
    /// in the order in which they are added.
    pub fn query<V: ParamValue + ?Sized>(&mut self, name: &'static str, value: &V) -> &mut Self {
        self.query_param(name, &value.param());
        self
    }

    fn query_param(&mut self, name: &'static str, param: &Param<'_>) {
        let asks_for_envelope = self.operation.envelope.is_some_and(|envelope| envelope.parameter == name);
        for scalar in param.scalars() {
            self.enveloped |= asks_for_envelope && matches!(scalar, Scalar::Bool(true));
            match wire(scalar) {
                Ok(text) => encode::push_query(&mut self.query, name, &text),
                Err(rule) => self.problem(name, rule),
            }
        }
    }

    /// Sets a header. An absent value adds nothing; a list is joined with commas. A character that a header cannot
    /// contain, such as a line break, is a problem.
    pub fn header<V: ParamValue + ?Sized>(&mut self, name: &'static str, value: &V) -> &mut Self {
        self.header_param(name, &value.param());
        self
    }

    fn header_param(&mut self, name: &'static str, param: &Param<'_>) {
        if matches!(param, Param::Absent) {
            return;
        }
        let text = param.scalars().iter().map(Scalar::to_string).collect::<Vec<_>>().join(",");
        match (HeaderName::try_from(name), HeaderValue::try_from(text)) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            (Err(_), _) => self.problem(name, "is not the name of a header"),
            (_, Err(_)) => self.problem(name, "has a character that cannot stand in a header"),
        }
    }

    /// Sets the JSON body and checks it, see [`Check`].
    pub fn json<B: Serialize + Check + ?Sized>(&mut self, body: &B) -> &mut Self {
        body.check(&mut self.checker);
        match serde_json::to_vec(body) {
            Ok(json) => self.body = Some(json.into()),
            Err(error) => self.checker.report(format!("the body cannot be encoded: {error}")),
        }
        self
    }

    /// Sets the body to a JSON text, which is sent as it is and not checked.
    pub fn json_text(&mut self, json: impl Into<Bytes>) -> &mut Self {
        self.body = Some(json.into());
        self
    }

    /// Checks a parameter against its documented constraints.
    pub fn check<V: ParamValue + ?Sized>(
        &mut self,
        name: &'static str,
        value: &V,
        constraints: &[Constraint],
    ) -> &mut Self {
        self.checker.field(name, value, constraints);
        self
    }

    /// Reports an invalid path parameter. It counts as set, so that it is not reported as missing too.
    fn refuse_path(&mut self, name: &'static str, rule: &str) {
        self.path.push((name, String::new()));
        self.problem(name, rule);
    }

    fn problem(&mut self, name: &'static str, rule: &str) {
        self.checker.problem(name, rule);
    }

    /// Finishes the request, except for the parts that the client adds. `prefix` is the path of the base URL, without a
    /// trailing slash.
    pub(crate) fn prepare(mut self, prefix: &str) -> Result<Prepared, Error> {
        let filled = encode::fill_path(prefix, self.operation.path(), |name| {
            self.path.iter().rev().find(|(set, _)| *set == name).map(|(_, value)| value.as_str())
        });
        let path = filled.unwrap_or_else(|missing| {
            self.checker.problem(missing, "is required");
            String::new()
        });
        if let Some(summary) = self.checker.summary() {
            return Err(Error::new(ErrorKind::InvalidRequest, summary));
        }

        let counted = self.operation.counted_by();
        let of = self.path.into_iter().rev().find(|(name, _)| *name == counted.scope);
        let scope = Scope { set: counted.set, of: of.map(|(_, value)| value).unwrap_or_default() };
        let content_type = self.body.as_ref().map(|_| self.operation.content_type.unwrap_or("application/json"));
        Ok(Prepared {
            operation: self.operation,
            scope,
            path,
            query: self.query,
            parameters: self.headers,
            accept: self.operation.accept.map(media_type).transpose()?,
            content_type: content_type.map(media_type).transpose()?,
            body: self.body,
            enveloped: self.enveloped,
        })
    }
}

impl fmt::Debug for Request {
    /// Prints only the operation: parameters and body may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("operation", &self.operation.id()).finish_non_exhaustive()
    }
}

/// Formats a value as text, not yet percent-encoded.
fn wire<'a>(scalar: &'a Scalar<'_>) -> Result<Cow<'a, str>, &'static str> {
    match scalar {
        Scalar::Float(value) if !value.is_finite() => Err("must be a finite number"),
        Scalar::Text(text) => Ok(Cow::Borrowed(text)),
        _ => Ok(Cow::Owned(scalar.to_string())),
    }
}

/// Converts a media type of an operation to a header value.
fn media_type(text: &'static str) -> Result<HeaderValue, Error> {
    HeaderValue::from_maybe_shared(Bytes::from_static(text.as_bytes()))
        .map_err(|_| Error::new(ErrorKind::InvalidRequest, format!("`{text}` is not a media type")))
}

/// A validated request.
pub(crate) struct Prepared {
    pub(crate) operation: &'static Operation,
    pub(crate) scope: Scope,
    /// Percent-encoded, with a leading slash.
    pub(crate) path: String,
    /// Percent-encoded, without a question mark.
    pub(crate) query: String,
    /// The parameters that are headers.
    pub(crate) parameters: HeaderMap,
    pub(crate) accept: Option<HeaderValue>,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Option<Bytes>,
    /// Whether the request asks for an envelope.
    pub(crate) enveloped: bool,
}

impl Prepared {
    /// Creates a request to a complete URL: without parameters, headers and body.
    pub(crate) fn bare(operation: &'static Operation) -> Self {
        Self {
            operation,
            scope: Scope { set: operation.id(), of: String::new() },
            path: String::new(),
            query: String::new(),
            parameters: HeaderMap::new(),
            accept: None,
            content_type: None,
            body: None,
            enveloped: false,
        }
    }

    /// The request to a URL, with the client's own headers. The operation cannot override these.
    pub(crate) fn request(
        &self,
        url: Url,
        agent: &HeaderValue,
        authorization: Option<HeaderValue>,
    ) -> reqwest::Request {
        let mut request = reqwest::Request::new(method(self.operation.method()), url);
        *request.headers_mut() = self.headers(agent, authorization);
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }

    pub(super) fn headers(&self, agent: &HeaderValue, authorization: Option<HeaderValue>) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(self.parameters.len() + 6);
        headers.extend(self.parameters.iter().map(|(name, value)| (name.clone(), value.clone())));
        let own = [(ACCEPT, &self.accept), (CONTENT_TYPE, &self.content_type)];
        headers.extend(own.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        headers.insert(USER_AGENT, agent.clone());
        // The HTTP client asks for gzip and decompresses it. A file that is gzip itself must arrive as it is.
        if self.operation.accept.is_some_and(media::is_gzip) {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if let Some(mut authorization) = authorization {
            authorization.set_sensitive(true);
            headers.insert(AUTHORIZATION, authorization);
        }
        headers
    }
}

/// The URL of a path and a query, both percent-encoded, at the host of a base URL. The host is not parsed again, which would
/// take longer than all the rest.
pub(crate) fn at_host(base: &Url, path: &str, query: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url.set_query((!query.is_empty()).then_some(query));
    url
}

/// Path and query as they stand in the request line.
pub(crate) fn request_uri(url: &Url) -> &str {
    // They stand at the end, and nothing but a fragment comes after them.
    let before_fragment = url.as_str().len() - url.fragment().map_or(0, |fragment| fragment.len() + 1);
    let length = url.path().len() + url.query().map_or(0, |query| query.len() + 1);
    &url.as_str()[before_fragment - length..before_fragment]
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Put => http::Method::PUT,
        Method::Post => http::Method::POST,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

#[cfg(test)]
mod tests;
