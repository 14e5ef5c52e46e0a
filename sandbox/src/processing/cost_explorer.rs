//! Queries of the Cost Explorer.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ProcessingSettings, Turn};
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

/// How many queries are known at once. When there are more, the oldest are forgotten.
const KNOWN: usize = 10_000;

/// The queries of one sandbox, by their tokens; those of an example by their paths.
#[derive(Debug, Default)]
pub(super) struct Queries {
    known: HashMap<String, Query>,
    /// Oldest first.
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Query {
    polls: u32,
    since: Duration,
    /// Who asks, and what for. Nobody and nothing for an example.
    organization: String,
    body: Value,
}

impl Queries {
    /// Takes note of a query, and hands out its token.
    pub(super) fn start(&mut self, organization: &str, body: Value, now: Duration) -> String {
        let token = hex(64);
        self.insert(token.clone(), organization, body, now);
        token
    }

    fn insert(&mut self, key: String, organization: &str, body: Value, now: Duration) {
        if self.known.len() >= KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.known.insert(key, Query { polls: 0, since: now, organization: organization.to_owned(), body });
    }

    /// What an organization asked for under a token.
    pub(super) fn body(&self, token: &str, organization: &str) -> Option<&Value> {
        let query = self.known.get(token).filter(|query| query.organization == organization)?;
        Some(&query.body)
    }

    /// Counts a request for a result, and says what comes of it. A query that is not known begins with it.
    pub(super) fn poll(&mut self, key: &str, settings: &ProcessingSettings, now: Duration) -> Turn {
        if !self.known.contains_key(key) {
            self.insert(key.to_owned(), "", Value::Null, now);
        }
        let Some(query) = self.known.get_mut(key) else { return Turn::AsUsual };
        let in_time = now >= query.since.saturating_add(settings.cost_explorer_time);
        if query.polls >= settings.cost_explorer_polls && in_time {
            return Turn::AsUsual;
        }
        query.polls = query.polls.saturating_add(1);
        settings.not_ready.reply().map_or(Turn::AfterInterim, Turn::Instead)
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
