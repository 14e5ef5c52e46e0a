//! What the lines of an invoice come to, and whether that is what its header says.

use atlas_billing::money::dollars;
use atlas_billing::types::BillingInvoice;
use cloud_billing_core::{Decimal, Total};

use crate::ChargeCategory;
use crate::reconcile::{Check, Status};

/// Why a row of the residue is there.
pub(super) const HEADER_DIFFERS: &str = "header-differs";

/// What the lines come to, in dollars.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// Lines above zero.
    pub(super) positive: Decimal,
    /// Lines below zero that are credits.
    pub(super) credits: Decimal,
    /// Lines below zero that are no credits.
    pub(super) reductions: Decimal,
    /// Lines without a price, and whether one of them is a credit.
    pub(super) missing: u64,
    missing_credit: bool,
    pub(super) lines: u64,
}

impl Sums {
    /// Adds a line.
    pub(super) fn add(&mut self, category: &ChargeCategory, cost: Option<&Decimal>) {
        self.lines += 1;
        let is_credit = *category == ChargeCategory::Credit;
        match cost {
            None => {
                self.missing += 1;
                self.missing_credit |= is_credit;
            }
            Some(cost) if !cost.is_negative() => self.positive += cost,
            Some(cost) if is_credit => self.credits += cost,
            Some(cost) => self.reductions += cost,
        }
    }

    /// The sum of all lines that have a price.
    pub(super) fn total(&self) -> Decimal {
        &self.positive + &self.credits + &self.reductions
    }

    /// A sum, if no line is missing in it.
    fn complete(&self, sum: Decimal) -> Option<Decimal> {
        (self.missing == 0).then_some(sum)
    }

    /// The part of the header's credits that no line has; zero or above. `None` if that cannot be said.
    ///
    /// A credit line above zero takes a credit back. It is in the subtotal, so it does not count here.
    pub(super) fn credits_without_line(&self, header: &BillingInvoice) -> Option<Decimal> {
        let credits = dollars(header.credits_cents?).abs();
        let without = credits + &self.credits;
        (!self.missing_credit).then(|| if without.is_negative() { Decimal::ZERO } else { without })
    }
}

/// What the header says to the rows.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) status: Status,
    /// What is to be paid less what the rows come to.
    pub(super) residue: Option<Decimal>,
    /// Whether the residue becomes a row.
    pub(super) row: bool,
    pub(super) checks: Vec<Check>,
}

impl Verdict {
    /// `rows` is the sum of all rows so far.
    pub(super) fn of(header: &BillingInvoice, sums: &Sums, rows: &Decimal) -> Self {
        let payable = header.payable_dollars();
        let residue = payable.as_ref().map(|payable| payable - rows);
        let billed = billed(header);
        let known = residue.as_ref().filter(|_| sums.missing == 0);
        let differs = known.is_some_and(|residue| !residue.is_zero());
        // The subtotal has positive lines only. So with other negative ones it may be right that the rows come to less.
        let doubtful = !sums.reductions.is_zero() && !is_confirmed(header, payable.as_ref());
        let row = differs && !doubtful;
        let status = match () {
            () if known.is_none() => Status::Unknown,
            () if billed.stated.is_some() && !billed.agrees() => Status::Unexplained,
            () if differs && doubtful => Status::Unexplained,
            () if differs => Status::Residue,
            () => Status::Exact,
        };
        let checks = vec![subtotal(header, sums), credits(header, sums), billed, paid(header)];
        Self { status, residue, row, checks }
    }
}

/// Whether another field of the header says the same as what is to be paid.
fn is_confirmed(header: &BillingInvoice, payable: Option<&Decimal>) -> bool {
    let paid = paid_by_payments(header);
    payable.is_some() && (header.billed_dollars().as_ref() == payable || paid.as_ref() == payable)
}

fn paid_by_payments(header: &BillingInvoice) -> Option<Decimal> {
    let paid: Total = header.payments.iter().map(|payment| payment.amount_paid_cents.map(dollars)).collect();
    paid.complete().filter(|_| paid.counted > 0).cloned()
}

fn subtotal(header: &BillingInvoice, sums: &Sums) -> Check {
    let stated = header.subtotal_cents.map(dollars);
    let computed = sums.complete(sums.positive.clone());
    let says = |sum: Decimal| stated.is_some() && stated == sums.complete(sum);
    let reason = match () {
        () if stated == computed => None,
        () if says(sums.total()) => Some("the subtotal has all lines"),
        () if says(&sums.positive + &sums.reductions) => {
            Some("the subtotal has the negative lines that are no credits")
        }
        () => None,
    };
    Check { name: "subtotal and positive lines", stated, computed, reason }
}

fn credits(header: &BillingInvoice, sums: &Sums) -> Check {
    let stated = header.credits_cents.map(|cents| dollars(cents).abs());
    let computed = (!sums.missing_credit).then(|| -&sums.credits);
    let reason = (stated > computed && computed.is_some()).then_some("credits without a line have a row");
    Check { name: "credits and credit lines", stated, computed, reason }
}

/// The vendor does not say whether credits, tax and the balance of earlier periods are in what is billed. Any of it will do.
fn billed(header: &BillingInvoice) -> Check {
    let stated = header.billed_dollars();
    let subtotal = header.subtotal_cents.map(dollars);
    let tax = header.sales_tax_cents.map(dollars);
    let payable = header.payable_dollars();
    let taxed = subtotal.as_ref().zip(tax.as_ref()).map(|(subtotal, tax)| subtotal + tax);
    let balance = header.starting_balance_cents.map(dollars);
    let open = payable.as_ref().zip(balance.as_ref()).map(|(payable, balance)| payable - balance);
    let meanings = [
        (subtotal, "billed is the subtotal"),
        (taxed, "billed is the subtotal with tax"),
        (payable.clone(), "billed is what is to be paid"),
        (open, "billed is what is to be paid, less the starting balance"),
    ];
    let found = meanings.into_iter().find(|(meaning, _)| stated.is_some() && *meaning == stated);
    let (computed, reason) = found.map_or((payable, None), |(meaning, reason)| (meaning, Some(reason)));
    Check { name: "billed and header", stated, computed, reason }
}

fn paid(header: &BillingInvoice) -> Check {
    let stated = header.amount_paid_cents.map(dollars);
    let none = (header.payments.is_empty() && !header.payments.is_absent()).then_some(Decimal::ZERO);
    Check { name: "paid and payments", stated, computed: paid_by_payments(header).or(none), reason: None }
}
