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

const STYLE: &str = include_str!("style.css");

/// The whole page. `compared` says what it was checked against.
pub(crate) fn page(report: &Report, compared: &str) -> String {
    let mut html = String::new();
    html += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n";
    html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n";
    html += "<meta name=\"color-scheme\" content=\"light dark\" />\n<title>A year of cloud bills</title>\n";
    let _ =
        write!(html, "<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>A year of cloud bills</h1>\n");
    html += "<p>Both clients against the sandbox. Its customers do not exist, and its clock stands still. Sums are of exact \
             amounts; what is shown is rounded to the cent.</p>\n</header>\n";
    for seen in &report.services {
        service(&mut html, seen);
    }
    html += "<section>\n<h2>Requests</h2>\n<div class=\"scroll\" tabindex=\"0\">\n";
    html += &tables::requests(report);
    let _ = write!(html, "</div>\n</section>\n<footer><p>{}</p></footer>\n", Escaped(compared.trim()));
    html += "</main>\n</body>\n</html>\n";
    html
}

fn service(html: &mut String, seen: &Seen) {
    let Seen { bill, breakdown, credentials } = seen;
    let (service, by, currency) = (Escaped(bill.service), Escaped(bill.by), Escaped(&bill.currency));
    let _ = writeln!(html, "<section>\n<h2>{service}</h2>\n<p class=\"figures\">{}</p>", figures(bill));
    let _ = writeln!(html, "<div class=\"pair\">\n<figure>");
    let note = if bill.last_is_open { " The last month is to date, and paler." } else { "" };
    let credits = if bill.has_credits() { " Credits are below the line." } else { "" };
    let _ = writeln!(
        html,
        "<figcaption><strong>By month and {by}, {currency}.</strong>{note}{credits} Read with {}.</figcaption>",
        Escaped(credentials[0])
    );
    html.push_str(&columns::legend(bill));
    html.push_str(&columns::chart(bill, Size::WIDE));
    html.push_str(&columns::chart(bill, Size::NARROW));
    let _ = writeln!(html, "</figure>\n{}</div>", tables::months(bill));
    let _ = writeln!(html, "<div class=\"halves\">\n<div>\n<h3>By {by}</h3>\n{}</div>", tables::series(bill));
    let _ = writeln!(
        html,
        "<div>\n<h3>{}, {}</h3>\n{}<p class=\"note\">Read with {}.</p>\n</div>\n</div>",
        Escaped(&breakdown.title),
        month_name(breakdown.month),
        tables::breakdown(breakdown),
        Escaped(credentials[1])
    );
    let _ = writeln!(
        html,
        "<details>\n<summary>Every month by {by}</summary>\n<div class=\"scroll\" tabindex=\"0\">\n{}</div>\n</details>\n</section>",
        tables::matrix(bill)
    );
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
