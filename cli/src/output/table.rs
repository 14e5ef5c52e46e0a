//! Tables of text.

use unicode_width::UnicodeWidthStr;

use crate::failure::Failure;
use crate::text::{cut, fitted, padded};

/// How many columns of a terminal a cell has at most. What is longer ends with a mark.
const WIDEST: usize = 200;

/// Marks of the rows that are kept: between cells, at the end of a row, and before a number. No printable text has them.
const CELL: char = '\t';
const ROW: char = '\n';
const NUMBER: char = '\u{1}';

/// A table: a head, and rows of as many cells.
pub(crate) struct Table {
    columns: Vec<Column>,
    /// All rows as one text: an empty cell takes a byte.
    rows: String,
}

/// A column.
pub(crate) struct Column {
    name: String,
    /// Whether its head stands at the right, above numbers.
    right: bool,
    width: usize,
}

/// A cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    right: bool,
}

impl Column {
    pub(crate) fn left(name: &str) -> Self {
        let name = fitted(name, WIDEST);
        Self { width: name.width(), name, right: false }
    }
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), right: false }
    }

    pub(crate) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), right: true }
    }
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: String::new() }
    }

    pub(crate) fn row(&mut self, cells: &[Cell]) {
        for (index, (column, cell)) in self.columns.iter_mut().zip(cells).enumerate() {
            let text = fitted(&cell.text, WIDEST);
            column.width = column.width.max(text.width());
            column.right |= cell.right;
            self.rows.extend((index > 0).then_some(CELL));
            self.rows.extend(cell.right.then_some(NUMBER));
            self.rows.push_str(&text);
        }
        self.rows.push(ROW);
    }

    /// Writes the lines of the table, each cut to so many columns of a terminal, if they are given.
    pub(crate) fn write(
        &self,
        columns: Option<usize>,
        mut write: impl FnMut(&str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut line = |cells: &mut dyn Iterator<Item = (&str, bool)>| {
            let cells = cells.zip(&self.columns).map(|((text, right), column)| padded(text, column.width, right));
            let text = cells.collect::<Vec<_>>().join("  ");
            let text = text.trim_end();
            write(&format!("{}\n", columns.map_or(text, |columns| cut(text, columns))))
        };
        line(&mut self.columns.iter().map(|column| (column.name.as_str(), column.right)))?;
        for row in self.rows.split_terminator(ROW) {
            let number = |cell| str::strip_prefix(cell, NUMBER);
            line(&mut row.split(CELL).map(|cell| number(cell).map_or((cell, false), |cell| (cell, true))))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["name", "amount"].map(Column::left).into());
        table.row(&[Cell::text("日本"), Cell::number("1.50")]);
        table.row(&[]);
        table.row(&[Cell::text("a\x1b[31m\u{202e}"), Cell::number("-1000")]);
        table
    }

    fn text(table: &Table, columns: Option<usize>) -> String {
        let mut text = String::new();
        let write = |line: &str| {
            text.push_str(line);
            Ok(())
        };
        table.write(columns, write).unwrap();
        text
    }

    #[test]
    fn numbers_stand_at_the_right() {
        assert_eq!(text(&table(), None), "name     amount\n日本       1.50\n\na [31m    -1000\n");
    }

    #[test]
    fn lines_are_cut_to_the_terminal() {
        assert_eq!(text(&table(), Some(3)), "nam\n日\n\na [\n");
    }

    /// A long cell widens no other row without bound.
    #[test]
    fn long_cells_end_with_a_mark() {
        let mut table = table();
        table.row(&[Cell::text("x".repeat(100_000)), Cell::number("2")]);
        let text = text(&table, None);
        assert!(text.lines().all(|line| line.width() <= WIDEST + 2 + 6), "{text}");
        assert!(text.ends_with("x…       2\n"), "{text}");
    }
}
