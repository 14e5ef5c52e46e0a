//! Invoices: their states over time, and their sums.

use std::time::Duration;

use super::Atlas;
use super::catalogue::Kind;
use super::line::Line;
use super::organization::Directory;
use crate::estate::calendar::{DAY, Month};

/// How long after its day usage is on the invoice.
const POSTED_AFTER: u64 = 4 * 3_600;

/// How long after its month an invoice is charged.
const CHARGED_AFTER: u64 = 6 * 3_600 + 15 * 60 + 9;

/// The invoice of an organization for a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bill {
    pub(super) organization: u32,
    pub(super) month: Month,
}

/// Where an invoice stands, as Atlas names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    Closed,
    Forgiven,
    Failed,
    Paid,
    Free,
    Prepaid,
    Invoiced,
}

impl Status {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Closed => "CLOSED",
            Self::Forgiven => "FORGIVEN",
            Self::Failed => "FAILED",
            Self::Paid => "PAID",
            Self::Free => "FREE",
            Self::Prepaid => "PREPAID",
            Self::Invoiced => "INVOICED",
        }
    }

    /// Whether what is owed was paid.
    pub(super) const fn is_settled(self) -> bool {
        matches!(self, Self::Paid | Self::Prepaid)
    }

    /// Whether there is a payment.
    pub(super) const fn is_charged(self) -> bool {
        !matches!(self, Self::Pending | Self::Closed | Self::Free)
    }
}

/// The sums over the lines of an invoice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) lines: u64,
    /// Of the positive lines.
    pub(super) subtotal: i64,
    /// Of the credits, as a positive number.
    pub(super) credits: i64,
}

/// An invoice at a point in time. All amounts are cents.
#[derive(Clone, Copy, Debug)]
pub(super) struct Invoice {
    pub(super) bill: Bill,
    pub(super) status: Status,
    pub(super) sums: Sums,
    pub(super) tax: i64,
    pub(super) paid: i64,
    /// Seconds since the epoch.
    pub(super) updated: u64,
    pub(super) refund: Option<i64>,
    /// Whether a first attempt to charge it failed.
    pub(super) retried: bool,
}

impl Invoice {
    /// What is to be paid, without tax.
    pub(super) const fn due(&self) -> i64 {
        self.sums.subtotal - self.sums.credits
    }

    pub(super) fn charged_at(&self) -> u64 {
        self.bill.month.end() + CHARGED_AFTER
    }
}

impl Directory {
    /// The days of a month whose usage is on its invoice.
    pub(super) fn posted_days(&self, month: Month, now: Duration) -> u64 {
        let since = now.as_secs().saturating_sub(month.start() + POSTED_AFTER);
        (since / DAY).min(month.days())
    }

    /// A month without charges.
    pub(super) fn is_free(&self, bill: Bill) -> bool {
        self.month_dice(bill, 7).one_in(24)
    }

    fn month_dice(&self, bill: Bill, key: u64) -> crate::dice::Dice {
        self.dice_of(bill.organization).at(key).at(u64::from(bill.month.0))
    }

    /// Whether there is such an invoice by now.
    pub(super) fn has_bill(&self, bill: Bill, now: Duration) -> bool {
        let last = Month::of(now);
        bill.month >= self.first && bill.month <= last && (bill.month < last || !self.is_deleted(bill.organization))
    }

    /// The invoices that an organization has by now, oldest first.
    pub(super) fn bills(&self, organization: u32, now: Duration) -> impl DoubleEndedIterator<Item = Bill> + use<'_> {
        let months = (self.first.0..=Month::of(now).0).map(Month);
        months.map(move |month| Bill { organization, month }).filter(move |bill| self.has_bill(*bill, now))
    }

    /// The state that an invoice ends in.
    fn outcome(&self, bill: Bill, sums: Sums) -> Status {
        if sums.subtotal == 0 {
            return Status::Free;
        }
        match self.month_dice(bill, 8).below(16) {
            0 => Status::Failed,
            1 => Status::Forgiven,
            2 => Status::Prepaid,
            3 | 4 => Status::Invoiced,
            _ => Status::Paid,
        }
    }
}

impl Atlas {
    pub(super) fn invoice(&self, bill: Bill, now: Duration) -> Invoice {
        let directory = &self.directory;
        let days = directory.posted_days(bill.month, now);
        let sums = self.sums(bill, days);
        let posted = bill.month.start() + if days == 0 { 0 } else { days * DAY + POSTED_AFTER };
        let mut invoice = Invoice {
            bill,
            status: Status::Pending,
            sums,
            tax: 0,
            paid: 0,
            updated: posted,
            refund: None,
            retried: false,
        };
        if now.as_secs() < bill.month.end() + POSTED_AFTER {
            return invoice;
        }
        // Every other group of organizations pays a tax of seven percent.
        if directory.dice_of(bill.organization).at(9).one_in(2) {
            invoice.tax = (invoice.due() * 7 + 50) / 100;
        }
        if now.as_secs() < invoice.charged_at() {
            invoice.status = Status::Closed;
            return invoice;
        }
        invoice.status = directory.outcome(bill, sums);
        invoice.updated = invoice.charged_at();
        if invoice.status.is_settled() {
            invoice.paid = invoice.due() + invoice.tax;
            invoice.retried = directory.month_dice(bill, 10).one_in(6);
            let refund = invoice.paid / 20;
            let refunded = directory.month_dice(bill, 11).one_in(5) && now.as_secs() >= invoice.charged_at() + DAY;
            invoice.refund = (refunded && refund > 0).then_some(refund);
        }
        invoice
    }

    /// How many lines an invoice has after some of its days.
    pub(super) fn line_count(&self, bill: Bill, days: u64) -> u64 {
        let usage = self.directory.usage_lines(bill, days);
        usage + u64::from(usage > 0 && self.directory.credit(bill).is_some())
    }

    /// The lines of a range of numbers.
    pub(super) fn lines(&self, bill: Bill, range: std::ops::Range<u64>) -> impl Iterator<Item = Line> + use<'_> {
        let credit = self.directory.credit(bill);
        let shift = u64::from(credit.is_some());
        range.map(move |index| match credit {
            Some(credit) if index == 0 => credit,
            _ => Line { index, ..self.directory.usage_line(bill, index - shift) },
        })
    }

    /// The sums over the lines, which are kept for the next time.
    fn sums(&self, bill: Bill, days: u64) -> Sums {
        self.sums.get_or((bill, days), || {
            let mut sums = Sums { lines: self.line_count(bill, days), ..Sums::default() };
            for line in self.lines(bill, 0..sums.lines) {
                match line.kind {
                    Kind::Credit => sums.credits -= line.cents,
                    _ => sums.subtotal += line.cents,
                }
            }
            sums
        })
    }
}
