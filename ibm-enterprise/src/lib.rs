//! Typed client of IBM Cloud's Enterprise Usage Reports API v1, and of the listings of Enterprise Management v1: what an
//! enterprise, its account groups and its accounts used in a month, and which accounts and groups there are.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let (base_url, token) = (sandbox.ibm_enterprise_url(), "token");
//! let ibm = ibm_enterprise::Client::builder().base_url(base_url).bearer_token(token).build()?;
//! let enterprise = ibm_enterprise::types::EnterpriseId::new("5a6b1c0d9e8f47a3b2c1d0e9f8a7b6c5");
//! let call = ibm.get_resource_usage_report().enterprise_id(enterprise).children(true).month("2026-05".parse()?);
//! let mut reports = call.items();
//! while let Some(report) = reports.try_next().await? {
//!     println!("{:?} {:?} {:?}", report.entity_name, report.billable_cost, report.currency_code);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Each operation is a method of [`Client`]. Optional values are set on the builder that it returns, and `send()` makes the
//! call. [`operations`] lists the methods by topic; [`types`] has their parameters and results. Lists have `items()` and
//! `pages()`, which fetch all pages, and which can be resumed; see [`cloud_billing_core::paginate`].
//!
//! # What to know
//!
//! * **Each report covers one entity and one billing unit.** An enterprise or a group has a report for each billing unit that pays
//!   for one of its accounts, so the key of a report is `entity_id`, `billing_unit_id` and `month`.
//! * **Plan level.** Reports have no instances, no tags, no discounts and no names of resources. The client
//!   `ibm-usage-reports` reads those of a single account.
//! * **A beta.** IBM calls this API a beta. This client assumes some things that no document of IBM says; comments in
//!   `specs/ibm-enterprise.yaml` mark them.
//! * **Ids are types.** [`types::AccountId`] is this client's own: `ibm_usage_reports::types::AccountId::new(id.as_str())`
//!   makes the one that `ibm-usage-reports` takes.
//!
//! The rest is as in `ibm-usage-reports`: exact [`Decimal`]s, no required fields, [`Lenient`] dates, months and counts, open
//! enums, checked requests, and one type of [`Error`]. Credentials and configuration come from the program ([`auth`]) or from
//! the environment ([`Client::from_env`], [`config`]).
//!
//! # Cargo features
//!
//! | feature | what | default |
//! |---|---|---|
//! | `client` | the client: calls, credentials, pagination | yes |
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
#[rustfmt::skip]
mod generated;
pub mod money;

pub use cloud_billing_core::json;
pub use cloud_billing_core::value::{as_float_lossy, as_number, as_text};
pub use cloud_billing_core::{BillingMonth, Decimal, Lenient, NullableVec, Rounding, Secret, Timestamp, Total};
pub use generated::{API_VERSION, types};
#[cfg(feature = "client")]
pub use {
    client::{
        Client, ClientBuilder, DEFAULT_BASE_URL, PRIVATE_BASE_URL, PRIVATE_EU_FR_BASE_URL, PRIVATE_US_EAST_BASE_URL,
        PRIVATE_US_SOUTH_BASE_URL,
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
