//! Typed client of the MongoDB Atlas billing API: invoices, line items, Cost Explorer, FOCUS reports, SKUs and
//! organizations.
//!
//! ```
//! use atlas_billing::types::OrganizationId;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let (base_url, token) = (sandbox.atlas_url(), "token");
//! let atlas = atlas_billing::Client::builder().base_url(base_url).bearer_token(token).build()?;
//! let organization = OrganizationId::new("4888442a3354817a7320eb61");
//! let pending = atlas.list_invoice_pending(organization).send().await?;
//! for line in pending.results.iter().flat_map(|invoice| invoice.line_items.iter()) {
//!     println!("{:?} {:?} cents", line.sku, line.total_price_cents);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Each operation of the API is a method of [`Client`]. Required values are its arguments, optional ones are set on the
//! builder that it returns, and `send()` makes the call. [`operations`] lists the methods by topic; [`types`] has their
//! parameters and results.
//!
//! # Pagination
//!
//! An operation that returns a list in pages has `items()` and `pages()`. They fetch all pages, the next one ahead, and decode
//! what you take:
//!
//! ```
//! use atlas_billing::types::{InvoiceStatus, OrganizationId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
//! let organization = OrganizationId::new("4888442a3354817a7320eb61");
//! let call = atlas.list_invoices(&organization).status_names([InvoiceStatus::Paid]);
//! // Fetch up to eight pages at once. An invoice can move to the next page meanwhile; `distinct` returns it once.
//! let mut invoices = call.items().prefetch(8).distinct();
//! while let Some(invoice) = invoices.try_next().await? {
//!     println!("{:?} {:?} cents", invoice.id, invoice.amount_billed_cents);
//! }
//! // A list that is known to be short.
//! let skus = atlas.list_skus().items().collect_all(10_000).await?;
//! # assert!(!skus.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! [`cloud_billing_core::paginate`] documents pagination: how a list ends, and how to resume in another process.
//!
//! # Features
//!
//! * **Money.** Amounts whose names end in `cents` are `i64` cents of US dollars. Quantities, rates and dollar amounts
//!   are exact [`Decimal`]s, parsed from the JSON text and never through floating point. [`money`] has sums and checks.
//! * **CSV** is read row by row, from responses and files: see [`csv`].
//! * **Cost Explorer and FOCUS reports** take the service some time. [`Client::cost_explorer`] and
//!   [`Client::invoice_report`] start them and wait: see [`cost_explorer`] and [`invoice_report`].
//! * **Ids are types**, such as [`types::OrganizationId`]. An id from a response goes into the next call, by value or
//!   reference; `parse()` and `new` make one of a text. Another type of id in its place, or plain text, does not compile:
//!
//!   ```compile_fail,E0277
//!   # use atlas_billing::types::{InvoiceId, OrganizationId};
//!   # fn get(atlas: atlas_billing::Client, organization: OrganizationId, invoice: InvoiceId) {
//!   let call = atlas.get_invoice(invoice, organization);
//!   # }
//!   ```
//! * **No field of a response is required.** A missing field is `None`, and a missing list is empty.
//! * **Dates, months and counts are [`Lenient`].** `known()` is the value. `json_text()` is what
//!   the service sent in place of one.
//! * **Enums are open.** An unknown value is kept, printed and serialized unchanged.
//! * **Requests are validated** against the documented constraints before anything is sent.
//! * **Credentials and configuration** come from the program ([`auth`]) or from the environment ([`Client::from_env`],
//!   [`config`]).
//! * **Errors** have one type, [`Error`]. [`Error::vendor`] decodes the service's own error body as
//!   [`types::ApiError`].
//!
//! # Cargo features
//!
//! | feature | what | default |
//! |---|---|---|
//! | `client` | the client: calls, credentials, pagination, CSV | yes |
//! | `deserialize` | serde's `Deserialize` of the types of responses. The client itself does not use it | no |
//! | `rustls` | TLS by rustls with ring | yes |
//! | `native-tls` | the operating system's TLS; it wins if both are on | no |
//! | `metrics`, `opentelemetry` | metrics through the crate of this name: see [`intercept`] | no |
//! | `bigdecimal`, `rust_decimal` | conversions between [`Decimal`] and the types of these crates | no |
//!
//! TLS and metrics enable `client`. Without it there are [`types`], [`json`], [`money`] and values such as [`Decimal`], for JSON
//! that you already have. They need no async runtime, no HTTP and no TLS, and build for `wasm32-unknown-unknown`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

#[cfg(feature = "client")]
pub mod auth;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
pub mod config;
#[cfg(feature = "client")]
pub mod cost_explorer;
#[cfg(feature = "client")]
pub mod csv;
#[rustfmt::skip]
mod generated;
#[cfg(feature = "client")]
pub mod invoice_report;
pub mod money;
#[cfg(feature = "client")]
mod pending;
#[cfg(feature = "client")]
mod polling;

pub use cloud_billing_core::json;
pub use cloud_billing_core::value::{as_float_lossy, as_number, as_text};
pub use cloud_billing_core::{
    BillingMonth, Date, Decimal, Lenient, NullableMap, NullableVec, Rounding, Secret, Timestamp, Total,
};
pub use generated::{API_VERSION, types};
#[cfg(feature = "client")]
pub use {
    client::{Client, ClientBuilder, DEFAULT_BASE_URL, GOV_BASE_URL},
    cloud_billing_core::{
        ByteStream, Bytes, CallOptions, Credential, Error, ErrorKind, HttpClient, Items, Pages, RateLimit, RawBody,
        Response, ResumeToken, RetryPolicy, Stream,
        fleet::{self, Fleet},
        intercept, mock,
    },
    generated::operations,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
