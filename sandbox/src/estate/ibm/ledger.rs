//! The totals that a test can expect of the accounts and their enterprise.

use std::collections::BTreeMap;

use super::Ibm;
use super::account::Account;
use crate::estate::calendar::Month;
use crate::estate::{Irregularity, Ledger};

/// The total of an account, an account group or the enterprise in a month. Costs are millionths of a dollar, or of the
/// currency of the account.
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
    /// What is irregular about the month of each account.
    pub irregularities: Vec<Irregularity>,
    /// By resource: `billable_cost` in the usage of the account less the billable costs in the records of its instances, in
    /// millionths. Only those that differ, and of several accounts the sum.
    pub difference_micros: BTreeMap<String, i64>,
}

/// The identifiers and totals of IBM Cloud. What names no account is about the first one.
impl<'a> Ledger<'a> {
    fn ibm(&self) -> &'a Ibm {
        &self.estates.ibm
    }

    /// The identifier of the first account.
    pub fn ibm_account(&self) -> &'a str {
        &self.ibm().accounts[0].account
    }

    /// The identifiers of all accounts.
    pub fn ibm_accounts(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.ibm().accounts.iter().map(|account| account.account.as_str())
    }

    /// The identifier of the enterprise above the accounts.
    pub fn ibm_enterprise(&self) -> &'a str {
        &self.ibm().enterprise.id
    }

    /// The identifiers of its account groups. A group is there only if an account is below it.
    pub fn ibm_account_groups(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.ibm().enterprise.groups.iter().map(String::as_str)
    }

    /// The identifiers of the first account's resource groups.
    pub fn ibm_resource_groups(&self) -> &'a [String] {
        &self.ibm().accounts[0].groups
    }

    /// The identifiers of the first account's Cloud Foundry organizations.
    pub fn ibm_organizations(&self) -> &'a [String] {
        &self.ibm().accounts[0].organizations
    }

    /// The months with usage, as `yyyy-mm`, oldest first. The last is the current one.
    pub fn months(&self) -> Vec<String> {
        (self.ibm().accounts[0].first.0..=Month::of(self.now).0).map(|month| Month(month).to_string()).collect()
    }

    /// The total of the first account in a month, given as `yyyy-mm`. None if the estate has no such month.
    pub fn ibm_month(&self, month: &str) -> Option<IbmMonth> {
        self.ibm_month_of(self.ibm_account(), month)
    }

    /// The total of an account, an account group or the enterprise in a month, given as `yyyy-mm`. None if the estate has no
    /// such month or no such identifier.
    pub fn ibm_month_of(&self, id: &str, month: &str) -> Option<IbmMonth> {
        let ibm = self.ibm();
        let month_number = Month::parse(month)?;
        let mut total = IbmMonth {
            month: month.to_owned(),
            instances: 0,
            billable_micros: 0,
            non_billable_micros: 0,
            irregularities: Vec::new(),
            difference_micros: BTreeMap::new(),
        };
        for account in ibm.accounts_below(ibm.entity(id)?) {
            self.add(&mut total, account, month_number)?;
        }
        Some(total)
    }

    fn add(&self, total: &mut IbmMonth, account: &Account, month: Month) -> Option<()> {
        let span = account.span(month, self.now)?;
        let costs = account.account_costs(span);
        total.instances += account.instances();
        total.billable_micros += costs.billable;
        total.non_billable_micros += costs.non_billable;
        total.irregularities.extend(account.irregularities(span));
        for (resource, micros) in account.differences(span) {
            *total.difference_micros.entry(resource).or_default() += micros;
        }
        Some(())
    }
}
