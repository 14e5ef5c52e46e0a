//! Records of Atlas as JSON.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::directory::{Atlas, Entity, InvoiceKey};
use super::extra::billing_source;
use super::header::Status;
use super::invoice::Invoice;
use super::irregular::Odd;
use super::line::Line;
use super::products::LineKind;
use crate::answer::Pieces;
use crate::estate::calendar::DAY;
use crate::estate::format::{Text, double, instant};
use crate::estate::stream::{self, Items};
use crate::json::{Each, Fields, Object, object, to_json};
use crate::paging::link;
use crate::request::Request;

/// How many lines are written in one piece.
const LINES: usize = 128;

/// Items of a list, separated by commas.
fn items(items: impl Iterator<Item: Serialize> + Clone) -> String {
    let list = to_json(&Each(items));
    list.strip_prefix('[').and_then(|items| items.strip_suffix(']')).unwrap_or_default().to_owned()
}

impl Atlas {
    pub(super) fn organization_record(&self, organization: u32, origin: &str) -> impl Serialize + use<> {
        let id = self.directory.id(Entity::Organization(organization));
        object! {
            "id": id.clone(),
            "name": self.directory.name(organization),
            "isDeleted": self.directory.is_deleted(organization),
            "skipDefaultAlertsSettings": false,
            "links": [link("self", format!("{origin}/api/atlas/v2/orgs/{id}"))],
        }
    }

    fn invoice_link(&self, key: InvoiceKey, origin: &str) -> impl Serialize + use<> {
        let organization = self.directory.id(Entity::Organization(key.organization));
        let invoice = self.directory.id(Entity::Invoice(key.organization, key.month));
        [link("self", format!("{origin}/api/atlas/v2/orgs/{organization}/invoices/{invoice}"))]
    }

    /// The fields that every form of an invoice has.
    fn invoice_fields(&self, invoice: &Invoice) -> Object<impl Fields + use<>> {
        let InvoiceKey { organization, month } = invoice.key;
        object! {
            "id": self.directory.id(Entity::Invoice(organization, month)),
            "orgId": self.directory.id(Entity::Organization(organization)),
            "statusName": invoice.status.name(),
            "startDate": instant(month.start()),
            "endDate": instant(month.end()),
            "created": instant(month.start()),
            "updated": instant(invoice.updated),
            "subtotalCents"?: invoice.header.subtotal,
            "creditsCents"?: invoice.header.credits,
            "salesTaxCents": invoice.tax,
            "startingBalanceCents": 0,
            "amountBilledCents": invoice.header.billed,
            "amountPaidCents": invoice.paid,
            "billingSource"?: invoice.odd.filter(Odd::has_unknown_fields).map(|_| billing_source()),
        }
    }

    /// An invoice in a list: without lines, payments and refunds.
    pub(super) fn invoice_summary(&self, key: InvoiceKey, with_linked: bool, request: &Request<'_>) -> impl Serialize {
        let linked = self.directory.linked_invoices(key, request.now).filter(|_| with_linked);
        let linked = linked.map(|key| {
            object! {
                ..self.invoice_fields(&self.invoice(key, request.now)),
                // Only the first organization of a group has linked ones.
                "linkedInvoices": [(); 0],
                "links": self.invoice_link(key, request.origin),
            }
        });
        object! {
            ..self.invoice_fields(&self.invoice(key, request.now)),
            "linkedInvoices": linked.collect::<Vec<_>>(),
            "links": self.invoice_link(key, request.origin),
        }
    }

    /// A whole invoice with its linked invoices, made while it is sent.
    pub(super) fn invoice_pieces(self: Arc<Self>, key: InvoiceKey, origin: &str, now: Duration) -> Pieces {
        let linked = self.directory.linked_invoices(key, now).collect();
        self.invoice_with(key, linked, origin, now)
    }

    /// A whole invoice with these linked ones.
    pub(super) fn invoice_with(
        self: Arc<Self>,
        key: InvoiceKey,
        linked: Vec<InvoiceKey>,
        origin: &str,
        now: Duration,
    ) -> Pieces {
        let invoice = self.invoice(key, now);
        let (extras, with_provider) = self.extra_lines(&invoice);
        let count = self.line_count(key, self.directory.posted_days(key.month, now));
        let lines = Arc::clone(&self).line_pieces(key, count, move |atlas, lines| {
            items(lines.iter().map(|line| atlas.line_item(key, line, with_provider)))
        });
        let lines = lines.chain(extras);
        let lines: Items = Box::new(lines.map(|piece| -> Pieces { Box::new(iter::once(piece)) }));
        let tail = object! {
            "links": self.invoice_link(key, origin),
            "payments": self.payments(&invoice),
            "refunds": self.refund(&invoice).into_iter().collect::<Vec<_>>(),
        };
        let (atlas, origin) = (Arc::clone(&self), origin.to_owned());
        let linked: Items =
            Box::new(linked.into_iter().map(move |key| Arc::clone(&atlas).invoice_pieces(key, &origin, now)));
        stream::object(&self.invoice_fields(&invoice), [("lineItems", lines), ("linkedInvoices", linked)], &tail)
    }

    /// The additional lines of an irregular invoice, if there are any, and whether its lines say whose cloud they are on.
    fn extra_lines(&self, invoice: &Invoice) -> (Option<String>, bool) {
        let Some(odd) = invoice.odd else { return (None, true) };
        let with_provider = odd.with_provider();
        let extras: Vec<_> = odd.extras().map(|extra| self.extra_line(invoice.key, extra, with_provider)).collect();
        (Some(items(extras.iter())), with_provider)
    }

