//! Records of Atlas as JSON.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::directory::{Atlas, Entity, InvoiceKey};
use super::invoice::{Invoice, Status};
use super::line::Line;
use super::products::LineKind;
use crate::answer::{Pieces, to_json};
use crate::estate::calendar::DAY;
use crate::estate::format::{Text, double, instant};
use crate::estate::stream::{self, Items};
use crate::paging::Link;

/// How many lines are written in one piece.
const LINES: u64 = 128;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Organization {
    id: String,
    name: String,
    is_deleted: bool,
    skip_default_alerts_settings: bool,
    links: [Link; 1],
}

/// The fields that every form of an invoice has.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InvoiceFields {
    id: String,
    org_id: String,
    status_name: &'static str,
    start_date: String,
    end_date: String,
    created: String,
    updated: String,
    subtotal_cents: i64,
    credits_cents: i64,
    sales_tax_cents: i64,
    starting_balance_cents: i64,
    amount_billed_cents: i64,
    amount_paid_cents: i64,
}

/// An invoice in a list: without lines, payments and refunds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvoiceSummary {
    #[serde(flatten)]
    fields: InvoiceFields,
    linked_invoices: Vec<Self>,
    links: [Link; 1],
}

/// The fields after the lines and the linked invoices of an invoice.
#[derive(Serialize)]
struct InvoiceTail {
    links: [Link; 1],
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LineItem {
    sku: &'static str,
    cloud_provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stitch_app_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    start_date: String,
    end_date: String,
    created: String,
    unit: &'static str,
    quantity: f64,
    unit_price_dollars: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent_discount: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount_cents: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier_lower_bound: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier_upper_bound: Option<f64>,
    total_price_cents: i64,
    tags: Tags,
}

#[derive(Serialize)]
struct Tags {
    #[serde(skip_serializing_if = "Option::is_none")]
    env: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<&'static [&'static str]>,
}

