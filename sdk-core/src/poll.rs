//! Polls a long-running job of the service until it ends.
//!
//! Some operations start a job and return its name; another operation returns the job's state. [`Polling`] has the
//! settings, and [`Polls`] does the polling.
//!
//! # Rules
//!
//! * **Waits** start at [`first_wait`](Polling::first_wait), double each time and stop growing at
//!   [`max_wait`](Polling::max_wait). Each is up to a fifth longer at random, so that clients that started together
//!   drift apart. A `Retry-After` of the service is the minimum of the next wait.
//! * **The deadline** covers everything, including polls that never return. A wait that would end after the deadline is
//!   not started. The error then has the last failure as its [source](std::error::Error::source) and names the job, so
//!   that polling can be resumed.
//! * **A failed poll** that is [retryable](Error::is_retryable) is followed by another one. Polling ends when as many
//!   polls in a row have failed as a request has [attempts](crate::RetryPolicy::max_attempts). Make the polls
//!   themselves [without retries](crate::Core::without_retries), or the waits multiply. Any other failure ends polling
//!   at once.
//! * **Dropping** the future ends polling. No background task remains, and the job of the service is not affected.
//!
//! Each poll without a result emits a trace event `poll` at level DEBUG, with `sdk.wait_ms` (the next wait) and, for a
//! failure, `error.type`.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::Core;
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind, retry_after};
use crate::response::Response;
use crate::text::excerpt;

/// The random part of a wait, as a fraction of it.
const JITTER: f64 = 0.2;

/// The longest failure reason that is kept, in characters.
const REASON_LIMIT: usize = 1000;

/// How often and how long to poll for the result of a job.
///
/// ```
/// use std::time::Duration;
///
/// use cloud_billing_core::poll::Polling;
///
/// const POLLING: Polling = Polling::new(Duration::from_secs(1), Duration::from_secs(15))
///     .with_poll_timeout(Duration::from_secs(15))
///     .with_deadline(Duration::from_secs(600));
/// assert_eq!(POLLING.deadline(), Duration::from_secs(600));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Polling {
    first_wait: Duration,
    max_wait: Duration,
    poll_timeout: Duration,
    deadline: Duration,
}

impl Polling {
    /// Creates settings with waits that grow from `first_wait` to `max_wait`. The deadline is 10 minutes and the poll
    /// timeout 15 seconds.
    pub const fn new(first_wait: Duration, max_wait: Duration) -> Self {
        Self { first_wait, max_wait, poll_timeout: Duration::from_secs(15), deadline: Duration::from_secs(600) }
    }

    /// Sets the wait after the first poll.
    pub const fn with_first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// Sets the longest wait. If it is shorter than the first wait, it also limits that one.
    pub const fn with_max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Sets the time limit of one poll.
    pub const fn with_poll_timeout(mut self, timeout: Duration) -> Self {
        self.poll_timeout = timeout;
        self
    }

    /// Sets the time limit of all polls together.
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The wait after the first poll.
    pub const fn first_wait(&self) -> Duration {
        self.first_wait
    }

    /// The longest wait.
    pub const fn max_wait(&self) -> Duration {
        self.max_wait
    }

    /// The time limit of one poll.
    pub const fn poll_timeout(&self) -> Duration {
        self.poll_timeout
    }

    /// The time limit of all polls together.
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Starts the deadline.
    pub fn begin(&self) -> Polls {
        Polls { polling: *self, end: Deadline::after(self.deadline, "polling"), polls: 0, failures: 0, last: None }
    }

    /// The wait after a poll. The first poll is number 0.
    fn wait(&self, poll: u32) -> Duration {
        let factor = 1_u32.checked_shl(poll).unwrap_or(u32::MAX);
        let wait = self.first_wait.saturating_mul(factor).min(self.max_wait);
        wait.saturating_add(wait.min(LONGEST).mul_f64(JITTER * fastrand::f64()))
    }
}

/// An upper bound of a wait that floating-point arithmetic can handle: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The result of one poll.
#[derive(Debug)]
pub enum Polled<T> {
    /// The job has ended with this result.
    Ready(T),
    /// The job is still running. The error is set if the response did not say so explicitly.
    Pending(Option<Error>),
}

impl<T> Polled<T> {
    /// The result, if the job has ended.
    pub fn ready(self) -> Option<T> {
        match self {
            Self::Ready(result) => Some(result),
            Self::Pending(_) => None,
        }
    }
}

/// A series of polls, see [`Polling::begin`].
#[must_use]
pub struct Polls {
    polling: Polling,
    end: Deadline,
    /// The number of polls so far.
    polls: u32,
    /// The number of consecutive failures.
    failures: u32,
    /// The last failure, or the last response that was interpreted as "not ready".
    last: Option<Error>,
}

