//! Rows as a workbook of Excel: a summary by formulas, the reconciliations, and all rows.
//!
//! A cell of a spreadsheet holds 15 digits. Beside each cost there is a column with the exact number as text.

use std::collections::BTreeMap;
use std::fmt;

use cloud_billing_core::{Decimal, Timestamp};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};

use crate::format::write_value;
use crate::reconcile::Reconciliation;
use crate::value::Value;
use crate::{Column, Row, Version};

/// The rows of a worksheet that may have data: the first one has names.
const ROWS: u32 = 1_048_575;

/// The costs that have a column with the exact number.
const EXACT: [Column; 4] = [Column::BilledCost, Column::ContractedCost, Column::EffectiveCost, Column::ListCost];

/// The columns of the summary.
const SUMMARY: [(&str, Column); 4] = [
    ("Account", Column::BillingAccountId),
    ("Currency", Column::BillingCurrency),
    ("Service", Column::ServiceName),
    ("Category", Column::ChargeCategory),
];

/// The columns of the reconciliations.
const RECONCILIATION: [&str; 9] =
    ["Service", "Account", "Month", "Invoice", "Currency", "Expected", "Rows", "Residue", "Status"];

/// The number of a line of the summary, in the summary and in each of its rows. The formulas compare numbers: compared texts
/// would be patterns, which ignore case and take `*` for any text.
const LINE: &str = "Line";

/// The order of the worksheets.
const SHEETS: [&str; 3] = ["Summary", "Reconciliation", "Rows"];

/// A workbook cannot be written: it has too many rows, a text is too long for a cell, or there is no space for a temporary file.
#[derive(Debug)]
pub struct WorkbookError(XlsxError);

impl fmt::Display for WorkbookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a workbook cannot hold this")
    }
}

impl std::error::Error for WorkbookError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl From<XlsxError> for WorkbookError {
    fn from(error: XlsxError) -> Self {
        Self(error)
    }
}

/// A workbook that is written row by row. The rows go to a temporary file; memory has the parts of the summary.
pub struct Sheets {
    workbook: Workbook,
    columns: Vec<Column>,
    rows: u32,
    bills: u32,
    time: Format,
    lines: BTreeMap<[String; SUMMARY.len()], Line>,
    text: String,
}

/// A line of the summary.
struct Line {
    number: u32,
    /// What programs show that do not compute formulas.
    sum: Decimal,
}

