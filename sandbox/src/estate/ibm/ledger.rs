//! The totals that a test can expect of the account.

use super::Ibm;
use crate::estate::Ledger;
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

/// The identifiers and totals of the IBM Cloud account.
impl<'a> Ledger<'a> {
    fn ibm(&self) -> &'a Ibm {
        &self.estates.ibm
    }

    /// The identifier of the IBM Cloud account.
    pub fn ibm_account(&self) -> &'a str {
        &self.ibm().account
    }

    /// The identifiers of its resource groups.
    pub fn ibm_resource_groups(&self) -> &'a [String] {
        &self.ibm().groups
    }

    /// The identifiers of its Cloud Foundry organizations.
    pub fn ibm_organizations(&self) -> &'a [String] {
        &self.ibm().organizations
    }

    /// The months with usage, as `yyyy-mm`, oldest first. The last is the current one.
    pub fn months(&self) -> Vec<String> {
        (self.ibm().first.0..=Month::of(self.now).0).map(|month| Month(month).to_string()).collect()
    }

    /// The total of the account in a month, given as `yyyy-mm`. None if the estate has no such month.
    pub fn ibm_month(&self, month: &str) -> Option<IbmMonth> {
        let costs = self.ibm().account_costs(self.ibm().span(Month::parse(month)?, self.now)?);
        Some(IbmMonth {
            month: month.to_owned(),
            instances: self.ibm().estate.instances,
            billable_micros: costs.billable,
            non_billable_micros: costs.non_billable,
        })
    }
}
