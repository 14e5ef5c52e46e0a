//! Replies, before they become HTTP responses.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use http_body::Frame;
use serde_json::Value;

use crate::stream::WireEdits;

/// The media type of plain JSON.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The size of a chunk, in bytes, if a body in memory is sent in chunks.
const CHUNK: usize = 16 * 1024;

/// The reply to a request.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// The status to record. An interim status is recorded here, and written by the wire edits.
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Content,
    /// Changes of its bytes on the connection.
    pub(crate) wire: WireEdits,
    /// The rules that the request breaks.
    pub(crate) refusals: Vec<String>,
}

/// A body that is made while it is sent.
pub(crate) type Chunks = Box<dyn Iterator<Item = Vec<u8>> + Send>;

/// A body.
pub(crate) enum Content {
    Whole(Vec<u8>),
    /// Sent in chunks, without a length.
    Chunks(Chunks),
}

impl Default for Content {
    fn default() -> Self {
        Self::Whole(Vec::new())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Chunks(_) => f.write_str("chunks"),
        }
    }
}

impl Content {
    /// The whole body in memory.
    pub(crate) fn gather(&mut self) -> &mut Vec<u8> {
        let whole = match std::mem::take(self) {
            Self::Whole(bytes) => bytes,
            Self::Chunks(chunks) => chunks.flatten().collect(),
        };
        *self = Self::Whole(whole);
        match self {
            Self::Whole(bytes) => bytes,
            Self::Chunks(_) => unreachable!("a body that was just gathered is whole"),
        }
    }

    /// Sends the body in chunks.
    pub(crate) fn split(&mut self) {
        let bytes = std::mem::take(self.gather());
        let mut at = 0;
        *self = Self::Chunks(Box::new(std::iter::from_fn(move || {
            let chunk = bytes.get(at..)?.chunks(CHUNK).next()?;
            at += chunk.len();
            Some(chunk.to_vec())
        })));
    }
}

impl Reply {
    /// A reply without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, ..Self::default() }
    }

    /// A reply with a body.
    pub(crate) fn new(status: StatusCode, media: HeaderValue, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: Content::Whole(body.into()), ..Self::default() }.with(CONTENT_TYPE, media)
    }

    /// A reply with a body that is made while it is sent. A single chunk is sent with its length.
    pub(crate) fn stream(status: StatusCode, media: HeaderValue, mut chunks: Chunks) -> Self {
        let body = match (chunks.next(), chunks.next()) {
            (first, None) => Content::Whole(first.unwrap_or_default()),
            (first, second) => Content::Chunks(Box::new(first.into_iter().chain(second).chain(chunks))),
        };
        Self { status, body, ..Self::default() }.with(CONTENT_TYPE, media)
    }

    /// A reply with JSON.
    pub(crate) fn json(status: StatusCode, media: HeaderValue, body: &Value, indented: bool) -> Self {
        Self::new(status, media, if indented { format!("{body:#}") } else { body.to_string() })
    }

    /// Sets a header.
    pub(crate) fn with(mut self, name: axum::http::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds a rule that the request breaks.
    pub(crate) fn refusing(mut self, reason: impl Into<String>) -> Self {
        self.refusals.push(reason.into());
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let body = match self.body {
            Content::Whole(bytes) => Body::from(bytes),
            Content::Chunks(chunks) => Body::new(Stream(chunks)),
        };
        let mut response = Response::new(body);
        *response.headers_mut() = self.headers;
        if !self.status.is_informational() {
            *response.status_mut() = self.status;
        }
        response
    }
}

/// Chunks as an HTTP body. Each chunk is made when the one before it has been sent.
struct Stream(Chunks);

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|chunk| Ok(Frame::data(chunk.into()))))
    }
}