impl fmt::Debug for Sheets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sheets").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Sheets {
    /// A workbook with the columns of a version.
    ///
    /// # Errors
    ///
    /// If there is no space for a temporary file.
    pub fn new(version: Version) -> Result<Self, WorkbookError> {
        let mut workbook = Workbook::new();
        for name in SHEETS {
            workbook.add_worksheet_with_constant_memory()?.set_name(name)?.set_freeze_panes(1, 0)?;
        }
        let mut sheets = Self {
            workbook,
            columns: version.columns().to_vec(),
            rows: 0,
            bills: 0,
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            lines: BTreeMap::new(),
            text: String::new(),
        };
        sheets.names()?;
        Ok(sheets)
    }

    /// The first row of each worksheet but the summary, which is written last.
    fn names(&mut self) -> Result<(), WorkbookError> {
        let bold = Format::new().set_bold();
        let columns = self.columns.iter().map(|column| column.definition().name.to_owned());
        let exact = EXACT.iter().map(|column| format!("{} (exact)", column.definition().name));
        for (at, name) in (0..).zip(columns.chain(exact).chain([LINE.to_owned()])) {
            self.workbook.worksheet_from_index(2)?.write_string_with_format(0, at, name, &bold)?;
        }
        for (at, name) in (0..).zip(RECONCILIATION) {
            self.workbook.worksheet_from_index(1)?.write_string_with_format(0, at, name, &bold)?;
        }
        Ok(())
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// If there are more rows than a worksheet holds (1,048,575), or a text is longer than a cell (32,767 characters).
    pub fn row(&mut self, row: &Row<'_>) -> Result<(), WorkbookError> {
        if self.rows == ROWS {
            return Err(XlsxError::RowColumnLimitError.into());
        }
        self.rows += 1;
        let line = self.line(row);
        let sheet = self.workbook.worksheet_from_index(2)?;
        let mut at = 0;
        for column in &self.columns {
            write_cell(sheet, self.rows, at, row.value(*column), &self.time, &mut self.text)?;
            at += 1;
        }
        for column in EXACT {
            self.text.clear();
            write_value(&mut self.text, row.value(column));
            sheet.write_string(self.rows, at, &self.text)?;
            at += 1;
        }
        sheet.write_number(self.rows, at, line)?;
        Ok(())
    }

    /// Adds a row to the summary, and returns the number of its line.
    fn line(&mut self, row: &Row<'_>) -> u32 {
        let key = SUMMARY.map(|(_, column)| {
            let mut text = String::new();
            write_value(&mut text, row.value(column));
            text
        });
        // There are at most as many lines as rows.
        let next = u32::try_from(self.lines.len()).unwrap_or(u32::MAX).saturating_add(1);
        let line = self.lines.entry(key).or_insert_with(|| Line { number: next, sum: Decimal::ZERO });
        if let Some(cost) = &row.billed_cost {
            line.sum += cost;
        }
        line.number
    }

    /// Writes the reconciliation of a bill.
    ///
    /// # Errors
    ///
    /// Those of [`row`](Self::row).
    pub fn reconciliation(&mut self, bill: &Reconciliation) -> Result<(), WorkbookError> {
        self.bills += 1;
        let sheet = self.workbook.worksheet_from_index(1)?;
        let texts = [
            bill.service.to_owned(),
            bill.account.clone(),
            bill.month.map(|month| month.to_string()).unwrap_or_default(),
            bill.invoice.clone().unwrap_or_default(),
            bill.currency.clone(),
        ];
        for (at, text) in (0..).zip(&texts) {
            sheet.write_string(self.bills, at, text)?;
        }
        for (at, amount) in (5..).zip([bill.expected.as_ref(), Some(&bill.rows_total), bill.residue.as_ref()]) {
            if let Some(amount) = amount {
                sheet.write_number(self.bills, at, amount.to_f64())?;
            }
        }
        sheet.write_string(self.bills, 8, bill.status.as_str())?;
        Ok(())
    }

    /// Writes the summary, and returns the file.
    ///
    /// # Errors
    ///
    /// If a temporary file cannot be read.
    pub fn finish(mut self) -> Result<Vec<u8>, WorkbookError> {
        self.summary()?;
        Ok(self.workbook.save_to_buffer()?)
    }

    /// A line for each account, currency, service and category, with the sum of its rows as a formula.
    fn summary(&mut self) -> Result<(), WorkbookError> {
        let bold = Format::new().set_bold();
        let billed = self.columns.iter().position(|column| *column == Column::BilledCost).unwrap_or_default();
        let [lines, billed] = [self.columns.len() + EXACT.len(), billed].map(|at| self.range(at));
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (at, name) in (0..).zip(SUMMARY.iter().map(|(name, _)| *name).chain(["BilledCost", LINE])) {
            sheet.write_string_with_format(0, at, name, &bold)?;
        }
        for (at, (key, line)) in (1_u32..).zip(&self.lines) {
            for (column, text) in (0_u16..).zip(key) {
                sheet.write_string(at, column, text)?;
            }
            let number = rust_xlsxwriter::utility::row_col_to_cell(at, 5);
            let formula = Formula::new(format!("=SUMIF({lines},{number},{billed})"));
            sheet.write_formula(at, 4, formula.set_result(line.sum.to_f64().to_string()))?;
            sheet.write_number(at, 5, line.number)?;
        }
        Ok(())
    }

    /// The cells of a column of the rows, for formulas.
    fn range(&self, column: usize) -> String {
        let at = u16::try_from(column).unwrap_or_default();
        let range = rust_xlsxwriter::utility::cell_range_absolute(1, at, self.rows.max(1), at);
        format!("Rows!{range}")
    }
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    at: u16,
    value: Value<'_>,
    format: &Format,
    text: &mut String,
) -> Result<(), XlsxError> {
    match value {
        Value::Null => return Ok(()),
        Value::Decimal(decimal) => sheet.write_number(row, at, decimal.to_f64())?,
        Value::Bool(truth) => sheet.write_boolean(row, at, truth)?,
        Value::Time(time) => match date_time(time) {
            Some(time) => sheet.write_datetime_with_format(row, at, time, format)?,
            None => sheet.write_string(row, at, time.to_string())?,
        },
        Value::Text(_) | Value::Json(_) => {
            text.clear();
            write_value(text, value);
            sheet.write_string(row, at, text.as_str())?
        }
    };
    Ok(())
}

