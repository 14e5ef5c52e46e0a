//! A client that sends each request once.

use std::sync::Arc;
use std::time::Duration;

use super::Core;
use crate::retry::RetryPolicy;

impl Core {
    /// The same client, with its connections and credential, for requests that their caller repeats: it sends each one
    /// once, and gives it `timeout` from connecting to the last byte of the body; of a streamed body, to the head.
    ///
    /// A renewed credential after a 401 still gets its second request.
    #[must_use]
    pub fn without_retries(&self, timeout: Duration) -> Self {
        let mut inner = (*self.inner).clone();
        inner.timeouts.attempt = timeout;
        inner.retry = RetryPolicy::none();
        Self { inner: Arc::new(inner) }
    }

    /// How many times a request is sent at most.
    pub(crate) fn max_attempts(&self) -> u32 {
        self.inner.retry.attempts()
    }
}
