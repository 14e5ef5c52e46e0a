//! Both halves of an estate, and the totals that a test can expect of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// The records of an estate at a time, without a server: for programs that need more of them than a network carries.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
///
/// use cloud_billing_sandbox::{Estate, Records};
///
/// let november = UNIX_EPOCH + Duration::from_secs(1_794_000_000);
/// let records = Records::new(Estate::new().line_items(10), november);
/// let organization = records.ledger().atlas_organizations().next().unwrap_or_default();
/// for invoice in records.ledger().atlas_invoices(&organization) {
///     let body = records.atlas_invoice(&organization, &invoice.id).unwrap_or_default();
///     assert!(body.contains(&invoice.id));
/// }
/// ```
#[derive(Debug)]
pub struct Records {
    estates: Estates,
    now: Duration,
}

impl Records {
    /// The records of an estate, whose current month is that of `now`. A time before 1970 is taken for its begin.
    #[must_use]
    pub fn new(estate: Estate, now: SystemTime) -> Self {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { estates: Estates::new(estate, now), now }
    }

    /// Their identifiers and totals.
    #[must_use]
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger::new(&self.estates, self.now)
    }

    /// An invoice of an organization as `getInvoice` answers it, but for those of linked organizations. `None` if the organization
    /// does not have it.
    #[must_use]
    pub fn atlas_invoice(&self, organization: &str, id: &str) -> Option<String> {
        let pieces = Arc::clone(&self.estates.atlas).own_invoice(organization, id, self.now)?;
        Some(pieces.collect())
    }
}
