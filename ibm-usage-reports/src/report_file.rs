//! The report files of a snapshot.
//!
//! IBM writes the reports of a snapshot to the account's object storage as CSV, usually compressed with gzip
//! (`.csv.gz`). The field [`files`](crate::types::SnapshotListSnapshotsItem) of a snapshot lists them. Use a client of
//! the object storage to download them. This module reads them row by row, in constant memory, from chunks of bytes or
//! from a file.
//!
//! ```
//! use ibm_usage_reports::{Decimal, report_file};
//!
//! # let bytes: &[u8] = b"Resource Name,Cost\nKubernetes,12.50\nLogs,0.25\n";
//! let mut total = Decimal::ZERO;
//! for row in report_file::from_reader(bytes) {
//!     total += row?.parse::<Decimal>("Cost")?.unwrap_or_default();
//! }
//! assert_eq!(total.to_string(), "12.75");
//! # Ok::<(), ibm_usage_reports::Error>(())
//! ```
//!
//! Columns are found by name. They are not documented and depend on the type and the version of the report, so rows are
//! not typed. [`Row::parse`](cloud_billing_core::csv::Row::parse) parses numbers exactly.
//!
//! The first bytes of a file decide whether it is compressed, not its name. Truncated data is an error and never a
//! short report. A compressed file that expands without end takes no more memory than one record.
//! [`cloud_billing_core::csv`] documents the accepted format.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use cloud_billing_core::csv::{Records, Table};
use cloud_billing_core::file::Chunks;
use cloud_billing_core::gzip::Gunzip;
use cloud_billing_core::{Bytes, Error, Stream};

pub use cloud_billing_core::csv::{Header, Record, Row};

/// The rows of a report file: a [`Stream`] of [`Row`]s, and over a file also an [`Iterator`].
pub type ReportRows<S> = Table<Gunzip<S>>;

/// Reads a report from chunks of bytes, such as the body of a download, and decompresses it if necessary.
///
/// ```
/// # async fn read(body: ibm_usage_reports::ByteStream) -> Result<(), ibm_usage_reports::Error> {
/// let mut rows = ibm_usage_reports::report_file::from_stream(body);
/// while let Some(row) = rows.try_next().await? {
///     println!("{:?}", row.get("Resource Name"));
/// }
/// # Ok(())
/// # }
/// ```
pub fn from_stream<S>(chunks: S) -> ReportRows<S>
where
    S: Stream<Item = Result<Bytes, Error>> + Unpin,
{
    Table::new(Records::new(Gunzip::new(chunks)))
}

/// Reads a report from any reader and decompresses it if necessary. The reader needs no buffering.
pub fn from_reader<R: Read + Unpin>(reader: R) -> ReportRows<Chunks<R>> {
    from_stream(Chunks::new(reader))
}

/// Reads a report from a file and decompresses it if necessary.
///
/// # Errors
///
/// Returns [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be opened.
pub fn open(path: impl AsRef<Path>) -> Result<ReportRows<Chunks<File>>, Error> {
    Ok(from_stream(Chunks::open(path)?))
}
