//! The settings for retries.

use std::time::Duration;

use super::Backoff;

/// The default number of attempts, the first one included. IBM's own SDKs make as many with retries enabled.
pub const DEFAULT_MAX_ATTEMPTS: u32 = 5;

/// The default maximum of the wait before the first retry.
///
/// With [`DEFAULT_MAX_ATTEMPTS`] the waits add up to 3.75 seconds on average and at most 7.5, which is longer than a
/// restart or a failover. A single failure costs a quarter of a second on average.
pub const DEFAULT_BACKOFF_BASE: Duration = Duration::from_millis(500);

/// The default maximum of the wait before any retry, unless the service asks for a longer one.
pub const DEFAULT_BACKOFF_CAP: Duration = Duration::from_secs(20);

/// The default maximum of a `Retry-After` that is followed. Atlas refills its quotas once a minute.
pub const DEFAULT_MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// The default capacity of the retry budget: enough for a dozen concurrent calls to use all their attempts at once.
pub const DEFAULT_RETRY_BUDGET: u32 = 50;

/// The settings for retries.
///
/// [What](crate::retry) is retried is fixed. The settings control how often, and for how long:
///
/// * A call makes at most [`max_attempts`](Self::max_attempts): 5.
/// * Before each retry it waits for a random time. Its maximum starts at the base of the [`backoff`](Self::backoff), half
///   a second, doubles each time, and stops growing at the cap, 20 seconds.
/// * If the service sends `Retry-After` (in seconds or as a date), the call waits for that time and up to a fifth
///   longer, so that clients do not return at the same instant. Zero, or a date in the past, is ignored. If the time is
///   longer than [`max_retry_after`](Self::max_retry_after), 60 seconds, the call fails at once.
/// * If the service sends no time but says that the quota is used up (`RateLimit-Remaining: 0`), the wait is one second
///   longer. At Atlas's documented rate of 100 requests a minute, that frees one request.
/// * If any response, even a success, says that the quota is used up, the next calls of the same quota
///   [wait](Self::wait_for_quota) before they are sent.
/// * A wait that would end after the [overall timeout](crate::ClientBuilder::overall_timeout) is not started.
/// * All calls of a client share a [`budget`](Self::budget) of retries, 50, so that retries do not make an outage worse.
///
/// When no retry is left, the call returns the error of its last attempt. [`Error::attempts`](crate::Error::attempts)
/// is the number of attempts.
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
    pub(crate) backoff: Backoff,
    pub(crate) max_retry_after: Duration,
    pub(crate) budget: u32,
    pub(crate) wait_for_quota: bool,
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

    /// Sets the maximum number of attempts, the first one included. 0 counts as 1. The default is 5
    /// ([`DEFAULT_MAX_ATTEMPTS`]).
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the maximum wait before the first retry, and before any retry. The defaults are half a second
    /// ([`DEFAULT_BACKOFF_BASE`]) and 20 seconds ([`DEFAULT_BACKOFF_CAP`]).
    pub const fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.backoff = Backoff::new(base, cap);
        self
    }

    /// Sets the longest `Retry-After` that is followed. The default is 60 seconds
    /// ([`DEFAULT_MAX_RETRY_AFTER`]).
    pub const fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// Sets whether a call waits after another response of the same quota said that the quota is used up
    /// (`RateLimit-Remaining: 0`). The default is `true`.
    ///
    /// The wait is the `Retry-After` of that response, or else its `RateLimit-Reset` in seconds, or else one second. It
    /// counts from the response and is up to a fifth longer, but at most [`max_retry_after`](Self::max_retry_after). A
    /// call does not wait if its [overall timeout](crate::ClientBuilder::overall_timeout) would pass. Each
    /// set of operations has a quota, as the vendor documents it, counted for an organization or for the caller; an
    /// operation without one has its own. Calls of another quota do not wait.
    pub const fn wait_for_quota(mut self, wait: bool) -> Self {
        self.wait_for_quota = wait;
        self
    }

    /// Sets the capacity of the retry budget, which all calls and token requests of the client share. The budget starts
    /// full. Each retry uses one unit, and every two successes return one. So the client sends at most half as many
    /// retries as it has successes, plus this number once. The default is 50 ([`DEFAULT_RETRY_BUDGET`]).
    pub const fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    /// The policy of polls: as many failures in a row as this one has attempts, and waits of any length.
    pub(crate) fn of_polls(self, backoff: Backoff) -> Self {
        Self { backoff, max_retry_after: Duration::MAX, ..self }
    }

    /// The maximum number of attempts, the first one included.
    pub(crate) fn attempts(&self) -> u32 {
        self.max_attempts.max(1)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}
