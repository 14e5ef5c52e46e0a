//! Bills as a page that refers to nothing outside of it: no script, no font, no picture. It is well-formed XML as well, so that a
//! test can read it.

mod columns;
mod escape;
mod tables;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use super::breakdown::Breakdown;
use super::money::money;
use super::month;
use super::series::Bill;
use columns::Size;
use escape::Escaped;

/// The whole page, with each bill and, if there is one, a month of it in detail.
pub(super) fn page(bills: &[(Bill, Option<Breakdown>)]) -> String {
    format!(
        include_str!("page.html"),
        style = include_str!("style.css"),
        services = bills.iter().map(|(bill, breakdown)| service(bill, breakdown.as_ref())).collect::<String>(),
    )
}

fn service(bill: &Bill, breakdown: Option<&Breakdown>) -> String {
    let to_date = if bill.last_is_open { " The last month is to date, and paler." } else { "" };
    let credits = if bill.has_credits() { " Credits are below the line." } else { "" };
    format!(
        include_str!("service.html"),
        service = Escaped(bill.vendor),
        by = Escaped(&bill.by),
        currency = Escaped(&bill.currency),
        figures = figures(bill),
        note = [to_date, credits].concat(),
        legend = columns::legend(bill),
        wide = columns::chart(bill, Size::WIDE),
        narrow = columns::chart(bill, Size::NARROW),
        months = tables::months(bill),
        series = tables::series(bill),
        breakdown = breakdown.map(detail).unwrap_or_default(),
        matrix = tables::matrix(bill),
    )
}

fn detail(breakdown: &Breakdown) -> String {
    let (by, month) = (Escaped(breakdown.by), month::name(breakdown.month));
    format!("<div>\n<h3>By {by}, {month}</h3>\n{}</div>\n", tables::breakdown(breakdown))
}

/// The total, and the last complete month beside the one before.
fn figures(bill: &Bill) -> String {
    let totals = bill.totals();
    let closed = bill.months.len() - usize::from(bill.last_is_open);
    let mut text = format!("<strong>{}</strong> in {} months", money(&bill.total()), bill.months.len());
    if let (Some(last), Some(month)) = (totals[..closed].last(), bill.months[..closed].last()) {
        let _ = write!(text, " · <strong>{}</strong> in {}", money(last), month::name(*month));
        if let Some(before) = closed.checked_sub(2).map(|index| &totals[index]) {
            let change = last - before;
            let (word, change) = if change.is_negative() { ("less", -change) } else { ("more", change) };
            let _ = write!(text, ", {} {word} than the month before", money(&change));
        }
    }
    text
}
