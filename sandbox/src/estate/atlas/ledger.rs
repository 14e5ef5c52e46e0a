//! The totals that a test can expect of Atlas.

use std::time::Duration;

use super::directory::{Atlas, Entity, InvoiceKey};

/// The totals of an invoice. All amounts are cents.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AtlasInvoice {
    /// The invoice's identifier.
    pub id: String,
    /// Its month, as `yyyy-mm`.
    pub month: String,
    /// Its status, as Atlas names it.
    pub status: &'static str,
    /// How many lines it has.
    pub line_items: u64,
    /// The sum of its positive lines.
    pub subtotal_cents: i64,
    /// The sum of its credits, as a positive number.
    pub credits_cents: i64,
    /// The tax on it.
    pub sales_tax_cents: i64,
    /// The amount paid.
    pub amount_paid_cents: i64,
}

impl Atlas {
    pub(in crate::estate) fn organization_ids(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.directory.estate.organizations).map(|index| self.directory.id(Entity::Organization(index)))
    }

    pub(in crate::estate) fn linked_ids(&self, organization: &str) -> Vec<String> {
        let linked = self.directory.organization(organization).map(|index| self.directory.linked(index));
        linked.into_iter().flatten().map(|index| self.directory.id(Entity::Organization(index))).collect()
    }

    pub(in crate::estate) fn project_ids(&self, organization: &str) -> Vec<String> {
        let projects = self.directory.organization(organization).map(|it| (it, self.directory.estate.projects));
        let projects = projects.into_iter().flat_map(|(it, count)| (0..count).map(move |index| (it, index)));
        projects.map(|(it, index)| self.directory.id(Entity::Project(it, index))).collect()
    }

    pub(in crate::estate) fn cluster_ids(&self, organization: &str) -> Vec<String> {
        let clusters = self.directory.organization(organization).map(|it| (it, self.directory.clusters()));
        let clusters = clusters.into_iter().flat_map(|(it, count)| (0..count).map(move |index| (it, index)));
        clusters.map(|(it, index)| self.directory.id(Entity::Cluster(it, index))).collect()
    }

    pub(in crate::estate) fn invoices_of(&self, organization: &str, now: Duration) -> Vec<AtlasInvoice> {
        let Some(organization) = self.directory.organization(organization) else { return Vec::new() };
        self.directory.invoices(organization, now).rev().map(|key| self.expected(key, now)).collect()
    }

    fn expected(&self, key: InvoiceKey, now: Duration) -> AtlasInvoice {
        let invoice = self.invoice(key, now);
        AtlasInvoice {
            id: self.directory.id(Entity::Invoice(key.organization, key.month)),
            month: key.month.to_string(),
            status: invoice.status.name(),
            line_items: invoice.sums.lines,
            subtotal_cents: invoice.sums.subtotal,
            credits_cents: invoice.sums.credits,
            sales_tax_cents: invoice.tax,
            amount_paid_cents: invoice.paid,
        }
    }
}
