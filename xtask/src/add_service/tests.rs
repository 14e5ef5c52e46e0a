use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::registry::workspace_root;

pub(super) const SPEC: &str = include_str!("../../../codegen/tests/acme-costs.yaml");

/// Copies the workspace's files, without build output and git data.
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

/// The target directory of this test, so that dependencies need not be built again. Cargo has such a file in each.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().find(|above| above.join(".rustc_info.json").exists()).unwrap().to_path_buf()
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
    assert!(crate::regen::check(&registry, &registry.select(None).unwrap()).unwrap());
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    // The program depends on it.
    let version = env!("CARGO_PKG_VERSION");
    let program = format!("name = \"cloudbill\"\nversion = \"{version}\"\ndependencies = [\n");
    let lock = lock.replace(&format!("{program} \"acme-costs\",\n"), &program);
    let entry = format!(
        "[[package]]\nname = \"acme-costs\"\nversion = \"{version}\"\ndependencies = [\n \"cloud-billing-core\",\n \"serde\",\n \
         \"serde_json\",\n \"tokio\",\n]\n\n"
    );
    assert!(lock.contains(&entry), "{lock}");
    assert_eq!(lock.replace(&entry, ""), before, "nothing else moved");
    succeeds(&root, &["fmt", "--check", "--package", "acme-costs"]);
    // With the features of a workspace build, only the new crate is compiled.
    succeeds(&root, &["test", "--locked", "--offline", "--workspace", "--test", "operations"]);
    // The program has its commands, without a line of code. It is not built: its name is that of the workspace's own.
    succeeds(&root, &["check", "--locked", "--offline", "--workspace", "--bin", "cloudbill"]);
}

/// Every file of a directory, with its text.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut todo = vec![root.to_path_buf()];
    while let Some(directory) = todo.pop() {
        for entry in fs::read_dir(&directory).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                todo.push(entry.path());
            } else {
                files.insert(entry.path(), fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

/// A workspace without members: enough to be entered in.
fn empty_workspace(root: &Path, members: &str) {
    fs::create_dir_all(root.join("specs")).unwrap();
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{members}]\ndefault-members = []\n\n[workspace.package]\nversion = \
         \"0.1.0\"\n\n[workspace.dependencies]\n"
    );
    fs::write(root.join("Cargo.toml"), manifest).unwrap();
    fs::create_dir(root.join("cli")).unwrap();
    fs::write(root.join("cli/Cargo.toml"), "[package]\nname = \"program\"\n\n[dependencies]\n").unwrap();
    fs::write(root.join("specs/upstream.toml"), "service = []\n").unwrap();
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::write(root.join(licence), "Free.\n").unwrap();
    }
}

#[test]
fn a_failure_leaves_the_workspace_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("workspace");
    // Cargo cannot load a workspace with an absent member, and finds that out when all files are in place.
    empty_workspace(&root, "\"absent\"");
    fs::write(root.join("Cargo.lock"), "version = 4\n").unwrap();
    let before = tree(&root);
    let error = run(&root, "acme-costs", &spec_file(directory.path(), SPEC)).unwrap_err();
    assert!(error.contains("nothing is changed"), "{error}");
    assert_eq!(tree(&root), before);
    assert!(!root.join("acme-costs").exists() && !root.join(".acme-costs.new").exists());
}

/// A directory in the place of any of its files stops the installation there.
#[test]
fn a_failure_midway_leaves_the_workspace_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let spec = spec_file(directory.path(), SPEC);
    for (at, place) in
        ["catalogue/src/generated/acme_costs.rs", "tests/tests/snapshots/outline-acme-costs.snap", TABLES[0]]
            .into_iter()
            .enumerate()
    {
        let root = directory.path().join(at.to_string());
        empty_workspace(&root, "");
        fs::create_dir_all(root.join(place)).unwrap();
        let before = tree(&root);
        let error = run(&root, "acme-costs", &spec).unwrap_err();
        assert!(error.contains(place), "{error}");
        assert_eq!(tree(&root), before, "{place}");
        assert!(!root.join("acme-costs").exists() && !root.join(".acme-costs.new").exists());
    }
}

#[test]
fn texts_that_would_become_code_are_refused_and_nothing_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("workspace");
    empty_workspace(&root, "");
    let before = tree(&root);
    for (from, to, rule) in [
        ("title: Acme Costs", r#"title: "Acme\nbuild = 'evil.rs'""#, "text-info"),
        ("title: Acme Costs", r#"title: "Acme\n\nfn evil() {}""#, "text-info"),
        ("title: Acme Costs", r#"title: 'Acme "Costs"'"#, "text-info"),
        ("version: \"2\"", r#"version: "2\"; fn evil() {} //""#, "text-info"),
        ("description: The month.", r#"description: "The month.\n\n```\nevil();\n```""#, "text-markup"),
        ("description: The month.", r#"description: "The month.\n\n    evil();""#, "text-markup"),
        ("description: The month.", r#"description: "The month.\r\nfn evil() {}""#, "text-character"),
        ("description: Everywhere", r#"description: "``` rust""#, "text-markup"),
        ("url: https://docs.acme.example/costs", r#"url: 'https://docs.acme.example/")]'"#, "text-docs-link"),
        (
            "url: https://docs.acme.example/costs",
            r#"url: "https://docs.acme.example\n\n```\nevil();""#,
            "text-docs-link",
        ),
    ] {
        assert!(SPEC.contains(from), "{from}");
        let spec = spec_file(directory.path(), &SPEC.replacen(from, to, 1));
        let error = run(&root, "acme-costs", &spec).unwrap_err();
        assert!(error.contains(&format!("error[{rule}]")), "{to}: {error}");
        assert_eq!(tree(&root), before, "{to}");
    }
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
    for name in ["std", "core", "test", "crate", "self", "type", "con", "nul", "aux", "prn", "com1", "lpt9", "target"] {
        assert!(mistake(name, SPEC).contains("choose another name"), "{name}");
    }
    assert!(mistake(&known, SPEC).contains("already"));
    for (name, place) in [
        ("codegen", "`codegen` in the workspace"),
        ("sdk-core", "`sdk-core` in the workspace"),
        ("fuzz", "`fuzz` in the workspace"),
        ("cloud-billing-core", "`cloud-billing-core` in Cargo.lock"),
        ("tokio", "`tokio` in Cargo.lock"),
        ("serde-json", "`serde_json` in Cargo.lock"),
    ] {
        assert!(mistake(name, SPEC).contains(&format!("{place} already")), "{name}");
    }
    let no_servers = SPEC.replace("servers:", "x-servers:");
    assert!(mistake("acme", &no_servers).contains("vendor.yaml"), "{}", mistake("acme", &no_servers));
    let no_description = SPEC.replace("          description: The month.\n", "");
    let finding = mistake("acme", &no_description);
    assert!(finding.contains("vendor.yaml:") && finding.contains("description"), "{finding}");
    assert!(plan(&registry, "acme", Path::new("absent.yaml")).unwrap_err().contains("absent.yaml"));
}
