//! `cargo xtask lint`: the curation rules.

use crate::registry::Service;

/// Prints every finding; `false` when there is one.
pub(crate) fn run(services: &[&Service], _upstream: Option<&str>) -> Result<bool, String> {
    let mut clean = true;
    for service in services {
        match codegen::lint(service.source()) {
            Ok(()) => println!("{}: clean", service.spec),
            Err(diagnostics) => {
                clean = false;
                println!("{diagnostics}");
            }
        }
    }
    Ok(clean)
}
