//! The error type of all calls.

mod details;
mod kind;
mod retry_after;
mod verdict;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::json::{self, Decode};
use crate::response::RateLimit;
use crate::text::{self, excerpt};

pub(crate) use details::Details;
pub use kind::ErrorKind;
pub(crate) use retry_after::retry_after;
pub(crate) use verdict::{Verdict, verdict};

/// How much of the text of a source `Debug` prints, in characters.
const SOURCE_LIMIT: usize = 500;

/// A failed call.
///
/// [`kind`](Self::kind) tells failures apart, the `is_*` methods answer the common questions, and the other accessors
/// return the details. `Display` prints the operation, the status, the service's code and message and the request id on
/// one line, without control characters and marks of text direction. It never prints a header, a query value or a secret.
/// Lower-level causes are in the [source](std::error::Error::source) chain and not in `Display`. `Debug` prints them too, behind it
/// and on the same line; so does a `main` that returns the error. `{:#?}` prints all details.
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone)]
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
    truncated: bool,
    unprocessed: bool,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Construction, for credentials, interceptors and the hand-written parts of a client.
impl Error {
    /// Creates an error without a response. `message` must not contain a secret. It is put on one line, without control
    /// characters and marks of text direction, and with at most 4000 characters.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                operation: None,
                status: None,
                code: None,
                message: Some(text::message(message.into())),
                request_id: None,
                retry_after: None,
                rate_limit: RateLimit::default(),
                attempts: 0,
                body: None,
                path: None,
                connect_timeout: false,
                truncated: false,
                unprocessed: false,
                source: None,
            }),
        }
    }

    /// Sets the HTTP status, for tests that [inject faults](crate::intercept) of kind [`Api`](ErrorKind::Api).
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.inner.status = Some(status);
        self
    }

    /// Sets the source. Its `Display` and `Debug` must not print a secret.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(Arc::from(source.into()));
        self
    }
}

/// The details of the failure.
impl Error {
    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Whether a time limit passed, while connecting or later.
    pub fn is_timeout(&self) -> bool {
        self.inner.kind == ErrorKind::Timeout || self.inner.connect_timeout
    }

    /// Whether the credential is missing or invalid, or the service refused it (401) or its permissions (403).
    pub fn is_auth(&self) -> bool {
        self.inner.kind == ErrorKind::Credential || matches!(self.inner.status, Some(401 | 403))
    }

    /// Whether the same call may succeed later.
    ///
    /// This follows the table in [`retry`](crate::retry) for an idempotent operation, and also includes
    /// [`NotReady`](ErrorKind::NotReady). By then, the client has already retried as often as its policy allows.
    /// Whether it is *safe* to repeat the call is another question: see
    /// [`Operation::is_idempotent`](crate::Operation::is_idempotent).
    pub fn is_retryable(&self) -> bool {
        self.inner.kind == ErrorKind::NotReady || verdict(self) != Verdict::Never
    }

    /// The HTTP status of the response, if there was one. For an error in an envelope, the status in the envelope.
    pub fn status(&self) -> Option<u16> {
        self.inner.status
    }

    /// The service's error code: the first of these fields in the body: `errorCode`, `errors[0].code`, `code`, and
    /// `error` if it is one word (as in OAuth 2.0).
    pub fn code(&self) -> Option<&str> {
        self.inner.code.as_deref()
    }

    /// The message: the service's own for [`ErrorKind::Api`], otherwise one of this crate.
    ///
    /// The service's message is the first of these fields in the body: `detail`, `errors[0].message`,
    /// `error_description`, `message`, `errorMessage`, `error` if it is a text other than the code, and `reason`. If
    /// there is none, it is the title of an HTML page or the start of a plain text. It has at most 1000 characters on
    /// one line. `None` if the body has no message.
    ///
    /// A response may repeat a secret of the request, such as the token, in any spelling. Then there is no code and no
    /// body, and this is a message that says so.
    pub fn message(&self) -> Option<&str> {
        self.inner.message.as_deref()
    }

