//! A local HTTP server for the billing APIs of MongoDB Atlas and IBM Cloud, for tests, examples and first steps.
//!
//! It follows the curated specs. It answers every operation with a record of a synthetic [`Estate`] or with the example
//! of the spec, and it refuses every request that the spec does not allow. A refusal has the vendor's error format, and
//! names the rule, the value that breaks it, and the place in the spec. So a client whose requests are accepted here sends
//! what the spec says.
//!
//! ```
//! use cloud_billing_sandbox::{Sandbox, Service};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let sandbox = Sandbox::start().await?;
//! println!("Atlas is at {}, IBM at {}", sandbox.atlas_url(), sandbox.ibm_url());
//!
//! // ... point a client there and let it work, then see what it sent:
//! for request in sandbox.requests() {
//!     println!("{} {} -> {}", request.method, request.target, request.status);
//!     assert!(request.refusals.is_empty(), "{:?}", request.refusals);
//! }
//!
//! let invoices = Sandbox::example(Service::Atlas, "listInvoices").unwrap_or_default();
//! assert_eq!(invoices["totalCount"], 2);
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! # Answers
//!
//! With an [`Estate`] it behaves like the services: an unknown identifier is not found, filters and sort orders apply,
//! totals are sums of their parts, and configurations, queries and reports have states. An estate has a seed and a size of
//! up to millions of records. No record is stored. [`Sandbox::estate`] has its identifiers and totals, for a test to
//! compare with.
//!
//! ```
//! use cloud_billing_sandbox::{Estate, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let sandbox = Sandbox::builder().estate(Estate::new().seed(7).instances(100)).start().await?;
//! let ledger = sandbox.estate().ok_or("there is an estate")?;
//! let month = ledger.months().pop().ok_or("there are months")?;
//! // ... add up what the client under test reads of `ledger.ibm_account()`, and compare:
//! println!("{:?}", ledger.ibm_month(&month));
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! With [`Estate::irregular`] the totals are not sums of their parts, in the ways of real bills. The ledger has each
//! [`Irregularity`] and the amount that is left, for a test of a reconciliation.
//!
//! Without an estate it answers with the examples of the specs:
//!
//! * Every well-formed identifier is answered with the example, and [`ABSENT_ID`] with the documented 404.
//! * Filters and sort orders are checked and have no effect. `pretty`, `envelope` and `includeCount` have their effects.
//! * Lists are cut into pages, with the sandbox's own links, tokens and sizes. A list that fits on one page, and is
//!   requested without page or size, is the unchanged example. Counts are those of the whole list.
//!
//! In both cases:
//!
//! * Rate-limit headers are the examples of the spec, and no rate is limited. [`Builder::rate_limits`] or a [`Fault`]
//!   changes that.
//! * Cost Explorer queries and reports on invoices are ready at once. [`Builder::cost_explorer_polls`],
//!   [`Builder::cost_explorer_time`], [`Builder::report_polls`] and [`Builder::report_time`] change that.
//! * A request for a later version date of Atlas gets the declared version, if Atlas has a version of that date.
//!   [`Builder::exact_versions`] refuses it.
//! * The clock is the system's. [`Sandbox::advance`] moves it, and [`Builder::now`] stops it. Months, invoices and download
//!   URLs depend on it.
//!
//! # Authentication
//!
//! Any bearer token is accepted, which keeps simple tests simple; [`Builder::strict_credentials`] changes that. Each
//! sandbox has its own credentials for every supported authentication flow:
//!
//! | credentials | where | what for |
//! |---|---|---|
//! | [`Sandbox::atlas_service_account`] | `POST /api/oauth/token`, `/api/oauth/revoke` of Atlas | an OAuth 2.0 token, and its revocation |
//! | [`Sandbox::atlas_api_key`] | every operation of Atlas | HTTP Digest |
//! | [`Sandbox::ibm_api_key`] | `POST /identity/token` of IBM | a token of IAM, and with it a token of a trusted profile |
//! | [`Sandbox::ibm_compute_resource_token`] | the same | a token of a trusted profile |
//! | none | `/instance_identity/v1/...` and `/identity/v1/...` of IBM | the tokens of a VPC instance |
//!
//! Token requests are checked field by field and recorded like all others. An issued token that has expired or was revoked
//! is never accepted; [`Sandbox::advance`], [`Sandbox::expire_tokens`] and [`Sandbox::revoke_all`] make that happen.
//!
//! # Faults
//!
//! A [`Fault`] turns a response into an error, delays it, cuts it off or changes it. The requests that it applies to are
//! chosen by counting or by a seed, so a test is reproducible. A fault can also be parsed from a text, such as
//! `503:on=listInvoices:first=2`.
//!
//! ```
//! use cloud_billing_sandbox::{Cut, Failure, Fault, RetryAfter, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let overload = Failure::new(429).retry_after(RetryAfter::Seconds(1));
//! let sandbox = Sandbox::builder().fault(Fault::failure(overload).on("listInvoices").first(2)).start().await?;
//! // ... later:
//! sandbox.inject(Fault::reset(Cut::Body).on("getInvoiceCsv"))?;
//! sandbox.inject("nulls:chance=5:seed=7".parse()?)?;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! # Refused requests
//!
//! | request | status |
//! |---|---|
//! | an unknown path | 404 |
//! | a method that the path does not have | 405 |
//! | an encoded colon where the path has a plain one; the text says so | 404 or 405 |
//! | no `Authorization: Bearer <token>` and, for Atlas, no valid HTTP Digest response either | 401 |
//! | a download with an `Authorization` header, since its URL is signed | 400 |
//! | Atlas: an `Accept` that is not one of the operation's media types, or one of them with a later version date; IBM: one that does not admit JSON | 406 |
//! | a body whose `Content-Type` is not the operation's, or that is compressed | 415 |
//! | a body of more than a mebibyte | 413 |
//! | a parameter that is unknown, missing, repeated, malformed or outside of its schema; a page token of another list | 400 |
//! | an unexpected body, a missing required body, a body that is not JSON or does not fit its schema, for example with unknown or read-only fields | 400 |
//! | with an estate: a query of the Cost Explorer whose dates are not first days of months, or that lists nothing to group by | 400 |
//! | with an estate: an identifier that no record has | 404; where the operation documents none, 403 or else 400 |
//! | with an estate: a second snapshot configuration | 409 |
//! | with an estate: a bucket whose name begins with `no-access` | 424 |
//!
//! Headers that the spec does not declare are ignored.
//!
//! # The program
//!
//! `cloudbill sandbox run cargo test` serves an estate while a command runs, here `cargo test`. The command gets
//! environment variables that point clients at the sandbox; the caller's own (`MONGODB_ATLAS_*`, `USAGE_REPORTS_*` and so on) are
//! removed. `cloudbill sandbox serve --port 8080` prints the variables as shell
//! commands, and serves until it is interrupted. `--help` lists the options, which are those of the [`Builder`]. IBM's
//! own SDKs work with it unmodified: see `foreign/check.sh`. `cargo bench -p workspace-tests` measures its speed.
//!
//! A guide with whole test files is `docs/testing.md` in the repository.

mod answer;
mod auth;
mod builder;
mod check;
mod clock;
mod error;
mod estate;
mod examples;
mod fault;
mod handle;
mod json;
mod limit;
mod lock;
mod paging;
mod processing;
mod record;
mod refusal;
mod request;
mod rng;
mod serve;
mod server;
mod spec;
mod stream;
mod text;
mod timed;

pub use auth::DigestAlgorithm;
pub use builder::Builder;
pub use error::Error;
pub use estate::{AtlasInvoice, Estate, IbmMonth, Irregularity, Ledger, Records};
pub use examples::ABSENT_ID;
pub use fault::{Cut, Failure, Fault, FaultKind, ParseFaultError, RetryAfter, UNKNOWN_VALUE};
pub use limit::RateLimit;
pub use processing::NotReady;
pub use record::RecordedRequest;
pub use server::Sandbox;
pub use spec::Service;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
