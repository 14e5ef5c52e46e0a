//! Both halves of an estate, and the totals that a test can expect of it.

use std::sync::Arc;
use std::time::Duration;

use super::atlas::{Atlas, AtlasInvoice};
use super::calendar::Month;
use super::config::Estate;
use super::ibm::{Ibm, IbmMonth};
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
        let ibm = Ibm::new(Arc::clone(&estate), rng.at(2), current);
        Self { atlas: Arc::new(Atlas::new(estate, rng.at(1), current)), ibm }
    }
}

/// The identifiers of an estate, and the totals of its bills at this time. Totals are computed when they are read.
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    estates: &'a Estates,
    now: Duration,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(estates: &'a Estates, now: Duration) -> Self {
        Self { estates, now }
    }

    /// The identifiers of Atlas's organizations.
    pub fn atlas_organizations(&self) -> impl Iterator<Item = String> + use<'a> {
        self.estates.atlas.organization_ids()
    }

    /// The organizations whose invoices are linked to those of this one.
    pub fn atlas_linked_organizations(&self, organization: &str) -> Vec<String> {
        self.estates.atlas.linked_ids(organization)
    }

    /// The projects of an organization.
    pub fn atlas_projects(&self, organization: &str) -> Vec<String> {
        self.estates.atlas.project_ids(organization)
    }

    /// The clusters of an organization.
    pub fn atlas_clusters(&self, organization: &str) -> Vec<String> {
        self.estates.atlas.cluster_ids(organization)
    }

    /// The invoices of an organization, newest first.
    pub fn atlas_invoices(&self, organization: &str) -> Vec<AtlasInvoice> {
        self.estates.atlas.invoices_of(organization, self.now)
    }

    /// The identifier of the IBM Cloud account.
    pub fn ibm_account(&self) -> &'a str {
        self.estates.ibm.account()
    }

    /// The identifiers of its resource groups.
    pub fn ibm_resource_groups(&self) -> &'a [String] {
        self.estates.ibm.group_ids()
    }

    /// The identifiers of its Cloud Foundry organizations.
    pub fn ibm_organizations(&self) -> &'a [String] {
        self.estates.ibm.organization_ids()
    }

    /// The months with usage, as `yyyy-mm`, oldest first. The last is the current one.
    pub fn months(&self) -> Vec<String> {
        self.estates.ibm.months(self.now).collect()
    }

    /// The total of the account in a month, given as `yyyy-mm`. None if the estate has no such month.
    pub fn ibm_month(&self, month: &str) -> Option<IbmMonth> {
        self.estates.ibm.expected(month, self.now)
    }
}
