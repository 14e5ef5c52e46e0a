//! Typed client of the IBM Cloud Usage Reports API v4: account, resource-group, organization and instance usage, account
//! summary, and report snapshots.
//!
//! ```
//! use ibm_usage_reports::types::AccountId;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let (base_url, token) = (sandbox.ibm_url(), "token");
//! let ibm = ibm_usage_reports::Client::builder().base_url(base_url).bearer_token(token).build()?;
//! let account = AccountId::new("987d4cfd77b04e9b9e1a6a0cc8612340");
//! let usage = ibm.get_account_usage(account, "2023-05".parse()?).names(true).send().await?;
//! for resource in usage.resources.iter() {
//!     println!("{:?} {:?}", resource.resource_name, resource.billable_cost);
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
//! what you take. Pagination can be resumed later, even after an error or in another process:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let ibm = ibm_usage_reports::Client::builder().base_url(sandbox.ibm_url()).bearer_token("token").build()?;
//! let account = ibm_usage_reports::types::AccountId::new("987d4cfd77b04e9b9e1a6a0cc8612340");
//! let month = "2023-05".parse()?;
//! let mut pages = ibm.get_resource_usage_account(&account, month).limit(2).pages();
//! let page = pages.try_next().await?;
//! println!("{:?} records", page.map(|page| page.resources.len()));
//! // The position as text, to be stored. `None` at the end.
//! let here: Option<String> = pages.resume_token().map(|token| token.to_string());
//!
//! # let here = here.ok_or("there should be a second page")?;
//! let mut records = ibm.get_resource_usage_account(account, month).limit(2).items().resume(here.parse()?)?;
//! while let Some(record) = records.try_next().await? {
//!     println!("{:?}", record.resource_instance_name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`cloud_billing_core::paginate`] documents pagination.
//!
//! # Features
//!
//! * **Money.** Costs, quantities and rates are exact [`Decimal`]s in the currency of the response. They are parsed
//!   from the JSON text and never through floating point. [`money`] says which number is the bill.
//! * **Report files** of snapshots are read row by row: see [`report_file`].
//! * **CSV and FOCUS.** [`Client::account_summary_csv`], [`Client::instances_csv`] and [`Client::focus_csv`] ask for reports as
//!   CSV. IBM documents their layouts and little else; comments in `specs/ibm-usage-reports.yaml` mark what is inferred.
//! * **Ids are types**, such as [`types::AccountId`]. An id from a response goes into the next call, by value or reference;
//!   `parse()` and `new` make one of a text. Another type of id in its place, or plain text, does not compile:
//!
//!   ```compile_fail,E0277
//!   # use ibm_usage_reports::{BillingMonth, types::{AccountId, ResourceGroupId}};
//!   # fn get(ibm: ibm_usage_reports::Client, account: AccountId, group: ResourceGroupId, month: BillingMonth) {
//!   let call = ibm.get_resource_group_usage(group, account, month);
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
//!   [`types::ErrorResponse`].
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

#[cfg(feature = "client")]
pub mod auth;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
pub mod config;
#[cfg(feature = "client")]
mod csv_forms;
#[rustfmt::skip]
mod generated;
pub mod money;
#[cfg(feature = "client")]
pub mod report_file;

pub use cloud_billing_core::json;
pub use cloud_billing_core::value::{as_float_lossy, as_number, as_text};
pub use cloud_billing_core::{
    BillingMonth, Decimal, DecimalText, EpochMillis, Lenient, NullableVec, Rounding, Secret, Timestamp, Total,
};
pub use generated::{API_VERSION, types};
#[cfg(feature = "client")]
pub use {
    client::{
        Client, ClientBuilder, DEFAULT_BASE_URL, PRIVATE_BASE_URL, PRIVATE_US_EAST_BASE_URL, PRIVATE_US_SOUTH_BASE_URL,
    },
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
