//! Exponential backoff.

use std::time::Duration;

/// Exponential backoff with full jitter.
///
/// The wait before a retry is a random duration between zero and a ceiling. The ceiling starts at `base` and doubles
/// with every retry up to `cap`. Full jitter spreads clients that failed at the same moment as widely as possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    base: Duration,
    cap: Duration,
}

impl Backoff {
    /// Creates a backoff. The first wait is at most `base`, and no wait is longer than `cap`.
    pub(crate) const fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap }
    }

    /// Returns a random wait before a retry. The first retry is number 0.
    pub(crate) fn delay(&self, retry: u32) -> Duration {
        self.ceiling(retry).mul_f64(fastrand::f64())
    }

    /// The longest possible wait before a retry.
    fn ceiling(&self, retry: u32) -> Duration {
        let factor = 1_u32.checked_shl(retry).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(20));

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let ceilings: Vec<_> = (0..7).map(|retry| BACKOFF.ceiling(retry).as_millis()).collect();
        assert_eq!(ceilings, [500, 1000, 2000, 4000, 8000, 16_000, 20_000]);
        for retry in [31, 32, u32::MAX] {
            assert_eq!(BACKOFF.ceiling(retry), Duration::from_secs(20));
        }
        let endless = Backoff::new(Duration::MAX, Duration::MAX);
        assert_eq!(endless.ceiling(9), Duration::MAX);
    }

    #[test]
    fn waits_are_spread_over_the_whole_range() {
        let mut quarters = [0_u32; 4];
        for _ in 0..4000 {
            let part = BACKOFF.delay(2).as_secs_f64() / 2.0;
            assert!((0.0..1.0).contains(&part));
            quarters[(part * 4.0) as usize] += 1;
        }
        // 1000 are expected in each quarter. A correct generator misses this range once in 10^12 runs.
        assert!(quarters.iter().all(|count| (800..1200).contains(count)), "{quarters:?}");
    }

    #[test]
    fn the_longest_durations_do_not_overflow() {
        assert!(Backoff::new(Duration::MAX, Duration::MAX).delay(0) <= Duration::MAX);
    }
}
