//! The search for lines of an invoice: filters, orders and pages, in constant memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use super::directory::{Atlas, Entity, InvoiceKey};
use super::line::Line;
use crate::estate::calendar::parse_day;

/// Filters and order of a search.
#[derive(Clone, Debug)]
pub(super) struct Search {
    billed: RangeInclusive<u64>,
    used: RangeInclusive<u64>,
    /// The clusters to keep; all, if there are none.
    clusters: Option<BTreeSet<u32>>,
    projects: Option<BTreeSet<u32>>,
    services: Option<BTreeSet<String>>,
    with_zero: bool,
    by_price: bool,
    ascending: bool,
}

impl Search {
    /// Reads a body that fits its schema.
    pub(super) fn read(atlas: &Atlas, key: InvoiceKey, body: &Value) -> Self {
        let filters = body.get("filters").unwrap_or(&Value::Null);
        let day = |name: &str| filters.get(name).and_then(Value::as_str).and_then(parse_day);
        let window = |from: &str, to: &str| day(from).unwrap_or(0)..=day(to).unwrap_or(u64::MAX);
        let texts = |name: &str| {
            let list = filters.get(name)?.as_array().filter(|list| !list.is_empty())?;
            Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>())
        };
        let ours = |(organization, index): (u32, u32)| (organization == key.organization).then_some(index);
        let entities = |name: &str, kind: fn(Entity) -> Option<(u32, u32)>| {
            let entities = texts(name)?.into_iter().filter_map(|id| atlas.directory.entity(&id).and_then(kind));
            Some(entities.filter_map(ours).collect())
        };
        Self {
            billed: window("billStartDate", "billEndDate"),
            used: window("usageStartDate", "usageEndDate"),
            clusters: entities("clusterIds", Entity::cluster),
            projects: entities("groupIds", Entity::project),
            services: texts("skuServices").map(BTreeSet::from_iter),
            with_zero: filters.get("includeZeroCentLineItems").and_then(Value::as_bool).unwrap_or(true),
            by_price: body.get("sortField").and_then(Value::as_str) == Some("TOTAL_PRICE_CENTS"),
            ascending: body.get("sortOrder").and_then(Value::as_str) == Some("ASCENDING"),
        }
    }

    fn keeps(&self, key: InvoiceKey, line: &Line) -> bool {
        let cluster = line.own_cluster();
        self.billed.contains(&line.billed(key))
            && self.used.contains(&line.used(key))
            && (self.with_zero || line.cents != 0)
            && self.clusters.as_ref().is_none_or(|only| cluster.is_some_and(|it| only.contains(&it.index)))
            && self.projects.as_ref().is_none_or(|only| line.cluster.is_some_and(|it| only.contains(&it.project)))
            && self.services.as_ref().is_none_or(|only| only.contains(line.kind.product().service))
    }

    /// Whether every line is kept, so that a page can be had without looking at the lines before it.
    fn keeps_all(&self) -> bool {
        self.billed == (0..=u64::MAX)
            && self.used == (0..=u64::MAX)
            && self.with_zero
            && self.clusters.is_none()
            && self.projects.is_none()
            && self.services.is_none()
    }
}

/// A part of a list, and the size of the whole.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) lines: Vec<Line>,
    pub(super) total: u64,
}

impl Atlas {
    /// The lines of a page. Lines are numbered in the order of their dates.
    pub(super) fn search(&self, key: InvoiceKey, search: &Search, start: u64, size: u64, now: Duration) -> Part {
        let count = self.line_count(key, self.directory.posted_days(key.month, now));
        if search.by_price {
            return self.by_price(key, search, count, start, size);
        }
        let numbers: Box<dyn Iterator<Item = u64>> =
            if search.ascending { Box::new(0..count) } else { Box::new((0..count).rev()) };
        if search.keeps_all() {
            let page = numbers.skip(start as usize).take(size as usize);
            return Part { lines: self.lines(key, page).collect(), total: count };
        }
        let (mut total, mut lines) = (0, Vec::new());
        for line in self.lines(key, numbers).filter(|line| search.keeps(key, line)) {
            if total >= start && total < start.saturating_add(size) {
                lines.push(line);
            }
            total += 1;
        }
        Part { lines, total }
    }

    /// Reads all lines twice: first to count the lines of each price, then to take those whose price is on the page.
    fn by_price(&self, key: InvoiceKey, search: &Search, count: u64, start: u64, size: u64) -> Part {
        let rank = |line: &Line| if search.ascending { line.cents } else { -line.cents };
        let mut prices: BTreeMap<i64, u64> = BTreeMap::new();
        for line in self.lines(key, 0..count).filter(|line| search.keeps(key, line)) {
            *prices.entry(rank(&line)).or_default() += 1;
        }
        // For each price on the page: how many of its lines to skip, and how many to take.
        let (mut total, mut wanted) = (0, BTreeMap::new());
        for (price, lines) in prices {
            let (from, to) = (start.max(total), start.saturating_add(size).min(total + lines));
            if from < to {
                wanted.insert(price, (from - total, to - from));
            }
            total += lines;
        }
        let mut lines = Vec::new();
        for line in self.lines(key, 0..count).filter(|line| search.keeps(key, line)) {
            match wanted.get_mut(&rank(&line)) {
                Some((skip, _)) if *skip > 0 => *skip -= 1,
                Some((_, take)) if *take > 0 => {
                    *take -= 1;
                    lines.push(line);
                }
                _ => {}
            }
        }
        lines.sort_by_key(rank);
        Part { lines, total }
    }
}
