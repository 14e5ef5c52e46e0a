//! Rows with named columns.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::record::Record;
use crate::client::Origin;
use crate::error::{Error, ErrorKind};
use crate::text::quote;

/// How much of a value a message shows, in characters.
const SHOWN: usize = 60;

/// The names of a table's columns.
pub struct Header {
    record: Record,
    /// The first position of each name.
    positions: HashMap<Box<str>, usize>,
    /// Where the table comes from: for messages.
    origin: Option<Origin>,
}

impl Header {
    /// A header of these names. White space around them is no part of them.
    pub fn new(record: Record) -> Self {
        Self::with_origin(record, None)
    }

    pub(super) fn with_origin(record: Record, origin: Option<Origin>) -> Self {
        let mut positions = HashMap::with_capacity(record.len());
        for (index, name) in record.iter().enumerate() {
            positions.entry(name.trim().into()).or_insert(index);
        }
        Self { record, positions, origin }
    }

    /// The names, in the order of the columns.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.record.iter().map(str::trim)
    }

    /// The name of the column at a position, from 0.
    pub fn name(&self, index: usize) -> Option<&str> {
        self.record.get(index).map(str::trim)
    }

    /// The position of the first column with a name. Names are compared as they are, capitals included.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.record.len()
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.record.is_empty()
    }

    /// The line of the header, from 1.
    pub fn line(&self) -> u64 {
        self.record.line()
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// A row of a table: a record, and the header that names its fields.
///
/// Nothing is parsed before it is asked for, so that a column with an odd value does not cost the others.
#[derive(Clone)]
pub struct Row {
    header: Arc<Header>,
    record: Record,
}

impl Row {
    /// Names the fields of a record.
    pub fn new(header: Arc<Header>, record: Record) -> Self {
        Self { header, record }
    }

    /// The field of a column as it stands in the file. `None` if there is no such column or the row ends before it; a
    /// field without text is `Some("")`. Of several columns with the name it is the first.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.record.get(self.header.position(column)?)
    }

    /// The text of a column without white space around it, or `None` if nothing is left or the field is missing.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.get(column).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The [`text`](Self::text) of a column as a value, such as a [`Decimal`](crate::Decimal).
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Decode`], with line, column and text, if it does not parse.
    pub fn parse<T>(&self, column: &str) -> Result<Option<T>, Error>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|error| self.error(column, "the value cannot be read").with_source(error))
    }

    /// The fields with the names of their columns, in the order of the columns, as far as there are both.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.header.names().zip(&self.record)
    }

    /// The fields beyond the last column.
    pub fn extra(&self) -> impl Iterator<Item = &str> {
        self.record.iter().skip(self.header.len())
    }

    /// The names of the columns.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The fields without their names.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The line on which the row begins, from 1.
    pub fn line(&self) -> u64 {
        self.record.line()
    }

    /// An error that says that the field of a column is not what it should be: the line, the column, the text and a
    /// message.
    pub fn error(&self, column: &str, message: &str) -> Error {
        let message = format!("{message}: {}", quote(self.get(column).unwrap_or_default(), SHOWN));
        let column = format!("column `{column}`");
        error_at(ErrorKind::Decode, self.line(), Some(&column), message, self.header.origin.as_ref())
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.line())?;
        f.debug_map().entries(self.iter()).finish()
    }
}

impl PartialEq for Row {
    /// The same names and fields, on the same line.
    fn eq(&self, other: &Self) -> bool {
        self.record == other.record && self.header.record == other.header.record
    }
}

impl Eq for Row {}

/// An error at a place in the file.
pub(super) fn error_at(
    kind: ErrorKind,
    line: u64,
    column: Option<&str>,
    message: String,
    origin: Option<&Origin>,
) -> Error {
    let place = match column {
        Some(column) => format!("line {line}, {column}"),
        None => format!("line {line}"),
    };
    let error = Error::new(kind, message).with_path(Some(place));
    match origin {
        Some(origin) => origin.annotate(error),
        None => error,
    }
}
