//! Rows as a Parquet file.
//!
//! | FOCUS | Parquet |
//! |---|---|
//! | decimal | Decimal128(30, 12), half to even, and null with more than 18 digits before the point; `x_ExactDecimals` has the exact text of both |
//! | instant | timestamp in microseconds, UTC |
//! | text, JSON | UTF-8 |
//! | truth value | boolean |
//!
//! A file does not repeat its schema in Arrow's form, which was a third of the end that each reader of a file begins with.
//!
//! The same rows make the same bytes. Memory is bounded: a row group is written when it has [`GROUP_ROWS`] rows or [`GROUP_BYTES`].

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Decimal128Builder, StringBuilder, TimestampMicrosecondBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use cloud_billing_core::Decimal;
use cloud_billing_core::config::shown;
use cloud_billing_focus::column::Form;
use cloud_billing_focus::value::Value;
use cloud_billing_focus::{Column, Row, Version};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use crate::error::Error;

/// Digits of a decimal.
pub const PRECISION: u8 = 30;

/// Digits of a decimal after the point. With more of them, engines fail at products and quotients of two columns.
pub const SCALE: u8 = 12;

/// Rows of a row group.
pub const GROUP_ROWS: usize = 131_072;

/// The length of a row group, encoded, that is not exceeded by much.
pub const GROUP_BYTES: usize = 64 << 20;

/// The column with the exact text of decimals that were rounded or are too large.
pub const EXACT: &str = "x_ExactDecimals";

/// The columns whose sum is the bill. Without one of their numbers it would be another one.
const BILL: [&str; 2] = ["BilledCost", "EffectiveCost"];

/// Columns of which no two rows have the same value: a dictionary would be a second copy of them.
const DISTINCT: [(&str, Encoding); 2] =
    [("x_LineId", Encoding::PLAIN), ("x_LineCreated", Encoding::DELTA_BINARY_PACKED)];

/// Rows that are gathered before they are encoded.
pub(crate) const BATCH_ROWS: usize = 1_024;

/// Bytes of text that are gathered before they are encoded. A column of a batch holds less than 2 GiB.
const BATCH_BYTES: usize = 8 << 20;

/// A column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its values are like.
    pub form: Form,
}

impl Field {
    /// A column.
    pub const fn new(name: &'static str, form: Form) -> Self {
        Self { name, form }
    }

    fn arrow(self) -> ArrowField {
        let kind = match self.form {
            Form::Decimal | Form::Price => DataType::Decimal128(PRECISION, SCALE.cast_signed()),
            Form::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Form::Bool => DataType::Boolean,
            _ => DataType::Utf8,
        };
        ArrowField::new(self.name, kind, true)
    }
}

/// The columns of a file, which has [`EXACT`] besides these.
#[must_use]
pub fn schema(mut fields: Vec<Field>) -> SchemaRef {
    insert_exact(&mut fields);
    arrow(&fields)
}

fn arrow(fields: &[Field]) -> SchemaRef {
    Arc::new(Schema::new(fields.iter().map(|field| field.arrow()).collect::<Vec<_>>()))
}

/// Puts [`EXACT`] among the columns, and returns where it is.
fn insert_exact(fields: &mut Vec<Field>) -> usize {
    let behind = |field: &Field| field.name.starts_with("x_") && field.name > EXACT;
    let at = fields.iter().position(behind).unwrap_or(fields.len());
    fields.insert(at, Field::new(EXACT, Form::Json));
    at
}

/// How files are written, with so many rows in a row group at most.
pub(crate) fn properties(rows: usize) -> WriterPropertiesBuilder {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(rows))
        .set_max_row_group_bytes(Some(GROUP_BYTES))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    DISTINCT.into_iter().fold(properties, |properties, (name, encoding)| {
        let column = ColumnPath::from(name);
        properties.set_column_dictionary_enabled(column.clone(), false).set_column_encoding(column, encoding)
    })
}

/// A Parquet file that is being written.
pub struct Writer<W: Write + Send> {
    fields: Vec<Field>,
    cells: Vec<Cells>,
    /// Where `x_ExactDecimals` is among the fields.
    exact: usize,
    schema: SchemaRef,
    file: ArrowWriter<W>,
    gathered: usize,
    gathered_bytes: usize,
    rows: u64,
}

