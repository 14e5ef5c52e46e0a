//! The chart of a bill as SVG: a column for each month, stacked from the amounts of the series. It is drawn twice, for wide and
//! for narrow screens, so that its text has the same size on both.

use std::fmt::Display;

use super::escape::Escaped;
use crate::jobs::money::{grouped, money};
use crate::jobs::month::{self, short_name};
use crate::jobs::series::{Bill, Mark};

/// The measures of a drawing, in pixels.
#[derive(Clone, Copy)]
pub(super) struct Size {
    class: &'static str,
    width: f64,
    height: f64,
    /// Room for the amounts at the left.
    left: f64,
    /// The number of months for each label.
    label_every: usize,
}

impl Size {
    pub(super) const WIDE: Self = Self { class: "wide", width: 760.0, height: 330.0, left: 58.0, label_every: 1 };
    pub(super) const NARROW: Self = Self { class: "narrow", width: 340.0, height: 270.0, left: 50.0, label_every: 2 };
}

/// The room above the columns, and below them for months and years.
const TOP: f64 = 10.0;
const BOTTOM: f64 = 38.0;

/// The space between two segments.
const GAP: f64 = 1.5;

/// Converts amounts to heights.
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
    let label = format!("{} by month and {}; the tables have the amounts", bill.vendor, bill.by);
    let mut svg = format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n",
        Escaped(&label)
    );
    for step in 0..=scale.steps {
        let amount = scale.step * f64::from(step);
        let (y, class) = (scale.y(amount), if step == 0 { "zero" } else { "grid" });
        svg += &format!("<line class=\"{class}\" x1=\"{left}\" x2=\"{width}\" y1=\"{y:.1}\" y2=\"{y:.1}\" />\n");
        svg += &text("amount", left - 8.0, y + 4.0, tick(amount, scale.step));
    }
    let slot = (width - left) / bill.months.len().max(1) as f64;
    for (index, &month) in bill.months.iter().enumerate() {
        let middle = left + slot * (index as f64 + 0.5);
        svg += &column(bill, index, &scale, middle, (slot * 0.68).min(40.0));
        // The last month has a label, whatever their distance.
        if (bill.months.len() - 1 - index).is_multiple_of(label_every) {
            svg += &text("month", middle, height - BOTTOM + 18.0, short_name(month));
        }
        if index == 0 || month.month() == 1 {
            svg += &text("month", middle, height - 4.0, month.year());
        }
    }
    svg + "</svg>\n"
}

fn text(class: &str, x: f64, y: f64, text: impl Display) -> String {
    format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>\n")
}

/// A month: a segment for each series, upwards for charges and downwards for credits.
fn column(bill: &Bill, index: usize, scale: &Scale, middle: f64, width: f64) -> String {
    let is_open = bill.is_open(index);
    let mut svg = if is_open { "<g class=\"open\">\n" } else { "<g>\n" }.to_owned();
    let (mut above, mut below) = (0.0, 0.0);
    for (series, amount) in bill.month(index).filter(|(_, amount)| !amount.is_zero()) {
        let from = if amount.is_negative() { &mut below } else { &mut above };
        let to = *from + amount.to_f64();
        let (y, end) = (scale.y(from.max(to)), scale.y(from.min(to)));
        *from = to;
        // A segment that is too thin for a gap has none.
        let tall = (end - y - GAP).max((end - y).min(GAP));
        let (class, x) = (colour(series.mark), middle - width / 2.0);
        let title = format!("{}, {}: {}", Escaped(&series.name), month::name(bill.months[index]), money(amount));
        svg += &format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{tall:.1}\">\
             <title>{title}</title></rect>\n"
        );
    }
    svg + "</g>\n"
}

/// The legend: the names of the series with their colours.
pub(super) fn legend(bill: &Bill) -> String {
    let (rest, coloured): (Vec<_>, Vec<_>) = bill.series.iter().partition(|series| series.mark == Mark::Rest);
    let other = rest.first().map(|_| (Mark::Rest, "other"));
    let named = coloured.iter().map(|series| (series.mark, series.name.as_str())).chain(other);
    let items = named.map(|(mark, name)| format!("<li>{}{}</li>\n", key(mark), Escaped(name)));
    format!("<ul>\n{}</ul>\n", items.collect::<String>())
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
