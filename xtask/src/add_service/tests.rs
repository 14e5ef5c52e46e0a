use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::registry::workspace_root;

const SPEC: &str = include_str!("../../../codegen/tests/acme-costs.yaml");

/// A copy of the workspace's files, without what was built and what git keeps.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (name, path) = (entry.file_name(), entry.path());
        if entry.file_type().unwrap().is_dir() {
            if name != "target" && name != ".git" {
                copy(&path, &to.join(&name));
            }
        } else {
            fs::copy(&path, to.join(&name)).unwrap();
        }
    }
}

/// Where this test was built, so that the crates of the registry need not be built once more.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().find(|above| above.join("CACHEDIR.TAG").exists()).unwrap().to_path_buf()
}

fn succeeds(root: &Path, arguments: &[&str]) {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(arguments).current_dir(root).env("CARGO_TARGET_DIR", target()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
}

fn spec_file(directory: &Path, text: &str) -> PathBuf {
    let file = directory.join("vendor.yaml");
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_service_more_is_one_spec_and_one_command() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("workspace");
    copy(&workspace_root().unwrap(), &root);
    let before = fs::read_to_string(root.join("Cargo.lock")).unwrap();

    run(&root, "acme-costs", &spec_file(directory.path(), SPEC)).unwrap();

    let registry = Registry::load(&root).unwrap();
    assert!(crate::regen::check(&registry.select(Some("acme-costs")).unwrap()).unwrap());
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let entry = "[[package]]\nname = \"acme-costs\"\nversion = \"0.1.0\"\ndependencies = [\n \"cloud-billing-core\",\n \"serde\",\n \
                 \"serde_json\",\n \"tokio\",\n]\n\n";
    assert!(lock.contains(entry), "{lock}");
    assert_eq!(lock.replace(entry, ""), before, "nothing else moved");
    succeeds(&root, &["fmt", "--check", "--package", "acme-costs"]);
    // Features are those of a build of everything, so that only what has moved is built.
    succeeds(&root, &["test", "--locked", "--offline", "--workspace", "--test", "operations"]);
}

#[test]
fn a_mistake_is_named_before_anything_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::load(&workspace_root().unwrap()).unwrap();
    let known = registry.select(None).unwrap()[0].name.clone();
    let mistake = |name: &str, text: &str| plan(&registry, name, &spec_file(directory.path(), text)).unwrap_err();
    for name in ["", "Acme", "acme_costs", "acme--costs", "-acme", "2acme", "acme costs", "../acme"] {
        assert!(mistake(name, SPEC).contains("is no name for a service"), "{name}");
    }
    assert!(mistake(&known, SPEC).contains("already"));
    assert!(mistake("codegen", SPEC).contains("there is a `codegen` in the workspace already"));
    let no_servers = SPEC.replace("servers:", "x-servers:");
    assert!(mistake("acme", &no_servers).contains("vendor.yaml"), "{}", mistake("acme", &no_servers));
    let no_description = SPEC.replace("          description: The month.\n", "");
    let finding = mistake("acme", &no_description);
    assert!(finding.contains("vendor.yaml:") && finding.contains("description"), "{finding}");
    assert!(plan(&registry, "acme", Path::new("absent.yaml")).unwrap_err().contains("absent.yaml"));
}