impl<W: Write + Send> Writer<W> {
    /// Begins a file with these columns and, behind those of FOCUS or at the end, [`EXACT`].
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn new(mut fields: Vec<Field>, to: W) -> Result<Self, Error> {
        let exact = insert_exact(&mut fields);
        let schema = arrow(&fields);
        let options = ArrowWriterOptions::new().with_properties(properties(GROUP_ROWS).build());
        let options = options.with_skip_arrow_metadata(true);
        let file = ArrowWriter::try_new_with_options(to, Arc::clone(&schema), options).map_err(not_written)?;
        let cells = fields.iter().map(|field| Cells::new(field.form)).collect();
        Ok(Self { fields, cells, exact, schema, file, gathered: 0, gathered_bytes: 0, rows: 0 })
    }

    /// Appends a row. `value` gets the positions of the columns that the file was begun with.
    ///
    /// # Errors
    ///
    /// If a number of `BilledCost` or `EffectiveCost` is too large, which the error names with the row; or if the file cannot be
    /// written.
    pub fn write<'v>(&mut self, value: impl Fn(usize) -> Value<'v>) -> Result<(), Error> {
        self.rows += 1;
        let mut rounded = serde_json::Map::new();
        for (at, field) in self.fields.iter().enumerate() {
            if at == self.exact {
                continue;
            }
            let value = value(if at > self.exact { at - 1 } else { at });
            let Some(cells) = self.cells.get_mut(at) else { continue };
            if let Value::Text(text) | Value::Json(text) = &value {
                self.gathered_bytes += text.len();
            }
            let failed = |problem| Error::new(format!("row {}, column {}: {problem}", self.rows, field.name));
            match cells.append(value).map_err(failed)? {
                Kept::Exact => {}
                Kept::TooLarge(text) if BILL.contains(&field.name) => {
                    return Err(failed(format!("{} has more than 18 digits before the point", shown(&text))));
                }
                Kept::Rounded(text) | Kept::TooLarge(text) => drop(rounded.insert(field.name.to_owned(), text.into())),
            }
        }
        let rounded = (!rounded.is_empty()).then(|| serde_json::Value::Object(rounded).to_string());
        if let Some(cells) = self.cells.get_mut(self.exact) {
            let value = rounded.as_deref().map_or(Value::Null, Value::Json);
            cells.append(value).map_err(Error::new)?;
        }
        self.gathered += 1;
        let is_full = self.gathered == BATCH_ROWS || self.gathered_bytes >= BATCH_BYTES;
        if is_full { self.flush() } else { Ok(()) }
    }

    /// The number of rows so far.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    fn flush(&mut self) -> Result<(), Error> {
        (self.gathered, self.gathered_bytes) = (0, 0);
        let arrays = self.cells.iter_mut().map(Cells::finish).collect::<Result<Vec<_>, _>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(not_written)?;
        self.file.write(&batch).map_err(not_written)
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn finish(mut self) -> Result<W, Error> {
        if self.gathered > 0 {
            self.flush()?;
        }
        self.file.into_inner().map_err(not_written)
    }
}

impl<W: Write + Send> std::fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("rows", &self.rows).finish_non_exhaustive()
    }
}

pub(crate) fn not_written(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::with("cannot write Parquet", error)
}

/// The columns of rows of FOCUS.
#[must_use]
pub fn fields(version: Version) -> Vec<Field> {
    version.columns().iter().map(|column| Field::new(column.definition().name, column.definition().form)).collect()
}

/// A Parquet file of rows of FOCUS.
#[derive(Debug)]
pub struct RowWriter<W: Write + Send> {
    columns: &'static [Column],
    writer: Writer<W>,
}

impl<W: Write + Send> RowWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn new(version: Version, to: W) -> Result<Self, Error> {
        Ok(Self { columns: version.columns(), writer: Writer::new(fields(version), to)? })
    }

    /// Appends a row.
    ///
    /// # Errors
    ///
    /// As of [`Writer::write`].
    pub fn write(&mut self, row: &Row<'_>) -> Result<(), Error> {
        let columns = self.columns;
        self.writer.write(|at| columns.get(at).map_or(Value::Null, |column| row.value(*column)))
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn finish(self) -> Result<W, Error> {
        self.writer.finish()
    }
}

