//! Whether rows add up to a bill: the result for one invoice, or for one month of an account.

use std::fmt;

use cloud_billing_core::{BillingMonth, Decimal};

/// The reason of a residue of IBM Cloud that is no mistake: the account is billed less than its records, because free allowances
/// apply to the account, or because the service computes in floating point. With any other reason charges may be missing or
/// doubled.
pub const FREE_TIER_OR_ROUNDING: &str = "free-tier-or-rounding";

/// How the rows of a bill compare with what the bill states.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reconciliation {
    /// `atlas` or `ibm`.
    pub service: &'static str,
    /// The organization or account.
    pub account: String,
    /// The month of the bill. `None` if the bill does not say it.
    pub month: Option<BillingMonth>,
    /// The invoice. IBM Cloud has no ids of invoices.
    pub invoice: Option<String>,
    /// The currency of the amounts, an ISO 4217 code.
    pub currency: String,
    /// What is to be paid, by the bill's own statement. `None` if it does not say.
    pub expected: Option<Decimal>,
    /// The sum of `BilledCost` over all rows, those of the residue among them.
    pub rows_total: Decimal,
    /// What the items did not explain: `expected` less the sum of the rows without the residue's. `None` without `expected`.
    pub residue: Option<Decimal>,
    /// The verdict.
    pub status: Status,
    /// The single comparisons.
    pub checks: Vec<Check>,
    /// The number of rows.
    pub rows: u64,
}

impl Reconciliation {
    /// Notes that something besides the rows speaks against the bill: it is at least [`Status::Unexplained`]. `check` says what.
    pub fn doubt(&mut self, check: &'static str) {
        self.status = self.status.max(Status::Unexplained);
        self.checks.push(Check { name: check, stated: None, computed: None, reason: None });
    }
}

/// The verdict on a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Status {
    /// The items add up to the bill.
    Exact,
    /// They do with the rows of the residue, which say their reason.
    Residue,
    /// They do not, and no row can say why.
    Unexplained,
    /// The bill does not state what is needed to say so.
    Unknown,
}

impl Status {
    /// As it is written in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Residue => "residue",
            Self::Unexplained => "unexplained",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Two amounts that should be the same.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Check {
    /// What is compared, such as `subtotal and lines`.
    pub name: &'static str,
    /// What the bill states.
    pub stated: Option<Decimal>,
    /// What its items come to.
    pub computed: Option<Decimal>,
    /// Why a difference is no mistake.
    pub reason: Option<&'static str>,
}

impl Check {
    /// Whether both are known and the same.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.stated.is_some() && self.stated == self.computed
    }
}
