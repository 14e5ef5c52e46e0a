//! Settings of one call.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName};

use crate::error::{Error, ErrorKind};
use crate::request::set_header;
use crate::retry::RetryPolicy;

/// Settings of one call, which replace those of the client. The client's apply where none is set.
///
/// The builder of every call takes them with `options`; for a list they hold for each page.
///
/// ```
/// use std::time::Duration;
///
/// use cloud_billing_core::{CallOptions, RetryPolicy};
///
/// let options = CallOptions::new()
///     .attempt_timeout(Duration::from_secs(5))
///     .overall_timeout(Duration::from_secs(20))
///     .retry(RetryPolicy::none())
///     .header("x-correlation-id", "nightly-42");
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct CallOptions {
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) overall_timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) idempotent: Option<bool>,
    headers: HeaderMap,
    /// The first header that cannot be sent.
    problem: Option<String>,
}

impl CallOptions {
    /// Options that change nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the time limit of one attempt, see [`ClientBuilder::attempt_timeout`](crate::ClientBuilder::attempt_timeout).
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets the time limit of the whole call, see
    /// [`ClientBuilder::overall_timeout`](crate::ClientBuilder::overall_timeout).
    pub fn overall_timeout(mut self, timeout: Duration) -> Self {
        self.overall_timeout = Some(timeout);
        self
    }

    /// Sets how failed attempts are retried. The [budget](RetryPolicy::budget) remains that of the client, which all of its
    /// calls share.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Says whether the call may be sent again after an attempt that may have had its effect, whatever its method is. Only
    /// the program knows what a second POST would do.
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Adds a header, or replaces one of this name. Its value is treated as a secret. It is not sent to the address of a
    /// download, which belongs to another service.
    ///
    /// If it cannot be sent, the call fails before anything is sent, with an error of kind
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest): the name or the value is not one of a header, or it is a header
    /// that the client sets itself, such as `Authorization`.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Err(problem) = set_header(&mut self.headers, name, value) {
            self.problem.get_or_insert(problem);
        }
        self
    }

    /// Adds the headers to those of a request.
    pub(super) fn add_headers(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        if let Some(problem) = &self.problem {
            return Err(Error::new(ErrorKind::InvalidRequest, problem));
        }
        headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(())
    }
}

impl fmt::Debug for CallOptions {
    /// Prints only the names of headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("attempt_timeout", &self.attempt_timeout)
            .field("overall_timeout", &self.overall_timeout)
            .field("retry", &self.retry)
            .field("idempotent", &self.idempotent)
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
