//! A row of an invoice.

use std::collections::BTreeMap;

use cloud_billing_core::csv::{Header, Row};
use cloud_billing_core::{Date, Decimal, Error};

use super::cells::{number, us_date};

/// The columns in the order of the vendor's example.
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

/// The prefix of a tag column.
const TAG: &str = "Tag/";

/// A row of an invoice's table: one charge or credit.
///
/// Columns are found by name, so their order and number do not matter. An empty or missing field is `None`. Numbers and
/// dates are parsed on demand: an invalid value is an error of its column alone, and [`get`](Self::get) returns its
/// text.
///
/// Numbers are exact. Besides `12.96` and `6.035e-07`, a dollar sign (`-$10.00`) and thousands separators (`1,234.50`,
/// `1,234,567`) are accepted. `1,234` alone is an error, because it may be a decimal comma.
///
/// The vendor does not document the column formats. Dates as `MM/DD/YYYY`, SKUs as labels and negative credits come
/// from observed files.
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
        /// Text columns.
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
    /// `Description`: the charge in words.
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
    /// `SKU`: a label such as `AWS M30 server`, not the code in the JSON response. The label of a credit is `Credit`.
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
    /// `Unit`: the unit of [`quantity`](Self::quantity), such as `server hours`.
    unit: "Unit";
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident: $column:literal;)*) => {
        /// Columns with exact numbers.
        impl InvoiceRow {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                ///
                /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the field is not a number.
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
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the field is not a date `MM/DD/YYYY`.
    pub fn date(&self) -> Result<Option<Date>, Error> {
        self.day("Date")
    }

    /// `Usage Date`: the day of the usage, usually one day before `Date`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the field is not a date `MM/DD/YYYY`.
    pub fn usage_date(&self) -> Result<Option<Date>, Error> {
        self.day("Usage Date")
    }

    /// The resource tags: the non-blank values of the columns `Tag/<key>`, by key. The vendor does not document the
    /// format for several values of a tag, so the text is returned unchanged.
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

    /// Returns the field of any column exactly as in the file.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.row.get(column)
    }

    /// The line on which the row begins, counted from 1.
    pub fn line(&self) -> u64 {
        self.row.line()
    }

    /// The row as read: all named fields, and the fields after the last column.
    pub fn row(&self) -> &Row {
        &self.row
    }

    /// The column names.
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
