//! Typed client of the MongoDB Atlas billing API: invoices, line items, Cost Explorer, FOCUS reports, SKUs and
//! organizations.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let (base_url, token) = (sandbox.atlas_url(), "token");
//! let atlas = atlas_billing::Client::builder().base_url(base_url).bearer_token(token).build()?;
//! let pending = atlas.list_invoice_pending("4888442a3354817a7320eb61").send().await?;
//! for line in pending.results.iter().flat_map(|invoice| invoice.line_items.iter()) {
//!     println!("{:?} {:?} cents", line.sku, line.total_price_cents);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Each operation of the API is a method of [`Client`]: required values are its arguments, optional ones are set on the
//! builder it returns, and `send()` makes the call. The methods are listed, by topic, in [`operations`]; what they take
//! and return is in [`types`].
//!
//! # Lists
//!
//! An operation whose answer comes in pages has `items()` and `pages()`, which walk all of it, ahead of the consumer:
//!
//! ```
//! use atlas_billing::types::InvoiceStatus;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
//! let call = atlas.list_invoices("4888442a3354817a7320eb61").status_names([InvoiceStatus::Paid]);
//! // Up to eight pages under way at once. While pages are read an invoice can move to the next; it is yielded once.
//! let mut invoices = call.items().prefetch(8).distinct();
//! while let Some(invoice) = invoices.try_next().await? {
//!     println!("{:?} {:?} cents", invoice.id, invoice.amount_billed_cents);
//! }
//! // A list that is known to be small.
//! let skus = atlas.list_skus().items().collect_all(10_000).await?;
//! # assert!(!skus.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! The rules of a walk, how it ends, and how to go on with it in another process, are in [`cloud_billing_core::paginate`].
//!
//! # What to know
//!
//! * **Money.** Amounts whose names end in `cents` are `i64` cents of US dollars. Quantities, rates and dollar amounts are
//!   exact [`Decimal`]s, read from the JSON text and never through floating point.
//!   [`money`] has sums and checks.
//! * **CSV** is read row by row, from responses and files: see [`csv`].
//! * **Cost Explorer and FOCUS reports** take the service a while. [`Client::cost_explorer`] and
//!   [`Client::invoice_report`] start them and wait: see [`cost_explorer`] and [`invoice_report`].
//! * **Responses promise nothing.** A field that the service leaves out is `None`, and a list that it leaves out is empty.
//! * **Enums are open.** A value that this version does not know is kept, printed and written back unchanged.
//! * **Requests are checked** against the documented rules before anything is sent.
//! * **Configuration** and credentials come from the program ([`auth`]) or from outside it ([`Client::from_env`],
//!   [`config`]).
//! * **Errors** are one type, [`Error`]; [`Error::vendor`] reads the service's own body as [`types::ApiError`].

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

pub mod auth;
mod client;
pub mod config;
pub mod cost_explorer;
pub mod csv;
#[rustfmt::skip]
mod generated;
pub mod invoice_report;
pub mod money;
mod pending;
mod polling;

pub use client::{Client, ClientBuilder, DEFAULT_BASE_URL, GOV_BASE_URL};
pub use cloud_billing_core::{
    BillingMonth, ByteStream, Bytes, Continuation, Credential, Date, Decimal, Error, ErrorKind, HttpClient, Items,
    NullableMap, NullableVec, Pages, RateLimit, Response, RetryPolicy, Secret, Stream, Timestamp, Total,
};
pub use generated::{API_VERSION, operations, types};
