//! The sandbox's estate, read with the clients: its sums, relations, filters and snapshots.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod ask;
mod atlas;
mod enterprise;
mod ibm;
mod irregular;
