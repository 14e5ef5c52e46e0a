//! Rate limits: token buckets, as Atlas documents them.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use serde_json::{Value, json};

use crate::answer::{JSON, Reply};
use crate::lock::Lock;
use crate::refusal::error_body;
use crate::request::Request;
use crate::spec::Service;

/// How many buckets are kept. Beyond that, full buckets are dropped.
const KEPT: usize = 10_000;

/// A bucket of tokens, one of which each request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    capacity: u32,
    refill: u32,
    period: Duration,
}

impl RateLimit {
    /// A bucket that holds `capacity` tokens and gets `refill` of them in each `period`, evenly. Zeros are taken as
    /// ones.
    pub fn new(capacity: u32, refill: u32, period: Duration) -> Self {
        Self { capacity: capacity.max(1), refill: refill.max(1), period: period.max(Duration::from_millis(1)) }
    }

    fn per_minute(capacity: u32, refill: u32) -> Self {
        Self::new(capacity, refill, Duration::from_secs(60))
    }

    fn period_millis(self) -> u64 {
        u64::try_from(self.period.as_millis()).unwrap_or(u64::MAX / 1_000_000)
    }
}

/// Which limits apply.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum RateLimits {
    #[default]
    None,
    Documented,
    Of(RateLimit),
}

/// The documented bucket of a set of operations.
fn documented(set: &str) -> RateLimit {
    match set {
        "orgs" | "skus" => RateLimit::per_minute(300, 100),
        "org" => RateLimit::per_minute(500, 250),
        _ => RateLimit::per_minute(500, 100),
    }
}

/// The buckets of one sandbox: one for each set of operations, or for each organization and set if the quota is for an
/// organization. Operations without a documented quota have none.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    limits: RateLimits,
    levels: Lock<HashMap<(&'static str, String), Level>>,
}

/// The content of a bucket, in parts of a token. A token has as many parts as the period has milliseconds.
#[derive(Debug)]
struct Level {
    parts: u64,
    at: Duration,
}

/// A bucket after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BucketState {
    limit: RateLimit,
    remaining: u64,
    /// Seconds to wait, if there was no token.
    wait: Option<u64>,
}

impl Buckets {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self { limits, levels: Lock::default() }
    }

    /// Takes a token for a request. None if the request is not limited.
    pub(crate) fn take(&self, request: &Request<'_>) -> Option<BucketState> {
        let quota = request.operation.quota?;
        let scope = quota.scope.map(|name| request.named_value(name)).unwrap_or_default();
        self.take_one(quota.set, scope, request.now)
    }

    fn take_one(&self, set: &'static str, scope: &str, now: Duration) -> Option<BucketState> {
        let limit = match self.limits {
            RateLimits::None => return None,
            RateLimits::Documented => documented(set),
            RateLimits::Of(limit) => limit,
        };
        let token = limit.period_millis();
        let full = u64::from(limit.capacity).saturating_mul(token);
        let filled = |level: &Level| {
            let passed = u64::try_from(now.saturating_sub(level.at).as_millis()).unwrap_or(u64::MAX);
            level.parts.saturating_add(passed.saturating_mul(u64::from(limit.refill))).min(full)
        };
        let mut levels = self.levels.lock();
        if levels.len() > KEPT {
            levels.retain(|_, level| filled(level) < full);
        }
        let level = levels.entry((set, scope.to_owned())).or_insert(Level { parts: full, at: now });
        level.parts = filled(level);
        level.at = now;
        let wait = match level.parts.checked_sub(token) {
            Some(rest) => {
                level.parts = rest;
                None
            }
            None => Some((token - level.parts).div_ceil(u64::from(limit.refill)).div_ceil(1_000)),
        };
        Some(BucketState { limit, remaining: level.parts / token, wait })
    }
}

impl BucketState {
    /// The reply to a request for which there was no token.
    pub(crate) fn refusal(&self, path: &str) -> Option<Reply> {
        let wait = self.wait?;
        let RateLimit { capacity, refill, period } = self.limit;
        let text = format!("The bucket of {capacity} calls is empty; the next call is due in {wait} seconds.");
        let parameters: [Value; 5] =
            [json!(path), json!(wait), json!(capacity), json!(refill), json!(period.as_secs().max(1))];
        let status = StatusCode::TOO_MANY_REQUESTS;
        let body = error_body(Service::Atlas, status, "RATE_LIMITED_TOKEN_BUCKET", &text, &parameters, "");
        let mut reply = Reply::json(status, JSON, &body, false);
        self.announce(&mut reply);
        Some(reply.with(RETRY_AFTER, wait.into()))
    }

    /// Adds the rate-limit headers to a reply.
    pub(crate) fn announce(&self, reply: &mut Reply) {
        reply.headers.insert("ratelimit-limit", HeaderValue::from(self.limit.capacity));
        reply.headers.insert("ratelimit-remaining", HeaderValue::from(self.remaining));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills() {
        let buckets = Buckets::new(RateLimits::Of(RateLimit::new(2, 1, Duration::from_secs(10))));
        let take = |millis| buckets.take_one("orgs", "", Duration::from_millis(millis)).unwrap();
        let state = |bucket: BucketState| (bucket.remaining, bucket.wait);
        assert_eq!(state(take(0)), (1, None));
        assert_eq!(state(take(0)), (0, None));
        assert_eq!(state(take(0)), (0, Some(10)));
        assert_eq!(state(take(9_500)), (0, Some(1)));
        assert_eq!(state(take(10_000)), (0, None));
        assert_eq!(state(take(1_000_000)), (1, None));
    }

    #[test]
    fn organizations_have_buckets_of_their_own() {
        let buckets = Buckets::new(RateLimits::Of(RateLimit::new(1, 1, Duration::from_secs(1))));
        let take = |set, scope: &str| buckets.take_one(set, scope, Duration::ZERO).unwrap().wait.is_none();
        assert!(take("invoices", "a") && take("invoices", "b") && take("org", "a") && take("skus", ""));
        assert!(!take("invoices", "a") && !take("skus", ""));
    }
}
