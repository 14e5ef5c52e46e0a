//! Cost Explorer queries.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::answer::{Answer, Denial, INTERIM};
use crate::answer::{JSON, Reply};
use crate::auth::random_hex;
use crate::request::Request;
use crate::stream::{CutEnd, CutPoint, WireEdits};

/// How a query that still runs is answered.
///
/// Atlas documents the interim status 102, and does not say what the response looks like. The variants are the forms
/// that Atlas, a proxy or a later version could use.
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

/// A 102 with a body.
const INTERIM_WITH_BODY: &[u8] =
    b"HTTP/1.1 102 Processing\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"status\":102}";

impl NotReady {
    /// The reply; none if the result follows in the same response.
    pub(super) fn reply(self) -> Option<Reply> {
        let edited = |prefix: &[u8], end| {
            let wire = WireEdits { prefix: prefix.to_vec(), cut: Some((CutPoint::Start, end)) };
            Reply { wire, ..Reply::empty(StatusCode::PROCESSING) }
        };
        Some(match self {
            Self::Accepted202 => Reply::empty(StatusCode::ACCEPTED),
            Self::NoContent204 => Reply::empty(StatusCode::NO_CONTENT),
            Self::Empty200 => Reply::empty(StatusCode::OK),
            Self::EmptyObject200 => Reply::json(StatusCode::OK, JSON, &json!({}), false),
            Self::Envelope102 => Reply::json(StatusCode::OK, JSON, &json!({ "status": 102, "content": {} }), false),
            Self::Interim102ThenClose => edited(INTERIM, CutEnd::Close),
            Self::Interim102ThenHold => edited(INTERIM, CutEnd::Hold),
            Self::Interim102ThenBody => edited(INTERIM_WITH_BODY, CutEnd::Close),
            Self::Interim102ThenResult => return None,
        })
    }
}

/// How long queries take: a number of polls, and a time by the sandbox's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QuerySettings {
    pub(crate) polls: u32,
    pub(crate) time: Duration,
    pub(crate) not_ready: NotReady,
}

impl QuerySettings {
    /// Whether results are ready at once.
    pub(super) fn is_instant(&self) -> bool {
        self.polls == 0 && self.time.is_zero()
    }
}

/// How many queries are kept. The oldest are dropped.
const MAX_QUERIES: usize = 10_000;

/// The queries of one sandbox, by their tokens.
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
    organization: String,
    /// The body of the request that created it; null for a query that was not created here.
    body: Value,
}

impl Queries {
    /// Stores a query, and answers with its token.
    pub(super) fn create(&mut self, request: &Request<'_>) -> Answer {
        let token = random_hex(64);
        self.insert(token.clone(), request, request.body.clone());
        Answer::json(&json!({ "token": token }))
    }

    fn insert(&mut self, token: String, request: &Request<'_>, body: Value) {
        if self.known.len() >= MAX_QUERIES
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(token.clone());
        let organization = request.path_value(0).to_owned();
        self.known.insert(token, Query { polls: 0, since: request.now, organization, body });
    }

    /// Counts a request for a result. Returns the body of the query and, if its result is not ready, the form of the
    /// reply. A token that is not known starts a query, unless `known_only`.
    ///
    /// # Errors
    ///
    /// If the organization has no such query.
    pub(super) fn poll(
        &mut self,
        request: &Request<'_>,
        settings: &QuerySettings,
        known_only: bool,
    ) -> Result<(Value, Option<NotReady>), Denial> {
        let (organization, token) = (request.path_value(0), request.path_value(1));
        if !known_only && !self.known.contains_key(token) {
            self.insert(token.to_owned(), request, Value::Null);
        }
        let query = self.known.get_mut(token).filter(|query| !known_only || query.organization == organization);
        let query = query.ok_or_else(|| Denial::not_found("There is no such query.", token))?;
        let in_time = request.now >= query.since.saturating_add(settings.time);
        if query.polls >= settings.polls && in_time {
            return Ok((query.body.clone(), None));
        }
        query.polls = query.polls.saturating_add(1);
        Ok((query.body.clone(), Some(settings.not_ready)))
    }
}
