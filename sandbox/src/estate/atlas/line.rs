//! The lines of an invoice: computed from their number, never stored.

use super::catalogue::{Kind, Provider};
use super::invoice::Bill;
use super::organization::{Cluster, Directory};
use crate::estate::calendar::DAY;

/// What a quantity of so small a size is written as. It costs nothing.
pub(super) const TINY: &str = "6.035e-07";

/// Millionths of a dollar times thousandths of a unit, for a cent.
const CENT: i64 = 10_000_000;

/// A line of an invoice. Its price times its quantity is its total, rounded to the nearest cent; no line is a tie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// From 0: first the credit, if there is one, then usage in the order of its days.
    pub(super) index: u64,
    pub(super) kind: Kind,
    /// Day of use, counted from the first of the month.
    pub(super) day: u64,
    /// Seconds after midnight of the next day at which it was made.
    pub(super) made: u64,
    /// None for what belongs to no project.
    pub(super) cluster: Option<Cluster>,
    /// In millionths of a dollar, net of the discount.
    pub(super) price: i64,
    /// In thousandths of a unit. None stands for [`TINY`].
    pub(super) quantity: Option<i64>,
    pub(super) cents: i64,
    /// Percent, and the cents that it takes off.
    pub(super) discount: Option<(i64, i64)>,
}

impl Line {
    pub(super) fn provider(&self) -> Provider {
        self.cluster.filter(|_| self.kind.has_cluster()).map_or(Provider::Atlas, |cluster| cluster.provider)
    }

    /// The day that it is used on, counted from the epoch.
    pub(super) fn used(&self, bill: Bill) -> u64 {
        bill.month.first_day() + self.day
    }

    /// The day that it is billed on, counted from the epoch.
    pub(super) fn billed(&self, bill: Bill) -> u64 {
        self.used(bill) + 1
    }

    /// When it was made, in seconds since the epoch.
    pub(super) fn created(&self, bill: Bill) -> u64 {
        self.billed(bill) * DAY + 3 * 3_600 + self.made
    }
}

/// How usage is spread over the days of a month: as evenly as whole lines can be.
#[derive(Clone, Copy, Debug)]
struct Spread {
    lines: u64,
    days: u64,
}

impl Spread {
    /// The number of the first line of a day.
    fn first(self, day: u64) -> u64 {
        (day * self.lines).div_ceil(self.days)
    }

    fn day(self, line: u64) -> u64 {
        line * self.days / self.lines
    }
}

impl Directory {
    fn spread(&self, bill: Bill) -> Spread {
        Spread { lines: self.estate.line_items, days: bill.month.days() }
    }

    /// How many lines of usage there are on an invoice after some of its days.
    pub(super) fn usage_lines(&self, bill: Bill, days: u64) -> u64 {
        self.spread(bill).first(days.min(bill.month.days()))
    }

    /// The line of usage of a number.
    pub(super) fn usage_line(&self, bill: Bill, number: u64) -> Line {
        let Bill { organization, month } = bill;
        let spread = self.spread(bill);
        let day = spread.day(number);
        let (first, next) = (spread.first(day), spread.first(day + 1));
        let rank = number - first;
        let clusters = u64::from(self.clusters());
        // On days that have fewer lines than there are clusters, the clusters take turns.
        let place = if next - first < clusters { rank + day } else { rank };
        let cluster = self.cluster(organization, (place % clusters) as u32);
        let free = self.is_free(bill);
        let kind = if free { Kind::Free } else { Kind::USAGE[(rank / clusters) as usize % Kind::USAGE.len()] };
        let dice = self.dice_of(organization).at(5).at(u64::from(month.0)).at(number);
        let mut line = Line {
            index: number,
            kind,
            day,
            made: rank * 3_600 / (next - first).max(1),
            cluster: Some(cluster),
            price: kind.price(cluster.tier),
            quantity: kind.quantity(dice),
            cents: 0,
            discount: None,
        };
        if let Some(quantity) = line.quantity {
            line.price_of(quantity, cluster.percent_discount);
        }
        line
    }

    /// The credit on an invoice, if it has one: half of its first line of usage.
    pub(super) fn credit(&self, bill: Bill) -> Option<Line> {
        if !self.dice_of(bill.organization).at(6).at(u64::from(bill.month.0)).one_in(2) {
            return None;
        }
        let first = self.usage_line(bill, 0);
        let cents = first.cents / 2;
        (cents > 0).then_some(Line {
            index: 0,
            kind: Kind::Credit,
            day: first.day,
            made: 0,
            cluster: None,
            price: -cents * 10_000,
            quantity: Some(1_000),
            cents: -cents,
            discount: None,
        })
    }
}

impl Line {
    fn price_of(&mut self, quantity: i64, percent_discount: i64) {
        let list = self.price;
        if self.kind == Kind::Instance && percent_discount > 0 {
            self.price = list / 100 * (100 - percent_discount);
        }
        let mut quantity = quantity;
        if (self.price * quantity) % CENT == CENT / 2 {
            quantity += 1;
        }
        self.quantity = Some(quantity);
        self.cents = (self.price * quantity + CENT / 2) / CENT;
        if self.price != list {
            self.discount = Some((percent_discount, (list * quantity + CENT / 2) / CENT - self.cents));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dice::Dice;
    use crate::estate::Estate;
    use crate::estate::calendar::Month;

    fn directory(lines: u64) -> Directory {
        let estate = Arc::new(Estate::new().projects(2).clusters(3).line_items(lines));
        Directory::new(estate, Dice::new(11), Month::new(2026, 11).unwrap())
    }

    #[test]
    fn lines_are_spread_over_the_days_in_order() {
        for lines in [1, 10, 31, 1000, 12_345] {
            let (directory, bill) = (directory(lines), Bill { organization: 0, month: Month::new(2026, 10).unwrap() });
            assert_eq!(directory.usage_lines(bill, 31), lines);
            let mut last = (0, 0);
            let mut by_day = [0; 31];
            for number in 0..lines {
                let line = directory.usage_line(bill, number);
                assert!((line.day, line.made) >= last, "line {number} of {lines}");
                last = (line.day, line.made);
                by_day[line.day as usize] += 1;
            }
            let mut sum = 0;
            for (day, count) in by_day.into_iter().enumerate() {
                sum += count;
                assert_eq!(directory.usage_lines(bill, day as u64 + 1), sum, "day {day} of {lines} lines");
            }
        }
    }

    #[test]
    fn totals_are_price_times_quantity_to_the_nearest_cent() {
        let (directory, bill) = (directory(5_000), Bill { organization: 0, month: Month::new(2026, 10).unwrap() });
        for number in 0..5_000 {
            let line = directory.usage_line(bill, number);
            let exact = i128::from(line.price) * i128::from(line.quantity.unwrap_or_default());
            let off = (exact - i128::from(line.cents) * i128::from(CENT)).abs();
            assert!(off < i128::from(CENT / 2), "line {number} is off by {off}");
        }
    }
}
