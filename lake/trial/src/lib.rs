//! What a lake survives. `cargo run --release -p lake-trial` tries it and prints the figures; the tests try less of it.
//!
//! Each trial disturbs syncs of a made-up source, then lets one sync end, and compares the lake with one that nothing disturbed:
//! the same data files with the same bytes, but for the numbers in their names, and manifests that differ only in run, time and
//! generation.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

pub mod compacted;
pub mod compare;
pub mod disk;
pub mod failing;
pub mod fake;
pub mod kill;
pub mod reader;
pub mod trials;

/// An error of a trial: what was not as it must be.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
