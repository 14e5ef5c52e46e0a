//! What a test can expect of the synthetic Atlas.

use std::time::Duration;

use super::Atlas;
use super::invoice::Bill;
use super::organization::Thing;

/// What an invoice of the estate comes to. All amounts are cents.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AtlasInvoice {
    /// The invoice's identifier.
    pub id: String,
    /// Its month, as `yyyy-mm`.
    pub month: String,
    /// Its state, as Atlas names it.
    pub status: &'static str,
    /// How many lines it has.
    pub line_items: u64,
    /// The sum of its positive lines.
    pub subtotal_cents: i64,
    /// The sum of its credits, as a positive number.
    pub credits_cents: i64,
    /// The tax on it.
    pub sales_tax_cents: i64,
    /// What was paid.
    pub amount_paid_cents: i64,
}

impl Atlas {
    pub(in crate::estate) fn organization_ids(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.directory.estate.organizations).map(|index| self.directory.id(Thing::Organization(index)))
    }

    pub(in crate::estate) fn linked_ids(&self, organization: &str) -> Vec<String> {
        let linked = self.directory.organization(organization).map(|index| self.directory.linked(index));
        linked.into_iter().flatten().map(|index| self.directory.id(Thing::Organization(index))).collect()
    }

    pub(in crate::estate) fn project_ids(&self, organization: &str) -> Vec<String> {
        let projects = self.directory.organization(organization).map(|it| (it, self.directory.estate.projects));
        let projects = projects.into_iter().flat_map(|(it, count)| (0..count).map(move |index| (it, index)));
        projects.map(|(it, index)| self.directory.id(Thing::Project(it, index))).collect()
    }

    pub(in crate::estate) fn cluster_ids(&self, organization: &str) -> Vec<String> {
        let clusters = self.directory.organization(organization).map(|it| (it, self.directory.clusters()));
        let clusters = clusters.into_iter().flat_map(|(it, count)| (0..count).map(move |index| (it, index)));
        clusters.map(|(it, index)| self.directory.id(Thing::Cluster(it, index))).collect()
    }

    pub(in crate::estate) fn invoices_of(&self, organization: &str, now: Duration) -> Vec<AtlasInvoice> {
        let Some(organization) = self.directory.organization(organization) else { return Vec::new() };
        self.directory.bills(organization, now).rev().map(|bill| self.expected(bill, now)).collect()
    }

    fn expected(&self, bill: Bill, now: Duration) -> AtlasInvoice {
        let invoice = self.invoice(bill, now);
        AtlasInvoice {
            id: self.directory.id(Thing::Invoice(bill.organization, bill.month)),
            month: bill.month.to_string(),
            status: invoice.status.name(),
            line_items: invoice.sums.lines,
            subtotal_cents: invoice.sums.subtotal,
            credits_cents: invoice.sums.credits,
            sales_tax_cents: invoice.tax,
            amount_paid_cents: invoice.paid,
        }
    }
}
