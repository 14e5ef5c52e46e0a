//! Answers to requests that the spec allows, the replies that are made from them, and their HTTP responses.

use std::convert::Infallible;
use std::fmt;
use std::iter;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use cloud_billing_catalogue::Envelope;
use http_body::Frame;
use serde::Serialize;
use serde_json::Value;

use crate::fault::Edit;
use crate::json::to_json;
use crate::refusal::{Missing, Refused, error_body, refusal_reply};
use crate::request::Request;
use crate::spec::Media;
use crate::stream::WireEdits;
use crate::text::one_line;

/// A text whose pieces are made while it is sent.
pub(crate) type Pieces = Box<dyn Iterator<Item = String> + Send>;

/// An HTTP/1.1 interim response.
pub(crate) const INTERIM: &[u8] = b"HTTP/1.1 102 Processing\r\n\r\n";

/// How a request is answered.
pub(crate) enum Answer {
    /// Without a body.
    Empty,
    /// With a text. An envelope adds the status to a list, and wraps any other JSON.
    Text { pieces: Pieces, is_list: bool },
    /// With bytes.
    Bytes(Chunks),
    /// With a reply that is complete and not the documented success.
    Reply(Reply),
    /// With an interim response followed by the answer.
    AfterInterim(Box<Self>),
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "Empty",
            Self::Text { .. } => "Text",
            Self::Bytes(_) => "Bytes",
            Self::Reply(_) => "Reply",
            Self::AfterInterim(_) => "AfterInterim",
        })
    }
}

impl Answer {
    /// A JSON body.
    pub(crate) fn json(record: &impl Serialize) -> Self {
        Self::text(to_json(record))
    }

    /// A JSON body that is a page of a list, or a whole list.
    pub(crate) fn list(record: &impl Serialize) -> Self {
        Self::Text { pieces: Box::new(iter::once(to_json(record))), is_list: true }
    }

    pub(crate) fn text(text: String) -> Self {
        Self::pieces(Box::new(iter::once(text)))
    }

    pub(crate) fn pieces(pieces: Pieces) -> Self {
        Self::Text { pieces, is_list: false }
    }
}

/// Why a request that the spec allows is denied.
#[derive(Debug)]
pub(crate) enum Denial {
    /// It breaks a rule that the spec cannot express.
    Refused(Refused),
    /// An identifier that no record has, and those of what it should belong to. The status is the operation's 404, or 403,
    /// or else 400.
    NotFound { missing: Missing, text: String, ids: Vec<Value> },
    /// It conflicts with the state of the service.
    Failed { status: StatusCode, code: &'static str, text: &'static str },
}

impl Denial {
    /// An identifier that no record has, and those of what it should belong to.
    pub(crate) fn not_found(missing: Missing, text: impl Into<String>, ids: &[&str]) -> Self {
        Self::NotFound { missing, text: one_line(&text.into()), ids: ids.iter().map(|id| Value::from(*id)).collect() }
    }
}

/// Makes the reply to a request.
pub(crate) fn respond(
    request: &Request<'_>,
    answer: Result<Answer, Denial>,
    edits: &[&Edit],
    request_id: &str,
) -> Reply {
    match answer {
        Ok(answer) => success(request, answer, edits),
        Err(denial) => denied(request, &denial, request_id),
    }
}

fn success(request: &Request<'_>, answer: Answer, edits: &[&Edit]) -> Reply {
    let documented = request.operation;
    let chunks = match answer {
        Answer::Reply(reply) => return reply,
        Answer::AfterInterim(answer) => {
            let mut reply = success(request, *answer, edits);
            reply.wire.prefix = INTERIM.to_vec();
            return reply;
        }
        Answer::Empty => Box::new(iter::empty()),
        Answer::Bytes(chunks) => chunks,
        Answer::Text { pieces, is_list } => present(request, pieces, is_list, edits),
    };
    let mut reply = match request.media {
        Some(media) => Reply::stream(documented.status, media.header.clone(), chunks),
        None => Reply::empty(documented.status),
    };
    reply.headers.extend(documented.headers.clone());
    reply
}

/// Applies edits, envelope and indentation to a JSON body. Other bodies stay as they are.
fn present(request: &Request<'_>, mut pieces: Pieces, is_list: bool, edits: &[&Edit]) -> Chunks {
    if let Some(media) = request.media.filter(|media| media.example.json().is_some()) {
        if !edits.is_empty() {
            pieces = edited(media, pieces, edits);
        }
        let envelope = request.operation.envelope.as_ref();
        if let Some(envelope) = envelope.filter(|envelope| request.sets(envelope.parameter, true)) {
            pieces = wrapped(envelope, request.operation.status, pieces, is_list);
        }
        if request.wants_indented() {
            pieces = Box::new(iter::once(format!("{:#}", parsed(pieces))));
        }
    }
    Box::new(pieces.map(String::into_bytes))
}

fn edited(media: &Media, pieces: Pieces, edits: &[&Edit]) -> Pieces {
    let mut body = parsed(pieces);
    edits.iter().for_each(|edit| edit.apply(media.schema.as_ref(), &mut body));
    Box::new(iter::once(body.to_string()))
}

fn parsed(pieces: Pieces) -> Value {
    serde_json::from_str(&pieces.collect::<String>()).unwrap_or_default()
}

/// Adds the status to a list, and wraps any other body.
fn wrapped(envelope: &Envelope, status: StatusCode, mut pieces: Pieces, is_list: bool) -> Pieces {
    let head = format!("{{\"{}\":{},", envelope.status, status.as_u16());
    if is_list {
        let first = pieces.next().unwrap_or_default();
        let first = first.strip_prefix('{').map(|fields| format!("{head}{fields}")).unwrap_or(first);
        return Box::new(iter::once(first).chain(pieces));
    }
    let head = format!("{head}\"{}\":", envelope.content);
    match (pieces.next().unwrap_or_default(), pieces.next()) {
        (only, None) => Box::new(iter::once(format!("{head}{only}}}"))),
        (first, second) => Box::new([head, first].into_iter().chain(second).chain(pieces).chain(["}".to_owned()])),
    }
}

fn denied(request: &Request<'_>, denial: &Denial, request_id: &str) -> Reply {
    let service = request.service;
    match denial {
        Denial::Refused(refused) => refusal_reply(service, refused, request_id),
        Denial::NotFound { missing, text, ids } => {
            let is_documented = |status: &StatusCode| request.operation.errors.iter().any(|it| *status == it.status);
            let documented = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].into_iter().find(is_documented);
            let status = documented.unwrap_or(StatusCode::BAD_REQUEST);
            let body = error_body(service, status, missing.code(service), text, ids, request_id);
            Reply::json(status, JSON, &body, request.wants_indented())
        }
        Denial::Failed { status, code, text } => {
            Reply::json(*status, JSON, &error_body(service, *status, code, text, &[], request_id), false)
        }
    }
}

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
        *self = Self::Chunks(Box::new(iter::from_fn(move || {
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
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
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