    /// The request id that the service assigned. Quote it to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.request_id.as_deref()
    }

    /// How long the service asks the client to wait before the next attempt, counted from the response.
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// The state of the rate limit, if the service reports it.
    pub fn rate_limit(&self) -> RateLimit {
        self.inner.rate_limit
    }

    /// The number of attempts: the first one, each retry, and each repeat with a renewed credential after a 401. 0 if
    /// the call failed before the first attempt.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// The operation id, in the vendor's spelling.
    pub fn operation(&self) -> Option<&'static str> {
        self.inner.operation
    }

    /// The response body as far as it was read: all of it for [`ErrorKind::Decode`], the first 256 KiB for
    /// [`ErrorKind::Api`]. JSON that cannot be decoded has U+001A in place of each byte that is not UTF-8. `None` if it
    /// repeats a secret of the request.
    pub fn body(&self) -> Option<&Bytes> {
        self.inner.body.as_ref()
    }

    /// Decodes the body as the vendor's error type. `None` if that fails.
    pub fn vendor<T: Decode>(&self) -> Option<T> {
        json::from_str(std::str::from_utf8(self.inner.body.as_ref()?).ok()?).ok()
    }

    /// The place in the body where decoding failed, such as `results[3].quantity`.
    pub fn path(&self) -> Option<&str> {
        self.inner.path.as_deref()
    }
}

/// Setters for the layers that know the context.
impl Error {
    /// A copy, for callers that waited for the same outcome. The sources are shared.
    pub(crate) fn copy(&self) -> Self {
        Self { inner: self.inner.clone() }
    }

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
        self.inner.request_id = request_id.map(|id| text::shown(&id));
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
        self.inner.path = path.map(|path| text::shown(&path));
        self
    }

    pub(crate) fn with_connect_timeout(mut self) -> Self {
        self.inner.connect_timeout = true;
        self
    }

    /// Sets whether a JSON body is truncated.
    pub(crate) fn with_truncated(mut self, truncated: bool) -> Self {
        self.inner.truncated = truncated;
        self
    }

    pub(crate) fn is_truncated(&self) -> bool {
        self.inner.truncated
    }

    /// Sets whether the service refused the request without processing it.
    pub(crate) fn with_unprocessed(mut self, unprocessed: bool) -> Self {
        self.inner.unprocessed = unprocessed;
        self
    }

    pub(crate) fn is_unprocessed(&self) -> bool {
        self.inner.unprocessed
    }

    /// Replaces everything that the response says with a message of our own.
    pub(crate) fn without_text(mut self, message: &str, hide_request_id: bool) -> Self {
        let inner = &mut *self.inner;
        (inner.code, inner.message, inner.path, inner.body) = (None, Some(message.to_owned()), None, None);
        inner.request_id.take_if(|_| hide_request_id);
        self
    }

    /// Replaces code and message with those of the body.
    pub(crate) fn with_details(mut self, details: Details) -> Self {
        self.inner.code = details.code.map(text::message);
        self.inner.message = details.message.map(text::message);
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

impl Error {
    /// The text, and those of the sources.
    fn one_line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            write!(f, ": {}", excerpt(&error.to_string(), SOURCE_LIMIT))?;
            source = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    /// Prints one line: the text of `Display` and those of the sources. That is what a `main` prints that returns the error.
    ///
    /// `{:#?}` prints all details except the body, of which it prints only the length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return self.one_line(f);
        }
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

/// For readers of bytes, which fail with errors of that type. The error is its inner one.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let own = || error.inner.source.as_deref()?.downcast_ref::<io::Error>().map(io::Error::kind);
        let kind = match error.kind() {
            ErrorKind::Io => own().unwrap_or(io::ErrorKind::Other),
            ErrorKind::Timeout => io::ErrorKind::TimedOut,
            ErrorKind::Connect => io::ErrorKind::NotConnected,
            ErrorKind::Transport => io::ErrorKind::ConnectionAborted,
            ErrorKind::Decode | ErrorKind::BodyTooLarge | ErrorKind::Empty => io::ErrorKind::InvalidData,
            ErrorKind::InvalidRequest | ErrorKind::Configuration => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests;
