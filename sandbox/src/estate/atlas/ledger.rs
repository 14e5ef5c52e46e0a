//! The totals that a test can expect of Atlas.

use std::time::{Duration, UNIX_EPOCH};

use super::directory::{Directory, Entity, InvoiceKey, Sums};
use super::extra::{Extra, ExtraKind};
use super::header::Status;
use super::invoice::Invoice;
use super::irregular::{Odd, Twist, changes_at};
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

    /// The name of an organization.
    pub fn atlas_name(&self, organization: &str) -> Option<String> {
        self.directory().organization(organization).map(|index| self.directory().name(index))
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

impl Invoice {
    /// What the header asks for less what the lines, the tax and the credits of the header alone add up to. None if the header
    /// lacks a field.
    fn difference(&self) -> Option<i64> {
        let (subtotal, credits) = (self.header.subtotal?, self.header.credits?.abs());
        let Sums { subtotal: charges, credits: in_lines, adjustments, .. } = self.sums;
        let rows = charges - in_lines + adjustments + self.tax - (credits - in_lines).max(0);
        Some(subtotal - credits + self.tax - rows)
    }

    fn irregularities(&self) -> Vec<Irregularity> {
        let Some(odd) = self.odd else { return Vec::new() };
        let twist = self.twist(&odd);
        let repeated = self.header.credits.map_or(0, |credits| credits.abs().min(self.sums.credits));
        let credits = (repeated > 0).then_some(Irregularity::CreditLines { cents: repeated });
        let negative = self.header.credits.is_some_and(|credits| credits < 0).then_some(Irregularity::NegativeCredits);
        let tax = (self.tax > 0).then_some(Irregularity::SalesTax { cents: self.tax });
        let refund = self.refund.map(|cents| Irregularity::Refund { cents });
        let lines = odd.extras().filter_map(Extra::irregularity);
        [twist, credits, negative, tax, refund].into_iter().flatten().chain(lines).collect()
    }

    /// What the header has that is not seen elsewhere.
    fn twist(&self, odd: &Odd) -> Option<Irregularity> {
        let cents = odd.cents;
        let is_closed = self.status != Status::Pending;
        match odd.twist {
            Twist::Differs => Some(Irregularity::HeaderDiffers {
                cents: self.header.subtotal.unwrap_or_default() - self.sums.subtotal,
            }),
            Twist::Credits => Some(Irregularity::HeaderCredits { cents }),
            Twist::CreditsShort => Some(Irregularity::CreditsShort { cents }),
            Twist::PartPayment => (self.paid > 0)
                .then_some(Irregularity::PartPayment { open_cents: self.header.due + self.tax - self.paid }),
            Twist::ConfirmedAdjustment => Some(Irregularity::Adjustment { cents: -cents, confirmed: true }),
            Twist::Adjustment => Some(Irregularity::Adjustment { cents: -cents, confirmed: false }),
            Twist::Changes => is_closed.then(|| {
                let at = UNIX_EPOCH + Duration::from_secs(changes_at(self.key.month));
                Irregularity::ChangesAfterClosing { at, cents }
            }),
            Twist::NoSubtotal => Some(Irregularity::NoSubtotal),
            Twist::NoCredits => Some(Irregularity::NoCredits),
            // Taxes and refunds are seen in the invoice.
            Twist::None | Twist::Tax | Twist::Refund => None,
        }
    }
}

impl Extra {
    fn irregularity(self) -> Option<Irregularity> {
        let cents = self.cents;
        match self.kind {
            // These go with the header.
            ExtraKind::Credit | ExtraKind::Adjustment | ExtraKind::Changing => None,
            ExtraKind::Late => Some(Irregularity::LateLine { cents }),
            ExtraKind::EqualDates => Some(Irregularity::EqualDates { cents }),
            ExtraKind::ReversedDates => Some(Irregularity::ReversedDates { cents }),
            ExtraKind::Discounted => Some(Irregularity::Discount { cents: self.discount() }),
            ExtraKind::OddTags => Some(Irregularity::OddTags),
            ExtraKind::NoTags => Some(Irregularity::NoTags),
            ExtraKind::UnknownFields => Some(Irregularity::UnknownFields),
            ExtraKind::MinimumCharge => Some(Irregularity::MinimumCharge { cents }),
            ExtraKind::Support => Some(Irregularity::Support { cents }),
            ExtraKind::Voyage => Some(Irregularity::Voyage { cents }),
            ExtraKind::App => Some(Irregularity::AppServices { cents }),
            ExtraKind::NoProvider => Some(Irregularity::NoCloudProvider),
        }
    }
}
