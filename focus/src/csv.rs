//! Rows as CSV, by the rules of FOCUS: a header, exact numbers, instants in UTC, nothing for null.

use std::fmt::Write as _;
use std::io;

use cloud_billing_core::Timestamp;

use crate::value::Value;
use crate::{Column, Row, Version};

/// Writes rows as CSV.
#[derive(Debug)]
pub struct Writer<W: io::Write> {
    csv: ::csv::Writer<W>,
    columns: Vec<Column>,
    cell: String,
}

impl<W: io::Write> Writer<W> {
    /// A writer of all columns of a version. It writes the header.
    ///
    /// # Errors
    ///
    /// That of the writer below.
    pub fn new(to: W, version: Version) -> io::Result<Self> {
        Self::with_columns(to, version.columns().to_vec())
    }

    /// A writer of some columns. It writes the header.
    ///
    /// # Errors
    ///
    /// That of the writer below.
    pub fn with_columns(to: W, columns: Vec<Column>) -> io::Result<Self> {
        let mut csv = ::csv::Writer::from_writer(to);
        csv.write_record(columns.iter().map(|column| column.definition().name)).map_err(io::Error::from)?;
        Ok(Self { csv, columns, cell: String::new() })
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// That of the writer below.
    pub fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        for column in &self.columns {
            self.cell.clear();
            write_value(&mut self.cell, row.value(*column));
            self.csv.write_field(&self.cell).map_err(io::Error::from)?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(io::Error::from)
    }

    /// Writes what is buffered, and returns the writer below.
    ///
    /// # Errors
    ///
    /// That of the writer below.
    pub fn finish(self) -> io::Result<W> {
        self.csv.into_inner().map_err(::csv::IntoInnerError::into_error)
    }
}

/// Writes a value as a file has it.
pub(crate) fn write_value(to: &mut String, value: Value<'_>) {
    let done = match value {
        Value::Null => Ok(()),
        Value::Text(text) | Value::Json(text) => to.write_str(text),
        Value::Bool(truth) => write!(to, "{truth}"),
        Value::Time(time) => write!(to, "{}", in_utc(time)),
        Value::Decimal(decimal) => {
            let start = to.len();
            // A point, so that no reader takes a column of whole numbers for integers.
            write!(to, "{decimal}").and_then(|()| {
                match to.get(start..).is_some_and(|text| text.contains(['.', 'e', 'E'])) {
                    true => Ok(()),
                    false => to.write_str(".0"),
                }
            })
        }
    };
    debug_assert!(done.is_ok(), "a string takes all");
}

/// The instant in UTC to the second.
fn in_utc(time: Timestamp) -> Timestamp {
    let seconds = time.unix_millis().div_euclid(1_000);
    seconds.checked_mul(1_000).and_then(Timestamp::from_unix_millis).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Json;
    use crate::{ChargeCategory, ServiceCategory};

    fn written(row: &Row<'_>, columns: &[Column]) -> String {
        let mut writer = Writer::with_columns(Vec::new(), columns.to_vec()).unwrap();
        writer.row(row).unwrap();
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn values_as_focus_writes_them() {
        let mut row = Row {
            billed_cost: Some("12".parse().unwrap()),
            list_cost: Some("0.12345678901234567890".parse().unwrap()),
            charge_description: Some("a, \"b\"".into()),
            charge_period_start: Some("2026-10-01T02:00:00.250+02:00".parse().unwrap()),
            charge_category: Some(ChargeCategory::Tax),
            tags: Some(Json(r#"{"a":"b"}"#.into())),
            ..Row::default()
        };
        row.x_service = Some("ibm".into());
        let columns = [
            Column::BilledCost,
            Column::ChargeCategory,
            Column::ChargeClass,
            Column::ChargeDescription,
            Column::ChargePeriodStart,
            Column::ListCost,
            Column::Tags,
            Column::XService,
        ];
        assert_eq!(
            written(&row, &columns),
            "BilledCost,ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodStart,ListCost,Tags,x_Service\n\
             12.0,Tax,,\"a, \"\"b\"\"\",2026-10-01T00:00:00Z,0.12345678901234567890,\"{\"\"a\"\":\"\"b\"\"}\",ibm\n"
        );
    }

    #[test]
    fn what_is_written_is_read() {
        let mut row = Row::default();
        for (column, text) in [
            (Column::BilledCost, "-0.10"),
            (Column::ServiceCategory, "Databases"),
            (Column::BillingPeriodEnd, "2026-11-01T00:00:00Z"),
            (Column::Tags, "{}"),
            (Column::XPending, "true"),
            (Column::ServiceProviderName, "MongoDB"),
        ] {
            row.set(column, text).unwrap();
            let mut cell = String::new();
            write_value(&mut cell, row.value(column));
            assert_eq!(cell, text);
        }
        assert_eq!(row.service_category, Some(ServiceCategory::Databases));
        assert_eq!(row.value(Column::ProviderName), Value::Text("MongoDB"));
        for (column, text) in [
            (Column::BilledCost, "1,5"),
            (Column::Tags, "[1]"),
            (Column::BillingPeriodEnd, "soon"),
            (Column::XPending, "maybe"),
        ] {
            assert!(row.set(column, text).unwrap_err().to_string().starts_with('`'), "{column:?}");
        }
    }

    #[test]
    fn each_version_has_its_columns() {
        let count = |version: Version| {
            let columns = version.columns();
            columns.iter().filter(|column| !column.definition().name.starts_with("x_")).count()
        };
        assert_eq!(Version::ALL.iter().map(|version| count(*version)).collect::<Vec<_>>(), [57, 65, 65]);
        assert!(Version::V1_2.columns().contains(&Column::ProviderName));
        assert!(!Version::V1_4.columns().contains(&Column::ProviderName));
    }
}
