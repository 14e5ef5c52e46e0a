//! Invoices as JSON.

use std::sync::Arc;
use std::time::Duration;

use super::Atlas;
use super::catalogue::Kind;
use super::invoice::{Bill, Invoice, Status};
use super::line::{Line, TINY};
use super::organization::Thing;
use crate::estate::answer::Pieces;
use crate::estate::calendar::DAY;
use crate::estate::text::Text;

/// How many lines are written in one piece.
const LINES: u64 = 128;

impl Atlas {
    /// `orgs/{orgId}/invoices/{invoiceId}` as a link.
    fn write_self(&self, text: &mut Text, bill: Bill, origin: &str) {
        text.raw("\"links\":[{\"href\":\"").raw(origin).raw("/api/atlas/v2/orgs/");
        self.directory.write_id(text, Thing::Organization(bill.organization));
        text.raw("/invoices/");
        self.directory.write_id(text, Thing::Invoice(bill.organization, bill.month));
        text.raw("\",\"rel\":\"self\"}]");
    }

    fn write_head(&self, text: &mut Text, invoice: &Invoice) {
        let Bill { organization, month } = invoice.bill;
        text.raw("\"id\":\"");
        self.directory.write_id(text, Thing::Invoice(organization, month));
        text.raw("\",\"orgId\":\"");
        self.directory.write_id(text, Thing::Organization(organization));
        text.raw("\",\"statusName\":\"").raw(invoice.status.name());
        text.raw("\",\"startDate\":\"").instant(month.start());
        text.raw("\",\"endDate\":\"").instant(month.end());
        text.raw("\",\"created\":\"").instant(month.start());
        text.raw("\",\"updated\":\"").instant(invoice.updated);
        text.raw("\",\"subtotalCents\":").int(invoice.sums.subtotal);
        text.raw(",\"creditsCents\":").int(invoice.sums.credits);
        text.raw(",\"salesTaxCents\":").int(invoice.tax);
        text.raw(",\"startingBalanceCents\":0,\"amountBilledCents\":").int(invoice.sums.subtotal);
        text.raw(",\"amountPaidCents\":").int(invoice.paid);
    }

