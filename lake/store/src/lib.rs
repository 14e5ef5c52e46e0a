//! A lake of bills: rows of FOCUS in Parquet files, in a folder or an object store, that every engine reads.
//!
//! | module | topic |
//! |---|---|
//! | [`parquet`] | rows as a Parquet file |
//! | [`table`] | the tables |

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

pub mod error;
pub mod parquet;
pub mod table;

pub use error::Error;
pub use table::Table;
