//! Support for the tests of several crates. It depends on no crate of the workspace, so that each of them can use it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

pub mod client;
pub mod figures;
pub mod memory;
pub mod server;
pub mod stream;
pub mod synthetic;
mod token_server;
pub mod trace;

pub use token_server::TokenServer;
