//! Requests: as they arrive, and as their spec allows them.

use std::time::Duration;

use axum::http::{HeaderMap, Method};
use serde_json::Value;

use crate::query::Query;
use crate::service::Service;
use crate::spec::{Media, Operation, Spec};

/// A request as it arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming<'r> {
    pub(crate) method: &'r Method,
    /// Not decoded.
    pub(crate) path: &'r str,
    /// Not decoded.
    pub(crate) query: Option<&'r str>,
    pub(crate) headers: &'r HeaderMap,
    /// None if it is longer than the sandbox reads.
    pub(crate) body: Option<&'r [u8]>,
}

impl Incoming<'_> {
    /// Path and query.
    pub(crate) fn target(&self) -> String {
        match self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_owned(),
        }
    }
}

/// A request that its spec allows, and the context in which it is answered.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) service: Service,
    pub(crate) spec: &'a Spec,
    pub(crate) operation: &'a Operation,
    /// The media type of the response; none if it has no body.
    pub(crate) media: Option<&'a Media>,
    pub(crate) path: &'a str,
    pub(crate) query: Query,
    /// The decoded values of the path parameters, in the order of the spec.
    pub(crate) path_values: Vec<String>,
    /// The JSON body; null if there is none.
    pub(crate) body: Value,
    /// Scheme and authority of this server, for links.
    pub(crate) origin: &'a str,
    /// The time of the request, since the epoch.
    pub(crate) now: Duration,
    /// Whether a fault makes the page link to itself as the next page.
    pub(crate) repeats_cursor: bool,
}

impl Request<'_> {
    /// The value of a path parameter by its number; empty if there is none.
    pub(crate) fn path_value(&self, index: usize) -> &str {
        self.path_values.get(index).map(String::as_str).unwrap_or_default()
    }

    /// Whether the operation has this boolean query parameter, and the request sets it to `value`.
    pub(crate) fn sets(&self, parameter: &str, value: bool) -> bool {
        self.operation.query(parameter).is_some() && self.query.flag(parameter) == Some(value)
    }

    /// Whether the response is to be indented JSON.
    pub(crate) fn wants_indented(&self) -> bool {
        self.service.dialect().pretty.is_some_and(|parameter| self.sets(parameter, true))
    }

    pub(crate) fn wants_csv(&self) -> bool {
        self.media.is_some_and(|media| media.name.ends_with("+csv"))
    }
}
