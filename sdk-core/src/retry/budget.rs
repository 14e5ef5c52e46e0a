//! How many retries a client can afford.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a retry costs, in tokens. A success gives one back.
const COST: u64 = 2;

/// The retries that a client has left, shared by all its calls.
///
/// It starts full. A retry takes two tokens and a success gives one back, so that over any stretch of time
///
/// ```text
/// retries ≤ capacity + successes / 2
/// ```
///
/// However many attempts a call may have, an outage then makes a client send at most half as many requests again as it
/// makes calls, plus the capacity once; and one request in three may fail for ever without the budget running out.
#[derive(Debug)]
pub(crate) struct Budget {
    tokens: AtomicU64,
    full: u64,
}

impl Budget {
    /// A full budget of so many retries.
    pub(crate) fn new(retries: u32) -> Self {
        let full = u64::from(retries) * COST;
        Self { tokens: AtomicU64::new(full), full }
    }

    /// Takes a retry out. `false` if there is none left.
    pub(crate) fn withdraw(&self) -> bool {
        // The count is all that is shared, so no other memory needs to be in order with it.
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| tokens.checked_sub(COST)).is_ok()
    }

    /// Gives back what a success is worth.
    pub(crate) fn deposit(&self) {
        // An error says that the budget is full already.
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
        assert!(budget.withdraw() && budget.withdraw() && !budget.withdraw());
        budget.deposit();
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw());
        for _ in 0..100 {
            budget.deposit();
        }
        assert!(budget.withdraw() && budget.withdraw() && !budget.withdraw());
    }

    #[test]
    fn the_extremes() {
        assert!(!Budget::new(0).withdraw());
        assert!(Budget::new(u32::MAX).withdraw());
    }
}
