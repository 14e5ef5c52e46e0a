//! Retries: when, how often, and after which wait.
//!
//! Calls are retried by default. [`RetryPolicy`] has the settings, and
//! [`ClientBuilder::retry`](crate::ClientBuilder::retry) applies them. This table defines what is retried:
//!
//! | failure of an attempt | GET, PUT, DELETE, marked as idempotent | other POST and PATCH |
//! |---|---|---|
//! | no connection (refused, unknown host, timeout, broken during the TLS handshake) | retried | retried |
//! | failed TLS handshake (certificate, versions) | – | – |
//! | request refused before processing (HTTP/2 `REFUSED_STREAM`, or `GOAWAY` without an error) | retried | retried |
//! | connection lost before the response headers | retried | – |
//! | timeout, before the headers or in the body | retried | – |
//! | buffered body that breaks off | retried | – |
//! | buffered JSON body that is complete by its framing but truncated in the middle of the JSON | retried | – |
//! | 429 or 503 with `Retry-After` | retried | retried |
//! | 429 or 503 without `Retry-After`, 408, 500, 502, 504 | retried | – |
//! | any other status, including 501; a redirect; "not ready yet" | – | – |
//! | complete JSON of the wrong type; a body larger than the limit, or missing | – | – |
//! | invalid request, setting or credential | – | – |
//!
//! The reasons:
//!
//! * If nothing was sent or processed, a retry cannot repeat an effect.
//! * A 429 or 503 with `Retry-After` was refused before any work was done. A 503 without it may come from a gateway
//!   that gave up while the service was working.
//! * After 408 and 5xx the request may have had its effect. Only an idempotent operation may then be repeated.
//! * 501 and the other 4xx would fail again.
//!
//! For a streamed body ([`Core::bytes`](crate::Core::bytes)), only attempts up to the response headers are retried; the
//! caller has already received the rest.
//!
//! Token requests and [polls](crate::poll) follow the same table as an idempotent operation, with settings of their own.
//!
//! After a 401, a [credential](crate::auth) may ask for a repeat. That is not a retry: it happens at once and uses neither
//! an attempt nor the retry budget.

mod backoff;
mod budget;
mod policy;
mod quota;
mod schedule;

pub(crate) use backoff::Backoff;
pub(crate) use budget::Budget;
pub use policy::{
    DEFAULT_BACKOFF_BASE, DEFAULT_BACKOFF_CAP, DEFAULT_MAX_ATTEMPTS, DEFAULT_MAX_RETRY_AFTER, DEFAULT_RETRY_BUDGET,
    RetryPolicy,
};
pub(crate) use quota::{Quotas, Scope};
pub(crate) use schedule::{GiveUp, Retries};

#[cfg(test)]
mod outage_test;
