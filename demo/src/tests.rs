//! What the tour shows: the same each time, the same in the terminal and on the page, and a page that stands alone.

use std::collections::BTreeMap;

use atlas_billing::Decimal;
use cloud_billing_sandbox::{Estate, Sandbox};
use ibm_usage_reports::BillingMonth;
use roxmltree::{Document, Node, ParsingOptions};

use crate::bill::{Amounts, Bill, Breakdown, money, month_name};
use crate::{Report, Seen, check, html, ledger, sandbox, terminal, tour};

async fn toured() -> (Sandbox, Report) {
    let sandbox = sandbox(Estate::new()).await.unwrap();
    let report = tour(&sandbox).await.unwrap();
    (sandbox, report)
}

/// Reads a page as strictly as XML is read.
fn parse(page: &str) -> Document<'_> {
    Document::parse_with_options(page, ParsingOptions { allow_dtd: true, ..ParsingOptions::default() }).unwrap()
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

fn all<'a, 'input>(node: Node<'a, 'input>, name: &'static str) -> Vec<Node<'a, 'input>> {
    node.descendants().filter(|node| node.has_tag_name(name)).collect()
}

/// The cells of a table, row by row.
fn cells(table: Node<'_, '_>) -> Vec<Vec<String>> {
    let row = |row: Node<'_, '_>| row.children().filter(Node::is_element).map(text).collect();
    all(table, "tr").into_iter().map(row).collect()
}

#[tokio::test]
async fn the_terminal() {
    let (_sandbox, report) = toured().await;
    let plain = terminal::show(&report, false);
    insta::assert_snapshot!(plain);
    // Colours change nothing but the look of the bars.
    let coloured = terminal::show(&report, true);
    let mut stripped = String::new();
    for part in coloured.split('\x1b') {
        stripped += part.split_once('m').filter(|(code, _)| code.starts_with('[')).map_or(part, |(_, rest)| rest);
    }
    assert!(coloured.contains("\x1b[38;5;33m"));
    assert_eq!(stripped, plain.replace(['▓', '▒', '░', '▚', '·'], "█"));
}

#[tokio::test]
async fn the_page_holds_what_the_terminal_shows() {
    let (sandbox, report) = toured().await;
    let compared = check::compare(&report, &ledger(&sandbox).unwrap()).unwrap();
    let (page, terminal) = (html::page(&report, &compared), terminal::show(&report, false));
    let document = parse(&page);
    let sections = all(document.root(), "section");
    for (section, seen) in sections.iter().zip(&report.services) {
        let tables: Vec<_> = all(*section, "table").into_iter().map(cells).collect();
        let [months, series, breakdown, matrix] = tables.as_slice() else { panic!("{} tables", tables.len()) };
        let total = money(&seen.bill.total());
        assert_eq!(months.last().unwrap()[1], total);
        for (index, month) in seen.bill.months.iter().enumerate() {
            let amount = money(&seen.bill.totals()[index]);
            assert_eq!((&months[index + 1][1], matrix[index + 1].last().unwrap()), (&amount, &amount), "{month}");
            assert!(months[index + 1][0].starts_with(&month_name(*month)));
            let line = terminal.lines().find(|line| line.contains(&month_name(*month)) && line.contains(&amount));
            assert!(line.is_some(), "{month}: {amount} is not in the terminal");
        }
        for (index, expected) in seen.bill.series.iter().enumerate() {
            let row = &series[index + 1];
            assert_eq!(row[..2], [expected.name.clone(), money(&expected.total())]);
            assert!(terminal.lines().any(|line| line.contains(&row[0]) && line.ends_with(&row[1])), "{row:?}");
        }
        for (row, expected) in breakdown[1..].iter().zip(&seen.breakdown.rows) {
            assert_eq!((&row[0], &row[2]), (&expected.name, &money(&expected.amount)));
        }
        assert_eq!(breakdown.last().unwrap()[2], money(&seen.breakdown.total()));
    }
    // A segment for every amount, in both drawings.
    let amounts = report.services.iter().flat_map(|seen| &seen.bill.series).flat_map(|series| &series.amounts);
    assert_eq!(all(document.root(), "rect").len(), 2 * amounts.filter(|amount| !amount.is_zero()).count());
}

#[tokio::test]
async fn the_page_stands_alone() {
    let (_sandbox, report) = toured().await;
    let page = html::page(&report, "nothing");
    parse(&page);
    for outside in ["://", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe"] {
        assert!(!page.contains(outside), "the page has `{outside}`");
    }
    assert!(page.contains("color-scheme: light dark") && page.contains("@media (prefers-color-scheme: dark)"));
}

#[tokio::test]
async fn two_runs_are_the_same() {
    let ((_one, one), (_other, mut other)) = (toured().await, toured().await);
    // A numbered page is asked for while the one before is still to come, which may turn out to be the last: how often that
    // gets as far as the service depends on what else the machine does.
    assert!(one.requests.keys().eq(other.requests.keys()));
    other.requests.clone_from(&one.requests);
    assert_eq!(terminal::show(&one, true), terminal::show(&other, true));
    assert_eq!(html::page(&one, ""), html::page(&other, ""));
}

