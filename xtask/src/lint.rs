//! `cargo xtask lint`: the curation rules.

use std::path::Path;

use crate::output;
use crate::registry::{Service, read};

/// Prints every finding; `false` when there is one. With the vendor's document, copied text is a finding too.
pub(crate) fn run(services: &[&Service], upstream: Option<&str>) -> Result<bool, String> {
    let vendor = upstream.map(|file| read(Path::new(file))).transpose()?;
    let mut clean = true;
    for service in services {
        let found = match &vendor {
            Some(vendor) => codegen::lint_against(service.source(), vendor),
            None => codegen::lint(service.source()),
        };
        match found {
            Ok(()) => output::say!("{}: clean", service.spec),
            Err(diagnostics) => {
                clean = false;
                output::say!("{diagnostics}");
            }
        }
    }
    Ok(clean)
}
