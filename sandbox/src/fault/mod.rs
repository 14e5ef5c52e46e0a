//! Things that go wrong on demand.

mod edit;
mod failure;
mod injected;
mod parse;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub(crate) use edit::Edit;
pub use edit::UNKNOWN_VALUE;
pub use failure::{Failure, RetryAfter};
pub(crate) use injected::{Faults, Injected};
pub use parse::ParseFaultError;

use crate::rng::Rng;
use crate::service::Service;

/// Where in an answer its connection fails.
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

/// Something that goes wrong with the answer to a request, and with which.
///
/// Without more it befalls the first request after it was injected, whatever the operation.
/// [`on`](Self::on) and [`of`](Self::of) narrow that down; [`nth`](Self::nth), [`first`](Self::first),
/// [`every`](Self::every), [`chance`](Self::chance) and [`always`](Self::always) say which of the requests that are left.
///
/// Only requests that the sandbox would have accepted are counted, so that neither a missing token nor the challenge of
/// HTTP Digest uses up a fault. All the faults that a request meets take effect together, in the order in which they
/// were injected; of those that replace the answer, the first does. An answer that is replaced stands for a request
/// that was not processed: it issues no token and counts as no poll.
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
    when: When,
}

/// Which of the matching requests a fault befalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Nth(u32),
    First(u32),
    Every(u32),
    /// One in so many percent, by a seed.
    Chance {
        percent: u32,
        seed: u64,
    },
}

impl When {
    /// Whether it befalls a request, counted from 1.
    fn hits(self, count: u32) -> bool {
        match self {
            Self::Nth(n) => count == n,
            Self::First(n) => count <= n,
            Self::Every(k) => count.is_multiple_of(k.max(1)),
            Self::Chance { percent, seed } => Rng::new(seed).at(u64::from(count)).below(100) < u64::from(percent),
        }
    }
}

/// What goes wrong.
#[derive(Clone)]
enum Effect {
    Latency(Duration),
    Failure(Failure),
    Redirect(String),
    Reset(Cut),
    Close(Cut),
    Stall(Cut),
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

/// What a record says of it.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(by) => write!(f, "answered {} ms late", by.as_millis()),
            Self::Failure(failure) => write!(f, "status {}", failure.status()),
            Self::Redirect(_) => f.write_str("redirected"),
            Self::Reset(cut) => write!(f, "reset {cut}"),
            Self::Close(cut) => write!(f, "closed {cut}"),
            Self::Stall(cut) => write!(f, "stalled {cut}"),
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

/// What goes wrong.
impl Fault {
    const fn new(effect: Effect) -> Self {
        Self { effect, service: None, operation: None, when: When::Nth(1) }
    }

    /// An error with this status, and a body of the kind that the asked service sends.
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

    /// The answer comes late.
    pub const fn latency(by: Duration) -> Self {
        Self::new(Effect::Latency(by))
    }

    /// A 401: the token of the request has expired, and stays so. A nonce of HTTP Digest is stale.
    pub const fn expired_token() -> Self {
        Self::new(Effect::ExpiredToken)
    }

    /// The connection is reset before the answer, and new connections are refused for a time, as if nothing listened.
    /// Others that are open stay so.
    pub const fn refuse(time: Duration) -> Self {
        Self::new(Effect::Refuse(time))
    }

    /// The connection is reset.
    pub const fn reset(cut: Cut) -> Self {
        Self::new(Effect::Reset(cut))
    }

    /// The connection is closed in order, but too early.
    pub const fn close(cut: Cut) -> Self {
        Self::new(Effect::Close(cut))
    }

    /// Nothing more comes, and the connection stays open.
    pub const fn stall(cut: Cut) -> Self {
        Self::new(Effect::Stall(cut))
    }

    /// Half of the body is missing, and `Content-Length` does not know of it.
    pub const fn truncate() -> Self {
        Self::new(Effect::Truncate)
    }

    /// The body is something else. Status and the other headers stay.
    pub fn body(media_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(Effect::Body { media_type: media_type.into(), bytes: bytes.into() })
    }

    /// The body calls itself JSON and is none.
    pub fn garbage() -> Self {
        Self::body("application/json", "<!-- {\"results\": [ -->")
    }

    /// The `Content-Type` is another one, and the body is as it should be.
    pub fn content_type(media_type: impl Into<String>) -> Self {
        Self::new(Effect::ContentType(media_type.into()))
    }

    /// The body is compressed, and `Content-Encoding` says so, whether or not the request allows it.
    pub const fn gzip() -> Self {
        Self::new(Effect::Gzip)
    }

    /// The body comes in chunks, and nothing says how long it is. With [`stall`](Self::stall) and [`Cut::Body`], a chunk
    /// in the middle never comes.
    pub const fn chunked() -> Self {
        Self::new(Effect::Chunked)
    }

    /// Every object whose fields the spec names has one more. For JSON answers of an operation, as are the next three.
    pub const fn unknown_fields() -> Self {
        Self::new(Effect::Edit(Edit::UnknownFields))
    }

    /// Every string that the spec has a list of values for has one that is not in the list: [`UNKNOWN_VALUE`].
    pub const fn unknown_values() -> Self {
        Self::new(Effect::Edit(Edit::UnknownValues))
    }

    /// Every number, string and boolean is null, but for those that the spec guarantees.
    pub const fn nulls() -> Self {
        Self::new(Effect::Edit(Edit::Nulls))
    }

    /// The body is changed before it is written.
    pub fn edit(edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::new(Effect::Edit(Edit::Custom(Arc::new(edit))))
    }

    /// The page says that it is followed by itself. For operations that page.
    pub const fn repeat_cursor() -> Self {
        Self::new(Effect::RepeatCursor)
    }
}

/// Which requests it befalls.
impl Fault {
    /// Only those of one operation, by its identifier in the spec. Beside the specs' own there are `oauthToken`,
    /// `oauthRevoke`, `iamToken`, `vpcInstanceToken`, `vpcIamToken` and `downloadReport`. A sandbox takes no
    /// fault on anything else.
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Only those of one service.
    pub const fn of(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// Only the `n`-th, counted from 1 when the fault is injected.
    pub const fn nth(mut self, n: u32) -> Self {
        self.when = When::Nth(n);
        self
    }

    /// The first `n`.
    pub const fn first(mut self, n: u32) -> Self {
        self.when = When::First(n);
        self
    }

    /// Every `k`-th: the `k`-th, the one `k` after that, and so on.
    pub const fn every(mut self, k: u32) -> Self {
        self.when = When::Every(k);
        self
    }

    /// That many of a hundred, by chance, but the same ones each time for a seed.
    pub const fn chance(mut self, percent: u32, seed: u64) -> Self {
        self.when = When::Chance { percent, seed };
        self
    }

    /// All of them.
    pub const fn always(self) -> Self {
        self.every(1)
    }

    /// The operation that it is aimed at, if that is one that no spec of its services has.
    pub(crate) fn unknown_operation(&self, knows: impl Fn(Service, &str) -> bool) -> Option<&str> {
        let operation = self.operation.as_deref()?;
        let known = Service::ALL.into_iter().any(|it| self.matches(it, operation) && knows(it, operation));
        (!known).then_some(operation)
    }

    fn matches(&self, service: Service, operation: &str) -> bool {
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
