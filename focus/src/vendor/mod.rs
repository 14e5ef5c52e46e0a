//! The vendors' own exports of FOCUS, read as rows.
//!
//! Neither export has all columns, and neither adds up to the bill: [`atlas::Mapper::complete`](crate::atlas::Mapper::complete) and
//! [`ibm::Mapper::complete`](crate::ibm::Mapper::complete) do both.

mod compare;
#[cfg(test)]
mod odd_rows;
pub(crate) mod repair;

use std::collections::BTreeMap;
use std::fmt;

pub use compare::{ColumnDifference, Comparison, Example};

use crate::value::Json;
use crate::{Column, Row};

/// Columns that a vendor names otherwise.
const RENAMED: &[(&str, Column)] = &[("InvoiceIssuer", Column::InvoiceIssuerName)];

/// The columns of a vendor's file.
#[derive(Clone, Debug)]
pub struct Header {
    /// The column of each cell. That of an unknown one is its name.
    columns: Vec<Result<Column, String>>,
}

/// A file that is no export of FOCUS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError(&'static str);

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no export of FOCUS: {}", self.0)
    }
}

impl std::error::Error for HeaderError {}

impl Header {
    /// The header of a CSV file.
    ///
    /// # Errors
    ///
    /// If it has no column `BilledCost`, or a column twice.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, HeaderError> {
        // Files of spreadsheets begin with a byte order mark.
        let names = names.into_iter().map(|name| name.trim_start_matches('\u{feff}').trim());
        let columns: Vec<_> = names.map(|name| column(name).ok_or_else(|| name.to_owned())).collect();
        let mut known: Vec<Column> = columns.iter().filter_map(|it| it.as_ref().ok().copied()).collect();
        known.sort_unstable();
        if !known.contains(&Column::BilledCost) {
            return Err(HeaderError("it has no column BilledCost"));
        }
        if known.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(HeaderError("it has a column twice"));
        }
        Ok(Self { columns })
    }

    /// The columns that this version knows.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        self.columns.iter().filter_map(|it| it.as_ref().ok().copied())
    }

    /// Reads a row. What is no value of its column, and what has no column, goes to `x_UnknownFields`, so that nothing is lost.
    #[must_use]
    pub fn row<'c>(&self, cells: impl IntoIterator<Item = &'c str>) -> Row<'static> {
        let mut row = Row::default();
        let mut unknown = BTreeMap::new();
        for (index, cell) in cells.into_iter().enumerate() {
            let name = match self.columns.get(index) {
                Some(Ok(column)) => match row.set(*column, cell) {
                    Ok(()) => continue,
                    Err(_) => column.definition().name.to_owned(),
                },
                Some(Err(name)) => name.clone(),
                None => format!("cell {}", index + 1),
            };
            if !cell.is_empty() {
                unknown.insert(name, cell);
            }
        }
        if !unknown.is_empty() {
            let texts = unknown.into_iter().map(|(name, cell)| (name, serde_json::Value::from(cell)));
            let object = serde_json::Value::Object(texts.collect());
            row.x_unknown_fields = Some(Json(object.to_string().into()));
        }
        row
    }
}

/// The column of a name.
fn column(name: &str) -> Option<Column> {
    let renamed = RENAMED.iter().find(|(other, _)| *other == name).map(|(_, column)| *column);
    renamed.or_else(|| Column::ALL.iter().copied().find(|column| column.definition().name == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn cells_go_to_their_columns_and_nothing_is_lost() {
        let header = Header::new(["\u{feff}BilledCost", "InvoiceIssuer", "ChargePeriodEnd", "Carbon"]).unwrap();
        let row = header.row(["1.50", "MongoDB", "soon", "7", "more"]);
        assert_eq!(row.value(Column::BilledCost), Value::Decimal(&"1.50".parse().unwrap()));
        assert_eq!(row.value(Column::InvoiceIssuerName), Value::Text("MongoDB"));
        assert_eq!(row.value(Column::ChargePeriodEnd), Value::Null);
        let unknown = r#"{"Carbon":"7","ChargePeriodEnd":"soon","cell 5":"more"}"#;
        assert_eq!(row.value(Column::XUnknownFields), Value::Json(unknown));
        assert_eq!(header.row(["1"]).x_unknown_fields, None);
    }

    #[test]
    fn other_files_are_refused() {
        assert!(Header::new(["invoice", "amount"]).unwrap_err().to_string().contains("BilledCost"));
        assert!(Header::new(["BilledCost", "BilledCost"]).unwrap_err().to_string().contains("twice"));
    }
}
