//! The amounts beside the charts, to the cent.

use std::iter;

use cloud_billing_core::Decimal;

use super::columns::{colour, key};
use super::escape::Escaped;
use crate::jobs::breakdown::Breakdown;
use crate::jobs::money::money;
use crate::jobs::month;
use crate::jobs::series::{Bill, Mark, Series};

/// The total of each month.
pub(super) fn months(bill: &Bill) -> String {
    let rows = bill.months.iter().zip(bill.totals()).enumerate().map(|(index, (month, total))| {
        let open = if bill.is_open(index) { " <small>to date</small>" } else { "" };
        row(&format!("{}{open}", month::name(*month)), [number(&money(&total))])
    });
    let last = row("Total", [number(&money(&bill.total()))]);
    table("months", [head("Month"), number_head(&bill.currency)], rows, &last)
}

/// The legend, with the total of each series.
pub(super) fn series(bill: &Bill) -> String {
    let bars = Bars::new(bill.series.iter().map(Series::total));
    let rows = bill.series.iter().map(|series| {
        let (name, total) = (Escaped(&series.name), series.total());
        row(&format!("{}{name}", key(series.mark)), [number(&money(&total)), bars.bar(series.mark, &total)])
    });
    let last = row("Total", [number(&money(&bill.total())), EMPTY.to_owned()]);
    let heads = [head(&capital(&bill.by)), number_head(&bill.currency), EMPTY.to_owned()];
    table(&bars.class(), heads, rows, &last)
}

/// One month in detail.
pub(super) fn breakdown(breakdown: &Breakdown) -> String {
    let bars = Bars::new(breakdown.rows.iter().map(|(_, amount)| amount.clone()));
    let rows = breakdown.rows.iter().map(|(name, amount)| {
        let mark = if amount.is_negative() { Mark::Credit } else { Mark::Colour(0) };
        row(&Escaped(name).to_string(), [number(&money(amount)), bars.bar(mark, amount)])
    });
    let heads = [head(&capital(breakdown.by)), number_head("Amount"), EMPTY.to_owned()];
    let totals = [number(&money(&breakdown.total())), EMPTY.to_owned()];
    table(&bars.class(), heads, rows, &row("Total", totals))
}

/// Each series in each month.
pub(super) fn matrix(bill: &Bill) -> String {
    let names = bill.series.iter().map(|series| series.name.as_str()).chain(["Total"]);
    let rows = bill.months.iter().zip(bill.totals()).enumerate().map(|(index, (month, total))| {
        let amounts = bill.month(index).map(|(_, amount)| money(amount)).chain([money(&total)]);
        row(&month::name(*month), amounts.map(|amount| number(&amount)))
    });
    let totals = bill.series.iter().map(Series::total).chain([bill.total()]);
    let last = row("Total", totals.map(|total| number(&money(&total))));
    table("matrix", iter::once(head("Month")).chain(names.map(number_head)), rows, &last)
}

/// A cell without content.
const EMPTY: &str = "<td></td>";

/// A table of the cells of its head, its rows, and a last row that may be empty. All of them are markup.
fn table(
    class: &str,
    head: impl IntoIterator<Item = String>,
    rows: impl Iterator<Item = String>,
    last: &str,
) -> String {
    let (head, rows): (String, String) = (head.into_iter().collect(), rows.collect());
    let foot = if last.is_empty() { String::new() } else { format!("<tfoot>\n{last}</tfoot>\n") };
    format!("<table class=\"{class}\">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n{foot}</table>\n")
}

fn row(head: &str, cells: impl IntoIterator<Item = String>) -> String {
    format!("<tr><th scope=\"row\">{head}</th>{}</tr>\n", cells.into_iter().collect::<String>())
}

fn head(text: &str) -> String {
    format!("<th scope=\"col\">{}</th>", Escaped(text))
}

fn number_head(text: &str) -> String {
    format!("<th scope=\"col\" class=\"number\">{}</th>", Escaped(text))
}

fn number(text: &str) -> String {
    format!("<td class=\"number\">{text}</td>")
}

/// The bars of a table: to the right for charges, to the left for credits, and together as wide as their cells.
struct Bars {
    lowest: f64,
    highest: f64,
}

impl Bars {
    fn new(amounts: impl Iterator<Item = Decimal>) -> Self {
        let ends = |(lowest, highest): (f64, f64), amount: f64| (lowest.min(amount), highest.max(amount));
        let (lowest, highest) = amounts.map(|amount| amount.to_f64()).fold((0.0, 0.0), ends);
        Self { lowest, highest }
    }

    /// How much of a cell an amount takes, in percent.
    fn percent(&self, amount: f64) -> f64 {
        let all = self.highest - self.lowest;
        if all > 0.0 { (amount.abs() / all * 100.0).min(100.0) } else { 0.0 }
    }

    /// The class of the table, with the place of the axis if it is not at the left. Both sides have room for a bar of one pixel.
    fn class(&self) -> String {
        let axis = match self.percent(self.lowest) {
            _ if self.lowest >= 0.0 => return "bars".to_owned(),
            _ if self.highest <= 0.0 => "100%".to_owned(),
            percent => format!("clamp(1px, {percent:.1}%, 100% - 1px)"),
        };
        format!("bars signed\" style=\"--axis: {axis}")
    }

    /// A cell with a bar as long as an amount. Nothing has none.
    fn bar(&self, mark: Mark, amount: &Decimal) -> String {
        if amount.is_zero() {
            return "<td class=\"bar\"></td>".to_owned();
        }
        let (colour, percent) = (colour(mark), self.percent(amount.to_f64()));
        let down = if amount.is_negative() { " down" } else { "" };
        format!("<td class=\"bar\"><span class=\"{colour}{down}\" style=\"width:{percent:.1}%\"></span></td>")
    }
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
