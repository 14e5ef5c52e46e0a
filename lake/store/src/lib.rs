//! A lake of bills: rows of FOCUS in Parquet files, in a folder or an object store, that every engine reads.
//!
//! The unit is what one account is billed for one month. It is replaced as a whole, never merged: its files are written under
//! names that no other file ever has, and one conditional put of its manifest makes them the current ones. So a reader of manifests
//! sees the old unit or the new one, a sync that is killed leaves nothing half done, and a repeat changes nothing: what has the
//! same content stays.
//!
//! ```text
//! focus/focus_version=1.4/dataset=cost_and_usage/service=atlas/billing_period=2026-10/account=a-<id>/part-<hash>-<random>.parquet
//! focus/schema-<id>.json                                                       the columns, as FOCUS describes them
//! tables/{invoices,payments,refunds,subscriptions,reconciliation}/service=.../billing_period=.../account=.../part-<hash>-<random>.parquet
//! raw/service=.../billing_period=.../account=.../<hash>.json.gz                bodies as they came, if they are kept
//! state/<service>/<account>/<period>.json                                      the manifest: what is current, and the checkpoint
//! compact/                                                                     a second copy in few files, if it was asked for
//! ```
//!
//! A reader that lists folders, as DuckDB does for a pattern, sees the old and the new files side by side from the moment that a
//! unit is replaced until its old files are deleted, which is right afterwards; or, if the sync was killed in between, until the
//! next one.
//!
//! | module | topic |
//! |---|---|
//! | [`parquet`] | rows as a Parquet file |
//! | [`table`], [`unit`](mod@unit) | the tables, the units and their places |
//! | [`draft`] | the files of a unit while it is read |
//! | [`manifest`], [`lake`] | what is current, and how it is replaced |
//! | [`local`] | a folder as an object store, with conditional puts and files that are on the disk |
//! | [`source`] | where bills come from |
//! | [`atlas`], [`ibm`] | the services, by their typed clients |
//! | [`plan`] | what is read again, and when |
//! | [`sync`](mod@sync) | all accounts, many at once |
//! | [`compact`](mod@compact), [`compaction`], [`merge`] | a second copy in few files: making it, its manifest, its rows |
//! | [`status`](mod@status) | what the lake holds |

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

pub mod atlas;
pub mod compact;
pub mod compaction;
pub mod draft;
pub mod error;
pub mod ibm;
pub mod lake;
pub mod local;
pub mod manifest;
pub mod merge;
pub mod parquet;
pub mod plan;
mod quiet;
pub mod source;
pub mod status;
pub mod sync;
pub mod table;
pub mod unit;

/// 16 random hexadecimal digits. The standard library takes the keys of its hashes from the operating system.
pub(crate) fn random() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}

pub use compact::compact;
pub use compaction::{Compaction, Month};
pub use draft::Draft;
pub use error::Error;
pub use lake::Lake;
pub use manifest::Manifest;
pub use source::{Bill, Listed, Source};
pub use sync::{Options, Report, sync};
pub use table::Table;
pub use unit::{Service, Unit};
