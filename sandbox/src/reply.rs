//! An answer before it becomes one of HTTP.

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

use crate::wire::Script;

/// The media type of JSON that is no vendor's.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How much of a body goes into one chunk, if it is to come in chunks and is at hand as a whole.
const CHUNK: usize = 16 * 1024;

/// What a request is answered with.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// As it is recorded. An interim status is none that an answer can have: its script writes it.
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Content,
    /// What becomes of it on the way out.
    pub(crate) script: Script,
    /// What the request is refused for, if it is.
    pub(crate) refusals: Vec<String>,
}

/// A body that is made while it is sent.
pub(crate) type Chunks = Box<dyn Iterator<Item = Vec<u8>> + Send>;

/// A body.
pub(crate) enum Content {
    Whole(Vec<u8>),
    /// Sent chunk by chunk, without a word on its length.
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
    /// The whole body, made now if it is not at hand.
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

    /// Has the body sent in chunks.
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
    /// An answer without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, ..Self::default() }
    }

    /// An answer with a body.
    pub(crate) fn new(status: StatusCode, media: HeaderValue, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: Content::Whole(body.into()), ..Self::default() }.with(CONTENT_TYPE, media)
    }

    /// An answer with a body that is made while it is sent.
    pub(crate) fn chunks(status: StatusCode, media: HeaderValue, chunks: Chunks) -> Self {
        Self { status, body: Content::Chunks(chunks), ..Self::default() }.with(CONTENT_TYPE, media)
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

/// Chunks as a body of HTTP. The next is made when the one before it has left.
struct Stream(Chunks);

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|chunk| Ok(Frame::data(chunk.into()))))
    }
}
