//! Quotas that are used up.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use super::RetryPolicy;
use super::backoff::jittered;
use super::schedule::QUOTA_WAIT;
use crate::error::retry_after;
use crate::lock::lock;
use crate::response::RateLimit;

/// How many waits are kept. Beyond that, calls find out by a 429.
const KEPT: usize = 10_000;

/// What a quota is counted for: a set of operations, and an organization or the like. Empty for the caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) set: &'static str,
    pub(crate) of: String,
}

/// The time until which calls wait for their quota. Quotas that are not used up have no entry.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    until: Mutex<HashMap<Scope, Instant>>,
}

impl Quotas {
    /// Reads the state of the rate limit from a response.
    pub(crate) fn note(&self, policy: &RetryPolicy, scope: &Scope, headers: &HeaderMap) {
        if !policy.wait_for_quota || RateLimit::remaining(headers) != Some(0) {
            return;
        }
        let asked = retry_after(headers).or(RateLimit::from_headers(headers).reset.map(Duration::from_secs));
        let wait = jittered(asked.filter(|asked| !asked.is_zero()).unwrap_or(QUOTA_WAIT));
        let Some(until) = Instant::now().checked_add(wait.min(policy.max_retry_after)) else { return };
        let mut all = self.lock();
        if all.len() >= KEPT {
            let now = Instant::now();
            all.retain(|_, until| *until > now);
        }
        if let Some(held) = all.get_mut(scope) {
            *held = until.max(*held);
        } else if all.len() < KEPT {
            all.insert(scope.clone(), until);
        }
    }

    /// Returns how long a call that starts now has to wait. `None` if it need not wait, or if the wait would end after
    /// `deadline`.
    pub(crate) fn wait(&self, scope: &Scope, deadline: Option<Instant>) -> Option<Duration> {
        let now = Instant::now();
        let mut all = self.lock();
        let until = *all.get(scope)?;
        if until <= now {
            all.remove(scope);
            return None;
        }
        deadline.is_none_or(|deadline| until < deadline).then(|| until - now)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Scope, Instant>> {
        lock(&self.until)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    const POLICY: RetryPolicy = RetryPolicy::new();

    fn scope(of: &str) -> Scope {
        Scope { set: "get", of: of.to_owned() }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn wait(policy: &RetryPolicy, fields: &[(&'static str, &'static str)]) -> Option<Duration> {
        let quotas = Quotas::default();
        quotas.note(policy, &scope("a"), &headers(fields));
        assert_eq!(quotas.wait(&scope("b"), None), None);
        quotas.wait(&scope("a"), None)
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_answer_says() {
        let spent = ("ratelimit-remaining", "0");
        assert_eq!(wait(&POLICY, &[]), None);
        assert_eq!(wait(&POLICY, &[("ratelimit-remaining", "1"), ("ratelimit-reset", "9")]), None);
        for (fields, least) in [
            (&[spent][..], 1),
            (&[spent, ("ratelimit-reset", "0")], 1),
            (&[spent, ("ratelimit-reset", "9")], 9),
            (&[spent, ("ratelimit-reset", "soon")], 1),
            (&[spent, ("ratelimit-reset", "9"), ("retry-after", "20")], 20),
        ] {
            let wait = wait(&POLICY, fields).unwrap();
            assert!(seconds(least) <= wait && wait <= seconds(least).mul_f64(1.2), "{fields:?}: {wait:?}");
        }
        // Some services send the time of day instead.
        assert_eq!(wait(&POLICY, &[spent, ("ratelimit-reset", "1790000000")]), Some(seconds(60)));
        assert_eq!(
            wait(&POLICY.max_retry_after(Duration::MAX), &[spent, ("ratelimit-reset", "18446744073709551615")]),
            None
        );
        assert_eq!(wait(&POLICY.wait_for_quota(false), &[spent]), None);
        assert_eq!(wait(&RetryPolicy::none(), &[spent]), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_ends_and_fits_into_the_call() {
        let quotas = Quotas::default();
        quotas.note(&POLICY, &scope("a"), &headers(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "10")]));
        // A later response cannot shorten the wait.
        quotas.note(&POLICY, &scope("a"), &headers(&[("ratelimit-remaining", "0")]));
        let wait = quotas.wait(&scope("a"), None).unwrap();
        assert!(wait >= seconds(10));
        assert_eq!(quotas.wait(&scope("a"), Some(Instant::now() + seconds(10))), None);
        assert_eq!(quotas.wait(&scope("a"), Some(Instant::now() + seconds(13))), Some(wait));
        tokio::time::advance(wait).await;
        assert_eq!(quotas.wait(&scope("a"), None), None);
        assert!(quotas.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_waits_are_kept() {
        let quotas = Quotas::default();
        let spent = headers(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "10")]);
        for number in 0..KEPT + 10 {
            quotas.note(&POLICY, &scope(&number.to_string()), &spent);
        }
        assert_eq!(quotas.lock().len(), KEPT);
        tokio::time::advance(seconds(13)).await;
        quotas.note(&POLICY, &scope("new"), &spent);
        assert_eq!(quotas.lock().len(), 1);
    }
}
