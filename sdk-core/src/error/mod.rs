//! What can go wrong, as one opaque type.

mod details;
mod kind;
mod retry_after;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::response::RateLimit;
use crate::retry::{Verdict, verdict};

pub(crate) use details::Details;
pub use kind::ErrorKind;
pub(crate) use retry_after::retry_after;

/// A failed call.
///
/// [`kind`](Self::kind) tells failures apart, `is_*` answer the usual questions, and the other accessors give what is
/// known. `Display` prints the operation, the status, the service's code and message and the request's identifier on one
/// line; never a header, a query value or a secret. Lower-level causes are in the [source](std::error::Error::source)
/// chain and are not repeated in `Display`.
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    rate_limit: RateLimit,
    attempts: u32,
    body: Option<Bytes>,
    path: Option<String>,
    connect_timeout: bool,
    cut: bool,
    unprocessed: bool,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Construction, for credentials and for the hand-written parts of a client.
impl Error {
    /// An error that did not come from a response. `message` must hold no secret.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                operation: None,
                status: None,
                code: None,
                message: Some(message.into()),
                request_id: None,
                retry_after: None,
                rate_limit: RateLimit::default(),
                attempts: 0,
                body: None,
                path: None,
                connect_timeout: false,
                cut: false,
                unprocessed: false,
                source: None,
            }),
        }
    }

    /// Adds the cause. Its `Display` and `Debug` must show no secret.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }
}

/// What is known about the failure.
impl Error {
    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Whether time ran out, while connecting or later.
    pub fn is_timeout(&self) -> bool {
        self.inner.kind == ErrorKind::Timeout || self.inner.connect_timeout
    }

    /// Whether the credential is missing or unusable, or the service refused it (401) or its rights (403).
    pub fn is_auth(&self) -> bool {
        self.inner.kind == ErrorKind::Credential || matches!(self.inner.status, Some(401 | 403))
    }

    /// Whether the same call may succeed when made again later.
    ///
    /// It is what the table in [`retry`](crate::retry) says of an idempotent operation, and
    /// [`NotReady`](ErrorKind::NotReady) besides. The client has then tried again already, as often as its policy allows.
    /// Whether it is *safe* to make the call again is another question: see
    /// [`Operation::is_idempotent`](crate::Operation::is_idempotent).
    pub fn is_retryable(&self) -> bool {
        self.inner.kind == ErrorKind::NotReady || verdict(self) != Verdict::Never
    }

    /// The HTTP status of the answer, if there was one. For an enveloped error, the status in the envelope.
    pub fn status(&self) -> Option<u16> {
        self.inner.status
    }

    /// The service's code for the error. It is the first of these that the body has: `errorCode`, `errors[0].code`,
    /// `code`, and `error` if it is one word of text (the OAuth 2.0 shape).
    pub fn code(&self) -> Option<&str> {
        self.inner.code.as_deref()
    }

    /// What happened, in words: the service's for an [`ErrorKind::Api`], else ours.
    ///
    /// The service's message is the first of these that the body has: `detail`, `errors[0].message`,
    /// `error_description`, `message`, `errorMessage`, `error` if it is text and not the code, `reason`; else the title of
    /// an HTML page or the start of a plain text. It is at most 1000 characters on one line. Without any there is no
    /// message.
    pub fn message(&self) -> Option<&str> {
        self.inner.message.as_deref()
    }

    /// The identifier that the service gave the request; quote it to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.request_id.as_deref()
    }

    /// How long the service asks to wait before the next attempt, counted from its answer.
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// What is left of the request quota, if the service says so.
    pub fn rate_limit(&self) -> RateLimit {
        self.inner.rate_limit
    }

    /// How many times the request was sent, or tried to be: first, for each retry, and once more for a credential that
    /// was renewed after a 401. 0 if it failed before.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// The identifier of the operation, in the vendor's spelling.
    pub fn operation(&self) -> Option<&'static str> {
        self.inner.operation
    }

    /// The body of the answer, as far as it was read: whole for [`ErrorKind::Decode`], the first 256 KiB for
    /// [`ErrorKind::Api`].
    pub fn body(&self) -> Option<&Bytes> {
        self.inner.body.as_ref()
    }

    /// The body as the vendor's error type, if it decodes as one.
    pub fn vendor<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(self.inner.body.as_ref()?).ok()
    }

    /// Where in the body decoding failed, such as `results[3].quantity`.
    pub fn path(&self) -> Option<&str> {
        self.inner.path.as_deref()
    }
}

