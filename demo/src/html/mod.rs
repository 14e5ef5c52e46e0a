//! The report as a page that refers to nothing outside of it: no script, no font, no picture. It is well-formed XML as
//! well, so that a test can read it.

mod columns;
mod escape;
mod tables;

use std::fmt::Write;

use crate::bill::{Bill, money, month_name};
use crate::{Report, Seen};
use columns::Size;
use escape::Escaped;

/// The whole page. `compared` says what it was checked against.
pub(crate) fn page(report: &Report, compared: &str) -> String {
    format!(
        include_str!("page.html"),
        style = include_str!("style.css"),
        services = report.services.iter().map(service).collect::<String>(),
        requests = tables::requests(report),
        compared = Escaped(compared.trim()),
    )
}

fn service(Seen { bill, breakdown, credentials }: &Seen) -> String {
    let to_date = if bill.last_is_open { " The last month is to date, and paler." } else { "" };
    let credits = if bill.has_credits() { " Credits are below the line." } else { "" };
    format!(
        include_str!("service.html"),
        service = Escaped(bill.service),
        by = Escaped(bill.by),
        currency = Escaped(&bill.currency),
        figures = figures(bill),
        note = [to_date, credits].concat(),
        read_with = Escaped(credentials[0]),
        legend = columns::legend(bill),
        wide = columns::chart(bill, Size::WIDE),
        narrow = columns::chart(bill, Size::NARROW),
        months = tables::months(bill),
        series = tables::series(bill),
        title = Escaped(&breakdown.title),
        month = month_name(breakdown.month),
        breakdown = tables::breakdown(breakdown),
        detail_read_with = Escaped(credentials[1]),
        matrix = tables::matrix(bill),
    )
}

/// The whole, and the last month that is over beside the one before.
fn figures(bill: &Bill) -> String {
    let totals = bill.totals();
    let closed = bill.months.len() - usize::from(bill.last_is_open);
    let mut text = format!("<strong>{}</strong> in {} months", money(&bill.total()), bill.months.len());
    if let (Some(last), Some(month)) = (totals[..closed].last(), bill.months[..closed].last()) {
        let _ = write!(text, " · <strong>{}</strong> in {}", money(last), month_name(*month));
        if let Some(before) = closed.checked_sub(2).map(|index| &totals[index]) {
            let change = last - before;
            let (word, change) = if change.is_negative() { ("less", -change) } else { ("more", change) };
            let _ = write!(text, ", {} {word} than the month before", money(&change));
        }
    }
    text
}
