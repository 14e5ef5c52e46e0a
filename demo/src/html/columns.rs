//! A column a month, stacked of what each series adds to it, as SVG. Drawn twice, for wide and for narrow screens, so that
//! its text is of the same size on both.

use std::fmt::Write;

use super::escape::Escaped;
use crate::bill::{Bill, Mark, grouped, money, month_name, short_name};

/// The measures of a drawing, in pixels.
#[derive(Clone, Copy)]
pub(super) struct Size {
    class: &'static str,
    width: f64,
    height: f64,
    /// Room for the amounts at the left.
    left: f64,
    /// A label for each so many months.
    label_every: usize,
}

impl Size {
    pub(super) const WIDE: Self = Self { class: "wide", width: 760.0, height: 330.0, left: 58.0, label_every: 1 };
    pub(super) const NARROW: Self = Self { class: "narrow", width: 340.0, height: 270.0, left: 50.0, label_every: 2 };
}

/// Room above the columns, and below for months and years.
const TOP: f64 = 10.0;
const BOTTOM: f64 = 38.0;

/// What there is between two segments.
const GAP: f64 = 1.5;

/// From amounts to heights.
struct Scale {
    step: f64,
    steps: u32,
    /// The lowest amount, zero or below.
    lowest: f64,
    height: f64,
}

impl Scale {
    fn new(bill: &Bill, height: f64) -> Self {
        let sums = |sign: f64| {
            let of = |month| bill.month(month).map(|(_, amount)| (amount.to_f64() * sign).max(0.0)).sum::<f64>();
            (0..bill.months.len()).map(of).fold(0.0, f64::max)
        };
        let largest = sums(1.0);
        let step = nice(largest / 4.0);
        Self { step, steps: (largest / step).ceil().max(1.0) as u32, lowest: -sums(-1.0), height }
    }

    fn y(&self, amount: f64) -> f64 {
        let highest = self.step * f64::from(self.steps);
        TOP + (highest - amount) / (highest - self.lowest) * self.height
    }
}

/// The least of 1, 2, 2.5 and 5 times a power of ten that is not below an amount.
fn nice(amount: f64) -> f64 {
    if amount <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(amount.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0].into_iter().find(|factor| factor * power >= amount).unwrap_or(10.0);
    factor * power
}

/// The chart of a bill.
pub(super) fn chart(bill: &Bill, size: Size) -> String {
    let Size { class, width, height, left, label_every } = size;
    let scale = Scale::new(bill, height - TOP - BOTTOM);
    let mut svg = String::new();
    let label = format!("{} by month and {}; the tables have the amounts", bill.service, bill.by);
    let _ = writeln!(
        svg,
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">",
        Escaped(&label)
    );
    for step in 0..=scale.steps {
        let amount = scale.step * f64::from(step);
        let (y, class) = (scale.y(amount), if step == 0 { "zero" } else { "grid" });
        let _ = writeln!(svg, "<line class=\"{class}\" x1=\"{left}\" x2=\"{width}\" y1=\"{y:.1}\" y2=\"{y:.1}\" />");
        let _ = writeln!(
            svg,
            "<text class=\"amount\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            left - 8.0,
            y + 4.0,
            tick(amount, scale.step)
        );
    }
    let slot = (width - left) / bill.months.len().max(1) as f64;
    let column = (slot * 0.68).min(40.0);
    for (index, &month) in bill.months.iter().enumerate() {
        let middle = left + slot * (index as f64 + 0.5);
        let last = index + 1 == bill.months.len();
        svg.push_str(if last && bill.last_is_open { "<g class=\"open\">\n" } else { "<g>\n" });
        let (mut above, mut below) = (0.0, 0.0);
        for (series, amount) in bill.month(index).filter(|(_, amount)| !amount.is_zero()) {
            let from = if amount.is_negative() { &mut below } else { &mut above };
            let to = *from + amount.to_f64();
            let (y, end) = (scale.y(from.max(to)), scale.y(from.min(to)));
            *from = to;
            // What is too thin for a gap has none.
            let tall = (end - y - GAP).max((end - y).min(GAP));
            let _ = writeln!(
                svg,
                "<rect class=\"{}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{column:.1}\" height=\"{tall:.1}\">\
                 <title>{}, {}: {}</title></rect>",
                colour(series.mark),
                middle - column / 2.0,
                Escaped(&series.name),
                month_name(month),
                money(amount)
            );
        }
        svg.push_str("</g>\n");
        // The last month has a label, whatever their distance.
        if (bill.months.len() - 1 - index).is_multiple_of(label_every) {
            let y = height - BOTTOM + 18.0;
            let _ = writeln!(svg, "<text class=\"month\" x=\"{middle:.1}\" y=\"{y:.1}\">{}</text>", short_name(month));
        }
        if index == 0 || month.month() == 1 {
            let y = height - 4.0;
            let _ = writeln!(svg, "<text class=\"month\" x=\"{middle:.1}\" y=\"{y:.1}\">{}</text>", month.year());
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The names of what has a colour.
pub(super) fn legend(bill: &Bill) -> String {
    let mut html = String::from("<ul>\n");
    for series in bill.series.iter().filter(|series| series.mark != Mark::Rest) {
        let _ = writeln!(html, "<li>{}{}</li>", key(series.mark), Escaped(&series.name));
    }
    if bill.series.iter().any(|series| series.mark == Mark::Rest) {
        let _ = writeln!(html, "<li>{}other</li>", key(Mark::Rest));
    }
    html.push_str("</ul>\n");
    html
}

/// A dot of colour.
pub(super) fn key(mark: Mark) -> String {
    format!("<span class=\"key {}\"></span>", colour(mark))
}

/// An amount at the axis, with as many places as its steps need.
fn tick(amount: f64, step: f64) -> String {
    if step >= 1.0 { grouped(&format!("{amount:.0}")) } else { format!("{amount:.2}") }
}

/// The class that gives a series its colour.
pub(super) fn colour(mark: Mark) -> String {
    match mark {
        Mark::Colour(index) => format!("c{index}"),
        Mark::Credit => "credit".to_owned(),
        Mark::Rest => "rest".to_owned(),
    }
}