/// How a value is kept. Otherwise than exactly, this is its text.
enum Kept {
    Exact,
    Rounded(String),
    TooLarge(String),
}

/// The values of a column that are gathered.
struct Cells {
    values: Values,
    /// Nulls behind the values. Most columns have nothing else, and one number is less work than a builder.
    nulls: usize,
}

enum Values {
    Decimal(Decimal128Builder),
    Time(TimestampMicrosecondBuilder),
    Bool(BooleanBuilder),
    Text(StringBuilder),
}

impl Cells {
    fn new(form: Form) -> Self {
        let values = match form {
            Form::Decimal | Form::Price => Values::Decimal(Decimal128Builder::new()),
            Form::Time => Values::Time(TimestampMicrosecondBuilder::new()),
            Form::Bool => Values::Bool(BooleanBuilder::new()),
            _ => Values::Text(StringBuilder::new()),
        };
        Self { values, nulls: 0 }
    }

    /// Appends a value, or null for a number that is too large.
    fn append(&mut self, value: Value<'_>) -> Result<Kept, String> {
        if matches!(value, Value::Null) {
            self.nulls += 1;
            return Ok(Kept::Exact);
        }
        self.append_nulls();
        match (&mut self.values, value) {
            (Values::Decimal(cells), Value::Decimal(number)) => {
                let fixed = fixed(number);
                cells.append_option(fixed.as_ref().map(|fixed| fixed.units));
                return Ok(match fixed {
                    None => Kept::TooLarge(number.to_string()),
                    Some(Fixed { rounded: true, .. }) => Kept::Rounded(number.to_string()),
                    Some(_) => Kept::Exact,
                });
            }
            (Values::Time(cells), Value::Time(time)) => {
                // Years up to 9999 are far from the end of the range.
                cells.append_value(time.unix_millis().saturating_mul(1_000));
            }
            (Values::Bool(cells), Value::Bool(truth)) => cells.append_value(truth),
            (Values::Text(cells), Value::Text(text) | Value::Json(text)) => cells.append_value(text),
            (_, value) => return Err(format!("it cannot hold {value:?}")),
        }
        Ok(Kept::Exact)
    }

    fn append_nulls(&mut self) {
        match (std::mem::take(&mut self.nulls), &mut self.values) {
            (0, _) => {}
            (nulls, Values::Decimal(cells)) => cells.append_nulls(nulls),
            (nulls, Values::Time(cells)) => cells.append_nulls(nulls),
            (nulls, Values::Bool(cells)) => cells.append_nulls(nulls),
            (nulls, Values::Text(cells)) => cells.append_nulls(nulls),
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, Error> {
        self.append_nulls();
        Ok(match &mut self.values {
            Values::Decimal(cells) => {
                let array = cells.finish().with_precision_and_scale(PRECISION, SCALE.cast_signed());
                Arc::new(array.map_err(not_written)?)
            }
            Values::Time(cells) => Arc::new(cells.finish().with_timezone("UTC")),
            Values::Bool(cells) => Arc::new(cells.finish()),
            Values::Text(cells) => Arc::new(cells.finish()),
        })
    }
}

/// A number in units of the last place.
struct Fixed {
    units: i128,
    rounded: bool,
}

/// Rounds half to even. `None` if there are too many digits.
fn fixed(number: &Decimal) -> Option<Fixed> {
    let units = |number: &Decimal| (number * &Decimal::from(10_i64.pow(SCALE.into()))).to_i128();
    let exact = units(number).map(|units| Fixed { units, rounded: false });
    // What has no more digits than the column need not be rounded, which is most numbers.
    let fixed = exact.or_else(|| Some(Fixed { units: units(&number.round(SCALE.into()))?, rounded: true }))?;
    (fixed.units.unsigned_abs() < 10_u128.pow(PRECISION.into())).then_some(fixed)
}
