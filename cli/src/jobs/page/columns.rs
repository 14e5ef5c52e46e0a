//! The chart of a bill as SVG: a column for each month, stacked from the amounts of the series. It is drawn twice, for wide and
//! for narrow screens, so that its text has the same size on both.

use std::fmt::Display;
use std::ops::RangeInclusive;

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
    /// The least room for the amounts at the left.
    left: f64,
}

impl Size {
    pub(super) const WIDE: Self = Self { class: "wide", width: 760.0, height: 330.0, left: 58.0 };
    pub(super) const NARROW: Self = Self { class: "narrow", width: 340.0, height: 270.0, left: 50.0 };
}

/// The room above the columns, and below them for months and years.
const TOP: f64 = 10.0;
const BOTTOM: f64 = 38.0;

/// The room that the label of a month or a year needs from the middle of one to that of the next.
const LABEL: f64 = 40.0;

/// The space between two segments.
const GAP: f64 = 1.5;

/// Converts amounts to heights.
struct Scale {
    step: f64,
    /// The highest amount, in steps.
    steps: i32,
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
        let (largest, lowest) = (sums(1.0), -sums(-1.0));
        let step = nice(largest.max(-lowest) / 4.0);
        let steps = (largest / step).ceil() as i32;
        Self { step, steps: if lowest < 0.0 { steps } else { steps.max(1) }, lowest, height }
    }

    /// The amounts that have a line, in steps.
    fn lines(&self) -> RangeInclusive<i32> {
        -(-self.lowest / self.step).floor() as i32..=self.steps
    }

    /// The label of a line, with as many places as the steps need. One of many digits would leave no room for the columns.
    fn tick(&self, step: i32) -> String {
        let size = self.step * f64::from(step.abs());
        let text = match self.step {
            1e12.. => format!("{size:.1e}"),
            1.0.. => grouped(&format!("{size:.0}")),
            _ => format!("{size:.2}"),
        };
        if step < 0 { format!("-{text}") } else { text }
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
    let Size { class, width, height, left } = size;
    let scale = Scale::new(bill, height - TOP - BOTTOM);
    let left = scale.lines().map(|step| wide(&scale.tick(step)) + 10.0).fold(left, f64::max);
    let label = format!("{} by month and {}; the tables have the amounts", bill.vendor, bill.by);
    let mut svg = format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n",
        Escaped(&label)
    );
    for step in scale.lines() {
        let amount = scale.step * f64::from(step);
        let (y, class) = (scale.y(amount), if step == 0 { "zero" } else { "grid" });
        svg += &format!("<line class=\"{class}\" x1=\"{left}\" x2=\"{width}\" y1=\"{y:.1}\" y2=\"{y:.1}\" />\n");
        svg += &text("amount", left - 8.0, y + 4.0, scale.tick(step));
    }
    let slot = (width - left) / bill.months.len().max(1) as f64;
    let middle = |index: usize| left + slot * (index as f64 + 0.5);
    for index in 0..bill.months.len() {
        svg += &column(bill, index, &scale, middle(index), (slot * 0.68).min(40.0));
    }
    // The last month always has a label.
    for (index, &month) in bill.months.iter().enumerate().rev().step_by(months_each(slot)) {
        // It stays within the drawing.
        let x = middle(index).min(width - LABEL / 3.0);
        svg += &text("month", x, height - BOTTOM + 18.0, short_name(month));
    }
    let mut end = f64::INFINITY;
    for (index, &month) in bill.months.iter().enumerate().rev() {
        if (index == 0 || month.month() == 1) && end - middle(index) >= LABEL {
            svg += &text("month", middle(index), height - 4.0, month.year());
            end = middle(index);
        }
    }
    svg + "</svg>\n"
}

/// How many months there are for each label: a part of a year, or years.
fn months_each(slot: f64) -> usize {
    let has_room = |months: &usize| slot * *months as f64 >= LABEL;
    [1, 2, 3, 4, 6].into_iter().find(has_room).or_else(|| (12..).step_by(12).find(has_room)).unwrap_or(12)
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

/// How wide a label at the axis is at most, in pixels, whichever font the system has.
fn wide(label: &str) -> f64 {
    label.chars().map(|character| if character.is_ascii_digit() { 7.7 } else { 4.5 }).sum()
}

/// The class that gives a series its colour.
pub(super) fn colour(mark: Mark) -> String {
    match mark {
        Mark::Colour(index) => format!("c{index}"),
        Mark::Credit => "credit".to_owned(),
        Mark::Rest => "rest".to_owned(),
    }
}
