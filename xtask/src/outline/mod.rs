//! `cargo xtask outline`: the public API of the clients in short.

mod diff;

use crate::output;
use crate::registry::Service;

pub(crate) use diff::run as diff;

/// Prints the outline of each service.
pub(crate) fn run(services: &[&Service]) -> Result<(), String> {
    for service in services {
        let client = codegen::generate(service.source()).map_err(|diagnostics| diagnostics.to_string())?;
        output::text(&client.outline);
    }
    Ok(())
}
