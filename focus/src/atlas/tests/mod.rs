//! Rows of single lines and headers, one rule a test.

mod bill;
mod headers;
mod lines;
mod prices;

use super::*;
use crate::format::write_value;
use crate::{Column, Mode, Row};

const HEADER: &str =
    r#""id": "inv", "orgId": "org", "startDate": "2026-10-01T00:00:00Z", "endDate": "2026-11-01T00:00:00Z""#;

fn invoice(fields: &str, lines: &str) -> String {
    format!("{{{HEADER}{fields}, \"lineItems\": [{lines}]}}")
}

/// The cells of a row, as CSV has them.
fn cells(row: &Row<'_>, columns: &[Column]) -> Vec<String> {
    let cell = |column: &Column| {
        let mut cell = String::new();
        write_value(&mut cell, row.value(*column));
        cell
    };
    columns.iter().map(cell).collect()
}

/// The cells of the row of a line.
fn line_with(options: &Options, line: &str, columns: &[Column]) -> Vec<String> {
    let text = invoice("", line);
    let invoice = Invoice::read(&text).unwrap();
    let mut mapper = Mapper::new(&invoice, options).unwrap();
    cells(&mapper.row(&invoice.lines().next().unwrap().unwrap()), columns)
}

fn line(line: &str, columns: &[Column]) -> Vec<String> {
    line_with(&Options::new(), line, columns)
}

fn end_with(options: &Options, fields: &str, lines: &str) -> End {
    let text = invoice(fields, lines);
    let invoice = Invoice::read(&text).unwrap();
    let mut mapper = Mapper::new(&invoice, options).unwrap();
    for line in invoice.lines() {
        mapper.row(&line.unwrap());
    }
    mapper.finish()
}

fn end(fields: &str, lines: &str) -> End {
    end_with(&Options::new(), fields, lines)
}

const COSTS: [Column; 4] = [Column::BilledCost, Column::EffectiveCost, Column::ListCost, Column::ContractedCost];
const PERIOD: [Column; 2] = [Column::ChargePeriodStart, Column::ChargePeriodEnd];
