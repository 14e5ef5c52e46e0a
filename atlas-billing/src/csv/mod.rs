//! Invoices and Cost Explorer results as CSV.
//!
//! An invoice can have thousands of lines. Its CSV is read row by row, in constant memory:
//!
//! ```
//! use atlas_billing::Decimal;
//! use atlas_billing::csv::InvoiceCsv as _;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
//! # use atlas_billing::types::{InvoiceId, OrganizationId};
//! # let (org, invoice) = (OrganizationId::new("6aa7ac7ceee65f53e9421ce5"), InvoiceId::new("6abda280f4c54977656cf2d1"));
//! let mut rows = atlas.get_invoice_csv(org, invoice).send().await?.rows();
//! println!("{:?}", rows.preamble().await?.billing_period());
//! let mut total = Decimal::ZERO;
//! while let Some(row) = rows.try_next().await? {
//!     println!("{:?} {:?} {:?}", row.usage_date()?, row.project(), row.sku());
//!     total += row.amount()?.unwrap_or_default();
//! }
//! # assert_eq!(total.to_string(), "43.66");
//! # Ok(())
//! # }
//! ```
//!
//! A saved file is read in the same way, without async:
//!
//! ```no_run
//! use atlas_billing::csv::{InvoiceRows, Records};
//!
//! for row in InvoiceRows::new(Records::open("invoice.csv")?) {
//!     println!("{:?}", row?.amount()?);
//! }
//! # Ok::<(), atlas_billing::Error>(())
//! ```
//!
//! | what | how |
//! |---|---|
//! | an invoice's rows | [`InvoiceCsv::rows`] on the response, or [`InvoiceRows`] over any source |
//! | a Cost Explorer result | [`UsageCsv::usage_rows`] on the response, or [`UsageRows`] |
//! | a FOCUS report, compressed or not | [`Table::new`] over [`ByteStream::gzip_csv_records`](crate::ByteStream::gzip_csv_records) |
//! | a file | [`ByteStream::save_to`](crate::ByteStream::save_to) |
//! | the bytes | the response is a [`ByteStream`](crate::ByteStream) |
//!
//! [`cloud_billing_core::csv`] documents the accepted format, and the errors after which reading can continue.

mod cells;
mod invoice_row;
mod invoice_rows;
mod preamble;
mod usage_rows;

pub use cloud_billing_core::csv::{Header, Record, Records, Row, Table};
pub use cloud_billing_core::file::{Chunks, Progress};
pub use cloud_billing_core::gzip::Gunzip;
pub use invoice_row::InvoiceRow;
pub use invoice_rows::{InvoiceCsv, InvoiceRows};
pub use preamble::Preamble;
pub use usage_rows::{UsageCsv, UsageRows};
