//! Reads CSV as it arrives, in constant memory.
//!
//! There are two layers. Each is a [`Stream`](futures_core::Stream):
//!
//! * [`Records`] returns records of fields. Its source is any stream of byte chunks: a response body
//!   ([`ByteStream::csv_records`](crate::ByteStream::csv_records), or
//!   [`gzip_csv_records`](crate::ByteStream::gzip_csv_records) for one that may be compressed), a decompressor
//!   ([`Gunzip`](crate::gzip::Gunzip)), a local file ([`Records::open`]) or any [`Read`](std::io::Read).
//! * [`Table`] returns rows whose fields are found by column name.
//!
//! Over a file or another [`Read`](std::io::Read), both are also an [`Iterator`], for programs without async.
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
//! * A line ends with CRLF, LF or CR. Blank lines and leading byte order marks are skipped.
//! * A field may be quoted with double quotes. It can then contain commas and line breaks, and a quote in it is
//!   doubled.
//! * Records may differ in the number of fields.
//! * The text is UTF-8. Invalid UTF-8 is an error of its record, unless [`Records::lossy_utf8`] is set.
//! * An unclosed quote at the end of the input is an error: the rest of the file is missing.
//!
//! # Errors
//!
//! | kind | cause | afterwards |
//! |---|---|---|
//! | [`Decode`](crate::ErrorKind::Decode) | text that is not UTF-8, or a value that does not parse | the next record can be read |
//! | [`BodyTooLarge`](crate::ErrorKind::BodyTooLarge) | a record larger than the limit, by default [`DEFAULT_RECORD_LIMIT`] | the next record can be read |
//! | [`Decode`](crate::ErrorKind::Decode) | an unclosed quote at the end, a missing header, damaged gzip data | the stream has ended |
//! | any other | the source failed | the stream has ended |
//!
//! [`Error::path`](crate::Error::path) gives the place, such as ``line 7, column `Amount` ``. Lines are counted from 1,
//! as in an editor. The line of a record is the one on which it begins.

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
