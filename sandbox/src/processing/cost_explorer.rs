//! Queries of the Cost Explorer.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;

use super::Turn;
use crate::auth::hex;
use crate::fault::Edit;
use crate::reply::{JSON, Reply};
use crate::wire::{End, Point, Script};

/// How a query that still runs is answered.
///
/// Atlas documents the interim status 102. What that looks like on the wire is not known, so here is everything that it
/// could be, and what a proxy or a later version could make of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotReady {
    /// 202 without a body.
    #[default]
    Accepted202,
    /// 204.
    NoContent204,
    /// 200 without a body.
    Empty200,
    /// 200 and an empty object.
    EmptyObject200,
    /// 200 and an envelope with the status 102, whether or not the request asks for an envelope.
    Envelope102,
    /// A 102 on the wire, then the end of the connection.
    Interim102ThenClose,
    /// A 102 on the wire, then nothing more.
    Interim102ThenHold,
    /// A 102 on the wire with a JSON body, which no interim answer has, then the end of the connection.
    Interim102ThenBody,
    /// A 102 on the wire, then the result of the query as the answer to the same request.
    Interim102ThenResult,
}

/// A 102 as HTTP/1.1 writes it.
const INTERIM: &str = "HTTP/1.1 102 Processing\r\n\r\n";

/// A 102 that has a body.
const INTERIM_WITH_BODY: &str =
    "HTTP/1.1 102 Processing\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"status\":102}";

impl NotReady {
    /// The answer; none if the result follows on the same request.
    fn reply(self) -> Option<Reply> {
        let script = |prefix: &str, end| {
            let script = Script { prefix: prefix.as_bytes().to_vec(), cut: Some((Point::Start, end)) };
            Reply { script, ..Reply::empty(StatusCode::PROCESSING) }
        };
        Some(match self {
            Self::Accepted202 => Reply::empty(StatusCode::ACCEPTED),
            Self::NoContent204 => Reply::empty(StatusCode::NO_CONTENT),
            Self::Empty200 => Reply::empty(StatusCode::OK),
            Self::EmptyObject200 => Reply::json(StatusCode::OK, JSON, &json!({}), false),
            Self::Envelope102 => Reply::json(StatusCode::OK, JSON, &json!({ "status": 102, "content": {} }), false),
            Self::Interim102ThenClose => script(INTERIM, End::Close),
            Self::Interim102ThenHold => script(INTERIM, End::Hold),
            Self::Interim102ThenBody => script(INTERIM_WITH_BODY, End::Close),
            Self::Interim102ThenResult => return None,
        })
    }
}

/// What goes ahead of a result.
pub(crate) fn interim() -> Vec<u8> {
    INTERIM.as_bytes().to_vec()
}

/// How often each query was asked for, by its path.
#[derive(Debug, Default)]
pub(super) struct Queries {
    polls: HashMap<String, u32>,
}

impl Queries {
    pub(super) fn poll(&mut self, path: &str, running: u32, form: NotReady) -> Turn {
        let polls = self.polls.entry(path.to_owned()).or_default();
        if *polls >= running {
            return Turn::AsUsual;
        }
        *polls += 1;
        form.reply().map_or(Turn::AfterInterim, Turn::Instead)
    }
}

/// Gives a query a token of its own.
pub(super) fn new_token() -> Edit {
    let token = hex(64);
    Edit::Custom(Arc::new(move |body| {
        if let Some(field) = body.get_mut("token") {
            *field = token.clone().into();
        }
    }))
}
