//! What the clients promise under faults, under load and from hostile servers. `SECURITY.md` lists the promises and the
//! test behind each; `cargo reliability` runs this file and prints its figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on may panic")]
#![allow(missing_docs, clippy::print_stdout, reason = "figures are for whoever asks for them")]

mod appetite;
mod cancellation;
mod figures;
mod fleet;
mod fuzz;
mod hostile;
mod kinds;
mod lists;
mod load;
mod matrix;
mod numbered;
mod polls;
mod promises;
mod public_types;
mod runtimes;
mod secrets;
mod supply_chain;
mod wiping;

use cloud_billing_core::Error;
use test_support::memory;

/// What came of a call, on one line. Whatever a service says, its text gets neither lines of its own nor control characters.
fn outcome<T>(result: Result<T, Error>, shown: impl FnOnce(T) -> String) -> String {
    match result {
        Ok(value) => format!("ok: {}", shown(value)),
        Err(error) => {
            let text = format!("{:?}: {error}", error.kind());
            assert!(!text.contains(char::is_control), "{text:?}");
            text
        }
    }
}
