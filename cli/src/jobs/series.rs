//! What is charted: the charges of a vendor in one currency, by month and name.

use std::collections::BTreeMap;

use cloud_billing_core::{BillingMonth, Decimal};

use super::charges::{Charge, Owned, Part};

/// How many series have a colour of their own.
pub(super) const COLOURS: usize = 5;

/// What a vendor charges, month by month.
#[derive(Debug)]
pub(super) struct Bill {
    /// The vendor as commands name it.
    pub(super) key: &'static str,
    /// The vendor as people name it.
    pub(super) vendor: &'static str,
    /// What its series are, such as `service`.
    pub(super) by: String,
    pub(super) currency: String,
    /// Without gaps, oldest first.
    pub(super) months: Vec<BillingMonth>,
    /// Whether the last month is not over.
    pub(super) last_is_open: bool,
    /// Largest first.
    pub(super) series: Vec<Series>,
}

/// What one thing costs in each month.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) name: String,
    /// One for each month of the bill.
    pub(super) amounts: Vec<Decimal>,
    pub(super) mark: Mark,
}

/// How a series is told from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// By a colour of its own, of [`COLOURS`].
    Colour(usize),
    /// It takes more than it gives.
    Credit,
    /// Too small for a colour.
    Rest,
}

/// The amounts of a bill: by part, then by month.
pub(super) type Amounts = BTreeMap<Part, BTreeMap<BillingMonth, Decimal>>;

/// A bill for each vendor and currency. Those of several organizations or accounts are added up.
pub(super) fn bills(charges: &[Owned], by: &str, (first, last): (BillingMonth, BillingMonth)) -> Vec<Bill> {
    let mut all: BTreeMap<(&'static str, &str), (bool, Amounts)> = BTreeMap::new();
    for Owned { payer, charge } in charges {
        let Charge { month, part, currency, amount, is_open } = charge;
        let (last_is_open, amounts) = all.entry((payer.vendor(), currency)).or_default();
        *last_is_open |= *is_open && *month == last;
        *amounts.entry(part.clone()).or_default().entry(*month).or_default() += amount.clone();
    }
    let bill = |((vendor, currency), (last_is_open, amounts)): ((&'static str, &str), _)| {
        Bill::new(vendor, by, currency, (first.through(last).collect(), last_is_open), amounts)
    };
    all.into_iter().map(bill).collect()
}

fn vendor_name(key: &'static str) -> &'static str {
    match key {
        "atlas" => "MongoDB Atlas",
        "ibm" => "IBM Cloud",
        other => other,
    }
}

impl Bill {
    /// Puts amounts in order.
    pub(super) fn new(
        key: &'static str,
        by: &str,
        currency: &str,
        (months, last_is_open): (Vec<BillingMonth>, bool),
        amounts: Amounts,
    ) -> Self {
        let series = amounts.into_iter().map(|(part, mut by_month)| {
            let amounts = months.iter().map(|month| by_month.remove(month).unwrap_or_default()).collect();
            Series { name: part.to_string(), amounts, mark: Mark::Rest }
        });
        let mut series: Vec<Series> = series.collect();
        series.sort_by_cached_key(|series| std::cmp::Reverse(series.total()));
        for (index, series) in series.iter_mut().enumerate() {
            series.mark = match index {
                _ if series.total().is_negative() => Mark::Credit,
                0..COLOURS => Mark::Colour(index),
                _ => Mark::Rest,
            };
        }
        let (vendor, by, currency) = (vendor_name(key), by.to_owned(), currency.to_owned());
        Self { key, vendor, by, currency, months, last_is_open, series }
    }

    /// The total of each month.
    pub(super) fn totals(&self) -> Vec<Decimal> {
        let of = |month: usize| self.series.iter().filter_map(|series| series.amounts.get(month)).sum();
        (0..self.months.len()).map(of).collect()
    }

    pub(super) fn total(&self) -> Decimal {
        self.totals().iter().sum()
    }

    /// The series and their amounts in a month.
    pub(super) fn month(&self, month: usize) -> impl Iterator<Item = (&Series, &Decimal)> {
        self.series.iter().filter_map(move |series| Some((series, series.amounts.get(month)?)))
    }

    /// Whether a month is not over.
    pub(super) fn is_open(&self, month: usize) -> bool {
        self.last_is_open && month + 1 == self.months.len()
    }

    /// Whether the bill has credits.
    pub(super) fn has_credits(&self) -> bool {
        self.series.iter().any(|series| series.mark == Mark::Credit)
    }
}

impl Series {
    pub(super) fn total(&self) -> Decimal {
        self.amounts.iter().sum()
    }
}
