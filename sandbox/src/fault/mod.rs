//! Faults to inject.

mod edit;
mod failure;
mod injected;
mod kind;
mod parse;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub(crate) use edit::Edit;
pub use edit::UNKNOWN_VALUE;
pub use failure::{Failure, RetryAfter};
pub(crate) use injected::{Faults, Injected};
pub use kind::FaultKind;
pub use parse::ParseFaultError;

use crate::rng::Rng;
use crate::spec::Service;
use crate::stream::CutEnd;

/// Where in a response its connection fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Before the first byte.
    Start,
    /// Within the headers.
    Headers,
    /// In the middle of the body.
    Body,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "before the answer",
            Self::Headers => "within the headers",
            Self::Body => "within the body",
        })
    }
}

/// A fault in the response to a request, and the requests that it applies to.
///
/// By default a fault applies to the first request after it was injected, for any operation. [`on`](Self::on),
/// [`of`](Self::of) and [`target`](Self::target) choose the operation, the service, or one organization or account; [`nth`](Self::nth), [`first`](Self::first),
/// [`every`](Self::every), [`chance`](Self::chance) and [`always`](Self::always) choose among the matching requests.
///
/// Only accepted requests are counted, so neither a missing token nor the challenge of HTTP Digest uses up a fault. All
/// faults of a request are applied, in the order in which they were injected; of those that replace the response, only
/// the first is. A request whose response is replaced is not processed: it issues no token and counts as no poll.
///
/// ```
/// use std::time::Duration;
///
/// use cloud_billing_sandbox::{Cut, Failure, Fault, RetryAfter};
///
/// let faults = [
///     Fault::status(503).first(2),
///     Fault::failure(Failure::new(429).retry_after(RetryAfter::Seconds(1))).on("listInvoices").nth(3),
///     Fault::latency(Duration::from_millis(200)).every(10),
///     Fault::reset(Cut::Body).on("getInvoiceCsv"),
/// ];
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Fault {
    effect: Effect,
    service: Option<Service>,
    operation: Option<String>,
    /// A value of a parameter.
    target: Option<String>,
    when: When,
}

/// Which of the matching requests a fault applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Nth(u32),
    First(u32),
    Every(u32),
    /// A share of the requests, chosen by a seed.
    Chance {
        percent: u32,
        seed: u64,
    },
}

impl When {
    /// Whether it applies to a request, counted from 1.
    fn hits(self, count: u32) -> bool {
        match self {
            Self::Nth(n) => count == n,
            Self::First(n) => count <= n,
            Self::Every(k) => count.is_multiple_of(k.max(1)),
            Self::Chance { percent, seed } => Rng::new(seed).at(u64::from(count)).below(100) < u64::from(percent),
        }
    }
}

/// The effect of a fault.
#[derive(Clone)]
enum Effect {
    Latency(Duration),
    Failure(Failure),
    Redirect(String),
    Cut(CutEnd, Cut),
    Truncate,
    Body { media_type: String, bytes: Vec<u8> },
    ContentType(String),
    Gzip,
    Chunked,
    ExpiredToken,
    Refuse(Duration),
    Edit(Edit),
    RepeatCursor,
}

/// The description in a recorded request.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(by) => write!(f, "answered {} ms late", by.as_millis()),
            Self::Failure(failure) => write!(f, "status {}", failure.status()),
            Self::Redirect(_) => f.write_str("redirected"),
            Self::Cut(CutEnd::Reset, cut) => write!(f, "reset {cut}"),
            Self::Cut(CutEnd::Close, cut) => write!(f, "closed {cut}"),
            Self::Cut(CutEnd::Hold, cut) => write!(f, "stalled {cut}"),
            Self::Truncate => f.write_str("truncated"),
            Self::Body { media_type, bytes } => write!(f, "{} bytes of {media_type} instead", bytes.len()),
            Self::ContentType(media_type) => write!(f, "called {media_type}"),
            Self::Gzip => f.write_str("compressed"),
            Self::ExpiredToken => f.write_str("told that its token has expired"),
            Self::Refuse(time) => write!(f, "reset, and the next refused for {} ms", time.as_millis()),
            Self::Chunked => f.write_str("sent in chunks"),
            Self::Edit(edit) => f.write_str(edit.name()),
            Self::RepeatCursor => f.write_str("led back to the same page"),
        }
    }
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Effects.
impl Fault {
    const fn new(effect: Effect) -> Self {
        Self { effect, service: None, operation: None, target: None, when: When::Nth(1) }
    }

    /// An error with this status, and the service's own error body.
    pub fn status(status: u16) -> Self {
        Self::failure(Failure::new(status))
    }

    /// An error.
    pub const fn failure(failure: Failure) -> Self {
        Self::new(Effect::Failure(failure))
    }

    /// A 307 to the same path and query elsewhere. `origin` is a scheme and an authority, without a trailing slash.
    pub fn redirect(origin: impl Into<String>) -> Self {
        Self::new(Effect::Redirect(origin.into()))
    }

    /// The response is delayed.
    pub const fn latency(by: Duration) -> Self {
        Self::new(Effect::Latency(by))
    }

    /// A 401. The token of the request has expired from now on, or its HTTP Digest nonce is stale.
    pub const fn expired_token() -> Self {
        Self::new(Effect::ExpiredToken)
    }

    /// The connection is reset before the response, and new connections are refused for a time. Other open connections
    /// stay open.
    pub const fn refuse(time: Duration) -> Self {
        Self::new(Effect::Refuse(time))
    }

    /// The connection is reset.
    pub const fn reset(cut: Cut) -> Self {
        Self::new(Effect::Cut(CutEnd::Reset, cut))
    }

    /// The connection is closed properly, but too early.
    pub const fn close(cut: Cut) -> Self {
        Self::new(Effect::Cut(CutEnd::Close, cut))
    }

