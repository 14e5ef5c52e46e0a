//! Answers to requests that the spec allows, and the replies that are made from them.

use std::fmt;
use std::iter;

use axum::http::StatusCode;
use cloud_billing_catalogue::Envelope;
use serde::Serialize;
use serde_json::Value;

use crate::fault::Edit;
use crate::json::to_json;
use crate::problem;
use crate::refusal::Refused;
use crate::reply::{Chunks, JSON, Reply};
use crate::request::Request;
use crate::spec::Media;

/// A text that is made while it is sent.
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
    /// An identifier that no record has. The status is the operation's 404, or 403, or else 400.
    NotFound { code: &'static str, text: String, id: String },
    /// It conflicts with the state of the service.
    Failed { status: StatusCode, code: &'static str, text: &'static str },
}

impl Denial {
    /// An identifier that no record of Atlas has.
    pub(crate) fn not_found(text: &str, id: &str) -> Self {
        Self::NotFound { code: "RESOURCE_NOT_FOUND", text: text.to_owned(), id: id.to_owned() }
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
    let documented = &request.operation.success;
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
            pieces = wrapped(envelope, request.operation.success.status, pieces, is_list);
        }
        if request.wants_indented() {
            pieces = Box::new(iter::once(format!("{:#}", parsed(pieces))));
        }
    }
    Box::new(pieces.map(String::into_bytes))
}

fn edited(media: &Media, pieces: Pieces, edits: &[&Edit]) -> Pieces {
    let mut body = parsed(pieces);
    edits.iter().for_each(|edit| edit.apply(&media.shape, &mut body));
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
        Denial::Refused(refused) => problem::refusal(service, refused, request_id),
        Denial::NotFound { code, text, id } => {
            let documented = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN]
                .into_iter()
                .find(|status| request.operation.statuses.contains(status));
            let status = documented.unwrap_or(StatusCode::BAD_REQUEST);
            let body = problem::body(service, status, code, text, &[id.as_str().into()], request_id);
            Reply::json(status, JSON, &body, request.wants_indented())
        }
        Denial::Failed { status, code, text } => {
            Reply::json(*status, JSON, &problem::body(service, *status, code, text, &[], request_id), false)
        }
    }
}
