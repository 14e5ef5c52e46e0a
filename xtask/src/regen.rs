//! `cargo xtask regen`: the generated code of the clients, written or compared.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use codegen::{File, Source, Spec};
use similar::TextDiff;

use crate::output;
use crate::registry::{REGEN, Registry, Service};

/// How one generated file differs from the one on disk: the texts of both. A new file has no old text, and one that is no
/// longer generated has no new text.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    old: Option<String>,
    new: Option<String>,
}

/// A folder of generated files.
struct Folder {
    path: PathBuf,
    /// The path below the workspace, for messages.
    name: String,
    files: Vec<File>,
    /// Whether every other file in it is to be removed.
    complete: bool,
}

/// Writes what differs, and says what was written.
pub(crate) fn write(registry: &Registry, services: &[&Service]) -> Result<(), String> {
    let all = folders(registry, services)?;
    let all = all.into_iter().map(|folder| Ok((changes(&folder)?, folder))).collect::<Result<Vec<_>, String>>()?;
    for (changes, folder) in all {
        if changes.is_empty() {
            output::say!("{}: up to date", folder.name);
        }
        for (path, Change { old, new }) in changes {
            let (file, shown) = (folder.path.join(&path), format!("{}/{path}", folder.name));
            let done = match &new {
                Some(new) => file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, new)),
                None => fs::remove_file(&file),
            };
            done.map_err(|error| format!("cannot write {shown}: {error}"))?;
            let what = if new.is_none() {
                "removed"
            } else if old.is_some() {
                "changed"
            } else {
                "added  "
            };
            output::say!("{what} {shown}");
        }
    }
    Ok(())
}

/// Compares in memory; prints a unified diff and the command to run where something differs.
pub(crate) fn check(registry: &Registry, services: &[&Service]) -> Result<bool, String> {
    let mut clean = true;
    for folder in folders(registry, services)? {
        for (path, Change { old, new }) in changes(&folder)? {
            clean = false;
            let shown = format!("{}/{path}", folder.name);
            let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
            let (before, after) = (format!("{shown} (checked in)"), format!("{shown} (generated)"));
            let diff = TextDiff::from_lines(&old, &new);
            output::text(&diff.unified_diff().context_radius(3).header(&before, &after).to_string());
        }
    }
    if clean {
        output::say!("the generated code is up to date");
    } else {
        output::say!("\nthe generated code differs from the specs; run `{REGEN}` and commit the result");
    }
    Ok(clean)
}

/// The folder of the catalogue below the workspace.
pub(crate) const CATALOGUE: &str = "catalogue/src/generated";

/// The folder of the command-line program's list of services below the workspace.
pub(crate) const PROGRAM: &str = "cli/src/generated";

/// The folder of the book below the workspace, of which one page is generated.
pub(crate) const BOOK: &str = "docs";

/// The data of the cost model's columns below the workspace.
const COLUMNS: &str = "focus/columns.yaml";

/// The folder of the columns' code below the workspace.
pub(crate) const FOCUS: &str = "focus/src/generated";

/// What is generated: a client for each service, the catalogue, the program's list of the services, the book's page of
/// operations (of all services, or not at all), and the columns of the cost model.
fn folders(registry: &Registry, services: &[&Service]) -> Result<Vec<Folder>, String> {
    let names = registry.names();
    let (mut folders, mut catalogue) = (Vec::new(), vec![codegen::catalogue_index(&names, REGEN)?]);
    let mut specs = Vec::new();
    for service in services {
        let spec = Spec::read(service.source())?;
        let (name, files) = (service.generated.clone(), spec.client()?.files);
        folders.push(Folder { path: registry.root.join(&name), name, files, complete: true });
        catalogue.push(spec.catalogue(&service.name)?);
        specs.push((service.command(), spec));
    }
    let all = services.len() == names.len();
    let (path, name) = (registry.root.join(CATALOGUE), CATALOGUE.to_owned());
    folders.push(Folder { path, name, files: catalogue, complete: all });
    if all {
        let specs: Vec<_> = specs.iter().map(|(command, spec)| (*command, spec)).collect();
        let files = vec![codegen::operations_page(&specs, REGEN)];
        folders.push(Folder { path: registry.root.join(BOOK), name: BOOK.to_owned(), files, complete: false });
    }
    let (path, name) = (registry.root.join(PROGRAM), PROGRAM.to_owned());
    let files = vec![codegen::program_index(&registry.commands(), REGEN)?];
    folders.push(Folder { path, name, files, complete: true });
    folders.extend(cost_model(&registry.root)?);
    Ok(folders)
}

