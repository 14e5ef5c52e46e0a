//! Polls a long-running job of the service until it ends.
//!
//! Some operations start a job and return its name; another operation returns the job's state. [`Polling`] has the
//! settings, and [`Polls`] does the polling.
//!
//! # Rules
//!
//! * **Waits** start at [`first_wait`](Polling::first_wait), double each time and stop growing at
//!   [`max_wait`](Polling::max_wait). If the service sends a longer `Retry-After`, that is the wait. Each wait is up to a
//!   fifth longer at random, so that clients that started together drift apart.
//! * **The deadline** covers everything, including polls that never return. A wait that would end after the deadline is
//!   not started. The error then has the last failure as its [source](std::error::Error::source) and names the job, so
//!   that polling can be resumed.
//! * **A failed poll** that is [retryable](Error::is_retryable) is followed by another one. Polling ends when as many
//!   polls in a row have failed as a request has [attempts](crate::RetryPolicy::max_attempts). Make the polls
//!   themselves [without retries](crate::Core::without_retries), or the waits multiply. Any other failure ends polling
//!   at once.
//! * **Dropping** the future ends polling. No background task remains, and the job of the service is not affected.
//!
//! Each poll without a result emits a trace event `poll` at level DEBUG, and each failed poll an event `retry` at level INFO,
//! both with `sdk.wait_ms` (the next wait).

use std::future::Future;
use std::time::Duration;

use tracing::Span;

use crate::client::Core;
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind, retry_after};
use crate::executor::Executor;
use crate::response::Response;
use crate::retry::Backoff;
use crate::text::shown;

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
        Polls { polling: *self, end: Deadline::after(self.deadline, "polling") }
    }
}

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
#[derive(Debug)]
#[must_use]
pub struct Polls {
    polling: Polling,
    end: Deadline,
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
    pub async fn until_ready<T, F>(self, core: &Core, name: &str, mut poll: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<Polled<T>, Error>>,
    {
        let Polling { first_wait, max_wait, .. } = self.polling;
        let policy = core.retry_policy().of_polls(Backoff::of_polls(first_wait, max_wait));
        let mut executor = Executor::new(Span::none(), self.end, policy, None, true);
        loop {
            let pending = match executor.attempt(poll()).await {
                Some(Ok(Polled::Ready(result))) => return Ok(result),
                Some(Ok(Polled::Pending(response))) => Some(response),
                Some(Err(error)) if error.kind() == ErrorKind::NotReady => Some(Some(error)),
                Some(Err(error)) => executor.retry(error).await.map(|()| None)?,
                None => break,
            };
            if let Some(response) = pending
                && !executor.poll_again(response).await
            {
                break;
            }
        }
        Err(executor.expired(format!("no result {}; resume it with {}", self.end.phrase(), shown(name))))
    }
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
    let reason = reason.filter(|reason| !reason.trim().is_empty()).unwrap_or("no reason given");
    Error::new(ErrorKind::Api, reason.trim()).with_operation(operation)
}

#[cfg(test)]
mod tests;
