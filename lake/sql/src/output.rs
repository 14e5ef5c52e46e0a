//! Answers as a table, CSV and Parquet. Amounts have all their digits, and no zeros at their end.

use std::io::Write;

use cloud_billing_core::config::steers;
use cloud_billing_lake::Error;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::file::properties::WriterProperties;
use futures_util::TryStreamExt;
use unicode_width::UnicodeWidthStr;

use crate::error::of_engine;
use crate::session::Answer;

/// How many columns of a terminal a cell of a table has at most. What is longer ends with a mark.
const WIDEST: usize = 200;

/// The texts of a batch, row by row. Null is an empty text.
///
/// # Errors
///
/// If a value has no text.
pub fn texts(batch: &RecordBatch) -> Result<Vec<Vec<String>>, Error> {
    let mut rows = Vec::new();
    each(batch, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// Does something with the texts of each row, one row at a time: rows may share a long text.
fn each(batch: &RecordBatch, mut of: impl FnMut(Vec<String>) -> Result<(), Error>) -> Result<(), Error> {
    let options = FormatOptions::new();
    let column = |column| ArrayFormatter::try_new(column, &options).map_err(odd);
    let columns = batch.columns().iter().map(|of| Ok((column(of)?, is_decimal(of.data_type()))));
    let columns: Vec<(ArrayFormatter<'_>, bool)> = columns.collect::<Result<_, Error>>()?;
    for row in 0..batch.num_rows() {
        let text = |(column, is_decimal): &(ArrayFormatter<'_>, bool)| {
            let text = column.value(row).try_to_string().map_err(odd)?;
            Ok(if *is_decimal { short(&text) } else { text })
        };
        of(columns.iter().map(text).collect::<Result<_, Error>>()?)?;
    }
    Ok(())
}

fn odd(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::with("a value has no text", error)
}

fn is_decimal(of: &DataType) -> bool {
    matches!(
        of,
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..)
    )
}

/// Without zeros at the end of its digits behind the point.
fn short(number: &str) -> String {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => number.to_owned(),
    }
}

/// Writes a table for people, row by row: numbers stand at the right, nothing in it steers a terminal, and a long cell ends with
/// `…` after 200 columns.
///
/// # Errors
///
/// As of [`texts`], or if it cannot be written.
pub fn table(answer: &Answer, mut to: impl Write) -> Result<(), Error> {
    let fields = answer.schema.fields();
    let head: Vec<String> = fields.iter().map(|field| fitted(field.name())).collect();
    let mut columns: Vec<(usize, bool)> =
        head.iter().zip(fields).map(|(name, field)| (name.width(), field.data_type().is_numeric())).collect();
    cells(answer, |row| {
        row.iter().zip(&mut columns).for_each(|(cell, (width, _))| *width = cell.width().max(*width));
        Ok(())
    })?;
    let mut write = |row: &[String]| to.write_all(line(row, &columns).as_bytes()).map_err(not_written);
    write(&head)?;
    cells(answer, |row| write(&row))?;
    to.flush().map_err(not_written)
}

/// Does something with the cells of each row.
fn cells(answer: &Answer, mut of: impl FnMut(Vec<String>) -> Result<(), Error>) -> Result<(), Error> {
    let mut row = |row: Vec<String>| of(row.iter().map(|text| fitted(text)).collect());
    answer.batches.iter().try_for_each(|batch| each(batch, &mut row))
}

/// A text as a cell: on one line, and cut with a mark if it is long.
fn fitted(text: &str) -> String {
    // Marks that take no column are counted too.
    let mut cell: String = text.chars().take(WIDEST + 1).map(|c| if steers(c) { ' ' } else { c }).collect();
    if cell.width() <= WIDEST && cell.chars().count() <= WIDEST {
        return cell;
    }
    while cell.width() >= WIDEST || cell.chars().count() >= WIDEST {
        cell.pop();
    }
    cell.push('…');
    cell
}

fn line(row: &[String], columns: &[(usize, bool)]) -> String {
    let cells = row.iter().zip(columns).map(|(cell, (width, right))| {
        let space = " ".repeat(width.saturating_sub(cell.width()));
        if *right { format!("{space}{cell}") } else { format!("{cell}{space}") }
    });
    format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
}

/// Writes rows as CSV, as they come.
///
/// # Errors
///
/// If the rows cannot be read, or the text not written.
pub async fn csv(mut rows: SendableRecordBatchStream, to: impl Write) -> Result<(), Error> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(rows.schema().fields().iter().map(|field| field.name())).map_err(not_written)?;
    while let Some(batch) = next(&mut rows).await? {
        each(&batch, |row| writer.write_record(row).map_err(not_written))?;
    }
    writer.flush().map_err(not_written)
}

/// Writes rows as a Parquet file, as they come, with their types.
///
/// # Errors
///
/// If the rows cannot be read, or the file not written.
pub async fn parquet(mut rows: SendableRecordBatchStream, to: impl Write + Send) -> Result<(), Error> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(to, rows.schema(), Some(properties)).map_err(not_written)?;
    while let Some(batch) = next(&mut rows).await? {
        writer.write(&batch).map_err(not_written)?;
    }
    writer.close().map(drop).map_err(not_written)
}

async fn next(rows: &mut SendableRecordBatchStream) -> Result<Option<RecordBatch>, Error> {
    rows.try_next().await.map_err(|error| of_engine(&error))
}

fn not_written(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::with("cannot write the answer", error)
}
