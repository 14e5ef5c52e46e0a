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
//! | [`request`] | building a request: parameters, body, validation |
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
//! | [`value`] | exact decimals, months, instants, ids, open enums, lenient containers |
//! | [`json`] | decoding JSON into the types of a client |
//!
//! # Cargo features
//!
//! | feature | what | default |
//! |---|---|---|
//! | `digest` | HTTP Digest, [`auth`]'s `DigestKey` | yes |
//! | `rustls` | TLS by rustls with ring | yes |
//! | `native-tls` | the operating system's TLS; it wins if both are on | no |
//! | `metrics`, `opentelemetry` | metrics through the crate of this name: see [`intercept`] | no |
//! | `bigdecimal`, `rust_decimal` | conversions between [`Decimal`] and the types of these crates | no |
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
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

pub mod auth;
pub mod body;
mod cause;
pub mod client;
pub mod config;
mod context;
pub mod csv;
mod deadline;
mod echo;
pub mod error;
mod executor;
pub mod file;
pub mod fleet;
pub mod gzip;
pub mod intercept;
pub mod json;
mod lock;
mod media;
pub mod mock;
pub mod operation;
pub mod paginate;
pub mod poll;
pub mod request;
pub mod response;
pub mod retry;
pub mod secret;
pub mod service;
mod small_file;
mod telemetry;
mod text;
mod tls;
pub mod total;
mod transport;
mod url;
pub mod value;

pub use auth::{BearerToken, BoxFuture, Credential};
pub use body::ByteStream;
pub use bytes::Bytes;
pub use client::{CallOptions, ClientBuilder, Core, RawBody};
pub use error::{Error, ErrorKind};
pub use fleet::Fleet;
pub use futures_core::Stream;
pub use intercept::Interceptor;
pub use operation::{Method, Operation};
pub use paginate::{Items, Pages, Paginate, RawPages, ResumeToken};
pub use request::{Check, Checker, Constraint, ParamValue, Request};
pub use response::{RateLimit, Response};
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use service::Service;
pub use total::Total;
pub use transport::HttpClient;
pub use value::{
    BillingMonth, Date, Decimal, DecimalText, EpochMillis, Lenient, NullableMap, NullableVec, Rounding, Timestamp,
};

/// Used by the macros of this crate and by the benches. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::paginate::each_item;
    pub use crate::request::id::check_id;
    pub use crate::request::param::{Param, Scalar};
    pub use crate::value::open_enum::{UnknownValue, deserialize_text};
    pub use serde;
}
