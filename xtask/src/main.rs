//! The maintainer's commands: `cargo xtask <command>`.

mod add_service;
mod bench;
mod cargo;
mod demo;
mod drift;
mod flags;
mod git;
mod lint;
mod outline;
mod output;
mod regen;
mod registry;
#[cfg(test)]
mod sample;

use std::process::ExitCode;

use flags::Command;
use registry::Registry;

const HELP: &str = "\
cargo xtask <command>

  regen [--check] [--only SERVICE]   write the clients from specs/; with --check only compare, and fail on a difference
  lint [--only SERVICE] [--upstream FILE]
                                     check specs/ against the curation rules, and for text copied from FILE
  drift FILE --service SERVICE [--format text|json|toml] [--record-texts]
                                     compare a spec with the vendor's OpenAPI document (JSON or YAML)
  outline [--only SERVICE]           print the public API of the clients in short
          [--diff REV]               ... or its changes since a revision, and the least version they require
          [--changelog]              ... and fail if users notice a change and CHANGELOG.md has not changed
  add-service NAME --spec FILE       make a client crate for one more service, and a member of the workspace
  services                           print the names of the client crates
  demo [--html FILE]                 start the sandbox and show a year of bills of each service
  bench [BENCH...] [--rounds N]      measure: the figures of docs/performance.md; `bench --help` lists the benches
  help                               print this

A service is named as in specs/upstream.toml. The exit code is 0 when all is well, 1 when something was found, 2 when the
command could not do its work.";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, String> {
    let command = flags::parse(std::env::args().skip(1).collect())?;
    if matches!(command, Command::Help) {
        output::say!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let root = registry::workspace_root()?;
    let registry = Registry::load(&root)?;
    let clean = match command {
        Command::Help => true,
        Command::Regen { check: false, only } => {
            regen::write(&registry, &registry.select(only.as_deref())?).map(|()| true)?
        }
        Command::Regen { check: true, only } => regen::check(&registry, &registry.select(only.as_deref())?)?,
        Command::Lint { only, upstream } => lint::run(&registry.select(only.as_deref())?, upstream.as_deref())?,
        Command::Drift { upstream, service, format, record_texts } => {
            let request = drift::Request { upstream: &upstream, format, record_texts };
            registry
                .select(Some(&service))?
                .into_iter()
                .try_fold(true, |clean, service| drift::run(&registry, service, &request).map(|this| clean && this))?
        }
        Command::Outline { only, diff: Some(revision), changelog } => {
            outline::diff(&root, &registry.select(only.as_deref())?, &revision, changelog)?
        }
        Command::Outline { only, diff: None, .. } => outline::run(&registry.select(only.as_deref())?).map(|()| true)?,
        Command::AddService { name, spec } => {
            output::text(&add_service::run(&root, &name, &spec)?);
            true
        }
        Command::Services => {
            registry.select(None)?.iter().for_each(|service| output::say!("{}", service.name));
            true
        }
        Command::Demo { arguments } => demo::run(&registry, &arguments)?,
        Command::Bench { arguments } => bench::run(&root, &arguments)?,
    };
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
