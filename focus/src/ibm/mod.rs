//! Months of accounts of IBM Cloud as rows.
//!
//! | part of the bill | row |
//! |---|---|
//! | a metric of an instance ([`Instance`]), or of a plan ([`PlanUsage`]) where instances cannot be read | Usage |
//! | support, and its overage | Purchase; Usage |
//! | credits that offers paid | Credit, negative |
//! | what the account's report bills for a resource beyond its metrics, or less | Adjustment, with its reason |
//!
//! The account's report counts: free allowances are applied to the usage of the account, not of each instance. Credits of
//! subscriptions pay out of a balance and are no rows. Tax and the number of the invoice are in none of the responses. Nothing is
//! converted between currencies, and no month is divided into days.
//!
//! ```
//! use cloud_billing_focus::{Version, format::Format, ibm};
//!
//! let report = ibm::Report::read(
//!     r#"{"account_id": "a1", "month": "2026-10", "currency_code": "USD",
//!         "resources": [{"resource_id": "kms", "billable_cost": 2.5}]}"#,
//! )?;
//! let summary = ibm::Summary::read(r#"{"resources": {"billable_cost": 2.5}}"#)?;
//! let records = [r#"{"resource_id": "kms", "billable": true, "usage": [{"metric": "KEYS", "cost": 3}]}"#];
//!
//! let mut mapper = ibm::Mapper::new(&report, &summary, &ibm::Options::new())?;
//! let format = Format::new(Version::NEWEST);
//! let mut file = format.csv_header();
//! for text in records {
//!     let instance = ibm::Instance::read(text)?;
//!     for row in mapper.rows(&instance)? {
//!         format.csv(&row, &mut file);
//!     }
//! }
//! let end = mapper.finish();
//! for row in &end.rows {
//!     format.csv(row, &mut file);
//! }
//! assert_eq!(end.reconciliation.residue, Some("-0.5".parse()?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod book;
mod context;
mod export;
mod mapper;
mod metric;
#[cfg(test)]
mod odd_bills;
mod price;
mod record;
mod seen;
mod services;
mod summary;
mod tags;
#[cfg(test)]
mod tests;
mod view;
#[cfg(test)]
mod whole_bill;

use std::fmt;

pub use mapper::{End, Mapper, Rows};
pub use record::{Instance, PlanUsage, Report};
pub use summary::Summary;
pub use view::Record;

use crate::Mode;

/// What a mapper is told besides the bill.
#[derive(Clone, Debug, Default)]
pub struct Options {
    mode: Mode,
    account_name: Option<String>,
}

impl Options {
    /// [`Mode::Strict`], and no name of the account.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How much of a row is put together from what the vendor states only in part.
    #[must_use]
    pub fn mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// The name of the account, which the API does not tell.
    #[must_use]
    pub fn account_name(self, name: impl Into<String>) -> Self {
        Self { account_name: Some(name.into()), ..self }
    }
}

/// A bill lacks what its rows cannot do without, or a record is of another bill. It says which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
