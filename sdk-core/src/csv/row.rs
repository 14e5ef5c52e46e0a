//! Rows with named columns.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::record::Record;
use crate::context::ResponseContext;
use crate::error::{Error, ErrorKind};
use crate::text::{quote, shown};

/// The longest part of a value that a message shows, in characters.
const SHOWN: usize = 60;

/// The column names of a table.
pub struct Header {
    record: Record,
    /// The first index of each name.
    positions: HashMap<Box<str>, usize>,
    /// The request that the table comes from. Used in error messages.
    context: Option<ResponseContext>,
}

impl Header {
    /// Creates a header with these names. White space around a name is removed.
    pub fn new(record: Record) -> Self {
        Self::with_context(record, None)
    }

    pub(super) fn with_context(record: Record, context: Option<ResponseContext>) -> Self {
        let mut positions = HashMap::with_capacity(record.len());
        for (index, name) in record.iter().enumerate() {
            positions.entry(name.trim().into()).or_insert(index);
        }
        Self { record, positions, context }
    }

    /// The names in column order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.record.iter().map(str::trim)
    }

    /// Returns the name of the column at an index, counted from 0.
    pub fn name(&self, index: usize) -> Option<&str> {
        self.record.get(index).map(str::trim)
    }

    /// Returns the index of the first column with this name. The comparison is case-sensitive.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.record.len()
    }

    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.record.is_empty()
    }

    /// The line of the header, counted from 1.
    pub fn line(&self) -> u64 {
        self.record.line()
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// A row of a table: a record with a header that names its fields.
///
/// Values are parsed on demand, so an invalid value in one column does not affect the others.
#[derive(Clone)]
pub struct Row {
    header: Arc<Header>,
    record: Record,
}

impl Row {
    /// Creates a row from a header and a record.
    pub fn new(header: Arc<Header>, record: Record) -> Self {
        Self { header, record }
    }

    /// Returns the field of a column exactly as in the file. `None` if there is no such column or the row ends before
    /// it. A field without text is `Some("")`. If several columns have the name, the first one counts.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.record.get(self.header.position(column)?)
    }

    /// Returns the field of a column without surrounding white space. `None` if it is blank or missing.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.get(column).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Parses the [`text`](Self::text) of a column, for example as a [`Decimal`](crate::Decimal).
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`] with line, column and text if the value does not parse.
    pub fn parse<T>(&self, column: &str) -> Result<Option<T>, Error>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|error| self.error(column, "the value cannot be read").with_source(error))
    }

    /// Iterates over pairs of column name and field, in column order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.header.names().zip(&self.record)
    }

    /// The fields after the last named column.
    pub fn extra(&self) -> impl Iterator<Item = &str> {
        self.record.iter().skip(self.header.len())
    }

    /// The header with the column names.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The record without column names.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The line on which the row begins, counted from 1.
    pub fn line(&self) -> u64 {
        self.record.line()
    }

    /// Creates an error about the field of a column, with the line, the column, the field's text and a message.
    pub fn error(&self, column: &str, message: &str) -> Error {
        let message = format!("{message}: {}", quote(self.get(column).unwrap_or_default(), SHOWN));
        let column = format!("column `{}`", shown(column));
        error_at(ErrorKind::Decode, self.line(), Some(&column), message, self.header.context.as_ref())
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.line())?;
        f.debug_map().entries(self.iter()).finish()
    }
}

impl PartialEq for Row {
    /// Compares names, fields and line.
    fn eq(&self, other: &Self) -> bool {
        self.record == other.record && self.header.record == other.header.record
    }
}

impl Eq for Row {}

/// Creates an error with a place in the file.
pub(super) fn error_at(
    kind: ErrorKind,
    line: u64,
    column: Option<&str>,
    message: String,
    context: Option<&ResponseContext>,
) -> Error {
    let place = match column {
        Some(column) => format!("line {line}, {column}"),
        None => format!("line {line}"),
    };
    let error = Error::new(kind, message).with_path(Some(place));
    match context {
        Some(context) => context.annotate(error),
        None => error,
    }
}
