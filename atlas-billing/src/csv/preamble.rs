//! What comes before the table of an invoice.

use cloud_billing_core::Date;
use cloud_billing_core::csv::Record;

use super::amount::long_date;

/// The labels and values before the table of an invoice: which invoice it is, and whose.
///
/// How many there are is not fixed. Those that the vendor's example has are methods; [`get`](Self::get) finds the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preamble {
    records: Vec<Record>,
}

impl Preamble {
    pub(super) fn new(records: &[Record]) -> Self {
        Self { records: records.to_vec() }
    }

    /// The value of a label, without white space around it. `None` if there is no such label or it has no value.
    pub fn get(&self, label: &str) -> Option<&str> {
        self.entries().find(|(found, value)| *found == label && !value.is_empty()).map(|(_, value)| value)
    }

    /// The labels and values, in the order of the file, without white space around them.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.records.iter().map(|record| {
            let field = |index| record.get(index).unwrap_or_default().trim();
            (field(0), field(1))
        })
    }

    /// The lines as they stand in the file. Most end in an empty field.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// `Invoice Number`: the invoice's id.
    pub fn invoice_number(&self) -> Option<&str> {
        self.get("Invoice Number")
    }

    /// `Billing Period`, as it is written: `June 1, 2024 - July 1, 2024`.
    pub fn billing_period(&self) -> Option<&str> {
        self.get("Billing Period")
    }

    /// The first day of the billing period and the first day after it, if the text is two days.
    pub fn billing_period_dates(&self) -> Option<(Date, Date)> {
        let (start, end) = self.billing_period()?.split_once('-')?;
        Some((long_date(start)?, long_date(end)?))
    }

    /// `Organization Name`.
    pub fn organization_name(&self) -> Option<&str> {
        self.get("Organization Name")
    }

    /// `Organization ID`.
    pub fn organization_id(&self) -> Option<&str> {
        self.get("Organization ID")
    }
}
