//! `specs/upstream.toml`: which services there are, and where their specs and crates lie.

use std::fmt::Display;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use codegen::{Command, Source};
use serde::Deserialize;

/// How file headers and messages name the command that writes the clients.
pub(crate) const REGEN: &str = "cargo xtask regen";

/// The services of the workspace.
#[derive(Debug)]
pub(crate) struct Registry {
    pub(crate) root: PathBuf,
    services: Vec<Service>,
}

/// One service, with the text of its spec.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    /// Path of the spec below the workspace, for messages.
    pub(crate) spec: String,
    /// The text of the spec.
    pub(crate) text: String,
    /// Directory of the generated code, below the workspace.
    pub(crate) generated: String,
    /// The command of the command-line program, and the prefix of the variables with its required parameters.
    command: String,
    variables: String,
}

impl Service {
    /// The spec as codegen reads it.
    pub(crate) fn source(&self) -> Source<'_> {
        Source { file: &self.spec, text: &self.text, command: REGEN }
    }

    /// How the command-line program calls it.
    pub(crate) fn command(&self) -> Command<'_> {
        Command { name: &self.name, command: &self.command, variables: &self.variables }
    }
}

#[derive(Deserialize)]
struct Upstream {
    service: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    spec: String,
    #[serde(rename = "crate")]
    directory: String,
    command: Option<String>,
    variables: Option<String>,
}

impl Entry {
    fn generated(&self) -> String {
        format!("{}/src/generated", self.directory)
    }
}

/// The directory of a service's generated code by a registry, current or of an earlier revision.
pub(crate) fn generated_in(upstream: &str, name: &str) -> Option<String> {
    let upstream: Upstream = toml::from_str(upstream).ok()?;
    upstream.service.iter().find(|entry| entry.name == name).map(Entry::generated)
}

/// The workspace that this tool belongs to.
pub(crate) fn workspace_root() -> Result<PathBuf, String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map(Path::to_path_buf).ok_or_else(|| "xtask lies outside of a workspace".to_owned())
}

impl Registry {
    /// Reads the table and the specs it names.
    pub(crate) fn load(root: &Path) -> Result<Self, String> {
        let table = read(&root.join("specs/upstream.toml"))?;
        let upstream: Upstream = toml::from_str(&table).map_err(|error| format!("specs/upstream.toml: {error}"))?;
        let services = upstream
            .service
            .into_iter()
            .map(|entry| {
                let spec = format!("specs/{}", entry.spec);
                let text = read(&root.join(&spec))?;
                let (generated, name) = (entry.generated(), entry.name);
                let command = entry.command.unwrap_or_else(|| name.clone());
                let variables = entry.variables.unwrap_or_else(|| variables(&name));
                Ok(Service { name, spec, text, generated, command, variables })
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { root: root.to_path_buf(), services })
    }

    /// The names of all services.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.services.iter().map(|service| service.name.as_str()).collect()
    }

    /// How the command-line program calls each service.
    pub(crate) fn commands(&self) -> Vec<Command<'_>> {
        self.services.iter().map(Service::command).collect()
    }

    /// The service of a name.
    pub(crate) fn service(&self, name: &str) -> Result<&Service, String> {
        let found = self.services.iter().find(|service| service.name == name);
        found.ok_or_else(|| {
            format!("there is no service `{name}`; specs/upstream.toml has: {}", self.names().join(", "))
        })
    }

    /// All services, or the one with the given name.
    pub(crate) fn select(&self, only: Option<&str>) -> Result<Vec<&Service>, String> {
        only.map_or_else(|| Ok(self.services.iter().collect()), |name| Ok(vec![self.service(name)?]))
    }
}

/// The longest text that the commands read. A vendor's document has up to 20 MiB.
const MAX_BYTES: u64 = 32 << 20;

/// The prefix of a service's environment variables, unless the table has another one.
pub(crate) fn variables(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

/// Reads a text file; the error names it. A longer one than [`MAX_BYTES`] is not read to its end.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let fail = |error: &dyn Display| format!("cannot read {}: {error}", path.display());
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    match read.map_err(|error| fail(&error))? as u64 {
        0..=MAX_BYTES => Ok(text),
        _ => Err(fail(&format_args!("it has more than {} MiB", MAX_BYTES >> 20))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::{MAX_BYTES, read};

    #[test]
    fn a_file_without_end_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("large.yaml");
        File::create(&path).unwrap().set_len(MAX_BYTES + 1).unwrap();
        let error = read(&path).unwrap_err();
        assert!(error.contains("large.yaml") && error.contains("more than 32 MiB"), "{error}");
        if cfg!(unix) {
            assert!(read("/dev/zero".as_ref()).is_err());
        }
        File::create(&path).unwrap().set_len(MAX_BYTES).unwrap();
        assert!(read(&path).is_ok());
    }
}
