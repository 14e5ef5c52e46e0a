//! The files of a snapshot.
//!
//! IBM writes the reports of a snapshot to the account's object storage as CSV, usually compressed with gzip
//! (`.csv.gz`). Their place is [`files`](crate::types::SnapshotListSnapshotsItem) of a snapshot. Getting them from there is
//! for a client of the object storage; this module reads them: row by row, in constant memory, from chunks of bytes or
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
//! The columns are found by name. Which there are is not part of the API's documentation and depends on the type and the
//! version of the report, so they are not typed; [`Row::parse`](cloud_billing_core::csv::Row::parse) reads numbers exactly.
//!
//! Whether a file is compressed is told by how it begins, not by its name. Data that ends early is an error and never a
//! short report; a compressed file that expands without end takes no more memory than one record may have.
//! [`cloud_billing_core::csv`] says what is accepted as CSV.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use cloud_billing_core::csv::{Records, Table};
use cloud_billing_core::file::Chunks;
use cloud_billing_core::gzip::Gunzip;
use cloud_billing_core::{Bytes, Error, Stream};

pub use cloud_billing_core::csv::{Header, Record, Row};

/// The rows of a report file: a [`Stream`] of [`Row`]s, and over a file an [`Iterator`] as well.
pub type ReportRows<S> = Table<Gunzip<S>>;

/// Reads a report from chunks of bytes, such as the body of a download, compressed or not.
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

/// Reads a report from anything that can be read, compressed or not. It needs no buffering.
pub fn from_reader<R: Read + Unpin>(reader: R) -> ReportRows<Chunks<R>> {
    from_stream(Chunks::new(reader))
}

/// Reads a report from a file, compressed or not.
///
/// # Errors
///
/// Of kind [`ErrorKind::Io`](crate::ErrorKind::Io) if the file cannot be opened.
pub fn open(path: impl AsRef<Path>) -> Result<ReportRows<Chunks<File>>, Error> {
    Ok(from_stream(Chunks::open(path)?))
}
