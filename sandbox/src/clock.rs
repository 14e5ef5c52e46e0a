//! The clock of a sandbox.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};

/// The last second of the year 4000. Times beyond it could overflow what is computed from them.
const LAST: Duration = Duration::from_secs(64_092_211_199);

/// The system's time or a fixed time, plus an offset.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Since the epoch. Without it, the system's time.
    fixed: Option<Duration>,
    offset_millis: AtomicU64,
}

impl Clock {
    /// A clock that is stopped at a time since the epoch, or runs with the system's.
    pub(crate) fn new(fixed: Option<Duration>) -> Self {
        Self { fixed, offset_millis: AtomicU64::new(0) }
    }

    /// Moves the time forward.
    pub(crate) fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let further = |ahead: u64| Some(ahead.saturating_add(by));
        // The closure always returns a value.
        let _ = self.offset_millis.fetch_update(Ordering::SeqCst, Ordering::SeqCst, further);
    }

    /// The time since the epoch. It ends with the year 4000.
    pub(crate) fn now(&self) -> Duration {
        let system = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let base = self.fixed.unwrap_or_else(system);
        base.saturating_add(Duration::from_millis(self.offset_millis.load(Ordering::SeqCst))).min(LAST)
    }
}

/// A time since the epoch as RFC 3339 writes it, in UTC and whole seconds.
pub(crate) fn rfc3339(since_epoch: Duration) -> String {
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn time_can_be_moved() {
        let clock = Clock::default();
        let before = clock.now();
        clock.advance(Duration::from_secs(3600));
        let passed = clock.now() - before;
        assert!(passed >= Duration::from_secs(3600) && passed < Duration::from_secs(3660), "{passed:?}");
    }

    #[test]
    fn time_can_stand_fixed() {
        let clock = Clock::new(Some(Duration::from_secs(5)));
        clock.advance(Duration::from_secs(2));
        assert_eq!(clock.now(), Duration::from_secs(7));
        clock.advance(Duration::MAX);
        assert_eq!(rfc3339(clock.now()), "4000-12-31T23:59:59Z");
    }
}
