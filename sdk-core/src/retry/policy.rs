//! What a caller can choose.

use std::time::Duration;

use super::Backoff;

/// How many times a request is sent at most, unless set otherwise. IBM's own clients, told to retry, send it as often.
pub const DEFAULT_MAX_ATTEMPTS: u32 = 5;

/// The longest wait before the first retry, unless set otherwise.
///
/// With [`DEFAULT_MAX_ATTEMPTS`] the waits add up to 3.75 seconds on average and 7.5 at most, which outlasts a restart or
/// a failover; and a single failure costs a quarter of a second.
pub const DEFAULT_BACKOFF_BASE: Duration = Duration::from_millis(500);

/// The longest wait before any retry that the service did not ask for, unless set otherwise.
pub const DEFAULT_BACKOFF_CAP: Duration = Duration::from_secs(20);

/// The longest wait that a service may ask for, unless set otherwise. Atlas refills its quotas once a minute.
pub const DEFAULT_MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// The retries that a client can have saved up, unless set otherwise: enough for a dozen concurrent calls to use all
/// their attempts at once.
pub const DEFAULT_RETRY_BUDGET: u32 = 50;

/// How a client retries.
///
/// [What](crate::retry) is retried is fixed. This is about how often and how patiently:
///
/// * A call has at most [`max_attempts`](Self::max_attempts).
/// * Before each retry it waits for a random time. The longest one starts at the base of the [`backoff`](Self::backoff),
///   doubles each time and stops at its cap.
/// * If the service names a time in `Retry-After`, in seconds or as a date, that is how long it waits, and up to a fifth
///   longer so that not everybody comes back at the same instant. A time of zero, or in the past, is no time. If it is
///   longer than [`max_retry_after`](Self::max_retry_after), the call fails at once.
/// * If the service names no time and says that the quota is used up (`RateLimit-Remaining: 0`), the wait is one second
///   longer: at Atlas's documented rate of 100 requests a minute, that is what one more request takes.
/// * If an answer, a success too, says that the quota is used up, the next calls of the same operation
///   [wait for it](Self::wait_for_quota) before they are sent.
/// * A wait that would end after the [overall timeout](crate::ClientBuilder::overall_timeout) is not begun.
/// * All calls of a client share a [`budget`](Self::budget) of retries, so that they do not make an outage worse.
///
/// When there is no retry left, the call ends in the error of its last attempt, and
/// [`Error::attempts`](crate::Error::attempts) says how many there were.
///
/// ```
/// use std::time::Duration;
///
/// let patient = cloud_billing_core::RetryPolicy::new()
///     .max_attempts(8)
///     .backoff(Duration::from_secs(1), Duration::from_secs(60))
///     .max_retry_after(Duration::from_secs(120));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    backoff: Backoff,
    max_retry_after: Duration,
    budget: u32,
    wait_for_quota: bool,
}

impl RetryPolicy {
    /// The default policy.
    pub const fn new() -> Self {
        Self {
            max_attempts: DEFAULT_MAX_ATTEMPTS,
            backoff: Backoff::new(DEFAULT_BACKOFF_BASE, DEFAULT_BACKOFF_CAP),
            max_retry_after: DEFAULT_MAX_RETRY_AFTER,
            budget: DEFAULT_RETRY_BUDGET,
            wait_for_quota: true,
        }
    }

    /// No retries, and no waiting for a quota.
    pub const fn none() -> Self {
        Self::new().max_attempts(1).wait_for_quota(false)
    }

    /// Sets how many times a request is sent at most, the first time included. 0 is taken for 1. The default is
    /// [`DEFAULT_MAX_ATTEMPTS`].
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the longest wait before the first retry and before any. The defaults are [`DEFAULT_BACKOFF_BASE`] and
    /// [`DEFAULT_BACKOFF_CAP`].
    pub const fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.backoff = Backoff::new(base, cap);
        self
    }

    /// Sets the longest wait that a service may ask for in `Retry-After`. The default is [`DEFAULT_MAX_RETRY_AFTER`].
    pub const fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// Sets whether a call waits when an answer to the same operation said that the quota is used up
    /// (`RateLimit-Remaining: 0`). The default is yes.
    ///
    /// It waits for as long as that answer's `Retry-After` said, else for the seconds of its `RateLimit-Reset`, else for one
    /// second, counted from the answer, and up to a fifth longer; but no longer than
    /// [`max_retry_after`](Self::max_retry_after), and not at all if the call's
    /// [overall timeout](crate::ClientBuilder::overall_timeout) would pass. Vendors keep quotas by groups of operations, which
    /// they do not tell: calls of other operations are not delayed, and may be refused with a 429, which is retried.
    pub const fn wait_for_quota(mut self, wait: bool) -> Self {
        self.wait_for_quota = wait;
        self
    }

    /// Sets how many retries the client can have saved up, for all its calls and token requests together. It starts with as many; each retry
    /// uses one up, and every two successes give one back. So it sends at most half as many requests again as it makes
    /// calls, plus this number once. The default is [`DEFAULT_RETRY_BUDGET`].
    pub const fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    /// How many times a request is sent at most, the first time included.
    pub(crate) fn attempts(&self) -> u32 {
        self.max_attempts.max(1)
    }

    pub(crate) fn waits(&self) -> &Backoff {
        &self.backoff
    }

    pub(crate) fn longest_retry_after(&self) -> Duration {
        self.max_retry_after
    }

    pub(crate) fn waits_for_quota(&self) -> bool {
        self.wait_for_quota
    }

    /// How many retries the client can have saved up.
    pub(crate) fn savings(&self) -> u32 {
        self.budget
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}
