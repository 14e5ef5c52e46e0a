//! The maintainer's commands: `cargo xtask <command>`.

mod add_service;
mod cargo;
mod drift;
mod flags;
mod git;
mod lint;
mod outline;
mod output;
mod regen;
mod registry;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use flags::Command;
use registry::Registry;

const HELP: &str = include_str!("help.txt");

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
    if command == Command::Help {
        output::text(HELP);
        return Ok(ExitCode::SUCCESS);
    }
    let root = registry::workspace_root()?;
    let registry = Registry::load(&root)?;
    let select = |only: Option<String>| registry.select(only.as_deref());
    let clean = match command {
        Command::Help => true,
        Command::Regen { check, only } if check => regen::check(&registry, &select(only)?)?,
        Command::Regen { only, .. } => regen::write(&registry, &select(only)?).map(|()| true)?,
        Command::Lint { only, upstream } => lint::run(&select(only)?, upstream.as_deref())?,
        Command::Drift { upstream, service, format, record_texts, reduce } => {
            let request = drift::Request { upstream: &upstream, format, record_texts, reduce };
            drift::run(&registry, registry.service(&service)?, &request)?
        }
        Command::Outline { only, diff: Some(revision), changelog } => {
            outline::diff(&root, &select(only)?, &revision, changelog)?
        }
        Command::Outline { only, diff: None, .. } => outline::run(&select(only)?).map(|()| true)?,
        Command::AddService { name, spec } => {
            output::text(&add_service::run(&root, &name, &spec)?);
            true
        }
        Command::Services => {
            registry.names().iter().for_each(|name| output::say!("{name}"));
            true
        }
        Command::Demo { html } => cargo::demo(&root, html.as_deref())?,
        Command::Bench { arguments } => cargo::bench(&root, &arguments)?,
    };
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
