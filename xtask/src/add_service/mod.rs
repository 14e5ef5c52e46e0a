//! `cargo xtask add-service`: from a spec to a client crate that is a member of the workspace, tested and up to date.
//!
//! The parts that are special to a service (configuration, credentials, pollers, CSV) are written by hand afterwards.
//! The files of the new crate are in `template/`; each `{word}` in them is filled in.

mod install;
mod manifest;
mod scaffold;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use codegen::{Source, Spec};

use self::install::Installation;
use crate::regen;
use crate::registry::{REGEN, Registry, read};

/// A file to write: path below the workspace, text.
type NewFile = (String, String);

/// The files that list the services. They are written last, so that they never name a file that does not exist.
const TABLES: [&str; 6] = [
    "catalogue/src/generated/mod.rs",
    "cli/src/generated/mod.rs",
    "cli/Cargo.toml",
    OPERATIONS,
    "specs/upstream.toml",
    "Cargo.toml",
];

/// The book's page of operations.
const OPERATIONS: &str = "docs/operations.md";

/// Adds the service, or changes nothing. Returns a report and the steps that are left.
pub(crate) fn run(root: &Path, name: &str, spec: &Path) -> Result<String, String> {
    let registry = Registry::load(root)?;
    let files = plan(&registry, name, spec)?;

    let mut installation = Installation::begin(root, name)?;
    for (path, text) in &files {
        installation.write(path, text)?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        link(licence, &installation.staged(name))?;
    }
    format(&installation.staged(name))?;
    installation.place(name)?;
    let own = format!("{name}/");
    let elsewhere = files.iter().map(|(path, _)| path.as_str());
    for path in elsewhere.filter(|path| !path.starts_with(&own) && !TABLES.contains(path)).chain(TABLES) {
        installation.place(path)?;
    }
    // Cargo enters the new member in the lock file. The versions of everything else stay as they are.
    if root.join("Cargo.lock").exists() {
        installation.remember("Cargo.lock")?;
    }
    succeed(crate::cargo::command().args(["update", "--workspace", "--offline", "--quiet"]).current_dir(root))?;
    installation.keep();

    let mut report = String::new();
    for (path, _) in &files {
        let _ = writeln!(report, "{} {path}", if TABLES.contains(&path.as_str()) { "changed" } else { "added  " });
    }
    Ok(report + &include_str!("template/next.txt").replace("{name}", name))
}

/// Puts a licence of the workspace into the package, which needs its own: as a link on Unix, else as a copy.
fn link(licence: &str, directory: &Path) -> Result<(), String> {
    let to = directory.join(licence);
    #[cfg(unix)]
    let done = std::os::unix::fs::symlink(Path::new("..").join(licence), &to);
    #[cfg(not(unix))]
    let done = std::fs::copy(directory.join("../..").join(licence), &to).map(drop);
    done.map_err(|error| format!("cannot write {}: {error}", to.display()))
}

/// Formats the sources with `rustfmt`: `cargo fmt` knows the members of the workspace only.
fn format(directory: &Path) -> Result<(), String> {
    let files = ["src/lib.rs", "tests/operations.rs"].map(|file| directory.join(file));
    succeed(Command::new("rustfmt").args(["--edition", "2024"]).args(files))
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("nothing is changed, since {command:?} failed: see above")) }
}

/// The files to write. An error says why the service cannot be added.
fn plan(registry: &Registry, name: &str, spec: &Path) -> Result<Vec<NewFile>, String> {
    check_name(registry, name)?;
    let text = read(spec)?;
    // Checked under the path that the maintainer gave, so that findings name that file; generated under its later one.
    let given = spec.display().to_string();
    codegen::lint(Source { file: &given, text: &text, command: REGEN })?;

    let place = format!("specs/{name}.yaml");
    let source = Source { file: &place, text: &text, command: REGEN };
    let generated = Spec::read(source)?;
    let (start, client) = (generated.start()?, generated.client()?);
    if start.servers.is_empty() {
        return Err(format!("{given} has no `servers`: the first one is where the client calls unless told otherwise"));
    }

    let upstream = read(&registry.root.join("specs/upstream.toml"))?;
    let workspace = read(&registry.root.join("Cargo.toml"))?;
    let mut files = vec![
        ("Cargo.toml".to_owned(), manifest::with_member(&workspace, name)?),
        ("specs/upstream.toml".to_owned(), manifest::with_service(&upstream, name)),
    ];
    files.extend(scaffold::files(name, &start)?);
    files.extend(client.files.into_iter().map(|file| (format!("{name}/src/generated/{}", file.path), file.text)));
    let names: Vec<&str> = registry.names().into_iter().chain([name]).collect();
    for file in [codegen::catalogue_index(&names, REGEN)?, generated.catalogue(name)?] {
        files.push((format!("{}/{}", regen::CATALOGUE, file.path), file.text));
    }
    let program = read(&registry.root.join("cli/Cargo.toml"))?;
    files.push(("cli/Cargo.toml".to_owned(), manifest::with_dependency(&program, name)?));
    let variables = crate::registry::variables(name);
    let mut commands = registry.commands();
    commands.push(codegen::Command { name, command: name, variables: &variables });
    files.push((format!("{}/mod.rs", regen::PROGRAM), codegen::program_index(&commands, REGEN)?.text));
    let others = registry.select(None)?;
    let others = others.iter().map(|service| Spec::read(service.source())).collect::<Result<Vec<_>, _>>()?;
    let specs: Vec<_> = commands.into_iter().zip(others.iter().chain([&generated])).collect();
    files.push((OPERATIONS.to_owned(), codegen::operations_page(&specs, REGEN).text));
    files.push((format!("tests/tests/snapshots/outline-{name}.snap"), scaffold::snapshot(&client.outline)));
    files.push((place, text));
    Ok(files)
}

/// The service, its crate, its directory and its spec share one name.
fn check_name(registry: &Registry, name: &str) -> Result<(), String> {
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !starts || !name.split('-').all(word) {
        return Err(format!(
            "`{name}` is no name for a service: lower-case words with `-` between them, such as `acme-costs`"
        ));
    }
    if registry.service(name).is_ok() {
        return Err(format!(
            "there is a service `{name}` already, see specs/upstream.toml; `{REGEN}` writes its code anew"
        ));
    }
    if !codegen::is_identifier(&name.replace('-', "_")) || RESERVED.split(' ').any(|reserved| reserved == name) {
        return Err(format!(
            "`{name}` is a word of Rust, a crate of Rust's, cargo's directory or a device of Windows: choose another name, \
             such as `{name}-costs`"
        ));
    }
    if let Some(place) =
        [name, &format!("specs/{name}.yaml")].into_iter().find(|path| registry.root.join(path).exists())
    {
        return Err(format!("there is a `{place}` in the workspace already"));
    }
    let lock = registry.root.join("Cargo.lock");
    let lock = if lock.exists() { read(&lock)? } else { String::new() };
    let mut packages = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    match packages.find(|package| package.replace('_', "-") == name) {
        Some(package) => Err(format!("there is a package `{package}` in Cargo.lock already: choose another name")),
        None => Ok(()),
    }
}

/// Names that are taken by Rust's own crates, by cargo, and by Windows.
const RESERVED: &str = "alloc core proc-macro std test target aux con nul prn com0 com1 com2 com3 com4 com5 com6 com7 com8 \
    com9 lpt0 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9";

#[cfg(test)]
mod hostile_test;
#[cfg(test)]
mod tests;
