//! `cargo xtask add-service`: from a spec to a client crate that is a member of the workspace, tested and up to date.
//!
//! What only a service has (configuration, credentials, pollers, CSV) is written by hand afterwards. The files of the new
//! crate stand in `template/`; each `{word}` in them is filled in.

mod manifest;
mod scaffold;

use std::fs;
use std::path::Path;

use codegen::Source;

use crate::registry::{REGEN, Registry, read};

/// A file to write: path below the workspace, text.
type NewFile = (String, String);

/// Adds the service and says what is left to do.
pub(crate) fn run(root: &Path, name: &str, spec: &Path) -> Result<(), String> {
    let registry = Registry::load(root)?;
    for (path, text) in plan(&registry, name, spec)? {
        let file = root.join(&path);
        let fail = |error: std::io::Error| format!("cannot write {path}: {error}");
        if let Some(directory) = file.parent() {
            fs::create_dir_all(directory).map_err(fail)?;
        }
        let known = file.exists();
        fs::write(&file, text).map_err(fail)?;
        println!("{} {path}", if known { "changed" } else { "added  " });
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        link(licence, &root.join(name))?;
    }
    // The lock file gets an entry for the new member, and nothing else in it moves.
    cargo(root, &["update", "--workspace", "--offline", "--quiet"])?;
    cargo(root, &["fmt", "--package", name])?;
    println!("\n{}", next_steps(name));
    Ok(())
}

/// Each package carries the licences of the workspace. As links, where the file system has them.
fn link(licence: &str, directory: &Path) -> Result<(), String> {
    let from = Path::new("..").join(licence);
    let to = directory.join(licence);
    #[cfg(unix)]
    let done = std::os::unix::fs::symlink(from, &to);
    #[cfg(not(unix))]
    let done = fs::copy(directory.join(from), &to).map(drop);
    done.map_err(|error| format!("cannot write {}: {error}", to.display()))
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let command = format!("cargo {}", arguments.join(" "));
    let status = crate::cargo::command()
        .args(arguments)
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot start `{command}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the files are written, but `{command}` failed: see above")) }
}

fn next_steps(name: &str) -> String {
    format!(
        "Next:
  1. cargo test --package {name}; cargo test --package workspace-tests
  2. Say in specs/upstream.toml what the spec was curated against.
  3. By hand, in {name}/src: credentials, configuration (`from_env`), whatever else only this service has.
  4. Make the sandbox speak it (sandbox/src/service.rs), for examples and the tests across crates.
  5. README.md (the tables), CHANGELOG.md."
    )
}

/// Everything that is written, in order. Nothing is, if there is a reason not to.
fn plan(registry: &Registry, name: &str, spec: &Path) -> Result<Vec<NewFile>, String> {
    check_name(registry, name)?;
    let text = read(spec)?;
    // Findings name the file that the maintainer gave.
    let given = spec.display().to_string();
    codegen::lint(Source { file: &given, text: &text, command: REGEN }).map_err(|findings| findings.to_string())?;

    let place = format!("specs/{name}.yaml");
    let source = Source { file: &place, text: &text, command: REGEN };
    let start = codegen::start(source).map_err(|findings| findings.to_string())?;
    let client = codegen::generate(source).map_err(|findings| findings.to_string())?;
    if start.servers.is_empty() {
        return Err(format!("{given} has no `servers`: the first one is where the client calls unless told otherwise"));
    }

    let upstream = read(&registry.root.join("specs/upstream.toml"))?;
    let workspace = read(&registry.root.join("Cargo.toml"))?;
    let mut files = vec![
        ("Cargo.toml".to_owned(), manifest::with_member(&workspace, name)?),
        ("specs/upstream.toml".to_owned(), manifest::with_service(&upstream, name)),
    ];
    files.extend(scaffold::files(name, &start));
    files.extend(client.files.into_iter().map(|file| (format!("{name}/src/generated/{}", file.path), file.text)));
    files.push((format!("tests/tests/snapshots/outline-{name}.snap"), scaffold::snapshot(&client.outline)));
    files.push((place, text));
    Ok(files)
}

/// A service is called what its crate, its directory and its spec are called.
fn check_name(registry: &Registry, name: &str) -> Result<(), String> {
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !starts || !name.split('-').all(word) {
        return Err(format!(
            "`{name}` is no name for a service: lower-case words with `-` between them, such as `acme-costs`"
        ));
    }
    if registry.select(Some(name)).is_ok() {
        return Err(format!(
            "there is a service `{name}` already, see specs/upstream.toml; `{REGEN}` writes its code anew"
        ));
    }
    if registry.root.join(name).exists() {
        return Err(format!("there is a `{name}` in the workspace already"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