impl Polls {
    /// Starts a job within the deadline.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Timeout`] at the deadline, and the errors of `start`.
    pub async fn start<T>(&self, start: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.end.limit("the process was not started", start).await?
    }

    /// Polls until there is a result. `name` identifies the job, such as "query token 1a2b". Errors show it, so it must
    /// not be a secret.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Timeout`] at the deadline, and the errors of a poll as described in the
    /// [rules](crate::poll).
    pub async fn until_ready<T, F>(mut self, core: &Core, name: &str, mut poll: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<Polled<T>, Error>>,
    {
        loop {
            let Ok(polled) = self.end.limit("", poll()).await else {
                return Err(self.timeout_error(name));
            };
            let wait = match polled {
                Ok(Polled::Ready(result)) => return Ok(result),
                Ok(Polled::Pending(failure)) => self.pending(failure),
                Err(error) => self.failed(error, core.max_attempts())?,
            };
            let Some(wait) = wait else {
                return Err(self.timeout_error(name));
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Records a poll without a result. Returns the next wait, or `None` if it would end after the deadline.
    fn pending(&mut self, failure: Option<Error>) -> Option<Duration> {
        self.failures = 0;
        let wait = self.next_wait(failure.as_ref());
        // A failure says more than a later regular "not ready".
        if let Some(failure) = failure.filter(|failure| failure.kind() != ErrorKind::NotReady || self.last.is_none()) {
            self.last = Some(failure);
        }
        wait
    }

    /// Records a failed poll. Returns the next wait.
    ///
    /// # Errors
    ///
    /// Returns the failure itself if there is no further poll.
    fn failed(&mut self, error: Error, allowed: u32) -> Result<Option<Duration>, Error> {
        self.failures += 1;
        let error = error.with_attempts(self.failures);
        if !error.is_retryable() || self.failures >= allowed {
            return Err(error);
        }
        match self.next_wait(Some(&error)) {
            Some(wait) => {
                self.last = Some(error);
                Ok(Some(wait))
            }
            None => Err(error),
        }
    }

    fn next_wait(&mut self, failure: Option<&Error>) -> Option<Duration> {
        let asked = failure.and_then(Error::retry_after).unwrap_or_default();
        let wait = self.polling.wait(self.polls).max(asked);
        self.polls = self.polls.saturating_add(1);
        trace(failure, wait);
        let end = Instant::now().checked_add(wait)?;
        self.end.at.is_none_or(|at| end < at).then_some(wait)
    }

    /// The error at the deadline.
    fn timeout_error(self, name: &str) -> Error {
        let message = format!("no result {}; resume it with {name}", self.end.phrase());
        let error = Error::new(ErrorKind::Timeout, message);
        match self.last {
            Some(last) => error.with_source(last),
            None => error,
        }
    }
}

impl fmt::Debug for Polls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polls").field("polling", &self.polling).field("polls", &self.polls).finish_non_exhaustive()
    }
}

/// Traces a poll without a result.
fn trace(failure: Option<&Error>, wait: Duration) {
    tracing::debug!(
        target: "cloud_billing_core",
        {
            "error.type" = failure.map(|failure| failure.kind().word()),
            http.response.status_code = failure.and_then(Error::status),
            sdk.wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
        },
        "poll",
    );
}

/// Creates the error for a response whose status says that there is no result yet, for [`Polled::Pending`].
pub fn not_ready<T>(operation: &'static str, response: &Response<T>) -> Error {
    Error::new(ErrorKind::NotReady, "the service is still working on it")
        .with_operation(operation)
        .with_response(response.status(), response.request_id().map(str::to_owned))
        .with_retry_after(retry_after(response.headers()))
}

/// Creates the error for a success response that lacks a required field.
pub fn incomplete<T>(operation: &'static str, response: &Response<T>, missing: &str) -> Error {
    Error::new(ErrorKind::Decode, missing)
        .with_operation(operation)
        .with_response(response.status(), response.request_id().map(str::to_owned))
}

/// Creates the error for a job that failed, with the service's reason. The error has no status, because the response
/// itself was a success.
pub fn failed(operation: &'static str, reason: Option<&str>) -> Error {
    let reason = reason.map(|reason| excerpt(reason, REASON_LIMIT)).filter(|reason| !reason.is_empty());
    Error::new(ErrorKind::Api, reason.unwrap_or_else(|| "no reason given".to_owned())).with_operation(operation)
}

#[cfg(test)]
mod tests;
