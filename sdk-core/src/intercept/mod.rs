//! Interceptors: code of the program that sees each call and each attempt.
//!
//! An [`Interceptor`] is given to [`ClientBuilder::interceptor`](crate::ClientBuilder::interceptor). It can add headers and refuse
//! calls and attempts, and it sees what came of them. It sees no credential, and neither request bodies nor response bodies.
//!
//! ```
//! use cloud_billing_core::Error;
//! use cloud_billing_core::intercept::{Call, Interceptor, Outcome};
//!
//! struct AuditLog;
//!
//! impl Interceptor for AuditLog {
//!     fn before_call(&self, call: &mut Call<'_>) -> Result<(), Error> {
//!         call.set_header("x-correlation-id", "nightly-42")
//!     }
//!
//!     fn after_call(&self, call: &mut Call<'_>, outcome: &Outcome<'_>) {
//!         println!("{} {} {:?} {:?}", call.operation().id(), call.path(), outcome.status, outcome.duration);
//!     }
//! }
//! ```
//!
//! # Rules
//!
//! * **Order.** Interceptors run in the order in which they were added before a call or an attempt, and in reverse after it.
//! * **Each call** that begins ends with one [`after_call`](Interceptor::after_call), also if it is refused or cancelled. A call
//!   whose arguments are refused does not begin. Each page of a list is a call.
//! * **Each attempt** ends with one [`after_attempt`](Interceptor::after_attempt), when the response headers have arrived or it
//!   has failed; it has none if the call is cancelled before. An attempt that an interceptor refuses counts as failed, and is [retried](crate::retry) if an error of that kind
//!   is. So an interceptor can inject faults.
//! * **Token requests** are no calls; [`after_token`](Interceptor::after_token) tells what came of them.
//! * **Downloads** from addresses that the service hands out are calls, but no header is added to them, since they go to another
//!   service.
//! * Interceptors run on the task of the call and should not block. A panic ends the call.

mod hooks;
#[cfg(any(feature = "metrics", feature = "opentelemetry"))]
mod measure;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "opentelemetry")]
mod opentelemetry;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName, LOCATION, PROXY_AUTHENTICATE, SET_COOKIE, WWW_AUTHENTICATE};
// Re-exported, so that interceptors need no dependency on `http`.
pub use http::Extensions;
use reqwest::Url;

#[cfg(feature = "metrics")]
pub use metrics::Metrics;
#[cfg(feature = "opentelemetry")]
pub use opentelemetry::OpenTelemetryMetrics;

pub(crate) use hooks::{BodyObserver, Hooks, Interceptors, unless_twice};

use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::request::{Prepared, set_header};
use crate::service::Service;
use crate::telemetry;

/// Response headers that can hold secrets.
pub(crate) const SECRET: [HeaderName; 6] = [
    AUTHORIZATION,
    LOCATION,
    PROXY_AUTHENTICATE,
    SET_COOKIE,
    WWW_AUTHENTICATE,
    HeaderName::from_static("authentication-info"),
];

/// Code that sees each call and each attempt. Every method has a default that does nothing. See the [module](self) for the rules.
pub trait Interceptor: Send + Sync {
    /// Runs before a call. Headers that are set here are sent with each attempt.
    ///
    /// # Errors
    ///
    /// An error refuses the call, which then returns it. The interceptors behind this one do not run.
    fn before_call(&self, call: &mut Call<'_>) -> Result<(), Error> {
        let _ = call;
        Ok(())
    }

    /// Runs before each attempt, in its span.
    ///
    /// # Errors
    ///
    /// An error is the outcome of the attempt, and nothing is sent.
    fn before_attempt(&self, call: &mut Call<'_>) -> Result<(), Error> {
        let _ = call;
        Ok(())
    }

    /// Runs after each attempt, when the response headers have arrived or it has failed.
    fn after_attempt(&self, call: &mut Call<'_>, attempt: &Attempt<'_>) {
        let _ = (call, attempt);
    }

    /// Runs before each wait: before a retry, or before the first attempt because the quota is used up.
    fn before_wait(&self, call: &mut Call<'_>, wait: &Wait<'_>) {
        let _ = (call, wait);
    }

    /// Runs at the end of a call. The body of a streamed response may still arrive after it.
    fn after_call(&self, call: &mut Call<'_>, outcome: &Outcome<'_>) {
        let _ = (call, outcome);
    }

    /// Runs at the end of each response body, or when it is dropped. The body of a call that is not streamed ends before the
    /// call.
    fn after_body(&self, body: &Body) {
        let _ = body;
    }

    /// Runs after each attempt to fetch a token, which can take several requests.
    fn after_token(&self, token: &TokenFetch<'_>) {
        let _ = token;
    }
}

/// Lets the program keep a handle to its interceptor.
impl<T: Interceptor + ?Sized> Interceptor for Arc<T> {
    fn before_call(&self, call: &mut Call<'_>) -> Result<(), Error> {
        (**self).before_call(call)
    }

    fn before_attempt(&self, call: &mut Call<'_>) -> Result<(), Error> {
        (**self).before_attempt(call)
    }

    fn after_attempt(&self, call: &mut Call<'_>, attempt: &Attempt<'_>) {
        (**self).after_attempt(call, attempt);
    }

    fn before_wait(&self, call: &mut Call<'_>, wait: &Wait<'_>) {
        (**self).before_wait(call, wait);
    }

    fn after_call(&self, call: &mut Call<'_>, outcome: &Outcome<'_>) {
        (**self).after_call(call, outcome);
    }