#[tokio::test]
async fn a_difference_is_an_error() {
    let (_sandbox, mut report) = toured().await;
    let other = sandbox(Estate::new().seed(2)).await.unwrap();
    let error = check::compare(&report, &ledger(&other).unwrap()).unwrap_err();
    assert!(error.starts_with("MongoDB Atlas, 2025-11: 3337.91 was read, ") && error.ends_with(" is right"), "{error}");

    let right = sandbox(Estate::new()).await.unwrap();
    let right = ledger(&right).unwrap();
    assert!(check::compare(&report, &right).is_ok());
    report.services[1].breakdown.rows[0].amount += "0.000001".parse::<Decimal>().unwrap();
    let error = check::compare(&report, &right).unwrap_err();
    assert!(error.starts_with("Usage by instance, 2026-10: "), "{error}");
    report.services[1].bill.months.pop();
    let error = check::compare(&report, &right).unwrap_err();
    assert_eq!(error, "IBM Cloud: 12 months were read, there are 13");
}

/// A bill of some months, by name.
fn bill(months: &str, amounts: &[(&str, &[i64])]) -> Bill {
    let (first, last) = months.split_once(' ').unwrap();
    let (first, last): (BillingMonth, BillingMonth) = (first.parse().unwrap(), last.parse().unwrap());
    let by_month =
        |cents: &[i64]| first.through(last).zip(cents.iter().map(|cents| Decimal::from_cents(*cents))).collect();
    let amounts: Amounts = amounts.iter().map(|(name, cents)| ((*name).to_owned(), by_month(cents))).collect();
    Bill::new(("A service", "thing"), "US dollars".to_owned(), (first.through(last).collect(), false), amounts)
}

fn report(bill: Bill) -> Report {
    let rows = BTreeMap::from([("<script>".to_owned(), (1, Decimal::from_cents(-1)))]);
    let breakdown = Breakdown::new("A & B".to_owned(), bill.months[0], ["thing", "records"], rows);
    Report { services: vec![Seen { bill, breakdown, credentials: ["\"this\"", "that"] }], requests: BTreeMap::new() }
}

#[test]
fn names_are_no_markup() {
    let name = "<b onclick='x'>&amp;\u{0}\"";
    let page = html::page(&report(bill("2026-01 2026-01", &[(name, &[5])])), "a < b");
    let document = parse(&page);
    assert!(all(document.root(), "b").is_empty() && all(document.root(), "script").is_empty());
    let shown = "<b onclick='x'>&amp;\u{fffd}\"";
    assert!(all(document.root(), "th").into_iter().any(|cell| text(cell) == shown));
    assert!(all(document.root(), "title").into_iter().any(|title| text(title) == format!("{shown}, Jan 2026: 0.05")));
}

/// Whatever the amounts are, what is drawn stays on the canvas.
#[test]
fn odd_bills_are_drawn() {
    let many: Vec<(String, [i64; 1])> = (0..40).map(|index| (format!("thing {index}"), [100 + index])).collect();
    let many: Vec<(&str, &[i64])> = many.iter().map(|(name, cents)| (name.as_str(), &cents[..])).collect();
    for bill in [
        bill("2026-01 2026-01", &[]),
        bill("2026-01 2026-02", &[("nothing", &[0, 0])]),
        bill("2026-01 2026-01", &[("credit", &[-500])]),
        bill("2026-01 2026-03", &[("a cent", &[1, 0, 0]), ("most of it", &[0, i64::MAX, 0]), ("credit", &[0, 0, -1])]),
        bill("2026-01 2026-01", &many),
        bill("2016-01 2026-12", &[("long", &[1234; 132])]),
    ] {
        let report = report(bill);
        let page = html::page(&report, "");
        let document = parse(&page);
        for svg in all(document.root(), "svg") {
            let size: Vec<f64> = svg.attribute("viewBox").unwrap().split(' ').map(|it| it.parse().unwrap()).collect();
            let number = |node: Node<'_, '_>, name| node.attribute(name).unwrap().parse::<f64>().unwrap();
            for rect in all(svg, "rect") {
                let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| number(rect, name));
                assert!(x >= 0.0 && y >= 0.0 && width > 0.0 && height >= 0.0, "{rect:?}");
                assert!(x + width <= size[2] && y + height <= size[3], "{rect:?} in {size:?}");
            }
            for label in all(svg, "text") {
                let (x, y) = (number(label, "x"), number(label, "y"));
                assert!((0.0..=size[2]).contains(&x) && (0.0..=size[3]).contains(&y), "{label:?} in {size:?}");
            }
        }
        for line in terminal::show(&report, false).lines() {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }
}

/// The contrast of two colours, by the formula of WCAG 2.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |from: usize| {
            let value = f64::from(u8::from_str_radix(&colour[from..from + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) + 0.05
    };
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

#[test]
fn colours_can_be_told_from_what_they_are_on() {
    let style = include_str!("html/style.css");
    let (light, dark) = style.split_once("prefers-color-scheme: dark").unwrap();
    for theme in [light, dark] {
        let colour = |name: &str| {
            let value = theme.split_once(&format!("--{name}: ")).unwrap().1;
            value.split_once(';').unwrap().0
        };
        for ground in ["page", "surface"] {
            for ink in ["ink", "quiet"] {
                assert!(contrast(colour(ink), colour(ground)) >= 4.5, "{ink} on {ground}");
            }
        }
        for fill in ["c0", "c1", "c2", "c3", "c4", "rest", "credit"] {
            let contrast = contrast(colour(fill), colour("surface"));
            assert!(contrast >= 3.0, "{fill}: {contrast:.2}");
        }
    }
}
