//! The page stands alone and shows what it is given, whatever that is.

use cloud_billing_core::{BillingMonth, Decimal};
use roxmltree::{Document, Node, ParsingOptions};

use super::page;
use crate::jobs::bars;
use crate::jobs::breakdown::Breakdown;
use crate::jobs::charges::Part;
use crate::jobs::money::money;
use crate::jobs::month;
use crate::jobs::series::{Amounts, Bill};

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

/// A bill of some months, by name.
fn bill(months: &str, amounts: &[(&str, &[i64])]) -> Bill {
    let (first, last) = months.split_once(' ').unwrap();
    let (first, last): (BillingMonth, BillingMonth) = (first.parse().unwrap(), last.parse().unwrap());
    let by_month =
        |cents: &[i64]| first.through(last).zip(cents.iter().map(|cents| Decimal::from_cents(*cents))).collect();
    let amounts: Amounts =
        amounts.iter().map(|(name, cents)| (Part::Named((*name).to_owned()), by_month(cents))).collect();
    Bill::new("a vendor", "thing", "USD", (first.through(last).collect(), false), amounts)
}

fn shown(bill: Bill) -> String {
    let rows = vec![("<script>".to_owned(), Decimal::from_cents(-1))];
    let breakdown = Breakdown { by: "project", month: bill.months[0], rows };
    page(&[(bill, Some(breakdown))])
}

#[test]
fn the_page_holds_what_the_terminal_shows() {
    let bill = bill(
        "2025-11 2026-02",
        &[("most", &[100_000, 200_050, 0, 1]), ("less", &[1, 2, 3, 4]), ("credit", &[-50, 0, 0, 0])],
    );
    let terminal = bars::chart(&bill, false);
    let page = page(&[(bill, None)]);
    let bill = self::bill(
        "2025-11 2026-02",
        &[("most", &[100_000, 200_050, 0, 1]), ("less", &[1, 2, 3, 4]), ("credit", &[-50, 0, 0, 0])],
    );
    let document = parse(&page);
    let tables: Vec<_> = all(document.root(), "table").into_iter().map(cells).collect();
    let [months, series, matrix] = tables.as_slice() else { panic!("{} tables", tables.len()) };
    assert_eq!(months.last().unwrap()[1], money(&bill.total()));
    for (index, at) in bill.months.iter().enumerate() {
        let amount = money(&bill.totals()[index]);
        assert_eq!((&months[index + 1][1], matrix[index + 1].last().unwrap()), (&amount, &amount), "{at}");
        assert!(months[index + 1][0].starts_with(&month::name(*at)));
        let line = terminal.lines().find(|line| line.contains(&month::name(*at)) && line.contains(&amount));
        assert!(line.is_some(), "{at}: {amount} is not in the terminal");
    }
    for (row, expected) in series[1..].iter().zip(&bill.series) {
        assert_eq!(row[..2], [expected.name.clone(), money(&expected.total())]);
        assert!(terminal.lines().any(|line| line.contains(&row[0]) && line.ends_with(&row[1])), "{row:?}");
    }
    // A segment for every amount, in both drawings.
    let amounts = bill.series.iter().flat_map(|series| &series.amounts);
    assert_eq!(all(document.root(), "rect").len(), 2 * amounts.filter(|amount| !amount.is_zero()).count());
}

#[test]
fn the_page_stands_alone() {
    let page = shown(bill("2026-01 2026-03", &[("thing", &[1, 2, 3])]));
    parse(&page);
    for outside in ["://", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe"] {
        assert!(!page.contains(outside), "the page has `{outside}`");
    }
    assert!(page.contains("color-scheme: light dark") && page.contains("@media (prefers-color-scheme: dark)"));
}

#[test]
fn colours_change_nothing_but_the_look_of_the_bars() {
    let bill =
        bill("2026-01 2026-03", &[("most", &[500, 400, 300]), ("less", &[300, 200, 100]), ("credit", &[-1, 0, 0])]);
    let (plain, coloured) = (bars::chart(&bill, false), bars::chart(&bill, true));
    let mut stripped = String::new();
    for part in coloured.split('\x1b') {
        stripped += part.split_once('m').filter(|(code, _)| code.starts_with('[')).map_or(part, |(_, rest)| rest);
    }
    assert!(coloured.contains("\x1b[38;5;33m"));
    assert_eq!(stripped, plain.replace(['▓', '▒', '░', '▚', '·'], "█"));
}

#[test]
fn names_are_no_markup() {
    let name = "<b onclick='x'>&amp;\u{0}\"";
    let page = shown(bill("2026-01 2026-01", &[(name, &[5])]));
    let document = parse(&page);
    assert!(all(document.root(), "b").is_empty() && all(document.root(), "script").is_empty());
    let expected = "<b onclick='x'>&amp;\u{fffd}\"";
    assert!(all(document.root(), "th").into_iter().any(|cell| text(cell) == expected));
    assert!(
        all(document.root(), "title").into_iter().any(|title| text(title) == format!("{expected}, Jan 2026: 0.05"))
    );
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
        let terminal = bars::chart(&bill, false);
        let page = shown(bill);
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
        for line in terminal.lines() {
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
    let style = include_str!("style.css");
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
