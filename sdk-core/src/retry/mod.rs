//! Trying again: when, how often, and after how long.
//!
//! Calls are retried by default; [`RetryPolicy`] says how, and [`ClientBuilder::retry`](crate::ClientBuilder::retry) sets
//! it. What is retried is written down once:
//!
//! | an attempt ends in | GET, PUT, DELETE, marked as idempotent | other POST and PATCH |
//! |---|---|---|
//! | no connection (refused, no such host, too slow, broken off while TLS was set up) | retried | retried |
//! | TLS that was refused (certificate, versions) | – | – |
//! | a request that was refused unseen (HTTP/2 `REFUSED_STREAM`, or `GOAWAY` without an error) | retried | retried |
//! | a connection lost before the head of the answer | retried | – |
//! | a time limit, before the head or in the body | retried | – |
//! | a buffered body that breaks off | retried | – |
//! | a buffered JSON body that is complete by its framing and cut in the middle of the JSON | retried | – |
//! | 429, 503 with `Retry-After` | retried | retried |
//! | 429, 503 without, 408, 500, 502, 504 | retried | – |
//! | any other status, 501 among them; a redirect; "not ready yet" | – | – |
//! | JSON that is complete and not of the right type; a body beyond the limit, or missing | – | – |
//! | an invalid request, setting or credential | – | – |
//!
//! The reasons. Where nothing was sent or nothing was looked at, nothing can happen twice. 429 and 503 that name a time were refused before any
//! work was done; without one, a 503 may come from a gateway that gave up on work in progress. 408 and 5xx may have had
//! their effect, which is the same the second time only if the operation is idempotent. 501 and the other 4xx stay what
//! they are.
//!
//! Of a streamed body ([`Core::bytes`](crate::Core::bytes)) only the head is retried: what came after is with the caller.
//!
//! A repeat that a credential asks for after a 401 is not a retry. It happens at once, at most once a call, and uses up
//! neither an attempt nor the budget.

mod backoff;
mod budget;
mod classify;
mod policy;
mod quota;
mod schedule;

pub(crate) use backoff::Backoff;
pub(crate) use budget::Budget;
pub(crate) use classify::{Verdict, verdict};
pub use policy::{
    DEFAULT_BACKOFF_BASE, DEFAULT_BACKOFF_CAP, DEFAULT_MAX_ATTEMPTS, DEFAULT_MAX_RETRY_AFTER, DEFAULT_RETRY_BUDGET,
    RetryPolicy,
};
pub(crate) use quota::Quotas;
pub(crate) use schedule::{GiveUp, Retries};

#[cfg(test)]
mod outage_test;