/// `None` before 1900, which spreadsheets do not know.
fn date_time(time: Timestamp) -> Option<ExcelDateTime> {
    ExcelDateTime::from_timestamp(time.unix_millis().div_euclid(1_000)).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, DataType, Reader, Xlsx};

    use super::*;
    use crate::reconcile::Status;
    use crate::{ChargeCategory, ServiceCategory};

    fn row(account: &'static str, cost: &str) -> Row<'static> {
        Row {
            billed_cost: Some(cost.parse().unwrap()),
            billing_account_id: Some(account.into()),
            billing_currency: Some("USD".into()),
            billing_period_start: Some("2026-10-01T00:00:00Z".parse().unwrap()),
            charge_category: Some(ChargeCategory::Usage),
            service_category: Some(ServiceCategory::Databases),
            service_name: Some("=1+1".into()),
            ..Row::default()
        }
    }

    #[test]
    fn a_workbook_has_rows_sums_and_reconciliations() {
        let mut sheets = Sheets::new(Version::NEWEST).unwrap();
        for row in [row("a", "0.1"), row("b", "5"), row("a", "0.12345678901234567891")] {
            sheets.row(&row).unwrap();
        }
        let bill = Reconciliation {
            service: "atlas",
            account: "a".to_owned(),
            month: Some("2026-10".parse().unwrap()),
            invoice: None,
            currency: "USD".to_owned(),
            expected: Some("5.22".parse().unwrap()),
            rows_total: "5.22".parse().unwrap(),
            residue: None,
            status: Status::Exact,
            checks: Vec::new(),
            rows: 3,
        };
        sheets.reconciliation(&bill).unwrap();
        let mut file = Xlsx::new(Cursor::new(sheets.finish().unwrap())).unwrap();

        let rows = file.worksheet_range("Rows").unwrap();
        let at = |name: &str| {
            rows.rows().next().unwrap().iter().position(|cell| *cell == Data::String(name.into())).unwrap()
        };
        let cell = |line: usize, name: &str| rows.rows().nth(line).unwrap()[at(name)].clone();
        assert_eq!(cell(3, "BilledCost"), Data::Float(0.123_456_789_012_345_68));
        assert_eq!(cell(3, "BilledCost (exact)"), Data::String("0.12345678901234567891".into()));
        // A text that looks like a formula is a text.
        assert_eq!(cell(1, "ServiceName"), Data::String("=1+1".into()));
        assert!(matches!(cell(1, "BillingPeriodStart"), Data::DateTime(_)), "{:?}", cell(1, "BillingPeriodStart"));
        assert_eq!(cell(1, "ChargeClass"), Data::Empty);

        let summary = file.worksheet_range("Summary").unwrap();
        let line: Vec<String> = summary.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(line, ["a", "USD", "=1+1", "Usage", "0.22345678901234567", "1"]);

        let bills = file.worksheet_range("Reconciliation").unwrap();
        assert_eq!(bills.rows().nth(1).unwrap().last().unwrap(), &Data::String("exact".into()));
    }

    #[test]
    fn formulas_add_up_by_numbers_and_not_by_texts() {
        let services = ["*", "Kafka", "kafka", "=Kafka", "<>", "a~b", "", "00123", "123"];
        let mut sheets = Sheets::new(Version::NEWEST).unwrap();
        for (service, cost) in services.iter().chain(&["kafka"]).zip(1..) {
            let cost = Decimal::from(cost);
            let row = Row { service_name: Some((*service).into()), billed_cost: Some(cost), ..Row::default() };
            sheets.row(&row).unwrap();
        }
        let mut file = Xlsx::new(Cursor::new(sheets.finish().unwrap())).unwrap();
        let rows = file.worksheet_range("Rows").unwrap();
        let header: Vec<String> = rows.rows().next().unwrap().iter().map(ToString::to_string).collect();
        let column = |name: &str| header.iter().position(|it| it == name).unwrap();
        let (line, billed) = (column(LINE), column("BilledCost"));

        let summary = file.worksheet_range("Summary").unwrap();
        assert_eq!(summary.height(), 1 + services.len());
        let formulas = file.worksheet_formula("Summary").unwrap();
        let of = |at: usize| {
            let at =
                rust_xlsxwriter::utility::cell_range_absolute(1, at.try_into().unwrap(), 10, at.try_into().unwrap());
            format!("Rows!{at}")
        };
        for (at, cells) in summary.rows().enumerate().skip(1) {
            let formula = formulas.get_value((u32::try_from(at).unwrap(), 4)).unwrap();
            assert_eq!(*formula, format!("SUMIF({},F{},{})", of(line), at + 1, of(billed)));
            // What the formula comes to.
            let rows = rows.rows().filter(|row| row[line] == cells[5]);
            let sum: f64 = rows.map(|row| row[billed].get_float().unwrap()).sum();
            assert_eq!(Data::Float(sum), cells[4], "{cells:?}");
        }
        let kafka = summary.rows().find(|cells| cells[2] == Data::String("kafka".into())).unwrap();
        assert_eq!(kafka[4], Data::Float(13.0));
    }
}