    fn after_body(&self, body: &Body) {
        (**self).after_body(body);
    }

    fn after_token(&self, token: &TokenFetch<'_>) {
        (**self).after_token(token);
    }
}

/// A call as interceptors see it: without its credential and body.
pub struct Call<'a> {
    pub(crate) service: &'static Service,
    pub(crate) prepared: &'a mut Prepared,
    pub(crate) url: &'a Url,
    pub(crate) presigned: bool,
    pub(crate) attempts: u32,
    pub(crate) extensions: &'a mut Extensions,
}

impl Call<'_> {
    /// The service.
    pub fn service(&self) -> &'static Service {
        self.service
    }

    /// The operation. Its [path](Operation::path) is the one before parameters are filled in, which is good for metrics.
    pub fn operation(&self) -> &'static Operation {
        self.prepared.operation
    }

    /// The path, percent-encoded. Of a download it is a placeholder, because the address is a secret.
    pub fn path(&self) -> &str {
        if self.presigned { self.prepared.operation.path() } else { &self.prepared.path }
    }

    /// The query without a question mark, percent-encoded. Empty for a download.
    pub fn query(&self) -> &str {
        &self.prepared.query
    }

    /// The host that the call goes to.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port that the call goes to.
    pub fn port(&self) -> Option<u16> {
        self.url.port_or_known_default()
    }

    /// The number of attempts so far, the present one included. 0 before the first.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// A header of the request, if it is a text: one that is a parameter of the operation, or was set before.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.prepared.parameters.get(name).and_then(|value| value.to_str().ok())
    }

    /// Sets a header, in this attempt and those after it. Its value is treated as a secret by the HTTP client.
    ///
    /// # Errors
    ///
    /// Of kind [`InvalidRequest`](ErrorKind::InvalidRequest), if the name or the value is not one of a header, or the client sets
    /// this header itself, such as `Authorization`.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let mut unsent = HeaderMap::new();
        let headers = if self.presigned { &mut unsent } else { &mut self.prepared.parameters };
        set_header(headers, name, value).map_err(|problem| Error::new(ErrorKind::InvalidRequest, problem))
    }

    /// Values that interceptors keep with the call, one of each type.
    pub fn extensions(&mut self) -> &mut Extensions {
        self.extensions
    }
}

impl fmt::Debug for Call<'_> {
    /// Prints only the operation: parameters may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation().id()).finish_non_exhaustive()
    }
}

/// What came of an attempt.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The time until the response headers or the failure.
    pub duration: Duration,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// The request id that the service assigned.
    pub request_id: Option<&'a str>,
    /// The failure, if there was no response.
    pub error: Option<&'a Error>,
    /// Without those that may not be shown.
    pub(crate) headers: Option<&'a HeaderMap>,
}

impl<'a> Attempt<'a> {
    /// A response header, if it is a text. Headers that can hold secrets, such as `Set-Cookie`, are not shown,
    /// nor those of a refusal that repeat a secret of the request.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers?.get(name)?.to_str().ok()
    }

    /// The status of an error response, otherwise the kind of the failure as one word, as in
    /// [traces](https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/). `None` for a success.
    pub fn error_type(&self) -> Option<Cow<'static, str>> {
        let refused = || self.status.filter(|status| *status >= 400).map(|status| status.to_string().into());
        self.error.map(telemetry::error_type).or_else(refused)
    }
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("duration", &self.duration)
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// A wait of a call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Wait<'a> {
    /// How long it is.
    pub duration: Duration,
    /// Whether the service limits the rate: after a 429, or because the quota is used up.
    pub throttled: bool,
    /// The failure after which the call is retried. `None` before the first attempt.
    pub error: Option<&'a Error>,
}

/// What came of a call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Outcome<'a> {
    /// The time that the call took in all.
    pub duration: Duration,
    /// The HTTP status of the last response, if there was one.
    pub status: Option<u16>,
    /// The request id that the service assigned to the last response.
    pub request_id: Option<&'a str>,
    /// The error that the call returned. `None` after a success, and if the call was cancelled.
    pub error: Option<&'a Error>,
    /// Whether the caller dropped the call before its end.
    pub cancelled: bool,
}

impl Outcome<'_> {
    /// The status of an error response, otherwise the kind of the failure as one word; `cancelled` if it was. `None` for a
    /// success.
    pub fn error_type(&self) -> Option<Cow<'static, str>> {
        if self.cancelled { Some("cancelled".into()) } else { self.error.map(telemetry::error_type) }
    }
}

/// A response body at its end.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Body {
    /// The service.
    pub service: &'static Service,
    /// The operation.
    pub operation: &'static Operation,
    /// The HTTP status of the response.
    pub status: u16,
    /// The time since the response headers.
    pub duration: Duration,
    /// The number of bytes that arrived, decompressed.
    pub bytes: u64,
    /// Whether the body arrived to its end. If not, and without an error, it was dropped before.
    pub complete: bool,
    /// The failure.
    pub error: Option<ErrorKind>,
}

/// What came of fetching a token.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TokenFetch<'a> {
    /// The service of the client.
    pub service: &'static Service,
    /// The kind of credential, in words.
    pub credential: &'static str,
    /// Whether a token was renewed ahead of time, while no call waited for it.
    pub background: bool,
    /// The time that it took, with its retries.
    pub duration: Duration,
    /// The failure.
    pub error: Option<&'a Error>,
}
