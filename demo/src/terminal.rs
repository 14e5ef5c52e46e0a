//! The report as text: bars of Unicode blocks, in colour where that is wanted.

use crate::bill::{Bill, Breakdown, COLOURS, Mark, money, month_name, whole};
use crate::{Report, Seen};

/// How many characters a full bar has.
const BAR: usize = 44;

/// How a mark looks without colour, and its colour among the 256 of terminals.
const LOOKS: [(char, u8); COLOURS] = [('█', 33), ('▓', 36), ('▒', 178), ('░', 99), ('▚', 203)];
const REST: (char, u8) = ('·', 245);
const CREDIT: (char, u8) = ('-', 34);

/// The whole report.
pub(crate) fn show(report: &Report, coloured: bool) -> String {
    let mut out = Screen { text: String::new(), coloured };
    for seen in &report.services {
        out.service(seen);
    }
    out.line("Requests, by credential and operation");
    out.line("");
    for ((scheme, operation), count) in &report.requests {
        out.line(&format!("  {count:>4}  {scheme:<8} {operation}"));
    }
    out.text
}

struct Screen {
    text: String,
    coloured: bool,
}

impl Screen {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn service(&mut self, seen: &Seen) {
        let Seen { bill, breakdown, credentials } = seen;
        let heading = format!("{} by month and {}, {}", bill.service, bill.by, bill.currency);
        self.line(&heading);
        self.line(&"=".repeat(heading.chars().count()));
        self.line(&format!("read with {}", credentials[0]));
        self.line("");
        self.months(bill);
        self.line("");
        self.series(bill);
        self.line(&format!("\n{}, {}, {}", breakdown.title, month_name(breakdown.month), bill.currency));
        self.line(&format!("read with {}", credentials[1]));
        self.line("");
        self.breakdown(breakdown);
        self.line("");
    }

    /// A bar a month, of what each series adds to it.
    fn months(&mut self, bill: &Bill) {
        let totals = bill.totals();
        let charges = |month| bill.month(month).map(|(_, amount)| amount.to_f64().max(0.0)).sum::<f64>();
        let largest = (0..bill.months.len()).map(charges).fold(0.0, f64::max);
        let width = width(totals.iter().chain([&bill.total()]).map(money));
        for (index, (month, total)) in bill.months.iter().zip(&totals).enumerate() {
            // Ends are rounded, not lengths, so that what is rounded does not add up.
            let (mut sum, mut end, mut bar) = (0.0, 0, String::new());
            for (series, amount) in bill.month(index) {
                sum += amount.to_f64().max(0.0);
                let next = cells(sum, largest);
                bar += &self.blocks(series.mark, next - end);
                end = next;
            }
            let open = if bill.is_open(index) { "  to date" } else { "" };
            let space = " ".repeat(BAR - end);
            self.line(&format!("  {}  {bar}{space}  {:>width$}{open}", month_name(*month), money(total)));
        }
        self.line(&format!("  {:<8}  {:BAR$}  {:>width$}", "total", "", money(&bill.total())));
    }

    /// The legend, with what each series comes to.
    fn series(&mut self, bill: &Bill) {
        let names = bill.series.iter().map(|series| series.name.chars().count()).max().unwrap_or(0);
        let width = width(bill.series.iter().map(|series| money(&series.total())));
        for series in &bill.series {
            let block = self.blocks(series.mark, 2);
            self.line(&format!("  {block}  {:<names$}  {:>width$}", series.name, money(&series.total())));
        }
        if bill.has_credits() {
            self.line("  Bars are charges. Amounts are charges less credits.");
        }
    }

    fn breakdown(&mut self, breakdown: &Breakdown) {
        let [name_head, count_head] = breakdown.head;
        let names = breakdown.rows.iter().map(|row| row.name.as_str()).chain([name_head]);
        let names = names.map(|name| name.chars().count()).max().unwrap_or(0);
        let counts = whole(breakdown.count()).len().max(count_head.len());
        let width = width(breakdown.rows.iter().map(|row| money(&row.amount)).chain([money(&breakdown.total())]));
        let largest = breakdown.rows.iter().map(|row| row.amount.to_f64()).fold(0.0, f64::max);
        self.line(&format!("  {name_head:<names$}  {count_head:>counts$}  {:>width$}", "amount"));
        for row in &breakdown.rows {
            let mark = if row.amount.is_negative() { Mark::Credit } else { Mark::Colour(0) };
            let bar = self.blocks(mark, cells(row.amount.to_f64().abs(), largest).min(BAR) / 2);
            let amount = money(&row.amount);
            self.line(&format!("  {:<names$}  {:>counts$}  {amount:>width$}  {bar}", row.name, whole(row.count)));
        }
        let (count, total) = (whole(breakdown.count()), money(&breakdown.total()));
        self.line(&format!("  {:<names$}  {count:>counts$}  {total:>width$}", "total"));
    }

    fn blocks(&self, mark: Mark, count: usize) -> String {
        let (block, colour) = match mark {
            Mark::Colour(index) => LOOKS.get(index).copied().unwrap_or(REST),
            Mark::Credit => CREDIT,
            Mark::Rest => REST,
        };
        let full = if mark == Mark::Credit { block } else { '█' };
        match self.coloured {
            true if count > 0 => format!("\x1b[38;5;{colour}m{}\x1b[0m", full.to_string().repeat(count)),
            _ => block.to_string().repeat(count),
        }
    }
}

/// How many characters stand for an amount, where the largest is a full bar.
fn cells(amount: f64, largest: f64) -> usize {
    if largest > 0.0 { (amount / largest * BAR as f64).round() as usize } else { 0 }
}

/// The width of the widest text.
fn width(texts: impl Iterator<Item = String>) -> usize {
    texts.map(|text| text.len()).max().unwrap_or(0)
}
