//! Both halves of an estate, and the totals that a test can expect of it.

use std::sync::Arc;
use std::time::Duration;

use super::atlas::Atlas;
use super::calendar::Month;
use super::config::Estate;
use super::ibm::Ibm;
use crate::rng::Rng;

/// The records of both services.
#[derive(Debug)]
pub(crate) struct Estates {
    pub(crate) atlas: Arc<Atlas>,
    pub(crate) ibm: Ibm,
}

impl Estates {
    /// An estate whose current month is that of `now`, a time since the epoch.
    pub(crate) fn new(estate: Estate, now: Duration) -> Self {
        let (rng, current) = (Rng::new(estate.seed), Month::of(now));
        let estate = Arc::new(estate);
        let ibm = Ibm::new(&estate, rng.at(2), current);
        Self { atlas: Arc::new(Atlas::new(estate, rng.at(1), current)), ibm }
    }
}

/// The identifiers of an estate, and the totals of its bills at this time. Totals are computed when they are read.
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    pub(super) estates: &'a Estates,
    pub(super) now: Duration,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(estates: &'a Estates, now: Duration) -> Self {
        Self { estates, now }
    }
}