    /// No more bytes are sent, and the connection stays open.
    pub const fn stall(cut: Cut) -> Self {
        Self::new(Effect::Cut(CutEnd::Hold, cut))
    }

    /// The second half of the body is missing. `Content-Length` fits the shorter body.
    pub const fn truncate() -> Self {
        Self::new(Effect::Truncate)
    }

    /// The body is replaced. Status and other headers stay.
    pub fn body(media_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(Effect::Body { media_type: media_type.into(), bytes: bytes.into() })
    }

    /// The body is replaced by text that is not JSON; its media type is JSON.
    pub fn garbage() -> Self {
        Self::body("application/json", "<!-- {\"results\": [ -->")
    }

    /// The `Content-Type` is replaced. The body stays.
    pub fn content_type(media_type: impl Into<String>) -> Self {
        Self::new(Effect::ContentType(media_type.into()))
    }

    /// The body is compressed with gzip and has that `Content-Encoding`, even if the request does not accept it.
    pub const fn gzip() -> Self {
        Self::new(Effect::Gzip)
    }

    /// The body is sent in chunks, without a length. With [`stall`](Self::stall) and [`Cut::Body`], a chunk in the middle
    /// is never sent.
    pub const fn chunked() -> Self {
        Self::new(Effect::Chunked)
    }

    /// Every object with declared fields has one more field. Only for JSON responses of operations.
    pub const fn unknown_fields() -> Self {
        Self::new(Effect::Edit(Edit::UnknownFields))
    }

    /// Every string with listed values has one that is not listed: [`UNKNOWN_VALUE`]. Only for JSON responses of operations.
    pub const fn unknown_values() -> Self {
        Self::new(Effect::Edit(Edit::UnknownValues))
    }

    /// Every number, string and boolean is null, except those that the spec guarantees. Only for JSON responses of
    /// operations.
    pub const fn nulls() -> Self {
        Self::new(Effect::Edit(Edit::Nulls))
    }

    /// The JSON body is changed by a function. Only for JSON responses of operations.
    pub fn edit(edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::new(Effect::Edit(Edit::Custom(Arc::new(edit))))
    }

    /// The page links to itself as the next page. Only for operations with pagination.
    pub const fn repeat_cursor() -> Self {
        Self::new(Effect::RepeatCursor)
    }
}

/// The requests that it applies to.
impl Fault {
    /// Only requests of one operation, by its identifier in the spec. Besides the operations of the specs there are
    /// `oauthToken`, `oauthRevoke`, `iamToken`, `vpcInstanceToken`, `vpcIamToken` and `downloadReport`. A sandbox rejects
    /// faults on other names.
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Only requests of one service.
    pub const fn of(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// Only requests with this value in a parameter of their path or query: one organization of Atlas, one account or account
    /// group of IBM, one invoice. Requests for tokens and downloads have no such parameter.
    pub fn target(mut self, value: impl Into<String>) -> Self {
        self.target = Some(value.into());
        self
    }

    /// Only the `n`-th request, counted from 1 when the fault is injected.
    pub const fn nth(mut self, n: u32) -> Self {
        self.when = When::Nth(n);
        self
    }

    /// The first `n` requests.
    pub const fn first(mut self, n: u32) -> Self {
        self.when = When::First(n);
        self
    }

    /// Every `k`-th request.
    pub const fn every(mut self, k: u32) -> Self {
        self.when = When::Every(k);
        self
    }

    /// A share of the requests, in percent. The same seed chooses the same requests.
    pub const fn chance(mut self, percent: u32, seed: u64) -> Self {
        self.when = When::Chance { percent, seed };
        self
    }

    /// All requests.
    pub const fn always(self) -> Self {
        self.every(1)
    }

    /// The operation of the fault, if its services have no such operation.
    pub(crate) fn unknown_operation(&self, knows: impl Fn(Service, &str) -> bool) -> Option<&str> {
        let operation = self.operation.as_deref()?;
        let known = Service::ALL.into_iter().any(|it| self.is_for(it, operation) && knows(it, operation));
        (!known).then_some(operation)
    }

    /// Whether it applies to requests of an operation. `has` says whether the request has a value.
    fn matches(&self, service: Service, operation: &str, has: impl Fn(&str) -> bool) -> bool {
        self.is_for(service, operation) && self.target.as_deref().is_none_or(has)
    }

    fn is_for(&self, service: Service, operation: &str) -> bool {
        self.service.is_none_or(|only| only == service)
            && self.operation.as_deref().is_none_or(|only| only == operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(when: When) -> Vec<u32> {
        (1..=6).filter(|count| when.hits(*count)).collect()
    }

    #[test]
    fn which_requests() {
        assert_eq!(struck(When::Nth(3)), [3]);
        assert_eq!(struck(When::First(2)), [1, 2]);
        assert_eq!(struck(When::Every(2)), [2, 4, 6]);
        assert_eq!(struck(When::Every(0)), [1, 2, 3, 4, 5, 6]);
        let by_chance = |seed| (1..=1_000).filter(|count| When::Chance { percent: 20, seed }.hits(*count)).collect();
        let (first, second): (Vec<u32>, Vec<u32>) = (by_chance(1), by_chance(2));
        assert!((150..250).contains(&first.len()), "{}", first.len());
        assert!(first == by_chance(1) && first != second);
        assert!(struck(When::Chance { percent: 0, seed: 1 }).is_empty());
        assert_eq!(struck(When::Chance { percent: 100, seed: 1 }), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn debug_names_the_effect() {
        let text = format!("{:?}", Fault::reset(Cut::Body).on("getInvoice"));
        assert!(text.contains("reset within the body") && text.contains("getInvoice"), "{text}");
    }
}
