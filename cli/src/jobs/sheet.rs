//! Rows of a job, in the format that `--output` says.

use clap::ArgMatches;
use cloud_billing_core::Decimal;

use super::money::money;
use super::problems::Problems;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::table::{Cell, Column, Table};
use crate::output::{Sink, line};

/// A value of a row.
#[derive(Clone, Debug)]
pub enum Value {
    /// A text.
    Text(String),
    /// An amount, which tables round to the cent.
    Amount(Decimal),
    /// A number of things.
    Count(u64),
    /// Nothing is known.
    Nothing,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Head {
    name: String,
    in_table: bool,
    in_data: bool,
}

/// A column of tables and of data.
pub(super) fn shown(name: impl Into<String>) -> Head {
    Head { name: name.into(), in_table: true, in_data: true }
}

/// A column of data alone.
pub(super) fn data(name: impl Into<String>) -> Head {
    Head { name: name.into(), in_table: false, in_data: true }
}

/// A column of tables alone.
pub(super) fn table(name: impl Into<String>) -> Head {
    Head { name: name.into(), in_table: true, in_data: false }
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A text, where it is known.
    pub(super) fn of(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Nothing, |text| Self::Text(text.to_string()))
    }

    /// An amount, where it is known.
    pub(super) fn amount(amount: Option<Decimal>) -> Self {
        amount.map_or(Self::Nothing, Self::Amount)
    }

    /// For people.
    fn cell(&self) -> Cell {
        match self {
            Self::Text(text) => Cell::text(text.as_str()),
            Self::Amount(amount) => Cell::number(money(amount)),
            Self::Count(count) => Cell::number(count.to_string()),
            Self::Nothing => Cell::text(""),
        }
    }

    /// With all digits.
    fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Amount(amount) => amount.to_string(),
            Self::Count(count) => count.to_string(),
            Self::Nothing => String::new(),
        }
    }

    fn json(&self) -> String {
        match self {
            Self::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            Self::Nothing => "null".to_owned(),
            other => other.plain(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Table,
    Separated(u8),
    Json,
    Lines,
}

/// Prints rows.
pub(super) struct Sheet {
    format: Format,
    heads: Vec<Head>,
    table: Table,
    sink: Sink,
    any: bool,
    has_text: bool,
}

impl Sheet {
    /// What the flags say.
    pub(super) fn new(heads: Vec<Head>, matches: &ArgMatches) -> Result<Self, Failure> {
        let format = match matches.get_one::<String>("output").map(String::as_str) {
            Some("csv") => Format::Separated(b','),
            Some("tsv") => Format::Separated(b'\t'),
            Some("json") => Format::Json,
            Some("ndjson") => Format::Lines,
            _ => Format::Table,
        };
        let table = Table::new(heads.iter().filter(|it| it.in_table).map(|it| Column::left(&it.name)).collect());
        let sink = Sink::new(matches)?;
        Ok(Self { format, heads, table, sink, any: false, has_text: false })
    }

    /// Whether people are to read it.
    pub(super) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// Whether the rows go to a file.
    pub(super) fn is_file(&self) -> bool {
        self.sink.is_file()
    }

    /// Whether there was a row.
    pub(super) fn has_rows(&self) -> bool {
        self.any
    }

    /// Prints a row: a value for each column.
    pub(super) fn row(&mut self, values: &[Value], context: &mut Context) -> Result<(), Failure> {
        let first = !std::mem::replace(&mut self.any, true);
        match self.format {
            Format::Table => self.table_row(values),
            Format::Separated(separator) => {
                if first {
                    self.separated_head(separator, context)?;
                }
                let cells: Vec<String> = self.data(values).map(|(_, value)| value.plain()).collect();
                let line = line(cells.iter().map(String::as_str), separator)?;
                self.write(&line, context)?;
            }
            Format::Json => {
                let text = format!("{}{}", if first { "[\n" } else { ",\n" }, self.object(values));
                self.sink.json(&text, context)?;
            }
            Format::Lines => {
                let text = format!("{}\n", self.object(values));
                self.sink.json(&text, context)?;
            }
        }
        Ok(())
    }

    /// A row of tables alone, such as a total.
    pub(super) fn foot(&mut self, values: &[Value]) {
        if self.is_table() {
            self.table_row(values);
        }
    }

    /// An empty line of tables, if there is something above it.
    pub(super) fn gap(&mut self) {
        if self.any {
            self.table.row(&[]);
        }
    }

    /// Prints a text in place of a table.
    pub(super) fn text(&mut self, text: &str, context: &mut Context) -> Result<(), Failure> {
        self.has_text = true;
        self.write(text.as_bytes(), context)
    }

    /// Prints what stands after the rows, and keeps the file.
    pub(super) fn finish(self, context: &mut Context) -> Result<(), Failure> {
        self.end(&Problems::default(), context)
    }

    /// The same where something may have failed. A file is kept only if it is whole.
    pub(super) fn end(mut self, problems: &Problems, context: &mut Context) -> Result<(), Failure> {
        match self.format {
            Format::Table if self.has_text => {}
            Format::Table => {
                let columns = self.sink.columns(context);
                self.table.write(columns, |line| self.sink.write(line.as_bytes(), context))?;
            }
            Format::Separated(separator) if !self.any => self.separated_head(separator, context)?,
            Format::Json if self.any => self.write(b"\n]\n", context)?,
            Format::Json => self.write(b"[]\n", context)?,
            Format::Separated(_) | Format::Lines => {}
        }
        problems.finish(&mut self.sink, context).map(drop)
    }

    fn table_row(&mut self, values: &[Value]) {
        let cells = self.heads.iter().zip(values).filter(|(head, _)| head.in_table);
        let cells: Vec<Cell> = cells.map(|(_, value)| value.cell()).collect();
        self.table.row(&cells);
    }

    fn data<'a>(&'a self, values: &'a [Value]) -> impl Iterator<Item = (&'a Head, &'a Value)> {
        self.heads.iter().zip(values).filter(|(head, _)| head.in_data)
    }

    fn separated_head(&mut self, separator: u8, context: &mut Context) -> Result<(), Failure> {
        let heads = self.heads.iter().filter(|head| head.in_data).map(|head| head.name.as_str());
        let line = line(heads, separator)?;
        self.write(&line, context)
    }

    fn object(&self, values: &[Value]) -> String {
        let name = |head: &Head| serde_json::Value::from(head.name.as_str());
        let fields = self.data(values).map(|(head, value)| format!("{}:{}", name(head), value.json()));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }

    fn write(&mut self, bytes: &[u8], context: &mut Context) -> Result<(), Failure> {
        self.sink.write(bytes, context)
    }
}
