//! The shared runtime of the typed billing clients.
//!
//! A generated client is data: one [`Operation`] per API operation, and types that declare their keys with [`record!`]. This
//! crate does everything between a method call and its result, so that code is compiled once:
//!
//! ```text
//! generated code          this crate
//! ──────────────          ──────────
//! Operation (const)  ──▶  Request   parameters encoded, constraints checked
//!                         Core      credential, attempts, retries, timeouts, status, body limit
//! types (record!)    ◀──  json      the body decoded: exact numbers, a limit on memory, errors with their place
//!                    ◀──  Response  the decoded value with status, headers, request id
//!                    ◀──  Items     the items of a list, across its pages
//!                    ◀──  Error     one opaque type: what failed, where, and whether a retry may help
//! ```
//!
//! | module | topic |
//! |---|---|
//! | [`operation`], [`service`] | constants that describe operations and services |
//! | [`request`] | building a request: parameters, body |
//! | [`check`] | values of parameters and bodies against their documented constraints |
//! | [`client`] | [`Core`] and its builder |
//! | [`auth`], [`secret`] | authentication |
//! | [`intercept`] | code of the program that sees each call |
//! | [`retry`] | retries and rate limits |
//! | [`config`] | settings from environment variables and files |
//! | [`paginate`] | pagination: items and pages of lists |
//! | [`fleet`] | one job for each of many organizations or accounts |
//! | [`mock`] | answers without sockets, for tests |
//! | [`poll`] | polling jobs of the service until they end |
//! | [`response`], [`body`] | responses, decoded or as a stream |
//! | [`csv`], [`gzip`], [`mod@file`] | CSV tables in bodies and files, read as they arrive |
//! | [`error`] | errors |
//! | [`total`] | exact sums |
//! | [`value`] | exact decimals, months, instants, ids, open enums, lenient containers |
//! | [`json`] | decoding JSON into the types of a client |
//!
//! # Cargo features
//!
//! | feature | what | default |
//! |---|---|---|
//! | `client` | the client: requests, responses, errors, CSV | yes |
//! | `digest` | HTTP Digest, [`auth`]'s `DigestKey` | yes |
//! | `rustls` | TLS by rustls with ring | yes |
//! | `native-tls` | the operating system's TLS; it wins if both are on | no |
//! | `metrics`, `opentelemetry` | metrics through the crate of this name: see [`intercept`] | no |
//! | `bigdecimal`, `rust_decimal` | conversions between [`Decimal`] and the types of these crates | no |
//!
//! All but those of the last row enable `client`. Without it there are [`json`], [`value`], [`total`], [`secret`] and [`check`]:
//! the types and their decoding. They need no async runtime, no HTTP and no TLS, and build for `wasm32-unknown-unknown`.
//!
//! # Guarantees
//!
//! * No response makes this crate panic, run past its deadline or use memory beyond its limits: the body limit, and for
//!   decoding 8 bytes for each byte of text and 1 MiB.
//! * A list returns every record of its pages once and in order, or an error with its place.
//! * Bodies are decoded on the task that awaits them. Dropping a future ends its work.
//! * No secret and no query value appears in an error, in `Debug` output or in a trace.
//! * Money in responses is never read through floating point, and every format of serde gets all its digits.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(feature = "client"),
    allow(dead_code, unreachable_pub, unused_imports, reason = "only the client calls it")
)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

// The types and their decoding: what stands here names nothing of what stands below.
pub mod check;
pub mod json;
pub mod secret;
mod text;
pub mod total;
pub mod value;

// The client.
#[cfg(feature = "client")]
pub mod auth;
#[cfg(feature = "client")]
pub mod body;
#[cfg(feature = "client")]
mod cause;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "client")]
pub mod config;
#[cfg(feature = "client")]
mod context;
#[cfg(feature = "client")]
pub mod csv;
#[cfg(feature = "client")]
mod deadline;
#[cfg(feature = "client")]
mod echo;
#[cfg(feature = "client")]
pub mod error;
#[cfg(feature = "client")]
mod executor;
#[cfg(feature = "client")]
pub mod file;
#[cfg(feature = "client")]
pub mod fleet;
#[cfg(feature = "client")]
pub mod gzip;
#[cfg(feature = "client")]
pub mod intercept;
#[cfg(feature = "client")]
mod lock;
#[cfg(feature = "client")]
mod media;
#[cfg(feature = "client")]
pub mod mock;
#[cfg(feature = "client")]
pub mod operation;
#[cfg(feature = "client")]
pub mod paginate;
#[cfg(feature = "client")]
pub mod poll;
#[cfg(feature = "client")]
pub mod request;
#[cfg(feature = "client")]
pub mod response;
#[cfg(feature = "client")]
pub mod retry;
#[cfg(feature = "client")]
pub mod service;
#[cfg(feature = "client")]
mod small_file;
#[cfg(feature = "client")]
mod telemetry;
#[cfg(feature = "client")]
mod tls;
#[cfg(feature = "client")]
mod transport;
#[cfg(feature = "client")]
mod url;

pub use check::{Check, Checker, Constraint, ParamValue};
pub use secret::Secret;
pub use total::Total;
pub use value::{
    BillingMonth, Date, Decimal, DecimalText, EpochMillis, Lenient, NullableMap, NullableVec, Rounding, Timestamp,
};
#[cfg(feature = "client")]
pub use {
    auth::{BearerToken, BoxFuture, Credential},
    body::ByteStream,
    bytes::Bytes,
    client::{CallOptions, ClientBuilder, Core, RawBody},
    error::{Error, ErrorKind},
    fleet::Fleet,
    futures_core::Stream,
    intercept::Interceptor,
    operation::{Method, Operation},
    paginate::{Items, Pages, Paginate, RawPages, ResumeToken},
    request::Request,
    response::{RateLimit, Response},
    retry::RetryPolicy,
    service::Service,
    transport::HttpClient,
};

/// Used by the macros of this crate and by the benches. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::check::id::check_id;
    pub use crate::check::param::{Param, Scalar};
    #[cfg(feature = "client")]
    pub use crate::paginate::each_item;
    pub use crate::value::open_enum::{UnknownValue, deserialize_text};
    pub use serde;
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
