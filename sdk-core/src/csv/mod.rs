//! Reading CSV as it arrives, in constant memory.
//!
//! Two layers, each a [`Stream`](futures_core::Stream):
//!
//! * [`Records`]: rows of fields, whatever they mean. Its source is any stream of byte chunks: a response body
//!   ([`ByteStream::csv_records`](crate::ByteStream::csv_records), and
//!   [`gzip_csv_records`](crate::ByteStream::gzip_csv_records) for one that may be compressed), a decompressor
//!   ([`Gunzip`](crate::gzip::Gunzip)), a local file ([`Records::open`]) or any [`Read`](std::io::Read).
//! * [`Table`]: rows whose fields are found by the name of their column.
//!
//! Over a file or another [`Read`](std::io::Read) both are an [`Iterator`] as well, for programs that are not async.
//!
//! ```
//! use cloud_billing_core::Decimal;
//! use cloud_billing_core::csv::{Records, Table};
//!
//! let file = "Project,Note,Amount\nstorefront,\"one, two\",12.96\nledger,,0.06\n";
//! let mut total = Decimal::ZERO;
//! for row in Table::new(Records::from_reader(file.as_bytes())) {
//!     let row = row?;
//!     println!("{:?} in line {}", row.get("Project"), row.line());
//!     total += row.parse::<Decimal>("Amount")?.unwrap_or_default();
//! }
//! assert_eq!(total, Decimal::from_cents(1302));
//! # Ok::<(), cloud_billing_core::Error>(())
//! ```
//!
//! # The format
//!
//! RFC 4180, read leniently:
//!
//! * A line ends with CRLF, LF or CR. Blank lines are skipped, byte order marks at the beginning too.
//! * A field may be in double quotes; then commas and line breaks belong to it, and a quote in it is written twice.
//! * Records may have different numbers of fields.
//! * The text is UTF-8. Anything else is an error of its record, unless [`Records::lossy_utf8`] is set.
//! * A quote that is still open at the end of the input is an error: the rest of the file is missing.
//!
//! # Errors
//!
//! | kind | what | afterwards |
//! |---|---|---|
//! | [`Decode`](crate::ErrorKind::Decode) | text that is not UTF-8, a value that is not what the caller asked for | the next record can be read |
//! | [`BodyTooLarge`](crate::ErrorKind::BodyTooLarge) | a record beyond the limit, by default [`DEFAULT_RECORD_LIMIT`] | the next record can be read |
//! | [`Decode`](crate::ErrorKind::Decode) | an open quote at the end, no header, broken gzip data | the stream has ended |
//! | any other | the source failed | the stream has ended |
//!
//! [`Error::path`](crate::Error::path) says where, such as ``line 7, column `Amount` ``. Lines are counted as an editor
//! counts them, from 1, and a record's line is the one on which it begins.

mod parser;
mod record;
mod records;
mod row;
mod table;

#[cfg(test)]
mod tests;

pub use record::{Fields, Record};
pub use records::{DEFAULT_RECORD_LIMIT, Records};
pub use row::{Header, Row};
pub use table::Table;