/// A line in the result of a search.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FoundLine {
    bill_date: String,
    usage_date: String,
    description: &'static str,
    cloud_provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_name: Option<String>,
    quantity: f64,
    unit_price_dollars: f64,
    total_price_cents: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    id: String,
    status_name: &'static str,
    subtotal_cents: i64,
    sales_tax_cents: i64,
    amount_billed_cents: i64,
    amount_paid_cents: i64,
    currency: &'static str,
    unit_price: &'static str,
    created: String,
    updated: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refund {
    payment_id: String,
    amount_cents: i64,
    reason: &'static str,
    created: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssociatedInvoice {
    invoice_id: String,
    org_id: String,
}

impl Atlas {
    pub(super) fn organization_record(&self, organization: u32, origin: &str) -> Organization {
        let id = self.directory.id(Entity::Organization(organization));
        Organization {
            name: self.directory.name(organization),
            is_deleted: self.directory.is_deleted(organization),
            skip_default_alerts_settings: false,
            links: [Link { href: format!("{origin}/api/atlas/v2/orgs/{id}"), rel: "self" }],
            id,
        }
    }

    fn invoice_link(&self, key: InvoiceKey, origin: &str) -> [Link; 1] {
        let organization = self.directory.id(Entity::Organization(key.organization));
        let invoice = self.directory.id(Entity::Invoice(key.organization, key.month));
        [Link { href: format!("{origin}/api/atlas/v2/orgs/{organization}/invoices/{invoice}"), rel: "self" }]
    }

    fn invoice_fields(&self, invoice: &Invoice) -> InvoiceFields {
        let InvoiceKey { organization, month } = invoice.key;
        InvoiceFields {
            id: self.directory.id(Entity::Invoice(organization, month)),
            org_id: self.directory.id(Entity::Organization(organization)),
            status_name: invoice.status.name(),
            start_date: instant(month.start()),
            end_date: instant(month.end()),
            created: instant(month.start()),
            updated: instant(invoice.updated),
            subtotal_cents: invoice.sums.subtotal,
            credits_cents: invoice.sums.credits,
            sales_tax_cents: invoice.tax,
            starting_balance_cents: 0,
            amount_billed_cents: invoice.sums.subtotal,
            amount_paid_cents: invoice.paid,
        }
    }

    pub(super) fn invoice_summary(
        &self,
        key: InvoiceKey,
        with_linked: bool,
        origin: &str,
        now: Duration,
    ) -> InvoiceSummary {
        let linked = self.directory.linked_invoices(key, now).filter(|_| with_linked);
        InvoiceSummary {
            fields: self.invoice_fields(&self.invoice(key, now)),
            linked_invoices: linked.map(|key| self.invoice_summary(key, true, origin, now)).collect(),
            links: self.invoice_link(key, origin),
        }
    }

    /// A whole invoice with its linked invoices, made while it is sent.
    pub(super) fn invoice_pieces(self: Arc<Self>, key: InvoiceKey, origin: &str, now: Duration) -> Pieces {
        let invoice = self.invoice(key, now);
        let lines = Arc::clone(&self).line_pieces(key, invoice.sums.lines, move |atlas, text, line| {
            text.raw(if text.0.is_empty() { "" } else { "," }).raw(&to_json(&atlas.line_item(key, line)));
        });
        let lines: Items = Box::new(lines.map(|piece| -> Pieces { Box::new(iter::once(piece)) }));
        let linked: Vec<_> = self.directory.linked_invoices(key, now).collect();
        let tail = InvoiceTail {
            links: self.invoice_link(key, origin),
            payments: self.payments(&invoice),
            refunds: self.refund(&invoice).into_iter().collect(),
        };
        let (atlas, origin) = (Arc::clone(&self), origin.to_owned());
        let linked: Items =
            Box::new(linked.into_iter().map(move |key| Arc::clone(&atlas).invoice_pieces(key, &origin, now)));
        stream::object(&self.invoice_fields(&invoice), [("lineItems", lines), ("linkedInvoices", linked)], &tail)
    }

    /// A text for each line, in pieces of many lines.
    pub(super) fn line_pieces(
        self: Arc<Self>,
        key: InvoiceKey,
        count: u64,
        mut write: impl FnMut(&Self, &mut Text, &Line) + Send + 'static,
    ) -> impl Iterator<Item = String> + Send + 'static {
        let mut next = 0;
        iter::from_fn(move || {
            let range = next..(next + LINES).min(count);
            next = range.end;
            (!range.is_empty()).then(|| {
                let mut text = Text::with_capacity(512 * LINES as usize);
                self.lines(key, range).for_each(|line| write(&self, &mut text, &line));
                text.0
            })
        })
    }

    fn line_item(&self, key: InvoiceKey, line: &Line) -> LineItem {
        let project = line.cluster.map(|cluster| (cluster.organization, cluster.project));
        let cluster = line.cluster.filter(|_| line.kind.has_cluster());
        let used = line.used(key) * DAY;
        let tiered = line.kind == LineKind::PointInTime;
        LineItem {
            sku: line.kind.sku(line.provider(), line.tier()).0,
            cloud_provider: line.provider().name(),
            group_id: project.map(|(organization, project)| self.directory.id(Entity::Project(organization, project))),
            group_name: project.map(|(organization, project)| self.directory.project_name(organization, project)),
            cluster_name: cluster.map(|cluster| cluster.name()),
            stitch_app_name: (line.kind == LineKind::App).then_some("price-triggers"),
            note: (line.kind == LineKind::Credit).then_some("Welcome credit"),
            start_date: instant(used),
            end_date: instant(used + DAY),
            created: instant(line.created(key)),
            unit: line.kind.unit(),
            quantity: line.quantity(),
            unit_price_dollars: double(line.price, 1_000_000),
            percent_discount: line.discount.map(|(percent, _)| double(percent, 1)),
            discount_cents: line.discount.map(|(_, cents)| cents),
            tier_lower_bound: tiered.then_some(500.0),
            tier_upper_bound: tiered.then_some(f64::MAX),
            total_price_cents: line.cents,
            tags: Tags { env: cluster.map(|cluster| [cluster.stage()]), team: cluster.map(|cluster| cluster.teams()) },
        }
    }

    pub(super) fn found_line(&self, key: InvoiceKey, line: &Line) -> FoundLine {
        let project = line.cluster.map(|cluster| Entity::Project(cluster.organization, cluster.project));
        FoundLine {
            bill_date: instant(line.billed(key) * DAY),
            usage_date: instant(line.used(key) * DAY),
            description: line.kind.description(line.tier()),
            cloud_provider: line.provider().name(),
            group_id: project.map(|project| self.directory.id(project)),
            cluster_name: line.cluster.filter(|_| line.kind.has_cluster()).map(|cluster| cluster.name()),
            quantity: line.quantity(),
            unit_price_dollars: double(line.price, 1_000_000),
            total_price_cents: line.cents,
        }
    }

    /// The payments that add up to the amount paid.
    fn payments(&self, invoice: &Invoice) -> Vec<Payment> {
        if !invoice.status.is_charged() {
            return Vec::new();
        }
        let status = match invoice.status {
            Status::Failed => "FAILED",
            Status::Forgiven => "FORGIVEN",
            Status::Invoiced => "INVOICED",
            _ => "PAID",
        };
        let retry = invoice.retried.then(|| self.payment(invoice, 0, "FAILED", 0));
        retry.into_iter().chain(iter::once(self.payment(invoice, 1, status, invoice.paid))).collect()
    }

    fn payment(&self, invoice: &Invoice, attempt: u32, status_name: &'static str, paid: i64) -> Payment {
        let InvoiceKey { organization, month } = invoice.key;
        let at = invoice.charged_at() - if attempt == 0 { 3_600 } else { 9 };
        Payment {
            id: self.directory.id(Entity::Payment(organization, month, attempt)),
            status_name,
            subtotal_cents: invoice.due(),
            sales_tax_cents: invoice.tax,
            amount_billed_cents: invoice.due(),
            amount_paid_cents: paid,
            currency: "USD",
            unit_price: "1",
            created: instant(at),
            updated: instant(at + 9),
        }
    }

    fn refund(&self, invoice: &Invoice) -> Option<Refund> {
        Some(Refund {
            amount_cents: invoice.refund?,
            payment_id: self.directory.id(Entity::Payment(invoice.key.organization, invoice.key.month, 1)),
            reason: "Goodwill for a slow restore",
            created: instant(invoice.charged_at() + DAY),
        })
    }

    pub(super) fn associated_invoice(&self, key: InvoiceKey) -> AssociatedInvoice {
        AssociatedInvoice {
            invoice_id: self.directory.id(Entity::Invoice(key.organization, key.month)),
            org_id: self.directory.id(Entity::Organization(key.organization)),
        }
    }
}
