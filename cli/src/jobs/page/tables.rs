//! The amounts beside the charts, to the cent.

use std::iter;

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
    let largest = bill.series.iter().map(|series| series.total().to_f64()).fold(0.0, f64::max);
    let rows = bill.series.iter().map(|series| {
        let (name, total) = (Escaped(&series.name), series.total());
        let cells = [number(&money(&total)), bar(series.mark, total.to_f64(), largest)];
        row(&format!("{}{name}", key(series.mark)), cells)
    });
    let last = row("Total", [number(&money(&bill.total())), EMPTY.to_owned()]);
    table("bars", [head(&capital(&bill.by)), number_head(&bill.currency), EMPTY.to_owned()], rows, &last)
}

/// One month in detail.
pub(super) fn breakdown(breakdown: &Breakdown) -> String {
    let largest = breakdown.rows.iter().map(|(_, amount)| amount.to_f64()).fold(0.0, f64::max);
    let rows = breakdown.rows.iter().map(|(name, amount)| {
        let mark = if amount.is_negative() { Mark::Credit } else { Mark::Colour(0) };
        row(&Escaped(name).to_string(), [number(&money(amount)), bar(mark, amount.to_f64(), largest)])
    });
    let heads = [head(&capital(breakdown.by)), number_head("Amount"), EMPTY.to_owned()];
    let totals = [number(&money(&breakdown.total())), EMPTY.to_owned()];
    table("bars", heads, rows, &row("Total", totals))
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

/// A bar as long as an amount, where the largest fills its cell.
fn bar(mark: Mark, amount: f64, largest: f64) -> String {
    let percent = if largest > 0.0 { (amount.abs() / largest * 100.0).min(100.0) } else { 0.0 };
    let colour = colour(mark);
    format!("<td class=\"bar\"><span class=\"{colour}\" style=\"width:{percent:.1}%\"></span></td>")
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
