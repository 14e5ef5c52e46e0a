//! Makes attempts until one succeeds: of calls, of token requests and of polls.
//!
//! An [`Executor`] belongs to one of these. Its owner makes the attempts. The executor limits, counts and traces them;
//! after a failure it decides by the table of [`retry`](crate::retry) whether there is another attempt, and waits for it.

mod exchange;
mod waiting;

use std::future::Future;
use std::time::Duration;

use reqwest::Url;
use tokio::task::JoinError;
use tokio::time::{Instant, sleep};
use tracing::Span;

pub(crate) use exchange::{ERROR_BODY_LIMIT, Limits, Timeouts, check_status, drain};
use waiting::sleep_for_quota;
pub(crate) use waiting::{counted, inherit};

use crate::body::ByteStream;
use crate::deadline::Deadline;
use crate::echo::Sent;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::response::Meta;
use crate::retry::{Budget, GiveUp, Retries, RetryPolicy};
use crate::telemetry;

/// The attempts of one call, token request or series of polls.
pub(crate) struct Executor<'a> {
    /// Where attempts are recorded.
    span: Span,
    deadline: Deadline,
    retries: Retries<'a>,
    /// The number of attempts. A repeat after a 401 is one; a poll without a result starts the count again.
    attempts: u32,
    /// What the last request contained.
    sent: Sent,
    /// The failure of the last attempt.
    previous: Option<Error>,
}

impl<'a> Executor<'a> {
    /// Creates an executor. Without a `budget`, retries are free.
    pub(crate) fn new(
        span: Span,
        deadline: Deadline,
        policy: RetryPolicy,
        budget: Option<&'a Budget>,
        idempotent: bool,
    ) -> Self {
        let retries = Retries::new(policy, budget, idempotent, deadline.at);
        Self { span, deadline, retries, attempts: 0, sent: Sent::default(), previous: None }
    }

    /// The span in which attempts are recorded.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// The number of attempts so far.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Counts an attempt, whose request contains `sent`, and returns its span. The caller prepares the request in it and
    /// [receives](Self::receive) the response.
    pub(crate) fn begin(&mut self, operation: &Operation, url: &Url, sent: Sent) -> Span {
        self.attempts += 1;
        self.sent = sent;
        telemetry::attempt_span(operation, url, self.attempts)
    }

    /// Makes the attempt that has begun: waits for the response headers. Returns a response of any status.
    pub(crate) async fn receive(
        &self,
        span: Span,
        operation: &'static Operation,
        (limits, timeouts): (&Limits, Timeouts),
        response: impl Future<Output = Result<http::Response<reqwest::Body>, Error>>,
    ) -> Result<ByteStream, Error> {
        let started = Instant::now();
        let attempt = (&span, self.attempts);
        let received = limits.receive(operation, attempt, timeouts, self.deadline, response).await;
        let meta = received.as_ref().map(|stream| &*stream.context().meta);
        telemetry::attempt(
            &self.span,
            &span,
            self.attempts,
            started.elapsed(),
            meta,
            meta.ok().and_then(|meta| self.shown_id(operation, meta)),
        );
        received
    }

    /// Records that the attempt that has begun is not made.
    pub(crate) fn refused(&self, span: &Span, error: &Error) {
        telemetry::attempt(&self.span, span, self.attempts, Duration::ZERO, Err(error), None);
    }

