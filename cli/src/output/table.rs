//! Tables of text.

use unicode_width::UnicodeWidthStr;

use crate::text::printable;

/// A table: a head, and rows of as many cells.
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// A column.
pub(crate) struct Column {
    name: String,
    /// Whether its head stands at the right, above numbers.
    right: bool,
}

/// A cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    right: bool,
}

impl Column {
    pub(crate) fn left(name: &str) -> Self {
        Self { name: name.to_owned(), right: false }
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
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, mut cells: Vec<Cell>) {
        for (column, cell) in self.columns.iter_mut().zip(&mut cells) {
            column.right |= cell.right;
            cell.text = printable(&cell.text);
        }
        self.rows.push(cells);
    }

    /// The table as text; lines are cut to so many columns of a terminal, if they are given.
    pub(crate) fn text(&self, width: Option<usize>) -> String {
        let head: Vec<Cell> = self.columns.iter().map(|it| Cell { text: it.name.clone(), right: it.right }).collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|index| {
                let cells = self.rows.iter().chain([&head]).filter_map(|row| row.get(index));
                cells.map(|cell| cell.text.width()).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in [&head].into_iter().chain(&self.rows) {
            let cells = row.iter().zip(&widths).map(|(cell, width)| padded(cell, *width));
            let line = cells.collect::<Vec<_>>().join("  ");
            let line = line.trim_end();
            text.push_str(width.map_or(line, |width| truncated(line, width)));
            text.push('\n');
        }
        text
    }
}

fn padded(cell: &Cell, width: usize) -> String {
    let space = " ".repeat(width.saturating_sub(cell.text.width()));
    if cell.right { format!("{space}{}", cell.text) } else { format!("{}{space}", cell.text) }
}

/// As much of a line as fits.
fn truncated(line: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, c) in line.char_indices() {
        used += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used > width {
            return &line[..at];
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["name", "amount"].map(Column::left).into());
        table.row(vec![Cell::text("日本"), Cell::number("1.50")]);
        table.row(vec![Cell::text("a\x1b[31m\u{202e}"), Cell::number("-1000")]);
        table
    }

    #[test]
    fn numbers_stand_at_the_right() {
        assert_eq!(table().text(None), "name     amount\n日本       1.50\na [31m    -1000\n");
    }

    #[test]
    fn lines_are_cut_to_the_terminal() {
        assert_eq!(table().text(Some(3)), "nam\n日\na [\n");
    }
}
