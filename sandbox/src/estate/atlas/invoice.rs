//! Invoices: their states over time, and their sums.

use std::time::Duration;

use super::directory::{Atlas, Directory, InvoiceKey, Sums};
use super::header::{Header, POSTED_AFTER, Status};
use super::irregular::Odd;
use super::line::Line;
use super::products::LineKind;
use crate::estate::calendar::{DAY, Month};

/// How long after its month an invoice is charged, in seconds.
const CHARGED_AFTER: u64 = 6 * 3_600 + 15 * 60 + 9;

/// An invoice at a point in time. All amounts are cents.
#[derive(Clone, Copy, Debug)]
pub(super) struct Invoice {
    pub(super) key: InvoiceKey,
    pub(super) status: Status,
    /// Over all its lines.
    pub(super) sums: Sums,
    pub(super) header: Header,
    pub(super) odd: Option<Odd>,
    pub(super) tax: i64,
    pub(super) paid: i64,
    /// Seconds since the epoch.
    pub(super) updated: u64,
    pub(super) refund: Option<i64>,
    /// Whether a first attempt to charge it failed.
    pub(super) retried: bool,
}

impl Invoice {
    /// What the first payment is of, if it is of a part.
    pub(super) fn first_part(&self) -> Option<i64> {
        self.odd?.first_part(self.header.due + self.tax)
    }

    pub(super) fn charged_at(&self) -> u64 {
        self.key.month.end() + CHARGED_AFTER
    }
}

impl Directory {
    /// The days of a month whose usage is on its invoice.
    pub(super) fn posted_days(&self, month: Month, now: Duration) -> u64 {
        let since = now.as_secs().saturating_sub(month.start() + POSTED_AFTER);
        (since / DAY).min(month.days())
    }

    /// Whether all usage of the month is free.
    pub(super) fn is_free(&self, key: InvoiceKey) -> bool {
        self.month_rng(key, 7).one_in(24)
    }

    pub(super) fn month_rng(&self, key: InvoiceKey, topic: u64) -> crate::rng::Rng {
        self.rng_of(key.organization).at(topic).at(u64::from(key.month.0))
    }

    /// Whether the invoice exists at this time.
    pub(super) fn has_invoice(&self, key: InvoiceKey, now: Duration) -> bool {
        let last = Month::of(now);
        key.month >= self.first && key.month <= last && (key.month < last || !self.is_deleted(key.organization))
    }

    /// The invoices of the same month that are linked to this one.
    pub(super) fn linked_invoices(&self, key: InvoiceKey, now: Duration) -> impl Iterator<Item = InvoiceKey> + use<'_> {
        let linked = self.linked(key.organization).map(move |organization| InvoiceKey { organization, ..key });
        linked.filter(move |key| self.has_invoice(*key, now))
    }

    /// The invoices of an organization at this time, oldest first.
    pub(super) fn invoices(
        &self,
        organization: u32,
        now: Duration,
    ) -> impl DoubleEndedIterator<Item = InvoiceKey> + use<'_> {
        let months = (self.first.0..=Month::of(now).0).map(Month);
        months.map(move |month| InvoiceKey { organization, month }).filter(move |key| self.has_invoice(*key, now))
    }

    /// The final status of a regular invoice.
    fn outcome(&self, key: InvoiceKey, sums: Sums) -> Status {
        if sums.subtotal == 0 {
            return Status::Free;
        }
        match self.month_rng(key, 8).below(16) {
            0 => Status::Failed,
            1 => Status::Forgiven,
            2 => Status::Prepaid,
            3 | 4 => Status::Invoiced,
            _ => Status::Paid,
        }
    }
}

impl Atlas {
    pub(super) fn invoice(&self, key: InvoiceKey, now: Duration) -> Invoice {
        let directory = &self.directory;
        let days = directory.posted_days(key.month, now);
        let sums = self.sums(key, days);
        let odd = directory.odd(key, sums, now);
        let sums = odd.map_or(sums, |odd| odd.sums(sums));
        let header = odd.map_or_else(|| Header::of(sums), |odd| odd.header(sums));
        let posted = key.month.start() + if days == 0 { 0 } else { days * DAY + POSTED_AFTER };
        let mut invoice = Invoice {
            key,
            status: Status::Pending,
            sums,
            header,
            odd,
            tax: 0,
            paid: 0,
            updated: posted,
            refund: None,
            retried: false,
        };
        if now.as_secs() < key.month.end() + POSTED_AFTER {
            return invoice;
        }
        // Every other group of organizations pays a tax of seven percent.
        if directory.rng_of(key.organization).at(9).one_in(2) {
            invoice.tax = (header.due * 7 + 50) / 100;
        }
        if let Some(odd) = odd {
            invoice.tax = odd.tax(header.due).unwrap_or(invoice.tax);
            invoice.header.billed += if odd.bills_tax() { invoice.tax } else { 0 };
        }
        if now.as_secs() < invoice.charged_at() {
            invoice.status = Status::Closed;
            return invoice;
        }
        invoice.status = odd.and_then(|odd| odd.outcome()).unwrap_or_else(|| directory.outcome(key, sums));
        invoice.updated = odd.and_then(|odd| odd.changed_at(key.month)).unwrap_or_else(|| invoice.charged_at());
        if invoice.status.is_settled() || invoice.first_part().is_some() {
            let due = header.due + invoice.tax;
            invoice.paid = odd.map_or(due, |odd| odd.paid(due));
            invoice.retried = directory.month_rng(key, 10).one_in(6);
            let refund = invoice.paid / 20;
            let refunded = directory.month_rng(key, 11).one_in(5) || odd.is_some_and(|odd| odd.is_refunded());
            let refunded = refunded && now.as_secs() >= invoice.charged_at() + DAY;
            invoice.refund = (refunded && refund > 0).then_some(refund);
        }
        invoice
    }

    /// How many lines an invoice has after some of its days.
    pub(super) fn line_count(&self, key: InvoiceKey, days: u64) -> u64 {
        let usage = self.directory.usage_lines(key, days);
        usage + u64::from(usage > 0 && self.directory.credit(key).is_some())
    }

    /// The lines of some numbers: number 0 is the credit, if there is one, then usage follows in the order of its days.
    pub(super) fn lines<I: Iterator<Item = u64>>(
        &self,
        key: InvoiceKey,
        numbers: I,
    ) -> impl Iterator<Item = Line> + use<'_, I> {
        let credit = self.directory.credit(key);
        let shift = u64::from(credit.is_some());
        numbers.map(move |index| match credit {
            Some(credit) if index == 0 => credit,
            _ => self.directory.usage_line(key, index - shift),
        })
    }

    /// The sums over the lines, cached.
    fn sums(&self, key: InvoiceKey, days: u64) -> Sums {
        self.sums.get_or((key, days), || {
            let mut sums = Sums { lines: self.line_count(key, days), ..Sums::default() };
            for line in self.lines(key, 0..sums.lines) {
                match line.kind {
                    LineKind::Credit => sums.credits -= line.cents,
                    _ => sums.subtotal += line.cents,
                }
            }
            sums
        })
    }
}
