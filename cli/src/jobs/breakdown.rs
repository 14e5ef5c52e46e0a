//! One month of a bill in detail.

use std::collections::BTreeMap;

use cloud_billing_core::{BillingMonth, Decimal};

use super::charges::{Owned, Part};
use crate::text::fitted;

/// The most columns of a name: a page repeats it for each month.
pub(super) const NAME: usize = 200;

/// What a vendor charges in one month and currency, by project or resource group.
#[derive(Debug)]
pub(super) struct Breakdown {
    pub(super) by: &'static str,
    pub(super) month: BillingMonth,
    /// Largest first.
    pub(super) rows: Vec<(String, Decimal)>,
}

impl Breakdown {
    /// The charges of a vendor in a currency. `None` if there are none.
    pub(super) fn new(charges: &[Owned], vendor: &str, currency: &str) -> Option<Self> {
        let of_it = |it: &&Owned| it.payer.vendor() == vendor && it.charge.currency == currency;
        let mut rows: BTreeMap<&Part, Decimal> = BTreeMap::new();
        for Owned { charge, .. } in charges.iter().filter(of_it) {
            *rows.entry(&charge.part).or_default() += charge.amount.clone();
        }
        let month = charges.iter().find(of_it)?.charge.month;
        let mut rows: Vec<(String, Decimal)> =
            rows.into_iter().map(|(part, sum)| (fitted(&part.to_string(), NAME), sum)).collect();
        rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let by = if vendor == "ibm" { "resource group" } else { "project" };
        Some(Self { by, month, rows })
    }

    pub(super) fn total(&self) -> Decimal {
        self.rows.iter().map(|(_, amount)| amount).sum()
    }
}
