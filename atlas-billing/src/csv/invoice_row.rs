//! A row of an invoice.

use std::collections::BTreeMap;

use cloud_billing_core::csv::{Header, Row};
use cloud_billing_core::{Date, Decimal, Error};

use super::amount::{number, us_date};

/// The columns of the vendor's example, in its order.
const COLUMNS: [&str; 19] = [
    "Date",
    "Usage Date",
    "Description",
    "Note",
    "Organization Name",
    "Organization ID",
    "Project",
    "Project ID",
    "SKU",
    "Region",
    "Cluster",
    "Replica Set",
    "Config Server",
    "Application",
    "Unit",
    "Unit Price",
    "Quantity",
    "Discount Percent",
    "Amount",
];

/// What the name of a tag's column begins with.
const TAG: &str = "Tag/";

/// A row of an invoice's table: one charge or credit.
///
/// The columns are found by name, so their order and number do not matter. A field that is empty, missing from a short
/// row or has no column is `None`. Numbers and dates are read when they are asked for: one that cannot be read is an error
/// of that column alone, and [`get`](Self::get) has its text.
///
/// Numbers are exact. Besides `12.96` and `6.035e-07`, a dollar sign (`-$10.00`) and thousands separators (`1,234.50`,
/// `1,234,567`) are understood; `1,234` alone could be a decimal comma and is an error.
///
/// The vendor's text does not say how the columns are formatted. That dates are `MM/DD/YYYY`, SKUs are labels and credits
/// are negative is how the files have been seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceRow {
    row: Row,
}

impl From<Row> for InvoiceRow {
    fn from(row: Row) -> Self {
        Self { row }
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $column:literal;)*) => {
        /// Columns that are text.
        impl InvoiceRow {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> Option<&str> {
                    self.row.text($column)
                }
            )*
        }
    };
}

texts! {
    /// `Description`: what the charge is, in words.
    description: "Description";
    /// `Note`.
    note: "Note";
    /// `Organization Name`.
    organization_name: "Organization Name";
    /// `Organization ID`.
    organization_id: "Organization ID";
    /// `Project`: its name.
    project: "Project";
    /// `Project ID`.
    project_id: "Project ID";
    /// `SKU`: a label such as `AWS M30 server`, not the code that the JSON has. A credit's label is `Credit`.
    sku: "SKU";
    /// `Region`.
    region: "Region";
    /// `Cluster`: its name.
    cluster: "Cluster";
    /// `Replica Set`.
    replica_set: "Replica Set";
    /// `Config Server`.
    config_server: "Config Server";
    /// `Application`: the App Services application.
    application: "Application";
    /// `Unit`: what [`quantity`](Self::quantity) counts, such as `server hours`.
    unit: "Unit";
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident: $column:literal;)*) => {
        /// Columns that are exact numbers.
        impl InvoiceRow {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                ///
                /// Of kind [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is not a number.
                pub fn $name(&self) -> Result<Option<Decimal>, Error> {
                    self.number($column)
                }
            )*
        }
    };
}

numbers! {
    /// `Unit Price`, in dollars.
    unit_price: "Unit Price";
    /// `Quantity`, in [`unit`](Self::unit)s.
    quantity: "Quantity";
    /// `Discount Percent`: 10 is 10 %.
    discount_percent: "Discount Percent";
    /// `Amount`: the charge in dollars; a credit is negative.
    amount: "Amount";
}

impl InvoiceRow {
    /// `Date`: the day on which the charge was billed.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is not a day `MM/DD/YYYY`.
    pub fn date(&self) -> Result<Option<Date>, Error> {
        self.day("Date")
    }

    /// `Usage Date`: the day of the usage, usually the day before.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is not a day `MM/DD/YYYY`.
    pub fn usage_date(&self) -> Result<Option<Date>, Error> {
        self.day("Usage Date")
    }

    /// The values of the resource tags, by key: the columns `Tag/<key>` that have a text. What the service writes for a tag
    /// with several values is not documented; it is kept as it is.
    pub fn tags<'a>(&'a self) -> BTreeMap<&'a str, &'a str> {
        let tag = |(name, value): (&'a str, &'a str)| Some((name.strip_prefix(TAG)?, value.trim()));
        self.row.iter().filter_map(tag).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The value of the column `Tag/<key>`.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.row.text(&format!("{TAG}{key}"))
    }

    /// The columns that are neither documented nor tags, with their values.
    pub fn other(&self) -> impl Iterator<Item = (&str, &str)> {
        self.row.iter().filter(|(name, _)| !COLUMNS.contains(name) && !name.starts_with(TAG))
    }

    /// The field of any column as it stands in the file.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.row.get(column)
    }

    /// The line on which the row begins, from 1.
    pub fn line(&self) -> u64 {
        self.row.line()
    }

    /// The row as it stands in the file: all fields, with the names of their columns, and those beyond the last column.
    pub fn row(&self) -> &Row {
        &self.row
    }

    /// The names of the columns.
    pub fn header(&self) -> &Header {
        self.row.header()
    }

    fn number(&self, column: &str) -> Result<Option<Decimal>, Error> {
        let Some(text) = self.row.text(column) else {
            return Ok(None);
        };
        number(text).map(Some).ok_or_else(|| self.row.error(column, "not a number"))
    }

    fn day(&self, column: &str) -> Result<Option<Date>, Error> {
        let Some(text) = self.row.text(column) else {
            return Ok(None);
        };
        us_date(text).map(Some).ok_or_else(|| self.row.error(column, "not a day MM/DD/YYYY"))
    }
}
