//! Asking again and again until a process of the service has ended.
//!
//! Some operations start a process and return a name for it, and another one says how far it is. [`Polling`] holds how
//! patiently to ask, and [`Polls`] asks.
//!
//! # Rules
//!
//! * **Waits** start at [`first_wait`](Polling::first_wait), double each time and stop at
//!   [`max_wait`](Polling::max_wait). Each is up to a fifth longer, so that clients that started together do not stay
//!   together. If the service names a time in `Retry-After`, the wait is at least that.
//! * **The deadline** covers everything, answers that never come included. A wait that would end after it is not begun.
//!   The error then has the last fault as its [source](std::error::Error::source) and says how to take the process up again.
//! * **A poll that fails** in a way that [may pass](Error::is_retryable) is followed by the next one, until as many have
//!   failed in a row as a request has [attempts](crate::RetryPolicy::max_attempts). So the polls themselves should be made
//!   [without retries](crate::Core::without_retries): the waits would multiply. Any other failure ends the wait at once.
//! * **Dropping** the future ends it all: nothing runs on by itself, and the process of the service does not mind.
//!
//! In traces there is an event `poll` at level DEBUG for each poll that brought no result, with `sdk.wait_ms` before the
//! next, and `error.type` if it has one.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::{Core, Deadline};
use crate::error::{Error, ErrorKind, retry_after};
use crate::response::Response;
use crate::text::excerpt;

/// How much longer than planned a wait may be, as a part of it.
const JITTER: f64 = 0.2;

/// The longest reason for a failed process that is kept, in characters.
const REASON_LIMIT: usize = 1000;

/// How patiently to ask for the result of a process.
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
    /// Polls with waits that grow from `first_wait` to `max_wait`, for at most 10 minutes in all and 15 seconds each.
    pub const fn new(first_wait: Duration, max_wait: Duration) -> Self {
        Self { first_wait, max_wait, poll_timeout: Duration::from_secs(15), deadline: Duration::from_secs(600) }
    }

    /// Sets the wait after the first poll.
    pub const fn with_first_wait(mut self, wait: Duration) -> Self {
        self.first_wait = wait;
        self
    }

    /// Sets the longest wait. If it is less than the first one, it is the first one as well.
    pub const fn with_max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Sets the time that one poll may take.
    pub const fn with_poll_timeout(mut self, timeout: Duration) -> Self {
        self.poll_timeout = timeout;
        self
    }

    /// Sets the time that all of it may take.
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

    /// The time that one poll may take.
    pub const fn poll_timeout(&self) -> Duration {
        self.poll_timeout
    }

    /// The time that all of it may take.
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Starts the clock.
    pub fn begin(&self) -> Polls {
        Polls { polling: *self, end: Deadline::after(self.deadline, "polling"), polls: 0, failures: 0, last: None }
    }

    /// The wait after a poll; the first one is number 0.
    fn wait(&self, poll: u32) -> Duration {
        let factor = 1_u32.checked_shl(poll).unwrap_or(u32::MAX);
        let wait = self.first_wait.saturating_mul(factor).min(self.max_wait);
        wait.saturating_add(wait.min(LONGEST).mul_f64(JITTER * fastrand::f64()))
    }
}

/// Longer than anybody waits, and short enough to calculate with.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What a poll found.
#[derive(Debug)]
pub enum Polled<T> {
    /// The process has ended, and this is its result.
    Ready(T),
    /// It goes on. The error is what the answer looked like, if it did not say so in as many words.
    Pending(Option<Error>),
}

impl<T> Polled<T> {
    /// The result, if there is one.
    pub fn ready(self) -> Option<T> {
        match self {
            Self::Ready(result) => Some(result),
            Self::Pending(_) => None,
        }
    }
}

