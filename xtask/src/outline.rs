//! `cargo xtask outline`: the public API of the clients in short.

use crate::registry::Service;

/// Prints the outline of each service.
pub(crate) fn run(services: &[&Service]) -> Result<(), String> {
    for service in services {
        let client = codegen::generate(service.source()).map_err(|diagnostics| diagnostics.to_string())?;
        print!("{}", client.outline);
    }
    Ok(())
}
