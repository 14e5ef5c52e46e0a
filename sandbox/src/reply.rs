//! An answer before it becomes one of HTTP.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::Value;

use crate::wire::Script;

/// The media type of JSON that is no vendor's.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What a request is answered with.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// As it is recorded. An interim status is none that an answer can have: its script writes it.
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// What becomes of it on the way out.
    pub(crate) script: Script,
    /// What the request is refused for, if it is.
    pub(crate) refusals: Vec<String>,
}

impl Reply {
    /// An answer without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, ..Self::default() }
    }

    /// An answer with a body.
    pub(crate) fn new(status: StatusCode, media: HeaderValue, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }.with(CONTENT_TYPE, media)
    }

    /// An answer in JSON.
    pub(crate) fn json(status: StatusCode, media: HeaderValue, body: &Value, indented: bool) -> Self {
        Self::new(status, media, if indented { format!("{body:#}") } else { body.to_string() })
    }

    /// Sets a header.
    pub(crate) fn with(mut self, name: axum::http::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Says what the request is refused for.
    pub(crate) fn refusing(mut self, reason: impl Into<String>) -> Self {
        self.refusals.push(reason.into());
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.headers_mut() = self.headers;
        if !self.status.is_informational() {
            *response.status_mut() = self.status;
        }
        response
    }
}