    /// The request id of a response, if it may be shown.
    pub(crate) fn shown_id<'m>(&self, operation: &Operation, meta: &'m Meta) -> Option<&'m str> {
        meta.request_id.as_deref().filter(|id| self.may_show(operation, meta, id))
    }

    /// Whether a trace or an interceptor may show a text of a response: a refusal could repeat a secret in it.
    pub(crate) fn may_show(&self, operation: &Operation, meta: &Meta, text: &str) -> bool {
        operation.is_success(meta.status) || !self.sent.is_in(text)
    }

    /// Makes an attempt that sends its requests itself. `None` if the deadline passes first.
    pub(crate) async fn attempt<F: Future>(&mut self, attempt: F) -> Option<F::Output> {
        self.attempts = self.attempts.saturating_add(1);
        self.deadline.limit("", attempt).await.ok()
    }

    /// Waits for the next attempt after a failed one.
    ///
    /// # Errors
    ///
    /// Returns the error for the caller if there is no further attempt. It repeats no secret of the request.
    pub(crate) async fn retry(&mut self, error: Error) -> Result<(), Error> {
        let wait = self.decide(error)?;
        self.wait(wait).await;
        Ok(())
    }

    /// Decides after a failed attempt: how long to [wait](Self::wait) for the next one.
    ///
    /// # Errors
    ///
    /// Returns the error for the caller if there is no further attempt. It repeats no secret of the request.
    pub(crate) fn decide(&mut self, error: Error) -> Result<Duration, Error> {
        let error = self.sent.hide(error);
        let wait = match self.retries.next(&error) {
            Ok(wait) => wait,
            Err(reason) => return Err(self.give_up(error, reason)),
        };
        telemetry::retry(&error, self.attempts, wait);
        self.previous = Some(error);
        Ok(wait)
    }

    pub(crate) async fn wait(&self, wait: Duration) {
        if self.previous.as_ref().is_some_and(|error| error.status() == Some(429)) {
            sleep_for_quota(wait).await;
        } else {
            sleep(wait).await;
        }
    }

    /// The failure of the last attempt.
    pub(crate) fn previous(&self) -> Option<&Error> {
        self.previous.as_ref()
    }

    /// Waits for the next poll after one without a result. The error is the response that says so, if there is one.
    /// Returns whether there is a next poll.
    pub(crate) async fn poll_again(&mut self, pending: Option<Error>) -> bool {
        self.attempts = 0;
        let wait = self.retries.pending(pending.as_ref());
        // A failure says more than a later regular "not ready".
        if pending.as_ref().is_some_and(|error| error.kind() != ErrorKind::NotReady || self.previous.is_none()) {
            self.previous = pending;
        }
        let Ok(wait) = wait else { return false };
        telemetry::poll(wait);
        sleep(wait).await;
        true
    }

    /// Records a success.
    pub(crate) fn succeeded(&self) {
        self.retries.succeeded();
    }

    /// The error for a deadline that passed. Its source is the failure of the last attempt.
    pub(crate) fn expired(self, message: String) -> Error {
        let error = Error::new(ErrorKind::Timeout, message);
        match self.previous {
            Some(previous) => error.with_source(previous),
            None => error,
        }
    }

    /// The error for the caller.
    fn give_up(&mut self, error: Error, reason: GiveUp) -> Error {
        // If no token could be fetched, the attempts of the token request count.
        let attempts = self.attempts.max(error.attempts());
        let mut error = error.with_attempts(attempts);
        // An overall timeout in an attempt hides the failure of the attempt before.
        if self.deadline.has_passed()
            && error.kind() == ErrorKind::Timeout
            && std::error::Error::source(&error).is_none()
            && let Some(previous) = self.previous.take()
        {
            error = error.with_source(previous);
        }
        if reason != GiveUp::Final {
            telemetry::give_up(&error, reason);
        }
        telemetry::record_error(&self.span, &error);
        error
    }
}

/// Waits before the first attempt because of a rate limit.
pub(crate) async fn wait_for_quota(wait: Duration) {
    telemetry::quota(wait);
    sleep_for_quota(wait).await;
}

/// The error of a task that did not end by itself. The message of a panic, which may quote anything, has gone to the panic
/// hook and does not become part of the error.
pub(crate) fn ended(what: &str, error: &JoinError) -> Error {
    let how = if error.is_panic() { "panicked" } else { "was cancelled with its runtime" };
    Error::new(ErrorKind::Transport, format!("{what} {how}"))
}
