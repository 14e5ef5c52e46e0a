//! `man DIR`: a page of man for each command. Programs for users are built without it.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};

use crate::failure::Failure;

/// The command `man`.
pub(crate) fn command() -> Command {
    let directory = Arg::new("directory").required(true).value_parser(clap::value_parser!(PathBuf));
    Command::new("man").about("Write pages of man to a directory").hide(true).arg(directory)
}

/// Writes the pages.
pub(crate) fn run(tree: Command, matches: &ArgMatches) -> Result<u8, Failure> {
    let Some(directory) = matches.get_one::<PathBuf>("directory") else { return Ok(2) };
    let fail = |error| Failure::file("write pages to", directory, &error);
    std::fs::create_dir_all(directory).map_err(fail)?;
    clap_mangen::generate_to(tree, directory).map_err(fail)?;
    Ok(0)
}
