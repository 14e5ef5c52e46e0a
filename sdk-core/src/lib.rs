//! The shared runtime of the typed billing clients.
//!
//! A generated client is data: types, and one [`Operation`] per call. Everything that happens between a method call and
//! its result happens here, once, and is compiled once:
//!
//! ```text
//! generated code          this crate
//! ──────────────          ──────────
//! Operation (const)  ──▶  Request   parameters encoded, constraints checked
//!                         Core      credential, attempts and waits, time limits, status, body limit
//! types (serde)      ◀──  Response  the decoded value with status, headers, request id
//!                    ◀──  Error     one opaque type that knows what, where and whether to try again
//! ```
//!
//! | module | topic |
//! |---|---|
//! | [`operation`], [`service`] | what a call and a service are, as constants |
//! | [`request`] | building a call: parameters, body, checks before sending |
//! | [`client`] | [`Core`] and its builder |
//! | [`auth`], [`secret`] | credentials |
//! | [`retry`] | when a call is tried again |
//! | [`config`] | settings from environment variables and files |
//! | [`paginate`] | walking lists that come in pages |
//! | [`poll`] | waiting for processes of the service |
//! | [`response`], [`body`] | what comes back, decoded or as a stream |
//! | [`csv`], [`gzip`], [`mod@file`] | tables in bodies and files, as they arrive |
//! | [`error`] | what went wrong |
//! | [`value`] | exact decimals, months, instants, open enums, lenient containers |
//! | [`de`] | helpers for `#[serde(deserialize_with = ...)]` |
//!
//! # Cargo features
//!
//! | feature | what | default |
//! |---|---|---|
//! | `digest` | HTTP Digest, [`auth`]'s `DigestKey` | yes |
//! | `rustls` | TLS by rustls with ring | yes |
//! | `native-tls` | the operating system's TLS; it wins if both are on | no |
//!
//! # Rules that hold everywhere
//!
//! * Nothing a service sends makes this crate panic, hang past its deadline or use memory past its limit.
//! * No secret and no query value appears in an error, in `Debug` output or in a trace.
//! * Money is never read through floating point.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

pub mod auth;
pub mod body;
mod cause;
pub mod client;
pub mod config;
pub mod csv;
pub mod de;
pub mod error;
pub mod file;
pub mod gzip;
mod json;
mod media;
pub mod operation;
pub mod paginate;
pub mod poll;
pub mod request;
pub mod response;
pub mod retry;
pub mod secret;
pub mod service;
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
pub use client::{ClientBuilder, Core};
pub use error::{Error, ErrorKind};
pub use futures_core::Stream;
pub use operation::{Method, Operation};
pub use paginate::{Continuation, Items, Pages, Paginate, RawPage, RawPages};
pub use request::{Check, Checker, Constraint, ParamValue, Request};
pub use response::{RateLimit, Response};
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use service::Service;
pub use total::Total;
pub use transport::HttpClient;
pub use value::{BillingMonth, Date, Decimal, DecimalText, EpochMillis, Lenient, NullableMap, NullableVec, Timestamp};

/// What the macros of this crate expand to, and what the benches measure alone. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::request::param::{Param, Scalar};
    pub use crate::value::direct::from_str;
    pub use crate::value::open_enum::{UnknownValue, deserialize_text};
    pub use serde;
}
