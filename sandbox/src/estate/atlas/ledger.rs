//! The totals that a test can expect of Atlas.

use super::directory::{Directory, Entity, InvoiceKey};
use crate::estate::{Irregularity, Ledger};

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
    /// What is irregular about it at this time.
    pub irregularities: Vec<Irregularity>,
    /// What the header asks for (`subtotalCents` less credits, plus tax) less what its records add up to: the lines, the tax, and
    /// the credits that are in `creditsCents` and not among the lines. Zero for a regular invoice, None if the header lacks a field.
    pub difference_cents: Option<i64>,
}

/// The identifiers and totals of Atlas.
impl<'a> Ledger<'a> {
    fn directory(&self) -> &'a Directory {
        &self.estates.atlas.directory
    }

    /// The identifiers of Atlas's organizations.
    pub fn atlas_organizations(&self) -> impl Iterator<Item = String> + use<'a> {
        let directory = self.directory();
        (0..directory.estate.organizations).map(|index| directory.id(Entity::Organization(index)))
    }

    /// The organizations whose invoices are linked to those of this one.
    pub fn atlas_linked_organizations(&self, organization: &str) -> Vec<String> {
        let linked = self.directory().organization(organization).map(|index| self.directory().linked(index));
        linked.into_iter().flatten().map(|index| self.directory().id(Entity::Organization(index))).collect()
    }

    /// The projects of an organization.
    pub fn atlas_projects(&self, organization: &str) -> Vec<String> {
        self.ids(organization, self.directory().estate.projects, Entity::Project)
    }

    /// The clusters of an organization.
    pub fn atlas_clusters(&self, organization: &str) -> Vec<String> {
        self.ids(organization, self.directory().clusters(), Entity::Cluster)
    }

    fn ids(&self, organization: &str, count: u32, entity: fn(u32, u32) -> Entity) -> Vec<String> {
        let organization = self.directory().organization(organization);
        let entities = organization.into_iter().flat_map(|it| (0..count).map(move |index| entity(it, index)));
        entities.map(|entity| self.directory().id(entity)).collect()
    }

    /// The invoices of an organization, newest first.
    pub fn atlas_invoices(&self, organization: &str) -> Vec<AtlasInvoice> {
        let organization = self.directory().organization(organization).into_iter();
        let keys = organization.flat_map(|organization| self.directory().invoices(organization, self.now).rev());
        keys.map(|key| self.atlas_invoice(key)).collect()
    }

    fn atlas_invoice(&self, key: InvoiceKey) -> AtlasInvoice {
        let invoice = self.estates.atlas.invoice(key, self.now);
        AtlasInvoice {
            id: self.directory().id(Entity::Invoice(key.organization, key.month)),
            month: key.month.to_string(),
            status: invoice.status.name(),
            line_items: invoice.sums.lines,
            subtotal_cents: invoice.sums.subtotal,
            credits_cents: invoice.sums.credits,
            sales_tax_cents: invoice.tax,
            amount_paid_cents: invoice.paid,
            irregularities: invoice.irregularities(),
            difference_cents: invoice.difference(),
        }
    }
}