/// Context, added where it is known.
impl Error {
    pub(crate) fn with_operation(mut self, id: &'static str) -> Self {
        self.inner.operation = Some(id);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.inner.attempts = attempts;
        self
    }

    pub(crate) fn with_response(mut self, status: u16, request_id: Option<String>) -> Self {
        self.inner.status = Some(status);
        self.inner.request_id = request_id;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.inner.retry_after = wait;
        self
    }

    pub(crate) fn with_rate_limit(mut self, rate_limit: RateLimit) -> Self {
        self.inner.rate_limit = rate_limit;
        self
    }

    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.inner.body = Some(body);
        self
    }

    pub(crate) fn with_path(mut self, path: Option<String>) -> Self {
        self.inner.path = path;
        self
    }

    pub(crate) fn with_connect_timeout(mut self) -> Self {
        self.inner.connect_timeout = true;
        self
    }

    /// Says that a JSON body ends before the JSON does.
    pub(crate) fn with_cut(mut self, cut: bool) -> Self {
        self.inner.cut = cut;
        self
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.inner.cut
    }

    /// Says that the service refused the request without having looked at it.
    pub(crate) fn with_unprocessed(mut self, unprocessed: bool) -> Self {
        self.inner.unprocessed = unprocessed;
        self
    }

    pub(crate) fn is_unprocessed(&self) -> bool {
        self.inner.unprocessed
    }

    /// Replaces code and message by what the body says.
    pub(crate) fn with_details(mut self, details: Details) -> Self {
        self.inner.code = details.code;
        self.inner.message = details.message;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.inner;
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        let mut notes = Vec::new();
        match (inner.kind, inner.status) {
            (ErrorKind::Api, Some(status)) => {
                write!(f, "{status}")?;
                let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
                if let Some(reason) = reason {
                    write!(f, " {reason}")?;
                }
            }
            (kind, status) => {
                f.write_str(kind.phrase())?;
                notes.extend(status.map(|status| format!("status {status}")));
            }
        }
        if let Some(path) = &inner.path {
            write!(f, " at {path}")?;
        }
        if let Some(code) = &inner.code {
            write!(f, ": {code}")?;
        }
        if let Some(message) = &inner.message {
            write!(f, ": {message}")?;
        }
        notes.extend(inner.request_id.as_ref().map(|id| format!("request id {id}")));
        if inner.attempts > 1 {
            notes.push(format!("{} attempts", inner.attempts));
        }
        if notes.is_empty() { Ok(()) } else { write!(f, " ({})", notes.join(", ")) }
    }
}

impl fmt::Debug for Error {
    /// Everything but the bytes of the body, of which it shows the length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.inner;
        let mut out = f.debug_struct("Error");
        out.field("kind", &inner.kind);
        let mut some = |name: &str, value: Option<&dyn fmt::Debug>| {
            if let Some(value) = value {
                out.field(name, value);
            }
        };
        some("operation", inner.operation.as_ref().map(|v| v as _));
        some("status", inner.status.as_ref().map(|v| v as _));
        some("code", inner.code.as_ref().map(|v| v as _));
        some("message", inner.message.as_ref().map(|v| v as _));
        some("path", inner.path.as_ref().map(|v| v as _));
        some("request_id", inner.request_id.as_ref().map(|v| v as _));
        some("retry_after", inner.retry_after.as_ref().map(|v| v as _));
        some("rate_limit_remaining", inner.rate_limit.remaining.as_ref().map(|v| v as _));
        some("body_bytes", inner.body.as_ref().map(Bytes::len).as_ref().map(|v| v as _));
        some("source", inner.source.as_ref().map(|v| v as _));
        out.field("attempts", &inner.attempts).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests;
