//! Whether there is another attempt, and after which wait.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::{Budget, RetryPolicy};
use crate::error::{Error, Verdict, verdict};

/// The extra wait if the quota is used up.
pub(super) const QUOTA_WAIT: Duration = Duration::from_secs(1);

/// The retries of one call, token request or series of polls. This decides; the caller waits and sends.
#[derive(Debug)]
pub(crate) struct Retries<'a> {
    policy: RetryPolicy,
    /// Polls have none.
    budget: Option<&'a Budget>,
    idempotent: bool,
    /// The deadline, if there is one.
    deadline: Option<Instant>,
    /// The number of failures in a row.
    failures: u32,
    /// The number of waits so far.
    waits: u32,
}

/// The reason for not retrying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GiveUp {
    /// The failure is not retryable, or a retry would not be safe.
    Final,
    /// All attempts of the policy are used.
    Attempts,
    /// `Retry-After` is longer than the policy allows.
    RetryAfter,
    /// The wait would end after the deadline.
    Deadline,
    /// The retry budget is empty.
    Budget,
}

impl<'a> Retries<'a> {
    pub(crate) fn new(
        policy: RetryPolicy,
        budget: Option<&'a Budget>,
        idempotent: bool,
        deadline: Option<Instant>,
    ) -> Self {
        Self { policy, budget, idempotent, deadline, failures: 0, waits: 0 }
    }

    /// The same, with this number of retries already made.
    pub(crate) fn after(self, retries: u32) -> Self {
        Self { failures: retries, waits: retries, ..self }
    }

    /// Decides after a failed attempt. Returns the wait before the retry, or the reason for not retrying.
    pub(crate) fn next(&mut self, error: &Error) -> Result<Duration, GiveUp> {
        match verdict(error) {
            Verdict::Always => {}
            Verdict::IfIdempotent if self.idempotent => {}
            Verdict::IfIdempotent | Verdict::Never => return Err(GiveUp::Final),
        }
        let failures = self.failures.saturating_add(1);
        if failures >= self.policy.attempts() {
            return Err(GiveUp::Attempts);
        }
        let wait = self.wait(Some(error))?;
        if !self.budget.is_none_or(Budget::acquire) {
            return Err(GiveUp::Budget);
        }
        self.failures = failures;
        self.waits = self.waits.saturating_add(1);
        Ok(wait)
    }

    /// Decides after a poll without a result. Returns the wait before the next poll.
    pub(crate) fn pending(&mut self, response: Option<&Error>) -> Result<Duration, GiveUp> {
        self.failures = 0;
        let wait = self.wait(response)?;
        self.waits = self.waits.saturating_add(1);
        Ok(wait)
    }

    /// Records a success.
    pub(crate) fn succeeded(&self) {
        if let Some(budget) = self.budget {
            budget.release();
        }
    }

    fn wait(&self, error: Option<&Error>) -> Result<Duration, GiveUp> {
        let asked = error.and_then(Error::retry_after).filter(|asked| !asked.is_zero());
        if asked.is_some_and(|asked| asked > self.policy.max_retry_after) {
            return Err(GiveUp::RetryAfter);
        }
        let quota_spent = asked.is_none() && error.is_some_and(|error| error.rate_limit().remaining == Some(0));
        let extra = if quota_spent { QUOTA_WAIT } else { Duration::ZERO };
        let wait = self.policy.backoff.delay(self.waits, asked).saturating_add(extra);
        // A wait beyond the range of the clock has no end.
        let end = Instant::now().checked_add(wait);
        let late = end.is_none_or(|end| self.deadline.is_some_and(|deadline| end >= deadline));
        if late { Err(GiveUp::Deadline) } else { Ok(wait) }
    }
}

