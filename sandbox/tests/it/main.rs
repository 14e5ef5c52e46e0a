//! The sandbox over real HTTP.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a failure in a test's helper is a failure of the test")]

mod answers;
mod client;
mod connections;
mod digest;
mod faults;
mod hostile;
mod iam;
mod lifecycle;
mod oauth;
mod paging;
mod presentation;
mod processing;
mod recording;
mod refusals;
mod routing;
mod slow_clients;
mod specs;
mod vpc;
