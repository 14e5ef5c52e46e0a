//! Files of many units as few files, row after row.
//!
//! Memory does not grow with the month: some files of units are held, each on the disk if it is large, one batch of rows, and the row
//! group that is being written.

use std::io::Write as _;
use std::iter::repeat_n;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use cloud_billing_core::Bytes;
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::EnabledStatistics;
use parquet::schema::types::ColumnPath;
use tempfile::{SpooledData, SpooledTempFile};

use crate::draft::{Hashed, Piece};
use crate::error::Error;
use crate::lake::not_read;
use crate::manifest::File;
use crate::parquet::{BATCH_ROWS, not_written, properties};
use crate::table::Table;

/// The column that has what units have as the name of a folder.
pub const ACCOUNT: &str = "account";

/// Rows of a row group.
const GROUP_ROWS: usize = 1_000_000;

/// The columns of compacted files: those of the table, and [`ACCOUNT`] behind them.
#[must_use]
pub fn schema(table: Table) -> SchemaRef {
    let columns = crate::parquet::schema(table.fields());
    let account = Arc::new(Field::new(ACCOUNT, DataType::Utf8, false));
    Arc::new(Schema::new(columns.fields().iter().cloned().chain([account]).collect::<Vec<_>>()))
}

/// A file of a unit, on this machine.
#[derive(Debug)]
pub(crate) struct Fetched {
    path: Path,
    account: String,
    file: SpooledTempFile,
}

impl Fetched {
    /// Fetches a file, which must have the bytes that the manifest says.
    pub(crate) async fn new(store: &dyn ObjectStore, account: &str, of: &File) -> Result<Self, Error> {
        let path = Path::from(of.path.as_str());
        let mut chunks = store.get(&path).await.map_err(|error| not_read(&path, error))?.into_stream();
        let mut hashed = Hashed::new();
        while let Some(chunk) = chunks.try_next().await.map_err(|error| not_read(&path, error))? {
            hashed.write_all(&chunk).map_err(|error| Error::with("cannot write a temporary file", error))?;
        }
        let (file, bytes, sha256) = hashed.end();
        if (bytes, &sha256) != (of.bytes, &of.sha256) {
            return Err(Error::new(format!(
                "{path} has other bytes than its manifest says (delete the manifest, and the unit is read anew)"
            )));
        }
        Ok(Self { path, account: account.to_owned(), file })
    }

    fn batches(self) -> Result<ParquetRecordBatchReader, ParquetError> {
        match self.file.into_inner() {
            SpooledData::InMemory(bytes) => ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes.into_inner()))?
                .with_batch_size(BATCH_ROWS)
                .build(),
            SpooledData::OnDisk(file) => {
                ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS).build()
            }
        }
    }
}

/// The files of a table that are being written.
pub(crate) struct Merge {
    table: Table,
    schema: SchemaRef,
    /// The length of a file, from which on it is ended.
    target: usize,
    writer: Option<ArrowWriter<Hashed>>,
    rows: u64,
}

impl Merge {
    pub(crate) fn new(table: Table, target: usize) -> Self {
        Self { table, schema: schema(table), target, writer: None, rows: 0 }
    }

    /// Appends the rows of a file, and returns the files that are full. Accounts must come in their order.
    pub(crate) fn add(&mut self, fetched: Fetched) -> Result<Vec<Piece>, Error> {
        let mut full = Vec::new();
        let (path, account) = (fetched.path.clone(), format!("a-{}", fetched.account));
        let broken = |error: ParquetError| Error::with(format!("cannot read {path} as Parquet"), error);
        for batch in fetched.batches().map_err(broken)? {
            let batch = batch.map_err(|error| Error::with(format!("cannot read {path} as Parquet"), error))?;
            let batch = self.with_account(&batch, &account).map_err(|error| Error::with(path.as_ref(), error))?;
            full.extend(self.write(&batch)?);
        }
        Ok(full)
    }

    /// The columns of the table by their names: units of earlier versions may lack some.
    fn with_account(&self, batch: &RecordBatch, account: &str) -> Result<RecordBatch, Error> {
        let rows = batch.num_rows();
        let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
            _ if field.name() == ACCOUNT => {
                Ok(Arc::new(StringArray::from_iter_values(repeat_n(account, rows))) as ArrayRef)
            }
            None => Ok(new_null_array(field.data_type(), rows)),
            Some(column) if column.data_type() == field.data_type() => Ok(Arc::clone(column)),
            Some(column) => {
                let (is, must) = (column.data_type(), field.data_type());
                Err(Error::new(format!("column {} is of type {is}, and not {must}", field.name())))
            }
        };
        let columns = self.schema.fields().iter().map(column).collect::<Result<_, _>>()?;
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(not_written)
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<Vec<Piece>, Error> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(writer(&self.schema)?),
        };
        writer.write(batch).map_err(not_written)?;
        self.rows += batch.num_rows() as u64;
        if writer.bytes_written() + writer.in_progress_size() < self.target { Ok(Vec::new()) } else { self.end() }
    }

    /// Ends the file that is being written, if there is one.
    pub(crate) fn end(&mut self) -> Result<Vec<Piece>, Error> {
        let Some(writer) = self.writer.take() else { return Ok(Vec::new()) };
        let written = writer.into_inner().map_err(not_written)?;
        Ok(vec![written.into_piece(self.table, std::mem::take(&mut self.rows))])
    }
}

fn writer(schema: &SchemaRef) -> Result<ArrowWriter<Hashed>, Error> {
    // Engines skip row groups, and pages within them, by the first and the last account.
    let account = i32::try_from(schema.fields().len() - 1).unwrap_or(i32::MAX);
    let properties = properties(GROUP_ROWS)
        .set_sorting_columns(Some(vec![SortingColumn { column_idx: account, descending: false, nulls_first: false }]))
        .set_column_statistics_enabled(ColumnPath::from(ACCOUNT), EnabledStatistics::Page)
        .build();
    ArrowWriter::try_new(Hashed::new(), Arc::clone(schema), Some(properties)).map_err(not_written)
}