    /// Texts of up to [`LINES`] lines each.
    pub(super) fn line_pieces(
        self: Arc<Self>,
        key: InvoiceKey,
        count: u64,
        write: impl Fn(&Self, &[Line]) -> String + Send + 'static,
    ) -> impl Iterator<Item = String> + Send + 'static {
        let starts = (0..count).step_by(LINES);
        starts.map(move |start| {
            let lines: Vec<Line> = self.lines(key, start..(start + LINES as u64).min(count)).collect();
            write(&self, &lines)
        })
    }

    /// The rows of the lines that are posted, as CSV, in pieces of [`LINES`] lines.
    pub(super) fn row_pieces(
        self: Arc<Self>,
        key: InvoiceKey,
        now: Duration,
        write_row: impl Fn(&Self, &mut Text, &Line) + Send + 'static,
    ) -> impl Iterator<Item = String> + Send + 'static {
        let count = self.line_count(key, self.directory.posted_days(key.month, now));
        self.line_pieces(key, count, move |atlas, lines| {
            let mut text = Text::default();
            lines.iter().for_each(|line| write_row(atlas, &mut text, line));
            text.0
        })
    }

    fn line_item(&self, key: InvoiceKey, line: &Line, with_provider: bool) -> impl Serialize + use<> {
        let project = line.cluster.map(|cluster| (cluster.organization, cluster.project));
        let cluster = line.own_cluster();
        let used = line.used(key) * DAY;
        let tiered = line.kind == LineKind::PointInTime;
        object! {
            "sku": line.kind.sku(line.provider(), line.tier()).0,
            "cloudProvider"?: with_provider.then(|| line.provider().name()),
            "groupId"?: project.map(|(organization, project)| self.directory.id(Entity::Project(organization, project))),
            "groupName"?: project.map(|(organization, project)| self.directory.project_name(organization, project)),
            "clusterName"?: cluster.map(|cluster| cluster.name()),
            "stitchAppName"?: (line.kind == LineKind::App).then_some("price-triggers"),
            "note"?: (line.kind == LineKind::Credit).then_some("Welcome credit"),
            "startDate": instant(used),
            "endDate": instant(used + DAY),
            "created": instant(line.created(key)),
            "unit": line.kind.product().unit,
            "quantity": line.quantity(),
            "unitPriceDollars": double(line.price, 1_000_000),
            "percentDiscount"?: line.discount.map(|(percent, _)| double(percent, 1)),
            "discountCents"?: line.discount.map(|(_, cents)| cents),
            "tierLowerBound"?: tiered.then_some(500.0),
            "tierUpperBound"?: tiered.then_some(f64::MAX),
            "totalPriceCents": line.cents,
            "tags": object! {
                "env"?: cluster.map(|cluster| [cluster.stage()]),
                "team"?: cluster.map(|cluster| cluster.teams()),
            },
        }
    }

    /// A line in the result of a search.
    pub(super) fn found_line(&self, key: InvoiceKey, line: &Line) -> impl Serialize + use<> {
        let project = line.cluster.map(|cluster| Entity::Project(cluster.organization, cluster.project));
        object! {
            "billDate": instant(line.billed(key) * DAY),
            "usageDate": instant(line.used(key) * DAY),
            "description": line.kind.description(line.tier()),
            "cloudProvider": line.provider().name(),
            "groupId"?: project.map(|project| self.directory.id(project)),
            "clusterName"?: line.own_cluster().map(|cluster| cluster.name()),
            "quantity": line.quantity(),
            "unitPriceDollars": double(line.price, 1_000_000),
            "totalPriceCents": line.cents,
        }
    }

    /// The payments that add up to the amount paid.
    fn payments(&self, invoice: &Invoice) -> Vec<impl Serialize + use<>> {
        if !invoice.status.is_charged() {
            return Vec::new();
        }
        let status = match invoice.status {
            Status::Failed => "FAILED",
            Status::Forgiven => "FORGIVEN",
            Status::Invoiced => "INVOICED",
            _ => "PAID",
        };
        let retry = invoice.retried.then_some((0, "FAILED", 0));
        let (part, rest) = match invoice.first_part() {
            Some(part) => (Some((1, "PARTIAL_PAID", part)), (2, status, invoice.paid - part)),
            None => (None, (1, status, invoice.paid)),
        };
        let payments = retry.into_iter().chain(part).chain(iter::once(rest));
        payments.map(|(attempt, status, paid)| self.payment(invoice, attempt, status, paid)).collect()
    }

    fn payment(&self, invoice: &Invoice, attempt: u32, status: &'static str, paid: i64) -> impl Serialize + use<> {
        let InvoiceKey { organization, month } = invoice.key;
        let at = invoice.charged_at() - if attempt == 0 { 3_600 } else { 9 };
        object! {
            "id": self.directory.id(Entity::Payment(organization, month, attempt)),
            "statusName": status,
            "subtotalCents": invoice.header.due,
            "salesTaxCents": invoice.tax,
            "amountBilledCents": invoice.header.due,
            "amountPaidCents": paid,
            "currency": "USD",
            "unitPrice": "1",
            "created": instant(at),
            "updated": instant(at + 9),
        }
    }

    fn refund(&self, invoice: &Invoice) -> Option<impl Serialize + use<>> {
        let InvoiceKey { organization, month } = invoice.key;
        Some(object! {
            "paymentId": self.directory.id(Entity::Payment(organization, month, 1)),
            "amountCents": invoice.refund?,
            "reason": "Goodwill for a slow restore",
            "created": instant(invoice.charged_at() + DAY),
        })
    }
}