impl fmt::Display for GiveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Final => "not retryable",
            Self::Attempts => "no attempts left",
            Self::RetryAfter => "Retry-After is too long",
            Self::Deadline => "the overall timeout would pass",
            Self::Budget => "the retry budget is used up",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::response::RateLimit;

    const POLICY: RetryPolicy = RetryPolicy::new();

    fn api(status: u16, retry_after: Option<u64>) -> Error {
        Error::new(ErrorKind::Api, "")
            .with_response(status, None)
            .with_retry_after(retry_after.map(Duration::from_secs))
    }

    fn first(idempotent: bool, deadline: Option<Instant>, error: &Error) -> Result<Duration, GiveUp> {
        Retries::new(POLICY, Some(&Budget::new(10)), idempotent, deadline).next(error)
    }

    #[test]
    fn the_table_decides() {
        let refused = Error::new(ErrorKind::Connect, "");
        let lost = Error::new(ErrorKind::Transport, "");
        for (error, idempotent, other) in [
            (&refused, true, true),
            (&lost, true, false),
            (&api(503, Some(1)), true, true),
            (&api(503, None), true, false),
            (&api(404, Some(1)), false, false),
        ] {
            assert_eq!(first(true, None, error).is_ok(), idempotent, "{error:?}");
            assert_eq!(first(false, None, error).is_ok(), other, "{error:?}");
        }
        assert_eq!(first(false, None, &lost), Err(GiveUp::Final));
    }

    #[test]
    fn attempts_are_counted() {
        let budget = Budget::new(100);
        let count = |policy: RetryPolicy| {
            let mut retries = Retries::new(policy, Some(&budget), true, None);
            let count = std::iter::from_fn(|| retries.next(&api(500, None)).ok()).count();
            assert_eq!(retries.next(&api(500, None)), Err(GiveUp::Attempts));
            count
        };
        assert_eq!(count(RetryPolicy::new()), 4);
        assert_eq!(count(RetryPolicy::none()), 0);
        assert_eq!(count(RetryPolicy::new().max_attempts(0)), 0);
        assert_eq!(count(RetryPolicy::new().max_attempts(2)), 1);
    }

    #[test]
    fn retry_after_is_a_minimum_and_a_fifth_more_the_most() {
        for _ in 0..1000 {
            let wait = first(true, None, &api(429, Some(10))).unwrap().as_secs_f64();
            assert!((10.0..=12.0).contains(&wait), "{wait}");
            // Zero says nothing about how long to wait.
            assert!(first(true, None, &api(429, Some(0))).unwrap() <= Duration::from_millis(500));
        }
        assert!(first(true, None, &api(429, Some(60))).is_ok());
        assert_eq!(first(true, None, &api(429, Some(61))), Err(GiveUp::RetryAfter));
        assert_eq!(first(true, None, &api(429, Some(u64::MAX))), Err(GiveUp::RetryAfter));
        let endless = RetryPolicy::new().max_retry_after(Duration::MAX);
        let budget = Budget::new(9);
        let mut retries = Retries::new(endless, Some(&budget), true, Some(Instant::now()));
        assert_eq!(retries.next(&api(429, Some(u64::MAX))), Err(GiveUp::Deadline));
    }

    #[test]
    fn a_spent_quota_is_given_time() {
        let spent = RateLimit { limit: Some(500), remaining: Some(0), reset: None };
        let left = RateLimit { limit: Some(500), remaining: Some(1), reset: None };
        for _ in 0..100 {
            assert!(first(true, None, &api(429, None).with_rate_limit(spent)).unwrap() >= QUOTA_WAIT);
            assert!(first(true, None, &api(429, None).with_rate_limit(left)).unwrap() < QUOTA_WAIT);
            assert!(first(true, None, &api(429, Some(5)).with_rate_limit(spent)).unwrap() <= Duration::from_secs(6));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_beyond_the_deadline_is_not_begun() {
        let deadline = Some(Instant::now() + Duration::from_secs(10));
        assert_eq!(first(true, deadline, &api(429, Some(45))), Err(GiveUp::Deadline));
        assert_eq!(first(true, deadline, &api(429, Some(10))), Err(GiveUp::Deadline));
        assert!(first(true, deadline, &api(429, Some(8))).is_ok());
    }

    #[test]
    fn a_retry_that_is_not_made_costs_nothing() {
        let budget = Budget::new(1);
        let mut retries = Retries::new(POLICY, Some(&budget), true, None);
        assert_eq!(retries.next(&api(429, Some(90))), Err(GiveUp::RetryAfter));
        assert_eq!(retries.next(&api(404, None)), Err(GiveUp::Final));
        assert!(retries.next(&api(500, None)).is_ok());
        assert_eq!(retries.next(&api(500, None)), Err(GiveUp::Budget));
        retries.succeeded();
        retries.succeeded();
        assert!(retries.next(&api(500, None)).is_ok());
    }
}
