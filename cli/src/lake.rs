//! `sync`, `sql` and `lake`: commands of `cloudbill-lake`. It is a program of its own, because what it stands on needs a newer
//! compiler and hundreds of crates. It is found as git finds its commands: beside this program, or in `PATH`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process;

use clap::{Arg, Command};

use crate::arguments;
use crate::failure::Failure;

const PROGRAM: &str = "cloudbill-lake";

/// For `--help` alone: [`line`] takes their lines before they are parsed.
pub(crate) fn commands() -> [Command; 3] {
    let rest = || Arg::new("rest").num_args(0..).value_name("ARGUMENTS");
    [
        ("sync", "Bring a lake of bills up to date, in a folder or an object store (cloudbill-lake)"),
        ("sql", "Ask a lake of bills by SQL (cloudbill-lake)"),
        ("lake", "Other commands on a lake of bills, such as `lake status` (cloudbill-lake)"),
    ]
    .map(|(name, about)| Command::new(name).about(about).disable_help_flag(true).arg(rest()))
}

/// The arguments for `cloudbill-lake`, if the line is one for it.
pub(crate) fn line(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let at = arguments::command(arguments);
    let mut line = arguments.to_vec();
    match arguments.get(at)?.to_str()? {
        "lake" => drop(line.remove(at)),
        "sync" | "sql" => {}
        _ => return None,
    }
    line.remove(0);
    Some(line)
}

/// Runs `cloudbill-lake`.
pub(crate) fn run(line: &[OsString]) -> Result<u8, Failure> {
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let own = std::env::current_exe().ok();
    let beside = own.and_then(|own| Some(own.parent()?.join(&name))).filter(|path| path.is_file());
    let program = beside.unwrap_or_else(|| PathBuf::from(&name));
    let error = match become_program(process::Command::new(&program).args(line)) {
        Ok(status) => return Ok(status),
        Err(error) => error,
    };
    if error.kind() == std::io::ErrorKind::NotFound {
        let missing = format!("this command needs {PROGRAM}, which is neither beside cloudbill nor in PATH");
        return Err(
            Failure::new(1, missing).hint("`cargo install --path lake/cli --locked` in the repository installs it")
        );
    }
    Err(Failure::new(1, format!("cannot run {}: {error}", program.display())))
}

/// The program takes the place of this one, so that signals reach it.
#[cfg(unix)]
fn become_program(command: &mut process::Command) -> std::io::Result<u8> {
    use std::os::unix::process::CommandExt;

    Err(command.exec())
}

#[cfg(not(unix))]
fn become_program(command: &mut process::Command) -> std::io::Result<u8> {
    Ok(command.status()?.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
