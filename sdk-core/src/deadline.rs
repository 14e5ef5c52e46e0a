//! A point in time by which something must have happened.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorKind};

/// A time by which something must have happened, and the limit that it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    /// `None` is never: the limit is beyond the range of the clock.
    pub(crate) at: Option<Instant>,
    limit: Duration,
    name: &'static str,
}

impl Deadline {
    /// From now on for as long as `limit`, which is called `name`.
    pub(crate) fn after(limit: Duration, name: &'static str) -> Self {
        Self { at: Instant::now().checked_add(limit), limit, name }
    }

    /// The one that comes first.
    pub(crate) fn or_earlier(self, other: Self) -> Self {
        match (self.at, other.at) {
            (Some(own), Some(others)) if others < own => other,
            (None, Some(_)) => other,
            _ => self,
        }
    }

    pub(crate) fn has_passed(&self) -> bool {
        self.at.is_some_and(|at| at <= Instant::now())
    }

    /// The output of a future, or an error of kind [`ErrorKind::Timeout`] if the deadline comes first.
    pub(crate) async fn limit<F: Future>(&self, what: &str, future: F) -> Result<F::Output, Error> {
        match self.at {
            Some(at) => tokio::time::timeout_at(at, future)
                .await
                .map_err(|_| Error::new(ErrorKind::Timeout, format!("{what} {}", self.phrase()))),
            None => Ok(future.await),
        }
    }

    /// The limit in words, to follow "no answer".
    pub(crate) fn phrase(&self) -> String {
        format!("within the {} timeout of {:?}", self.name, self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_earlier_deadline_and_its_name() {
        let minute = Deadline::after(Duration::from_secs(60), "attempt");
        let hour = Deadline::after(Duration::from_secs(3600), "overall");
        let never = Deadline::after(Duration::MAX, "overall");
        for (one, other, name) in [(minute, hour, "attempt"), (hour, minute, "attempt"), (never, hour, "overall")] {
            assert_eq!(one.or_earlier(other).name, name);
        }
        assert!(never.at.is_none() && never.or_earlier(never).at.is_none());
        let start = Instant::now();
        let error = minute.limit("no answer", std::future::pending::<()>()).await.unwrap_err();
        assert_eq!(error.to_string(), "timed out: no answer within the attempt timeout of 60s");
        assert_eq!(start.elapsed(), Duration::from_secs(60));
        assert_eq!(never.limit("", async { 7 }).await.unwrap(), 7);
    }
}
