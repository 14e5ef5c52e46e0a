//! Where bills come from.

use std::fmt;

use cloud_billing_core::{BillingMonth, BoxFuture, Timestamp};
use serde::{Deserialize, Serialize};

use crate::draft::Draft;
use crate::error::Error;
use crate::unit::{Service, Unit};

/// A service whose bills are read.
///
/// Its calls keep to the limits of the service: they are those of the typed clients, which wait for quotas and retry.
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// The service.
    fn service(&self) -> Service;

    /// The first month that is listed, if a unit that is not listed any more is gone. `None` if that cannot be said.
    fn since(&self) -> Option<BillingMonth> {
        None
    }

    /// What there is of an account at this time. It costs little: for Atlas the headers of its invoices, for IBM Cloud nothing.
    fn list<'a>(&'a self, account: &'a str, now: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, Error>>;

    /// Reads a unit as a whole.
    fn read<'a>(&'a self, listed: &'a Listed, into: &'a mut Draft) -> BoxFuture<'a, Result<(), Error>>;
}

/// A unit that a service has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The unit.
    pub unit: Unit,
    /// Its bills. IBM Cloud lists none.
    pub bills: Vec<Bill>,
}

impl Listed {
    /// Whether it still grows.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.bills.iter().any(|bill| bill.open) || now.unix_millis() < self.unit.end()
    }
}

/// A bill as a list has it: what of it shows that it has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bill {
    /// Its id.
    pub id: String,
    /// Its status.
    pub status: String,
    /// When it changed last, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// The first instant after what it bills, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
    /// Whether it still grows.
    pub open: bool,
    /// Its amounts, each with its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<(String, String)>,
}

/// After so many rows of a bill other tasks run.
pub(crate) const ROWS_AT_ONCE: u64 = 1_000;
