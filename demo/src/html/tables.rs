//! The amounts beside the charts, to the cent.

use std::fmt::Write;

use super::columns::{colour, key};
use super::escape::Escaped;
use crate::Report;
use crate::bill::{Bill, Breakdown, Mark, money, month_name, whole};

/// What each month comes to.
pub(super) fn months(bill: &Bill) -> String {
    let mut html = String::from("<table class=\"months\">\n<thead><tr><th scope=\"col\">Month</th>");
    let _ = writeln!(html, "<th scope=\"col\" class=\"number\">{}</th></tr></thead>\n<tbody>", Escaped(&bill.currency));
    for (index, (month, total)) in bill.months.iter().zip(bill.totals()).enumerate() {
        let open = if bill.last_is_open && index + 1 == bill.months.len() { " <small>to date</small>" } else { "" };
        row(&mut html, &format!("{}{open}", month_name(*month)), &[money(&total)]);
    }
    foot(&mut html, &[money(&bill.total())]);
    html
}

/// The legend, with what each series comes to.
pub(super) fn series(bill: &Bill) -> String {
    let mut html = format!("<table class=\"bars\">\n<thead><tr><th scope=\"col\">{}</th>", Escaped(&capital(bill.by)));
    let _ = writeln!(html, "<th scope=\"col\" class=\"number\">{}</th>", Escaped(&bill.currency));
    html += "<td></td></tr></thead>\n<tbody>\n";
    let largest = bill.series.iter().map(|series| series.total().to_f64()).fold(0.0, f64::max);
    for series in &bill.series {
        let (name, total) = (Escaped(&series.name), series.total());
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}{name}</th><td class=\"number\">{}</td>{}</tr>",
            key(series.mark),
            money(&total),
            bar(series.mark, total.to_f64(), largest)
        );
    }
    let _ = write!(
        html,
        "</tbody>\n<tfoot><tr><th scope=\"row\">Total</th><td class=\"number\">{}</td>",
        money(&bill.total())
    );
    html += "<td></td></tr></tfoot>\n</table>\n";
    html
}

/// One month in detail.
pub(super) fn breakdown(breakdown: &Breakdown) -> String {
    let [name, count] = breakdown.head;
    let mut html = format!("<table class=\"bars\">\n<thead><tr><th scope=\"col\">{}</th>", Escaped(&capital(name)));
    let _ = write!(html, "<th scope=\"col\" class=\"number\">{}</th>", Escaped(&capital(count)));
    html += "<th scope=\"col\" class=\"number\">Amount</th><td></td></tr></thead>\n<tbody>\n";
    let largest = breakdown.rows.iter().map(|row| row.amount.to_f64()).fold(0.0, f64::max);
    for row in &breakdown.rows {
        let mark = if row.amount.is_negative() { Mark::Credit } else { Mark::Colour(0) };
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>{}</tr>",
            Escaped(&row.name),
            whole(row.count),
            money(&row.amount),
            bar(mark, row.amount.to_f64(), largest)
        );
    }
    let (count, total) = (whole(breakdown.count()), money(&breakdown.total()));
    let _ = write!(html, "</tbody>\n<tfoot><tr><th scope=\"row\">Total</th><td class=\"number\">{count}</td>");
    let _ = writeln!(html, "<td class=\"number\">{total}</td><td></td></tr></tfoot>\n</table>");
    html
}

/// Everything.
pub(super) fn matrix(bill: &Bill) -> String {
    let mut html = String::from("<table>\n<thead><tr><th scope=\"col\">Month</th>");
    for name in bill.series.iter().map(|series| series.name.as_str()).chain(["Total"]) {
        let _ = write!(html, "<th scope=\"col\" class=\"number\">{}</th>", Escaped(name));
    }
    html += "</tr></thead>\n<tbody>\n";
    for (index, (month, total)) in bill.months.iter().zip(bill.totals()).enumerate() {
        let amounts = bill.month(index).map(|(_, amount)| money(amount));
        row(&mut html, &month_name(*month), &amounts.chain([money(&total)]).collect::<Vec<_>>());
    }
    let totals = bill.series.iter().map(|series| money(&series.total()));
    foot(&mut html, &totals.chain([money(&bill.total())]).collect::<Vec<_>>());
    html
}

/// How often each operation was called.
pub(super) fn requests(report: &Report) -> String {
    let mut html = String::from("<table>\n<thead><tr><th scope=\"col\">Operation</th><th scope=\"col\">Scheme</th>");
    html += "<th scope=\"col\" class=\"number\">Times</th></tr></thead>\n<tbody>\n";
    for ((scheme, operation), count) in &report.requests {
        let (operation, scheme) = (Escaped(operation), Escaped(scheme));
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\"><code>{operation}</code></th><td>{scheme}</td><td class=\"number\">{count}</td></tr>"
        );
    }
    html += "</tbody>\n</table>\n";
    html
}

/// A row of amounts. Its head is markup.
fn row(html: &mut String, head: &str, amounts: &[String]) {
    let _ = write!(html, "<tr><th scope=\"row\">{head}</th>");
    for amount in amounts {
        let _ = write!(html, "<td class=\"number\">{amount}</td>");
    }
    html.push_str("</tr>\n");
}

/// The last row, and the end.
fn foot(html: &mut String, amounts: &[String]) {
    html.push_str("</tbody>\n<tfoot>\n");
    row(html, "Total", amounts);
    html.push_str("</tfoot>\n</table>\n");
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
