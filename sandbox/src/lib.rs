//! An HTTP server on the loopback interface that speaks both billing APIs, for tests, examples and first steps.
//!
//! It is made from the curated specs: it answers every operation with the spec's own example or from a synthetic
//! [`Estate`], and refuses every request that the spec does not allow, in the vendor's error shape, with a text that names
//! the rule, what broke it, and the place in the spec. So a client that gets through here sends what the spec says.
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
//! # What it answers
//!
//! With an [`Estate`] it behaves like the services: identifiers stand for something or are not found, filters filter,
//! orders order, totals are the sums of what is in them, and configurations, queries and reports have states. An estate
//! grows from a seed and has the size it is given, up to millions of records; none of them is ever stored.
//! [`Sandbox::estate`] says which identifiers there are and what the bills come to, for a test to compare with.
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
//! Without one, it answers with the examples:
//!
//! * Every well-formed identifier finds the example, except [`ABSENT_ID`], which finds the documented 404.
//! * Filters and sort orders are checked and have no effect. `pretty`, `envelope` and `includeCount` do what they say.
//! * Lists are cut into pages. A list that fits on one page, and is asked for without page or size, is the example as
//!   it stands; in all others the links, tokens and sizes are the sandbox's own. Counts always speak of the whole list.
//!
//! And with both:
//!
//! * Rate-limit headers are the examples of the spec, and nothing is limited, unless [`Builder::rate_limits`] or a
//!   [`Fault`] says so.
//! * Queries of the Cost Explorer and reports on invoices are ready at once, unless [`Builder::cost_explorer_polls`],
//!   [`Builder::cost_explorer_time`], [`Builder::report_polls`] and [`Builder::report_time`] say otherwise.
//! * A version date of Atlas that is later than the declared one, and one that there is a version of, is served as the
//!   declared one; [`Builder::exact_versions`] refuses it.
//! * The time is the system's, until [`Sandbox::advance`] moves it or [`Builder::now`] holds it. Months begin, invoices
//!   close and addresses expire by it.
//!
//! # Whom it believes
//!
//! Any bearer token will do, so that a simple test stays simple; [`Builder::strict_credentials`] changes that. Each
//! sandbox has credentials of its own, for whatever a client does to get a token or to do without:
//!
//! | credentials | where | what for |
//! |---|---|---|
//! | [`Sandbox::atlas_service_account`] | `POST /api/oauth/token`, `/api/oauth/revoke` of Atlas | a token by OAuth 2.0, and giving it back |
//! | [`Sandbox::atlas_api_key`] | every operation of Atlas | HTTP Digest |
//! | [`Sandbox::ibm_api_key`] | `POST /identity/token` of IBM | a token of IAM, and from that one of a trusted profile |
//! | [`Sandbox::ibm_compute_resource_token`] | the same | a token of a trusted profile |
//! | none | `/instance_identity/v1/...` and `/identity/v1/...` of IBM | the tokens of a VPC instance |
//!
//! Requests for tokens are checked field by field and recorded like all others. A token that was issued here, and has
//! expired or was revoked, is never believed: [`Sandbox::advance`], [`Sandbox::expire_tokens`] and
//! [`Sandbox::revoke_all`] bring that about.
//!
//! # What goes wrong
//!
//! Nothing, unless it is asked for: a [`Fault`] makes an answer an error, late, broken off, or something else than it
//! should be. Which requests it befalls is a matter of counting or of a seed, so it is the same each time. A fault can
//! also be read from a text, such as `503:on=listInvoices:first=2`.
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
//! # What it refuses
//!
//! | request | status |
//! |---|---|
//! | a path that no operation has | 404 |
//! | a method that the path does not take | 405 |
//! | an encoded colon where the path has a plain one; the text says so | 404 or 405 |
//! | no `Authorization: Bearer <token>` and, for Atlas, no right answer to a challenge of HTTP Digest either | 401 |
//! | a download with an `Authorization` header: its address is signed | 400 |
//! | Atlas: an `Accept` that is not one of the operation's media types, or one of them with a later version date; IBM: one that does not admit JSON | 406 |
//! | a body whose `Content-Type` is not the operation's, or that is compressed | 415 |
//! | a body of more than a mebibyte | 413 |
//! | a parameter that is unknown, missing, repeated, malformed or outside of its schema; a page token of another list | 400 |
//! | a body where none is taken, none where one is required, one that is not JSON or does not fit its schema, unknown and read-only fields included | 400 |
//! | with an estate: a query of the Cost Explorer whose dates are not first days of months, or that has nothing to group by | 400 |
//! | with an estate: a second snapshot configuration, or a change to what is in force already | 409 |
//! | with an estate: a bucket whose name begins with `no-access` | 424 |
//!
//! Headers that the spec does not declare are ignored.
//!
//! # As a program
//!
//! `cargo run -p sandbox -- cargo test` serves an estate while a command runs, here `cargo test`, with the environment
//! variables that point clients at it; the caller's own `MONGODB_ATLAS_*` and `USAGE_REPORTS_*` are not passed on. Without a
//! command, `cargo run -p sandbox -- --port 8080` prints the variables as lines for a shell, and serves until it is
//! interrupted. `--help` lists everything that is set by the [`Builder`] here. IBM's own SDKs work against it unmodified,
//! which `foreign/check.sh` shows; how fast it is, `cargo bench -p sandbox` says.
//!
//! A guide with whole test files is `docs/testing.md` in the repository.

mod answer;
mod auth;
mod builder;
mod check;
mod clock;
mod document;
mod error;
mod estate;
mod examples;
mod fault;
mod gate;
mod handle;
mod limit;
mod paging;
mod percent;
mod problem;
mod processing;
mod query;
mod record;
mod refusal;
mod reply;
mod request;
mod rng;
mod routing;
mod schema;
mod serve;
mod server;
mod service;
mod spec;
mod stream;

pub use auth::DigestAlgorithm;
pub use builder::Builder;
pub use error::Error;
pub use estate::{AtlasInvoice, Estate, IbmMonth, Ledger};
pub use examples::ABSENT_ID;
pub use fault::{Cut, Failure, Fault, ParseFaultError, RetryAfter, UNKNOWN_VALUE};
pub use limit::RateLimit;
pub use processing::NotReady;
pub use record::RecordedRequest;
pub use server::Sandbox;
pub use service::Service;
