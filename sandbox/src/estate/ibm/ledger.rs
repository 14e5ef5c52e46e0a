//! The totals that a test can expect of the account.

use std::time::Duration;

use super::account::Ibm;
use crate::estate::calendar::Month;

/// The total of the account in a month. Costs are millionths of a dollar.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IbmMonth {
    /// The month, as `yyyy-mm`.
    pub month: String,
    /// How many instances were used.
    pub instances: u64,
    /// The billable cost, in millionths of a dollar.
    pub billable_micros: i64,
    /// The cost that is not billable, in millionths of a dollar.
    pub non_billable_micros: i64,
}

impl Ibm {
    pub(in crate::estate) fn account(&self) -> &str {
        &self.account
    }

    pub(in crate::estate) fn group_ids(&self) -> &[String] {
        &self.groups
    }

    pub(in crate::estate) fn organization_ids(&self) -> &[String] {
        &self.organizations
    }

    /// The months with usage at this time, oldest first.
    pub(in crate::estate) fn months(&self, now: Duration) -> impl DoubleEndedIterator<Item = String> {
        (self.first.0..=Month::of(now).0).map(|month| Month(month).to_string())
    }

    pub(in crate::estate) fn expected(&self, month: &str, now: Duration) -> Option<IbmMonth> {
        let costs = self.account_costs(self.span(Month::parse(month)?, now)?);
        Some(IbmMonth {
            month: month.to_owned(),
            instances: self.estate.instances,
            billable_micros: costs.billable,
            non_billable_micros: costs.non_billable,
        })
    }
}
