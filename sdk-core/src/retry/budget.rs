//! The retry budget of a client.

use std::sync::atomic::{AtomicU64, Ordering};

/// The cost of a retry in tokens. A success returns one token.
const COST: u64 = 2;

/// A token bucket for retries, shared by all calls of a client.
///
/// It starts full. A retry takes two tokens and a success returns one, so over any period:
///
/// ```text
/// retries ≤ capacity + successes / 2
/// ```
///
/// During an outage a client therefore sends at most half as many extra requests as it had successes, plus the capacity
/// once, however many attempts a call may have. In normal operation one request in three may fail forever without
/// emptying the budget.
#[derive(Debug)]
pub(crate) struct Budget {
    tokens: AtomicU64,
    full: u64,
}

impl Budget {
    /// Creates a full budget for this number of retries.
    pub(crate) fn new(retries: u32) -> Self {
        let full = u64::from(retries) * COST;
        Self { tokens: AtomicU64::new(full), full }
    }

    /// Takes the tokens for a retry. Returns `false` if there are too few.
    pub(crate) fn acquire(&self) -> bool {
        // `Relaxed` is enough: the count is the only shared memory.
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| tokens.checked_sub(COST)).is_ok()
    }

    /// Returns a token after a success.
    pub(crate) fn release(&self) {
        // An error means that the budget is full.
        let _ = self
            .tokens
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| (tokens < self.full).then_some(tokens + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_out_and_fills_up() {
        let budget = Budget::new(2);
        assert!(budget.acquire() && budget.acquire() && !budget.acquire());
        budget.release();
        assert!(!budget.acquire());
        budget.release();
        assert!(budget.acquire());
        for _ in 0..100 {
            budget.release();
        }
        assert!(budget.acquire() && budget.acquire() && !budget.acquire());
    }

    #[test]
    fn the_extremes() {
        assert!(!Budget::new(0).acquire());
        assert!(Budget::new(u32::MAX).acquire());
    }
}
