//! The lines of an invoice, computed from their numbers.

use super::directory::{Cluster, Directory, InvoiceKey};
use super::products::{LineKind, Provider, Tier, tiers};
use crate::estate::calendar::DAY;
use crate::estate::format::double;

/// The tiniest quantity, as CSV has it. It costs nothing.
pub(super) const TINY: &str = "6.035e-07";

/// A cent, in the unit of price times quantity: millionths of a dollar times thousandths of a unit.
const CENT: i64 = 10_000_000;

/// A line of an invoice. Its price times its quantity is its total, rounded to the nearest cent; no line is a tie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) kind: LineKind,
    /// Day of use, counted from the first of the month.
    pub(super) day: u64,
    /// When it was created, in seconds after midnight of the next day.
    pub(super) created: u64,
    /// None if it belongs to no project.
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
    /// The quantity as a JSON number.
    pub(super) fn quantity(&self) -> f64 {
        self.quantity.map_or(6.035e-7, |quantity| double(quantity, 1_000))
    }

    pub(super) fn tier(&self) -> Tier {
        self.cluster.map_or(tiers()[0], |cluster| cluster.tier)
    }

    pub(super) fn provider(&self) -> Provider {
        self.own_cluster().map_or(Provider::Atlas, |cluster| cluster.provider)
    }

    /// The cluster that it is charged to, and not only its project.
    pub(super) fn own_cluster(&self) -> Option<Cluster> {
        self.cluster.filter(|_| self.kind.product().has_cluster)
    }

    /// The day that it is used on, counted from the epoch.
    pub(super) fn used(&self, key: InvoiceKey) -> u64 {
        key.month.first_day() + self.day
    }

    /// The day that it is billed on, counted from the epoch.
    pub(super) fn billed(&self, key: InvoiceKey) -> u64 {
        self.used(key) + 1
    }

    /// When it was created, in seconds since the epoch.
    pub(super) fn created(&self, key: InvoiceKey) -> u64 {
        self.billed(key) * DAY + 3 * 3_600 + self.created
    }
}

/// The even distribution of lines over the days of a month.
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
    fn spread(&self, key: InvoiceKey) -> Spread {
        Spread { lines: self.estate.line_items, days: key.month.days() }
    }

    /// How many lines of usage there are on an invoice after some of its days.
    pub(super) fn usage_lines(&self, key: InvoiceKey, days: u64) -> u64 {
        self.spread(key).first(days.min(key.month.days()))
    }

    /// The line of usage of a number.
    pub(super) fn usage_line(&self, key: InvoiceKey, number: u64) -> Line {
        let InvoiceKey { organization, month } = key;
        let spread = self.spread(key);
        let day = spread.day(number);
        let (first, next) = (spread.first(day), spread.first(day + 1));
        let rank = number - first;
        let clusters = u64::from(self.clusters());
        // On days that have fewer lines than there are clusters, the clusters take turns.
        let place = if next - first < clusters { rank + day } else { rank };
        let cluster = self.cluster(organization, (place % clusters) as u32);
        let free = self.is_free(key);
        let kind =
            if free { LineKind::Free } else { LineKind::USAGE[(rank / clusters) as usize % LineKind::USAGE.len()] };
        let rng = self.rng_of(organization).at(5).at(u64::from(month.0)).at(number);
        let mut line = Line {
            kind,
            day,
            created: rank * 3_600 / (next - first).max(1),
            cluster: Some(cluster),
            price: kind.price(cluster.tier),
            quantity: kind.quantity(rng),
            cents: 0,
            discount: None,
        };
        if let Some(quantity) = line.quantity {
            line.price_of(quantity, cluster.percent_discount);
        }
        line
    }

    /// The credit on an invoice, if it has one: half of its first line of usage.
    pub(super) fn credit(&self, key: InvoiceKey) -> Option<Line> {
        if !self.rng_of(key.organization).at(6).at(u64::from(key.month.0)).one_in(2) {
            return None;
        }
        let first = self.usage_line(key, 0);
        let cents = first.cents / 2;
        (cents > 0).then_some(Line {
            kind: LineKind::Credit,
            day: first.day,
            created: 0,
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
        if self.kind == LineKind::Instance && percent_discount > 0 {
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
    use crate::estate::calendar::Month;
    use crate::estate::config::Estate;
    use crate::rng::Rng;

    fn directory(lines: u64) -> Directory {
        let estate = Arc::new(Estate::new().projects(2).clusters(3).line_items(lines));
        Directory::new(estate, Rng::new(11), Month::new(2026, 11).unwrap())
    }

    #[test]
    fn lines_are_spread_over_the_days_in_order() {
        for lines in [1, 10, 31, 1000, 12_345] {
            let (directory, key) =
                (directory(lines), InvoiceKey { organization: 0, month: Month::new(2026, 10).unwrap() });
            assert_eq!(directory.usage_lines(key, 31), lines);
            let mut last = (0, 0);
            let mut by_day = [0; 31];
            for number in 0..lines {
                let line = directory.usage_line(key, number);
                assert!((line.day, line.created) >= last, "line {number} of {lines}");
                last = (line.day, line.created);
                by_day[line.day as usize] += 1;
            }
            let mut sum = 0;
            for (day, count) in by_day.into_iter().enumerate() {
                sum += count;
                assert_eq!(directory.usage_lines(key, day as u64 + 1), sum, "day {day} of {lines} lines");
            }
        }
    }

    #[test]
    fn totals_are_price_times_quantity_to_the_nearest_cent() {
        let (directory, key) = (directory(5_000), InvoiceKey { organization: 0, month: Month::new(2026, 10).unwrap() });
        for number in 0..5_000 {
            let line = directory.usage_line(key, number);
            let exact = i128::from(line.price) * i128::from(line.quantity.unwrap_or_default());
            let off = (exact - i128::from(line.cents) * i128::from(CENT)).abs();
            assert!(off < i128::from(CENT / 2), "line {number} is off by {off}");
        }
    }
}
