//! Files and commits of a revision, read from git.

use std::path::Path;
use std::process::{Command, Output};

/// The commit that a revision names.
pub(crate) fn commit(root: &Path, revision: &str) -> Result<String, String> {
    let output = git(root, &["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])?;
    if output.status.success() {
        return Ok(text(&output.stdout).trim().to_owned());
    }
    let hint = match git(root, &["rev-parse", "--is-shallow-repository"]) {
        Ok(output) if text(&output.stdout).trim() == "true" => {
            "; this clone is shallow: `git fetch --unshallow --tags` fetches the rest"
        }
        _ => "",
    };
    Err(format!("git knows no revision `{revision}`{hint}"))
}

/// The files below a directory as they were: (path below the directory, text).
pub(crate) fn files(root: &Path, commit: &str, directory: &str) -> Result<Vec<(String, String)>, String> {
    let output = git(root, &["ls-tree", "-r", "-z", "--name-only", commit, "--", &format!("{directory}/")])?;
    let names = text(&output.stdout);
    let inside = names.split('\0').filter_map(|path| Some((path.strip_prefix(directory)?.strip_prefix('/')?, path)));
    inside
        .map(|(name, path)| match file(root, commit, path)? {
            Some(text) => Ok((name.to_owned(), text)),
            None => Err(format!("git lists {path} in {commit} and does not have it")),
        })
        .collect()
}

/// A file as it was, if it was there.
pub(crate) fn file(root: &Path, commit: &str, path: &str) -> Result<Option<String>, String> {
    let output = git(root, &["show", &format!("{commit}:{path}")])?;
    Ok(output.status.success().then(|| text(&output.stdout)))
}

fn git(root: &Path, arguments: &[&str]) -> Result<Output, String> {
    Command::new("git").args(arguments).current_dir(root).output().map_err(|error| format!("cannot start git: {error}"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
