//! A table with a bar a row and an exact total.

use std::fmt;

use atlas_billing::Decimal;

const BAR: usize = 24;

/// One line of a table.
pub(crate) struct Row {
    name: String,
    count: String,
    amount: Decimal,
}

impl Row {
    pub(crate) fn new(name: impl Into<String>, count: String, amount: Decimal) -> Self {
        Self { name: name.into(), count, amount }
    }
}

/// Rows, largest first, and their sum.
pub(crate) struct Table {
    title: String,
    head: [&'static str; 3],
    rows: Vec<Row>,
    total: Decimal,
}

impl Table {
    pub(crate) fn new(title: String, head: [&'static str; 3], rows: impl Iterator<Item = Row>) -> Self {
        let mut rows: Vec<Row> = rows.collect();
        rows.sort_by(|a, b| b.amount.cmp(&a.amount).then_with(|| a.name.cmp(&b.name)));
        let total = rows.iter().map(|row| &row.amount).sum();
        Self { title, head, rows, total }
    }

    pub(crate) fn total(&self) -> &Decimal {
        &self.total
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amounts: Vec<String> = self.rows.iter().map(|row| row.amount.to_string()).collect();
        let total = self.total.to_string();
        let width = |texts: &mut dyn Iterator<Item = &str>| texts.map(|t| t.chars().count()).max().unwrap_or(0);
        let [name_head, count_head, amount_head] = self.head;
        let name = width(&mut self.rows.iter().map(|row| row.name.as_str()).chain([name_head, "total"]));
        let count = width(&mut self.rows.iter().map(|row| row.count.as_str()).chain([count_head]));
        let amount = width(&mut amounts.iter().map(String::as_str).chain([amount_head, total.as_str()]));
        // Bars compare sizes on a screen; the amounts beside them are exact.
        let largest = self.rows.iter().map(|row| row.amount.to_f64().abs()).fold(0.0, f64::max);

        writeln!(f, "{}\n", self.title)?;
        writeln!(f, "  {name_head:name$}  {count_head:>count$}  {amount_head:>amount$}")?;
        writeln!(f, "  {}", "-".repeat(name + count + amount + 4))?;
        for (row, text) in self.rows.iter().zip(&amounts) {
            let share = if largest > 0.0 { row.amount.to_f64().abs() / largest } else { 0.0 };
            let bar = bar(share, if row.amount.is_negative() { '░' } else { '█' });
            writeln!(f, "  {:name$}  {:>count$}  {text:>amount$}  {bar}", row.name, row.count)?;
        }
        writeln!(f, "  {}", "-".repeat(name + count + amount + 4))?;
        writeln!(f, "  {:name$}  {:>count$}  {total:>amount$}\n", "total", "")
    }
}

/// A bar of the given share of the full width, at least a sliver for anything that is not nothing.
fn bar(share: f64, full: char) -> String {
    let blocks = (share * BAR as f64).round() as usize;
    if blocks == 0 && share > 0.0 { "▏".to_owned() } else { std::iter::repeat_n(full, blocks).collect() }
}
