//! An HTTP server on the loopback interface that speaks both billing APIs, for tests, examples and first steps.
//!
//! It is made from the curated specs: it answers every operation with the spec's own example, and refuses every request
//! that the spec does not allow, in the vendor's error shape, with a text that names the rule, what broke it, and the
//! place in the spec. So a client that gets through here sends what the spec says.
//!
//! ```
//! use sandbox::{Sandbox, Service};
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
//! * Every well-formed identifier finds the example, except [`ABSENT_ID`], which finds the documented 404.
//! * Filters and sort orders are checked and have no effect. `pretty`, `envelope` and `includeCount` do what they say.
//! * Lists are cut into pages. A list that fits on one page, and is asked for without page or size, is the example as
//!   it stands; in all others the links, tokens and sizes are the sandbox's own. Counts always speak of the whole list.
//! * Rate-limit headers are the examples of the spec. Nothing is ever limited.
//!
//! # What it refuses
//!
//! | request | status |
//! |---|---|
//! | a path that no operation has | 404 |
//! | a method that the path does not take | 405 |
//! | an encoded colon where the path has a plain one; the text says so | 404 or 405 |
//! | no `Authorization: Bearer <token>`; any token will do | 401 |
//! | Atlas: an `Accept` that is not exactly one of the operation's media types; IBM: one that does not admit JSON | 406 |
//! | a body whose `Content-Type` is not the operation's, or that is compressed | 415 |
//! | a body of more than a mebibyte | 413 |
//! | a parameter that is unknown, missing, repeated, malformed or outside of its schema; a page token of another list | 400 |
//! | a body where none is taken, none where one is required, one that is not JSON or does not fit its schema, unknown and read-only fields included | 400 |
//!
//! Headers that the spec does not declare are ignored.

mod auth;
mod check;
mod error;
mod handle;
mod paging;
mod percent;
mod query;
mod record;
mod refusal;
mod respond;
mod routing;
mod schema;
mod server;
mod service;
mod spec;

pub use error::Error;
pub use record::RecordedRequest;
pub use respond::ABSENT_ID;
pub use server::{Builder, Sandbox};
pub use service::Service;
