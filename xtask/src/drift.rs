//! `cargo xtask drift`: a spec against the vendor's own document.

use std::fs;
use std::path::Path;

use codegen::drift::{Inputs, Text, Unreadable, compare, reduce};

use crate::flags::Format;
use crate::output;
use crate::registry::{Registry, Service, read};

/// The vendor's document, and how to report the differences.
pub(crate) struct Request<'a> {
    pub(crate) upstream: &'a str,
    pub(crate) format: Format,
    pub(crate) record_texts: bool,
    pub(crate) reduce: bool,
}

/// Prints the differences; `false` when one is not accepted, or an acceptance is stale. With `record_texts` the
/// vendor's texts are recorded as read instead of reported; with `reduce` the structure of its document is kept.
pub(crate) fn run(registry: &Registry, service: &Service, request: &Request<'_>) -> Result<bool, String> {
    let upstream = read(Path::new(request.upstream))?;
    let beside = |kind: &str| format!("specs/{}.drift-{kind}.toml", service.name);
    let (allow, texts) = (beside("allow"), beside("texts"));
    let optional = |name: &str| {
        let path = registry.root.join(name);
        if path.exists() { read(&path).map(Some) } else { Ok(None) }
    };
    let (allow_text, mut texts_text) = (optional(&allow)?, optional(&texts)?);
    let accepted = allow_text.as_deref().map(|text| Text { file: &allow, text });
    let upstream = Text { file: request.upstream, text: &upstream };
    let inputs = Inputs { spec: service.source(), upstream, accepted, texts: None };
    let failed = |error: Unreadable| error.to_string();
    if request.record_texts {
        let recorded = compare(inputs).map_err(failed)?.to_texts();
        write(&registry.root.join(&texts), &recorded)?;
        texts_text = Some(recorded);
    }
    if request.reduce {
        let structure = reduce(inputs).map_err(failed)?;
        write(&registry.root.join(format!("specs/upstream/{}.yaml", service.name)), &structure)?;
    }
    let texts = texts_text.as_deref().map(|text| Text { file: &texts, text });
    let report = compare(Inputs { texts, ..inputs }).map_err(failed)?;
    match request.format {
        Format::Text => output::text(&report.to_text()),
        Format::Json => output::say!("{}", report.to_json().map_err(|error| error.to_string())?),
        Format::Toml => output::text(&report.to_toml()),
    }
    Ok(report.is_clean())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    // Not among the differences, which a program may read.
    eprintln!("wrote {}", path.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Format, Request, run};
    use crate::lint;
    use crate::registry::Registry;
    use crate::tests::{self, SPEC};

    /// A workspace with one small service, and beside it a vendor's document with one other text.
    fn workspace() -> tempfile::TempDir {
        let root = tests::workspace();
        let (_, rest) = SPEC.split_once("      description: ").unwrap();
        let ours = rest.lines().next().unwrap();
        fs::write(root.path().join("vendor.yaml"), SPEC.replacen(ours, "Quite another text, of the vendor's.", 1))
            .unwrap();
        root
    }

    fn drift(root: &Path, file: &str, record_texts: bool) -> Result<bool, String> {
        let registry = Registry::load(root).unwrap();
        let upstream = root.join(file);
        let request =
            Request { upstream: upstream.to_str().unwrap(), format: Format::Toml, record_texts, reduce: record_texts };
        run(&registry, registry.select(Some("small")).unwrap()[0], &request)
    }

    #[test]
    fn texts_are_recorded_and_differences_accepted() {
        let root = workspace();
        assert_eq!(drift(root.path(), "specs/small.yaml", false), Ok(true));
        assert_eq!(drift(root.path(), "vendor.yaml", false), Ok(false));
        assert_eq!(drift(root.path(), "vendor.yaml", true), Ok(true));
        assert_eq!(drift(root.path(), "vendor.yaml", false), Ok(true), "the record is read");
        let structure = fs::read_to_string(root.path().join("specs/upstream/small.yaml")).unwrap();
        assert!(structure.contains("paths:") && !structure.contains("of the vendor's"), "{structure}");
        assert_eq!(drift(root.path(), "specs/upstream/small.yaml", false), Ok(true));
        // An acceptance that accepts nothing is a finding; one that cannot be read is an error.
        let allow = root.path().join("specs/small.drift-allow.toml");
        fs::write(&allow, "[[accepted]]\nchange = 'type'\nat = 'x'\nreason = 'y'\n").unwrap();
        assert_eq!(drift(root.path(), "vendor.yaml", false), Ok(false));
        fs::write(&allow, "[[accepted]]\n").unwrap();
        assert!(drift(root.path(), "vendor.yaml", false).is_err_and(|e| e.contains("specs/small.drift-allow.toml")));
        assert!(drift(root.path(), "nowhere.yaml", false).is_err_and(|e| e.contains("nowhere.yaml")));
    }

    #[test]
    fn lint_compares_words_when_it_has_them() {
        let root = workspace();
        let registry = Registry::load(root.path()).unwrap();
        let services = registry.select(None).unwrap();
        let text = "It says: one two three four five six seven.";
        let copied = SPEC.replacen("      description: ", "      description: One two three four five six seven. ", 1);
        fs::write(root.path().join("page.txt"), text).unwrap();
        let page = root.path().join("page.txt");
        assert_eq!(lint::run(&services, page.to_str()), Ok(true));
        fs::write(root.path().join("specs/small.yaml"), copied).unwrap();
        let registry = Registry::load(root.path()).unwrap();
        let services = registry.select(None).unwrap();
        assert_eq!(lint::run(&services, None), Ok(true));
        assert_eq!(lint::run(&services, page.to_str()), Ok(false));
        assert!(lint::run(&services, Some("nowhere.txt")).is_err_and(|e| e.contains("nowhere.txt")));
    }
}
