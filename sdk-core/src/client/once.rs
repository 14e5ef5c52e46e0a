//! A client that sends each request once.

use std::sync::Arc;
use std::time::Duration;

use super::timeouts::Timeouts;
use super::{Core, Inner};
use crate::retry::{Budget, RetryPolicy};

impl Core {
    /// The same client, with its connections and credential, for requests that their caller repeats: it sends each one
    /// once, and gives it `timeout` from connecting to the last byte of the body; of a streamed body, to the head.
    ///
    /// A renewed credential after a 401 still gets its second request.
    #[must_use]
    pub fn without_retries(&self, timeout: Duration) -> Self {
        let inner = &*self.inner;
        Self {
            inner: Arc::new(Inner {
                service: inner.service,
                base_url: inner.base_url.clone(),
                url: inner.url.clone(),
                http: inner.http.clone(),
                credential: inner.credential.clone(),
                agent: inner.agent.clone(),
                timeouts: Timeouts { attempt: timeout, ..inner.timeouts },
                retry: RetryPolicy::none(),
                budget: Budget::new(0),
                body_limit: inner.body_limit,
            }),
        }
    }

    /// How many times a request is sent at most.
    pub(crate) fn max_attempts(&self) -> u32 {
        self.inner.retry.attempts()
    }
}