/// The columns of the cost model, where a workspace has one.
fn cost_model(root: &Path) -> Result<Option<Folder>, String> {
    let data = root.join(COLUMNS);
    if !data.exists() {
        return Ok(None);
    }
    let text = crate::registry::read(&data)?;
    let files = codegen::columns::files(Source { file: COLUMNS, text: &text, command: REGEN })?;
    Ok(Some(Folder { path: root.join(FOCUS), name: FOCUS.to_owned(), files, complete: true }))
}

/// The changes that regeneration would make to the files of a folder.
fn changes(folder: &Folder) -> Result<BTreeMap<String, Change>, String> {
    let mut on_disk = BTreeMap::new();
    collect(&folder.path, "", &mut on_disk)?;
    let mut changes = BTreeMap::new();
    for file in &folder.files {
        // A checkout may have other line ends than the generator writes.
        let old = on_disk.remove(&file.path).map(|text| text.replace("\r\n", "\n"));
        if old.as_ref() != Some(&file.text) {
            changes.insert(file.path.clone(), Change { old, new: Some(file.text.clone()) });
        }
    }
    if folder.complete {
        changes.extend(on_disk.into_iter().map(|(path, old)| (path, Change { old: Some(old), new: None })));
    }
    Ok(changes)
}

/// The files below a directory, by path with `/`.
fn collect(directory: &Path, prefix: &str, into: &mut BTreeMap<String, String>) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("cannot read {}: {error}", directory.display());
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(fail(error)),
    };
    for entry in entries {
        let entry = entry.map_err(fail)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(fail)?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), into)?;
        } else {
            into.insert(name, crate::registry::read(&entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::tests::{SPEC, workspace};

    fn tree(root: &Path) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        collect(&root.join("small-client/src/generated"), "", &mut files).unwrap();
        files
    }

    fn changed(root: &Path) -> Vec<String> {
        let registry = Registry::load(root).unwrap();
        let folders = folders(&registry, &registry.select(None).unwrap()).unwrap();
        changes(&folders[0]).unwrap().into_keys().collect()
    }

    #[test]
    fn writes_once_and_then_nothing() {
        let root = workspace();
        let registry = Registry::load(root.path()).unwrap();
        let services = registry.select(Some("small")).unwrap();
        assert!(!check(&registry, &services).unwrap(), "nothing is written yet");
        write(&registry, &services).unwrap();
        let first = tree(root.path());
        assert!(first.contains_key("mod.rs") && first.contains_key("operations/things.rs"));
        assert!(check(&registry, &services).unwrap());
        write(&registry, &services).unwrap();
        assert_eq!(tree(root.path()), first);
    }

    #[test]
    fn an_edit_and_a_stray_file_are_found_and_undone() {
        let root = workspace();
        let registry = Registry::load(root.path()).unwrap();
        let services = registry.select(None).unwrap();
        write(&registry, &services).unwrap();
        let clean = tree(root.path());
        let generated = root.path().join("small-client/src/generated");
        fs::write(generated.join("mod.rs"), "// by hand\n").unwrap();
        fs::write(generated.join("types/old.rs"), "").unwrap();
        assert!(!check(&registry, &services).unwrap());
        assert_eq!(changed(root.path()), ["mod.rs", "types/old.rs"]);
        write(&registry, &services).unwrap();
        assert_eq!(tree(root.path()), clean);
    }

    #[test]
    fn line_ends_of_a_checkout_make_no_difference() {
        let root = workspace();
        let registry = Registry::load(root.path()).unwrap();
        let services = registry.select(None).unwrap();
        write(&registry, &services).unwrap();
        let file = root.path().join("small-client/src/generated/mod.rs");
        let text = fs::read_to_string(&file).unwrap().replace('\n', "\r\n");
        fs::write(file, text).unwrap();
        assert!(check(&registry, &services).unwrap());
    }

    #[test]
    fn a_changed_spec_changes_what_it_reaches() {
        let root = workspace();
        let registry = Registry::load(root.path()).unwrap();
        write(&registry, &registry.select(None).unwrap()).unwrap();
        let spec = root.path().join("specs/small.yaml");
        fs::write(&spec, SPEC.replace("description: A price.", "description: What it costs.")).unwrap();
        // The description is the documentation of a field in this file.
        assert!(changed(root.path()).contains(&"types/things.rs".to_owned()));
        fs::write(&spec, SPEC.replace("openapi: 3.0.3", "openapi: 2")).unwrap();
        let registry = Registry::load(root.path()).unwrap();
        let error = write(&registry, &registry.select(None).unwrap()).unwrap_err();
        assert!(error.contains("specs/small.yaml:2:1"), "{error}");
        assert!(registry.select(Some("large")).unwrap_err().contains("small"));
    }
}
