//! A vendor's rows and ours, cell by cell.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use cloud_billing_core::Decimal;

use crate::format::write_value;
use crate::value::Value;
use crate::{Column, Row};

/// How many examples of a difference are kept.
const EXAMPLES: usize = 3;

/// Compares two sets of rows. Rows belong together that have the same key; of several with the same key, those of the same
/// cost.
#[derive(Clone, Debug)]
pub struct Comparison {
    key: Vec<Column>,
    columns: Vec<Column>,
    /// The rows of both sides by their key.
    groups: BTreeMap<Vec<Arc<str>>, [Vec<Cells>; 2]>,
    /// Each text once: many rows have the same long ones.
    texts: HashSet<Arc<str>>,
}

/// The compared cells of a row, as a file has them.
#[derive(Clone, Debug)]
struct Cells {
    cost: Decimal,
    cells: Vec<Option<Arc<str>>>,
}

/// What came of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnDifference {
    /// The column.
    pub column: Column,
    /// Rows with the same value on both sides.
    pub same: u64,
    /// Rows with different values.
    pub different: u64,
    /// Rows where only the vendor has a value.
    pub only_theirs: u64,
    /// Rows where only we have one.
    pub only_ours: u64,
    /// The first differences.
    pub examples: Vec<Example>,
}

/// A cell that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Example {
    /// The key of the rows.
    pub key: Vec<Arc<str>>,
    /// The vendor's value. `None` if it is null.
    pub theirs: Option<String>,
    /// Ours.
    pub ours: Option<String>,
}

/// One side of a comparison.
#[derive(Clone, Copy)]
enum Side {
    Theirs,
    Ours,
}

impl Comparison {
    /// A comparison of some columns. Rows belong together if `key` has the same values in both.
    #[must_use]
    pub fn new(key: Vec<Column>, columns: Vec<Column>) -> Self {
        Self { key, columns, groups: BTreeMap::new(), texts: HashSet::new() }
    }

    /// Adds a row of the vendor.
    pub fn theirs(&mut self, row: &Row<'_>) {
        self.add(row, Side::Theirs);
    }

    /// Adds a row of ours.
    pub fn ours(&mut self, row: &Row<'_>) {
        self.add(row, Side::Ours);
    }

    fn add(&mut self, row: &Row<'_>, side: Side) {
        let texts = &mut self.texts;
        let mut cell = |column: &Column| cell(row.value(*column), texts);
        let key = self.key.iter().map(|column| cell(column).unwrap_or_default()).collect();
        let cells = Cells {
            cost: row.billed_cost.clone().unwrap_or_default(),
            cells: self.columns.iter().map(&mut cell).collect(),
        };
        self.groups.entry(key).or_default()[side as usize].push(cells);
    }

    /// The keys of rows that only one side has, with how many the vendor and we have more.
    pub fn unmatched(&self) -> impl Iterator<Item = (&[Arc<str>], usize, usize)> {
        self.groups.iter().filter_map(|(key, [theirs, ours])| {
            let (more_theirs, more_ours) =
                (theirs.len().saturating_sub(ours.len()), ours.len().saturating_sub(theirs.len()));
            (more_theirs + more_ours > 0).then_some((key.as_slice(), more_theirs, more_ours))
        })
    }

    /// What came of each column, for the rows that both sides have.
    #[must_use]
    pub fn columns(&self) -> Vec<ColumnDifference> {
        let blank = |column: &Column| ColumnDifference {
            column: *column,
            same: 0,
            different: 0,
            only_theirs: 0,
            only_ours: 0,
            examples: Vec::new(),
        };
        let mut all: Vec<_> = self.columns.iter().map(blank).collect();
        for (key, [theirs, ours]) in &self.groups {
            for (theirs, ours) in by_cost(theirs).into_iter().zip(by_cost(ours)) {
                for (found, (theirs, ours)) in all.iter_mut().zip(theirs.cells.iter().zip(&ours.cells)) {
                    found.add(key, theirs.as_ref(), ours.as_ref());
                }
            }
        }
        all
    }
}

impl ColumnDifference {
    fn add(&mut self, key: &[Arc<str>], theirs: Option<&Arc<str>>, ours: Option<&Arc<str>>) {
        let count = match (theirs, ours) {
            (None, None) => return,
            (Some(theirs), Some(ours)) if same(theirs, ours) => {
                self.same += 1;
                return;
            }
            (Some(_), Some(_)) => &mut self.different,
            (Some(_), None) => &mut self.only_theirs,
            (None, Some(_)) => &mut self.only_ours,
        };
        *count += 1;
        if self.examples.len() < EXAMPLES {
            let text = |text: &Arc<str>| text.to_string();
            let (theirs, ours) = (theirs.map(text), ours.map(text));
            self.examples.push(Example { key: key.to_vec(), theirs, ours });
        }
    }
}

fn by_cost(rows: &[Cells]) -> Vec<&Cells> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by(|a, b| a.cost.cmp(&b.cost));
    rows
}

/// The text of a value, unless there is none.
fn cell(value: Value<'_>, texts: &mut HashSet<Arc<str>>) -> Option<Arc<str>> {
    if value.is_null() {
        return None;
    }
    let mut text = String::new();
    write_value(&mut text, value);
    if let Some(known) = texts.get(text.as_str()) {
        return Some(Arc::clone(known));
    }
    let text = Arc::<str>::from(text);
    texts.insert(Arc::clone(&text));
    Some(text)
}

/// Whether two cells are the same text or the same number.
fn same(theirs: &str, ours: &str) -> bool {
    let number = |text: &str| text.parse::<Decimal>().ok();
    theirs == ours || number(theirs).zip(number(ours)).is_some_and(|(theirs, ours)| theirs == ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sku: &'static str, cost: &str, region: Option<&'static str>) -> Row<'static> {
        Row {
            sku_id: Some(sku.into()),
            billed_cost: Some(cost.parse().unwrap()),
            region_id: region.map(Into::into),
            ..Row::default()
        }
    }

    #[test]
    fn cells_of_rows_that_belong_together() {
        let mut both = Comparison::new(vec![Column::SkuId], vec![Column::BilledCost, Column::RegionId]);
        for theirs in
            [row("a", "2.0", Some("x")), row("a", "1.00", Some("y")), row("b", "5", None), row("t", "1", None)]
        {
            both.theirs(&theirs);
        }
        for ours in [row("a", "1", None), row("a", "2", Some("x")), row("b", "6", None), row("o", "1", None)] {
            both.ours(&ours);
        }
        let unmatched: Vec<_> = both.unmatched().map(|(key, theirs, ours)| (&*key[0], theirs, ours)).collect();
        assert_eq!(unmatched, [("o", 0, 1), ("t", 1, 0)]);
        let columns = both.columns();
        let counts = |it: &ColumnDifference| (it.same, it.different, it.only_theirs, it.only_ours);
        assert_eq!(columns.iter().map(counts).collect::<Vec<_>>(), [(2, 1, 0, 0), (1, 0, 1, 0)]);
        let example = &columns[0].examples[0];
        assert_eq!((example.theirs.as_deref(), example.ours.as_deref()), (Some("5.0"), Some("6.0")));
    }
}
