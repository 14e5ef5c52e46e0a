//! Charts as text: bars of Unicode blocks, in colour where that is wanted.

use unicode_width::UnicodeWidthStr as _;

use super::money::money;
use super::month;
use super::series::{Bill, COLOURS, Mark, Series};
use crate::text::{fitted, padded};

/// How many characters a full bar has.
const BAR: usize = 44;

/// How a mark looks without colour, and its colour among the 256 of terminals.
const LOOKS: [(char, u8); COLOURS] = [('█', 33), ('▓', 36), ('▒', 178), ('░', 99), ('▚', 203)];
const REST: (char, u8) = ('·', 245);
const CREDIT: (char, u8) = ('-', 34);

/// How many columns a name has at most.
const NAME: usize = 40;

/// A bill as a chart with its legend. Lines are 78 columns wide at most, unless amounts or names are long.
pub(super) fn chart(bill: &Bill, coloured: bool) -> String {
    let mut out = Screen { text: String::new(), coloured };
    let [by, currency] = [&bill.by, &bill.currency].map(|text| fitted(text, NAME));
    let heading = format!("{} by month and {by}, {currency}", bill.vendor);
    out.line(&heading);
    out.line(&"=".repeat(heading.width()));
    out.line("");
    out.months(bill);
    out.line("");
    out.series(bill);
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

    /// A bar for each month, with a part for each series.
    fn months(&mut self, bill: &Bill) {
        let totals = bill.totals();
        let charges = |month| bill.month(month).map(|(_, amount)| amount.to_f64().max(0.0)).sum::<f64>();
        let largest = (0..bill.months.len()).map(charges).fold(0.0, f64::max);
        let width = width(totals.iter().chain([&bill.total()]).map(money));
        let amount = |amount| padded(&money(amount), width, true);
        for (index, (month, total)) in bill.months.iter().zip(&totals).enumerate() {
            // Ends are rounded, not lengths, so that rounding errors do not add up.
            let (mut sum, mut end, mut bar) = (0.0, 0, String::new());
            for (series, amount) in bill.month(index) {
                sum += amount.to_f64().max(0.0);
                let next = cells(sum, largest);
                bar += &self.blocks(series.mark, next - end);
                end = next;
            }
            let open = if bill.is_open(index) { "  to date" } else { "" };
            let space = " ".repeat(BAR - end);
            self.line(&format!("  {}  {bar}{space}  {}{open}", month::name(*month), amount(total)));
        }
        self.line(&format!("  {:<8}  {:BAR$}  {}", "total", "", amount(&bill.total())));
    }

    /// The legend, with the total of each series.
    fn series(&mut self, bill: &Bill) {
        let name = |series: &Series| fitted(&series.name, NAME);
        let names = width(bill.series.iter().map(name));
        let amounts = width(bill.series.iter().map(|series| money(&series.total())));
        for series in &bill.series {
            let block = self.blocks(series.mark, 2);
            let (name, amount) = (padded(&name(series), names, false), padded(&money(&series.total()), amounts, true));
            self.line(&format!("  {block}  {name}  {amount}"));
        }
        if bill.has_credits() {
            self.line("  Bars are charges. Amounts are charges less credits.");
        }
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
    texts.map(|text| text.width()).max().unwrap_or(0)
}