    /// The invoices of the same month that are part of this one.
    pub(super) fn linked_bills(&self, bill: Bill, now: Duration) -> impl Iterator<Item = Bill> + use<'_> {
        let linked = self.directory.linked(bill.organization).map(move |organization| Bill { organization, ..bill });
        linked.filter(move |bill| self.directory.has_bill(*bill, now))
    }

    /// An invoice without what is only in its own answer.
    pub(super) fn write_metadata(&self, text: &mut Text, bill: Bill, linked: bool, origin: &str, now: Duration) {
        text.raw("{");
        self.write_head(text, &self.invoice(bill, now));
        text.raw(",\"linkedInvoices\":[");
        let linked = self.linked_bills(bill, now).filter(|_| linked);
        for (index, bill) in linked.enumerate() {
            text.raw(if index > 0 { "," } else { "" });
            self.write_metadata(text, bill, true, origin, now);
        }
        text.raw("],");
        self.write_self(text, bill, origin);
        text.raw("}");
    }

    /// A whole invoice, the linked ones included, piece by piece.
    pub(super) fn invoice_pieces(self: Arc<Self>, bill: Bill, origin: &str, now: Duration) -> Pieces {
        let invoice = self.invoice(bill, now);
        let mut head = Text::default();
        head.raw("{");
        self.write_head(&mut head, &invoice);
        head.raw(",\"lineItems\":[");
        let lines = Arc::clone(&self).pieces_of_lines(bill, invoice.sums.lines, move |atlas, text, line| {
            text.raw(if line.index > 0 { "," } else { "" });
            atlas.write_line(text, bill, line);
        });
        let linked: Vec<Bill> = self.linked_bills(bill, now).collect();
        let (nested, nested_origin) = (Arc::clone(&self), origin.to_owned());
        let linked = linked.into_iter().enumerate().flat_map(move |(index, bill)| {
            let before = if index > 0 { "," } else { "" };
            let pieces = Arc::clone(&nested).invoice_pieces(bill, &nested_origin, now);
            std::iter::once(before.to_owned()).chain(pieces)
        });
        let mut tail = Text::default();
        tail.raw("],");
        self.write_self(&mut tail, bill, origin);
        self.write_payments(&mut tail, &invoice);
        tail.raw("}");
        let middle = std::iter::once("],\"linkedInvoices\":[".to_owned());
        Box::new(std::iter::once(head.0).chain(lines).chain(middle).chain(linked).chain(std::iter::once(tail.0)))
    }

    /// Something that is written for each line, in pieces of many lines.
    pub(super) fn pieces_of_lines(
        self: Arc<Self>,
        bill: Bill,
        count: u64,
        mut write: impl FnMut(&Self, &mut Text, &Line) + Send + 'static,
    ) -> impl Iterator<Item = String> + Send + 'static {
        let mut next = 0;
        std::iter::from_fn(move || {
            let range = next..(next + LINES).min(count);
            next = range.end;
            (!range.is_empty()).then(|| {
                let mut text = Text::with_capacity(512 * LINES as usize);
                self.lines(bill, range).for_each(|line| write(&self, &mut text, &line));
                text.0
            })
        })
    }

    pub(super) fn write_line(&self, text: &mut Text, bill: Bill, line: &Line) {
        let directory = &self.directory;
        let tier = line.cluster.map_or(super::catalogue::TIERS[0], |cluster| cluster.tier);
        text.raw("{\"sku\":\"").raw(line.kind.sku(line.provider(), tier).0);
        text.raw("\",\"cloudProvider\":\"").raw(line.provider().name());
        if let Some(cluster) = &line.cluster {
            text.raw("\",\"groupId\":\"");
            directory.write_id(text, Thing::Project(cluster.organization, cluster.project));
            text.raw("\",\"groupName\":\"");
            directory.write_project_name(text, cluster.organization, cluster.project);
            if line.kind.has_cluster() {
                text.raw("\",\"clusterName\":\"");
                cluster.write_name(text);
            }
            if line.kind == Kind::App {
                text.raw("\",\"stitchAppName\":\"price-triggers");
            }
        }
        if line.kind == Kind::Credit {
            text.raw("\",\"note\":\"Welcome credit");
        }
        let used = line.used(bill) * DAY;
        text.raw("\",\"startDate\":\"").instant(used).raw("\",\"endDate\":\"").instant(used + DAY);
        text.raw("\",\"created\":\"").instant(line.created(bill));
        text.raw("\",\"unit\":\"").raw(line.kind.unit()).raw("\",\"quantity\":");
        write_quantity(text, line);
        text.raw(",\"unitPriceDollars\":").double(line.price, 6);
        if let Some((percent, cents)) = line.discount {
            text.raw(",\"percentDiscount\":").double(percent, 0).raw(",\"discountCents\":").int(cents);
        }
        if line.kind == Kind::PointInTime {
            text.raw(",\"tierLowerBound\":500.0,\"tierUpperBound\":1.7976931348623157e+308");
        }
        text.raw(",\"totalPriceCents\":").int(line.cents).raw(",\"tags\":{");
        if let Some(cluster) = line.cluster.filter(|_| line.kind.has_cluster()) {
            text.raw("\"env\":[\"").raw(cluster.stage()).raw("\"],\"team\":[");
            for (index, team) in cluster.teams().iter().enumerate() {
                text.raw(if index > 0 { ",\"" } else { "\"" }).raw(team).raw("\"");
            }
            text.raw("]");
        }
        text.raw("}}");
    }

    /// The payments that together are the amount paid, and what was given back of them.
    fn write_payments(&self, text: &mut Text, invoice: &Invoice) {
        text.raw(",\"payments\":[");
        if invoice.status.is_charged() {
            if invoice.retried {
                self.write_payment(text, invoice, 0, "FAILED", 0);
                text.raw(",");
            }
            let status = match invoice.status {
                Status::Failed => "FAILED",
                Status::Forgiven => "FORGIVEN",
                Status::Invoiced => "INVOICED",
                _ => "PAID",
            };
            self.write_payment(text, invoice, 1, status, invoice.paid);
        }
        text.raw("],\"refunds\":[");
        if let Some(cents) = invoice.refund {
            text.raw("{\"paymentId\":\"");
            self.directory.write_id(text, Thing::Payment(invoice.bill.organization, invoice.bill.month, 1));
            text.raw("\",\"amountCents\":")
                .int(cents)
                .raw(",\"reason\":\"Goodwill for a slow restore\",\"created\":\"");
            text.instant(invoice.charged_at() + DAY).raw("\"}");
        }
        text.raw("]");
    }

    fn write_payment(&self, text: &mut Text, invoice: &Invoice, attempt: u32, status: &str, paid: i64) {
        let Bill { organization, month } = invoice.bill;
        let at = invoice.charged_at() - if attempt == 0 { 3_600 } else { 9 };
        text.raw("{\"id\":\"");
        self.directory.write_id(text, Thing::Payment(organization, month, attempt));
        text.raw("\",\"statusName\":\"").raw(status).raw("\",\"subtotalCents\":").int(invoice.due());
        text.raw(",\"salesTaxCents\":").int(invoice.tax).raw(",\"amountBilledCents\":").int(invoice.due());
        text.raw(",\"amountPaidCents\":").int(paid).raw(",\"currency\":\"USD\",\"unitPrice\":\"1\",\"created\":\"");
        text.instant(at).raw("\",\"updated\":\"").instant(at + 9).raw("\"}");
    }
}

pub(super) fn write_quantity(text: &mut Text, line: &Line) {
    match line.quantity {
        Some(quantity) => text.double(quantity, 3),
        None => text.raw(TINY),
    };
}
