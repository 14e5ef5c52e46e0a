//! Exponential backoff.

use std::time::Duration;

/// The random part that is added to a wait, as a fraction of it.
const JITTER: f64 = 0.2;

/// How waits vary at random, so that clients do not send at the same instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spread {
    /// Between zero and the ceiling. It separates clients that failed at the same moment as widely as possible.
    Full,
    /// Between the ceiling and a fifth more, for polls: too early is as useless as at once.
    Fifth,
}

/// Exponential backoff. The ceiling of a wait starts at `base` and doubles with every wait up to `cap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    base: Duration,
    cap: Duration,
    spread: Spread,
}

impl Backoff {
    /// The backoff between attempts. The first wait is at most `base`, and no wait is longer than `cap`.
    pub(crate) const fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap, spread: Spread::Full }
    }

    /// The backoff between polls. The first wait is at least `base`.
    pub(crate) const fn of_polls(base: Duration, cap: Duration) -> Self {
        Self { base, cap, spread: Spread::Fifth }
    }

    /// Returns a random wait. The first wait is number 0. The service can ask for a longer one; zero is no request.
    pub(crate) fn delay(&self, number: u32, asked: Option<Duration>) -> Duration {
        let ceiling = self.ceiling(number);
        match (self.spread, asked.filter(|asked| !asked.is_zero())) {
            (Spread::Full, None) => ceiling.mul_f64(fastrand::f64()),
            (Spread::Full, Some(asked)) => jittered(asked),
            (Spread::Fifth, asked) => jittered(ceiling.max(asked.unwrap_or_default())),
        }
    }

    /// The ceiling of a wait.
    pub(crate) fn ceiling(&self, number: u32) -> Duration {
        let factor = 1_u32.checked_shl(number).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }
}

/// A wait plus a random part of up to a fifth.
pub(super) fn jittered(wait: Duration) -> Duration {
    wait.saturating_add(wait.mul_f64(JITTER * fastrand::f64()))
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
            let part = BACKOFF.delay(2, None).as_secs_f64() / 2.0;
            assert!((0.0..1.0).contains(&part));
            quarters[(part * 4.0) as usize] += 1;
        }
        // 1000 are expected in each quarter. A correct generator misses this range once in 10^12 runs.
        assert!(quarters.iter().all(|count| (800..1200).contains(count)), "{quarters:?}");
    }

    #[test]
    fn the_longest_durations_do_not_overflow() {
        for backoff in [Backoff::new(Duration::MAX, Duration::MAX), Backoff::of_polls(Duration::MAX, Duration::MAX)] {
            for asked in [None, Some(Duration::MAX)] {
                assert!(backoff.delay(0, asked) <= Duration::MAX);
            }
        }
    }
}
