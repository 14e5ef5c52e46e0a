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

/// The texts of a batch, row by row. Null is an empty text.
///
/// # Errors
///
/// If a value has no text.
pub fn texts(batch: &RecordBatch) -> Result<Vec<Vec<String>>, Error> {
    let options = FormatOptions::new();
    let columns = batch.columns().iter().map(|column| {
        let formatter = ArrayFormatter::try_new(column, &options).map_err(odd)?;
        let text = |row| formatter.value(row).try_to_string().map_err(odd);
        let texts = (0..batch.num_rows()).map(text);
        let is_decimal = is_decimal(column.data_type());
        texts.map(|text| text.map(|text| if is_decimal { short(&text) } else { text })).collect()
    });
    let columns: Vec<Vec<String>> = columns.collect::<Result<_, Error>>()?;
    let row = |row: usize| columns.iter().filter_map(|column| column.get(row).cloned()).collect();
    Ok((0..batch.num_rows()).map(row).collect())
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

/// A table for people: numbers stand at the right, and nothing in it steers a terminal.
///
/// # Errors
///
/// As of [`texts`].
pub fn table(answer: &Answer) -> Result<String, Error> {
    let fields = answer.schema.fields();
    let mut rows = vec![fields.iter().map(|field| field.name().clone()).collect::<Vec<_>>()];
    for batch in &answer.batches {
        rows.extend(texts(batch)?);
    }
    for cell in rows.iter_mut().flatten() {
        *cell = cell.chars().map(|c| if steers(c) { ' ' } else { c }).collect();
    }
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max();
    let columns: Vec<(usize, bool)> = fields
        .iter()
        .enumerate()
        .map(|(at, field)| (width(at).unwrap_or_default(), field.data_type().is_numeric()))
        .collect();
    Ok(rows.iter().map(|row| line(row, &columns)).collect())
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
        texts(&batch)?.iter().try_for_each(|row| writer.write_record(row)).map_err(not_written)?;
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
