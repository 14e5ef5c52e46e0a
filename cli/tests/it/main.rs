//! The program, as a process or within the test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod credentials;
mod curl;
mod enterprise;
mod exit;
#[cfg(feature = "jq")]
mod filters;
mod focus;
mod help;
mod hostile;
mod jobs;
#[cfg(unix)]
mod lake;
mod lists;
mod output;
mod places;
mod program;
mod sandbox;
#[cfg(target_os = "linux")]
mod terminal;
mod tree;
mod vendor;
mod verbose;
mod wire;
