//! The lines before the table of an invoice.

use cloud_billing_core::Date;
use cloud_billing_core::csv::Record;

use super::cells::long_date;

/// The labels and values before the table of an invoice. They identify the invoice and its organization.
///
/// Their number is not fixed. Those in the vendor's example have methods; [`get`](Self::get) finds any label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preamble {
    records: Vec<Record>,
}

impl Preamble {
    pub(super) fn new(records: &[Record]) -> Self {
        Self { records: records.to_vec() }
    }

    /// Returns the value of a label, without surrounding white space. `None` if the label is missing or has no value.
    pub fn get(&self, label: &str) -> Option<&str> {
        self.entries().find(|(found, value)| *found == label && !value.is_empty()).map(|(_, value)| value)
    }

    /// The labels and values in the order of the file, without surrounding white space.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.records.iter().map(|record| {
            let field = |index| record.get(index).unwrap_or_default().trim();
            (field(0), field(1))
        })
    }

    /// The lines as records. Most end with an empty field.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// `Invoice Number`: the invoice's id.
    pub fn invoice_number(&self) -> Option<&str> {
        self.get("Invoice Number")
    }

    /// `Billing Period` as text: `June 1, 2024 - July 1, 2024`.
    pub fn billing_period(&self) -> Option<&str> {
        self.get("Billing Period")
    }

    /// The first day of the billing period and the first day after it, or `None` if the text is not two dates.
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
