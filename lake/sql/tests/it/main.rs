//! Lakes of the sandbox's bills, and made-up ones, asked by SQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod apis;
mod books;
mod compacted;
mod decimals;
mod functions;
mod output;
mod queries;
mod world;