/// Polls under way, see [`Polling::begin`].
#[must_use]
pub struct Polls {
    polling: Polling,
    end: Deadline,
    /// How many there were.
    polls: u32,
    /// How many of the last ones have failed.
    failures: u32,
    /// The last failure, or what was taken for "not ready".
    last: Option<Error>,
}

impl Polls {
    /// Starts a process, within the deadline.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Timeout`], and those of starting it.
    pub async fn start<T>(&self, start: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.end.limit("the process was not started", start).await?
    }

    /// Polls until there is a result. `name` is what the process is to be taken up with again, such as "query token 1a2b",
    /// and is shown in errors; so it must not be a secret.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Timeout`] at the deadline; and those of a poll, see the [rules](crate::poll).
    pub async fn until_ready<T, F>(mut self, core: &Core, name: &str, mut poll: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<Polled<T>, Error>>,
    {
        loop {
            let Ok(polled) = self.end.limit("", poll()).await else {
                return Err(self.late(name));
            };
            let wait = match polled {
                Ok(Polled::Ready(result)) => return Ok(result),
                Ok(Polled::Pending(fault)) => self.pending(fault),
                Err(error) => self.failed(error, core.max_attempts())?,
            };
            let Some(wait) = wait else {
                return Err(self.late(name));
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Notes a poll without a result. Returns how long to wait, or `None` if there is not the time.
    fn pending(&mut self, fault: Option<Error>) -> Option<Duration> {
        self.failures = 0;
        let wait = self.next_wait(fault.as_ref());
        // A fault says more than a later answer that is in order.
        if let Some(fault) = fault.filter(|fault| fault.kind() != ErrorKind::NotReady || self.last.is_none()) {
            self.last = Some(fault);
        }
        wait
    }

    /// Notes a poll that failed, as [`pending`](Self::pending) does.
    ///
    /// # Errors
    ///
    /// The failure itself, if there is no other poll to come.
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

    fn next_wait(&mut self, fault: Option<&Error>) -> Option<Duration> {
        let asked = fault.and_then(Error::retry_after).unwrap_or_default();
        let wait = self.polling.wait(self.polls).max(asked);
        self.polls = self.polls.saturating_add(1);
        trace(fault, wait);
        let end = Instant::now().checked_add(wait)?;
        self.end.at.is_none_or(|at| end < at).then_some(wait)
    }

    /// The error at the deadline.
    fn late(self, name: &str) -> Error {
        let message = format!("no result {}; it can still be asked for by {name}", self.end.phrase());
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

/// Reports a poll without a result.
fn trace(fault: Option<&Error>, wait: Duration) {
    tracing::debug!(
        target: "cloud_billing_core",
        {
            "error.type" = fault.map(|fault| fault.kind().word()),
            http.response.status_code = fault.and_then(Error::status),
            sdk.wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
        },
        "poll",
    );
}

/// The error for an answer whose status says that there is no result yet, for [`Polled::Pending`].
pub fn not_ready<T>(operation: &'static str, response: &Response<T>) -> Error {
    Error::new(ErrorKind::NotReady, "the service is still working on it")
        .with_operation(operation)
        .with_response(response.status(), response.request_id().map(str::to_owned))
        .with_retry_after(retry_after(response.headers()))
}

/// The error for an answer that is in order and lacks what the process cannot go on without.
pub fn incomplete<T>(operation: &'static str, response: &Response<T>, missing: &str) -> Error {
    Error::new(ErrorKind::Decode, missing)
        .with_operation(operation)
        .with_response(response.status(), response.request_id().map(str::to_owned))
}

/// The error for a process that the service says has failed, with the service's reason. It has no status: the answer
/// itself was a success.
pub fn failed(operation: &'static str, reason: Option<&str>) -> Error {
    let reason = reason.map(|reason| excerpt(reason, REASON_LIMIT)).filter(|reason| !reason.is_empty());
    Error::new(ErrorKind::Api, reason.unwrap_or_else(|| "no reason given".to_owned())).with_operation(operation)
}

#[cfg(test)]
mod tests;
