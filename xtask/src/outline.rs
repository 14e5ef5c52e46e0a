//! `cargo xtask outline`: the public API of the clients in short. With `--diff REV`: its changes since a revision, and
//! the least version they require.
//!
//! The old side is the checked-in code of the revision. The new side is generated here and now, so that a change of a
//! spec or of the generator is reported before any file is written.

use std::fmt::Write as _;
use std::path::Path;

use codegen::api::{self, Change, Level};

use crate::git;
use crate::output;
use crate::registry::{self, Service};

const CHANGELOG: &str = "CHANGELOG.md";

/// Prints the outline of each service.
pub(crate) fn run(services: &[&Service]) -> Result<(), String> {
    for service in services {
        output::text(&codegen::generate(service.source())?.outline);
    }
    Ok(())
}

/// Prints the changes of each service. With `changelog`, returns `false` when users notice a change and the changelog
/// has not changed.
pub(crate) fn diff(root: &Path, services: &[&Service], revision: &str, changelog: bool) -> Result<bool, String> {
    let commit = git::commit(root, revision)?;
    let mut all = Vec::new();
    for service in services {
        let (text, changes) = report(root, service, revision, &commit)?;
        output::text(&text);
        all.extend(changes);
    }
    if !changelog {
        return Ok(true);
    }
    let before = git::file(root, &commit, CHANGELOG)?.unwrap_or_default();
    let unsaid = api::unsaid(&all, &before, &registry::read(&root.join(CHANGELOG))?);
    if let Some(unsaid) = &unsaid {
        output::say!("{unsaid}");
    }
    Ok(unsaid.is_none())
}

/// The changes of one service, as text and one by one.
fn report(root: &Path, service: &Service, revision: &str, commit: &str) -> Result<(String, Vec<Change>), String> {
    let name = &service.name;
    let before = git::files(root, commit, &generated_at(root, service, commit)?)?;
    if before.is_empty() {
        return Ok((format!("{name}: new since {revision}\n"), Vec::new()));
    }
    let client = codegen::generate(service.source())?;
    let old = api::read(before.iter().map(|(path, text)| (path.as_str(), text.as_str())))
        .map_err(|error| format!("{name} at {revision}: {error}"))?;
    let new = api::read(client.files.iter().map(|file| (file.path.as_str(), file.text.as_str())))?;
    let manifest = git::file(root, commit, "Cargo.toml")?.unwrap_or_default();
    let now = registry::read(&root.join("Cargo.toml"))?;
    let changes = api::compare(&old, &new);
    Ok((shown(name, revision, &changes, version(&manifest).as_deref(), version(&now).as_deref()), changes))
}

/// The directory of the service's code at that revision: its crate may have had another name.
fn generated_at(root: &Path, service: &Service, commit: &str) -> Result<String, String> {
    let upstream = git::file(root, commit, "specs/upstream.toml")?.unwrap_or_default();
    Ok(registry::generated_in(&upstream, &service.name).unwrap_or_else(|| service.generated.clone()))
}

fn shown(name: &str, revision: &str, changes: &[Change], before: Option<&str>, now: Option<&str>) -> String {
    let Some(level) = changes.iter().map(|change| change.rule.level()).max() else {
        return format!("{name}: the same as in {revision}\n");
    };
    let mut out = format!("{name}: {level} since {revision}");
    if let Some(least) = before.and_then(|before| next(before, level)) {
        let now = now.unwrap_or("unknown");
        let _ = write!(out, ", so version {least} or later; it is {now}");
    }
    out.push('\n');
    let mut rule = None;
    for change in changes {
        if rule != Some(change.rule) {
            rule = Some(change.rule);
            let behaves = if change.rule.behaves() { " [behaviour]" } else { "" };
            let _ = writeln!(out, "  {} {}{behaves}: {}", change.rule.level(), change.rule.id(), change.rule.why());
        }
        let colon = if change.detail.is_empty() { "" } else { ": " };
        let _ = writeln!(out, "      {}{colon}{}", change.subject, change.detail);
    }
    out
}

/// The version of the workspace's crates, which share one.
fn version(manifest: &str) -> Option<String> {
    let manifest: toml::Table = manifest.parse().ok()?;
    Some(manifest.get("workspace")?.get("package")?.get("version")?.as_str()?.to_owned())
}

