//! `cargo xtask drift`: a spec against the vendor's own document.

use std::fs;
use std::path::Path;

use codegen::drift::{Inputs, Text, compare};

use crate::flags::Format;
use crate::registry::{Registry, Service, read};

/// What to compare and how to report it.
pub(crate) struct Request<'a> {
    pub(crate) upstream: &'a str,
    pub(crate) format: Format,
    pub(crate) record_texts: bool,
}

/// Prints the differences; `false` when one is not accepted, or an acceptance is stale. With `record_texts` the vendor's
/// texts are recorded as read instead of reported.
pub(crate) fn run(registry: &Registry, service: &Service, request: &Request<'_>) -> Result<bool, String> {
    let upstream = read(Path::new(request.upstream))?;
    let beside = |kind: &str| format!("specs/{}.drift-{kind}.toml", service.name);
    let (allow, texts) = (beside("allow"), beside("texts"));
    let optional = |name: &str| {
        let path = registry.root.join(name);
        if path.exists() { read(&path).map(Some) } else { Ok(None) }
    };
    let (allow_text, texts_text) = (optional(&allow)?, optional(&texts)?);
    let compared = |texts_text: Option<&str>| {
        compare(Inputs {
            spec: service.source(),
            upstream: Text { file: request.upstream, text: &upstream },
            accepted: allow_text.as_deref().map(|text| Text { file: &allow, text }),
            texts: texts_text.map(|text| Text { file: &texts, text }),
        })
        .map_err(|error| error.to_string())
    };
    let mut report = compared(texts_text.as_deref())?;
    if request.record_texts {
        let recorded = report.to_texts();
        let path = registry.root.join(&texts);
        fs::write(&path, &recorded).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        report = compared(Some(&recorded))?;
    }
    match request.format {
        Format::Text => print!("{}", report.to_text()),
        Format::Json => println!("{}", report.to_json().map_err(|error| error.to_string())?),
        Format::Toml => print!("{}", report.to_toml()),
    }
    Ok(report.is_clean())
}
