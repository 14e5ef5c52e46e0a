//! Rows as text, by the rules of FOCUS: exact numbers, instants in UTC, null as nothing.

use std::fmt::Write as _;

use cloud_billing_core::Timestamp;

use crate::value::Value;
use crate::{Column, Row, Version};

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    columns: Vec<Column>,
}

impl Format {
    /// All columns of a version.
    #[must_use]
    pub fn new(version: Version) -> Self {
        Self::of(version.columns().to_vec())
    }

    /// Some columns.
    #[must_use]
    pub const fn of(columns: Vec<Column>) -> Self {
        Self { columns }
    }

    /// The first line of a CSV file.
    #[must_use]
    pub fn csv_header(&self) -> String {
        let names = self.columns.iter().map(|column| column.definition().name);
        let mut line = names.collect::<Vec<_>>().join(",");
        line.push('\n');
        line
    }

    /// Appends a row as a line of CSV. Null is nothing between the commas.
    pub fn csv(&self, row: &Row<'_>, to: &mut String) {
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                to.push(',');
            }
            let (value, start) = (row.value(*column), to.len());
            write_value(to, value);
            if matches!(value, Value::Text(_) | Value::Json(_)) {
                quote(to, start);
            }
        }
        to.push('\n');
    }

    /// Appends a row as a line of JSON. Numbers have all their digits.
    pub fn json(&self, row: &Row<'_>, to: &mut String) {
        for (index, column) in self.columns.iter().enumerate() {
            to.push(if index == 0 { '{' } else { ',' });
            // No name of a column needs an escape.
            write_text(to, format_args!("\"{}\":", column.definition().name));
            match row.value(*column) {
                Value::Null => to.push_str("null"),
                Value::Text(text) => write_text(to, format_args!("{}", serde_json::Value::from(text))),
                Value::Time(time) => {
                    to.push('"');
                    write_time(to, time);
                    to.push('"');
                }
                value => write_value(to, value),
            }
        }
        to.push_str("}\n");
    }
}

/// Puts a cell in quotes where CSV needs them (RFC 4180).
fn quote(to: &mut String, start: usize) {
    let special = |byte: u8| matches!(byte, b'"' | b',' | b'\n' | b'\r');
    if to.bytes().skip(start).any(special) {
        let cell = to.split_off(start).replace('"', "\"\"");
        to.push('"');
        to.push_str(&cell);
        to.push('"');
    }
}

/// A string takes all that is written to it.
fn write_text(to: &mut String, text: std::fmt::Arguments<'_>) {
    let done = to.write_fmt(text);
    debug_assert!(done.is_ok(), "a string takes all");
}

/// Writes a value as a file has it.
pub(crate) fn write_value(to: &mut String, value: Value<'_>) {
    match value {
        Value::Null => {}
        Value::Text(text) => to.push_str(text),
        // Line breaks stand between the parts of JSON alone, never inside a text.
        Value::Json(text) => to.extend(text.chars().map(|it| if matches!(it, '\n' | '\r') { ' ' } else { it })),
        Value::Bool(truth) => write_text(to, format_args!("{truth}")),
        Value::Time(time) => write_time(to, time),
        Value::Decimal(decimal) => {
            let start = to.len();
            write_text(to, format_args!("{decimal}"));
            // So that no reader takes a column of whole numbers for integers.
            if !to.bytes().skip(start).any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
                to.push_str(".0");
            }
        }
    }
}

/// Writes the instant in UTC to the second: `2026-10-01T00:00:00Z`.
fn write_time(to: &mut String, time: Timestamp) {
    let (date, second) = (time.date(), time.unix_millis().div_euclid(1_000).rem_euclid(86_400));
    let Ok(year) = u32::try_from(date.year()) else { return write_text(to, format_args!("{time}")) };
    write_pair(to, year / 100, None);
    write_pair(to, year % 100, Some('-'));
    write_pair(to, date.month(), Some('-'));
    write_pair(to, date.day(), Some('T'));
    let second = u32::try_from(second).unwrap_or_default();
    write_pair(to, second / 3_600, Some(':'));
    write_pair(to, second / 60 % 60, Some(':'));
    write_pair(to, second % 60, Some('Z'));
}

/// Writes two digits, and what follows them. A row has up to ten instants; `write!` would take most of its time for them.
fn write_pair(to: &mut String, number: u32, then: Option<char>) {
    let digit = |digit| char::from_digit(digit % 10, 10);
    to.extend(digit(number / 10));
    to.extend(digit(number));
    to.extend(then);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Json;
    use crate::{ChargeCategory, ServiceCategory};

    fn written(row: &Row<'_>, columns: &[Column]) -> String {
        let format = Format::of(columns.to_vec());
        let mut text = format.csv_header();
        format.csv(row, &mut text);
        format.json(row, &mut text);
        text
    }

    #[test]
    fn values_as_focus_writes_them() {
        let mut row = Row {
            billed_cost: Some("12".parse().unwrap()),
            list_cost: Some("0.12345678901234567890".parse().unwrap()),
            charge_description: Some("a, \"b\"".into()),
            charge_period_start: Some("2026-10-01T02:00:00.250+02:00".parse().unwrap()),
            charge_category: Some(ChargeCategory::Tax),
            tags: Some(Json("{\"a\":\n\"b\"}".into())),
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
             12.0,Tax,,\"a, \"\"b\"\"\",2026-10-01T00:00:00Z,0.12345678901234567890,\"{\"\"a\"\": \"\"b\"\"}\",ibm\n\
             {\"BilledCost\":12.0,\"ChargeCategory\":\"Tax\",\"ChargeClass\":null,\"ChargeDescription\":\"a, \\\"b\\\"\",\
             \"ChargePeriodStart\":\"2026-10-01T00:00:00Z\",\"ListCost\":0.12345678901234567890,\"Tags\":{\"a\": \"b\"},\
             \"x_Service\":\"ibm\"}\n"
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