/// The least version that may follow. Before 1.0 cargo takes the first number that is not 0 for the major one.
fn next(version: &str, level: Level) -> Option<String> {
    let release = version.split(['-', '+']).next()?;
    let numbers = release.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u64>>>()?;
    let [major, minor, patch] = numbers[..] else { return None };
    Some(match (level, major, minor) {
        (Level::Major, 1.., _) => format!("{}.0.0", major + 1),
        (Level::Minor, 1.., _) => format!("{major}.{}.0", minor + 1),
        (Level::Major, 0, 1..) => format!("0.{}.0", minor + 1),
        _ => format!("{major}.{minor}.{}", patch + 1),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;
    use crate::registry::Registry;

    #[test]
    fn before_the_first_major_version_the_minor_number_counts_as_it() {
        let all = |version: &str| [Level::Major, Level::Minor, Level::Patch].map(|level| next(version, level).unwrap());
        assert_eq!(all("1.2.3"), ["2.0.0", "1.3.0", "1.2.4"]);
        assert_eq!(all("0.2.3"), ["0.3.0", "0.2.4", "0.2.4"]);
        assert_eq!(all("0.0.3"), ["0.0.4", "0.0.4", "0.0.4"]);
        assert_eq!(next("one", Level::Major), None);
    }

    /// A repository with one small service, committed.
    fn repository(spec: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let file = root.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("Cargo.toml", "[workspace.package]\nversion = \"0.3.1\"\n");
        write(
            "specs/upstream.toml",
            "[[service]]\nname = \"small\"\nspec = \"small.yaml\"\ncrate = \"small-client\"\n",
        );
        write("CHANGELOG.md", "# Changelog\n");
        write("specs/small.yaml", spec);
        let registry = Registry::load(root.path()).unwrap();
        crate::regen::write(&registry, &registry.select(None).unwrap()).unwrap();
        let git = |arguments: &[&str]| {
            let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"];
            let output = Command::new("git").args(identity).args(arguments).current_dir(root.path()).output().unwrap();
            assert!(output.status.success(), "{arguments:?}: {output:?}");
        };
        git(&["init", "--quiet"]);
        git(&["add", "."]);
        git(&["commit", "--quiet", "--message", "Begin"]);
        root
    }

    #[test]
    fn a_changed_spec_is_reported_before_it_is_generated() {
        let spec = include_str!("../../codegen/tests/corpus/good/request_bodies.yaml");
        let root = repository(spec);
        let report = |revision: &str| {
            let registry = Registry::load(root.path()).unwrap();
            let commit = git::commit(root.path(), revision).unwrap();
            super::report(root.path(), registry.select(None).unwrap()[0], revision, &commit).unwrap().0
        };
        assert_eq!(report("HEAD"), "small: the same as in HEAD\n");
        let changed =
            spec.replace("maximum: 100", "maximum: 50").replace("enum: [\"A_B\", ", "enum: [\"A_B\", \"C\", ");
        fs::write(root.path().join("specs/small.yaml"), changed).unwrap();
        let expected = "small: minor since HEAD, so version 0.3.2 or later; it is 0.3.1
  minor variant-added: The enum is `#[non_exhaustive]`, so every `match` has an arm for it. The value was read as an \
                        unknown one before.
      types::State::C: C
  minor check-tightened [behaviour]: Everything compiles, but calls that were sent before may be refused before they \
                        are sent. Say so in the changelog.
      types::NewThing, `share`: range 0..100 => range 0..50
";
        assert_eq!(report("HEAD"), expected);
        // Users notice it: the changelog has to say so.
        let said = || {
            let registry = Registry::load(root.path()).unwrap();
            diff(root.path(), &registry.select(None).unwrap(), "HEAD", true)
        };
        assert_eq!(said(), Ok(false));
        fs::write(root.path().join("CHANGELOG.md"), "# Changelog\n\n- A state more.\n").unwrap();
        assert_eq!(said(), Ok(true));
        // A revision from before the service.
        fs::rename(root.path().join("small-client"), root.path().join("other")).unwrap();
        let registry = Registry::load(root.path()).unwrap();
        let error = diff(root.path(), &registry.select(None).unwrap(), "v9", false).unwrap_err();
        assert_eq!(error, "git knows no revision `v9`");
    }
}
