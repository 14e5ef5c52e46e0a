//! Puts files into the workspace all together, or none of them.
//!
//! Everything is written to a directory beside its place first and then moved. Until [`Installation::keep`] is called,
//! dropping the installation removes what is new and restores what was replaced.

use std::fs;
use std::path::{Path, PathBuf};

/// How to undo one move.
enum Undo {
    /// The file or directory is new.
    Remove(PathBuf),
    /// The file had this text.
    Restore(PathBuf, Vec<u8>),
}

/// Files that are being installed.
pub(super) struct Installation<'a> {
    root: &'a Path,
    /// Where the files wait. Below the root, so that moving them is a rename, and rustfmt finds its settings.
    staging: PathBuf,
    undo: Vec<Undo>,
}

impl<'a> Installation<'a> {
    /// Begins with an empty directory beside the workspace's own.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub(super) fn begin(root: &'a Path, name: &str) -> Result<Self, String> {
        let staging = root.join(format!(".{name}.new"));
        if staging.exists() {
            // A run that was killed left it.
            fs::remove_dir_all(&staging).map_err(|error| failed("remove", &staging, &error))?;
        }
        fs::create_dir(&staging).map_err(|error| failed("create", &staging, &error))?;
        Ok(Self { root, staging, undo: Vec::new() })
    }

    /// The place of a file while it waits.
    pub(super) fn staged(&self, path: &str) -> PathBuf {
        self.staging.join(path)
    }

    /// Writes a file to the directory.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let file = self.staged(path);
        if let Some(directory) = file.parent() {
            fs::create_dir_all(directory).map_err(|error| failed("create", directory, &error))?;
        }
        fs::write(&file, text).map_err(|error| failed("write", &file, &error))
    }

    /// Moves a file, or a directory with all its files, to its place in the workspace.
    ///
    /// # Errors
    /// It cannot be moved.
    pub(super) fn place(&mut self, path: &str) -> Result<(), String> {
        let to = self.root.join(path);
        if let Some(directory) = to.parent() {
            fs::create_dir_all(directory).map_err(|error| failed("create", directory, &error))?;
        }
        if to.exists() {
            self.remember(path)?;
        } else {
            self.undo.push(Undo::Remove(to.clone()));
        }
        fs::rename(self.staged(path), &to).map_err(|error| failed("write", &to, &error))
    }

    /// Keeps the text of a file of the workspace, so that a failure restores it, whichever program changed it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn remember(&mut self, path: &str) -> Result<(), String> {
        let file = self.root.join(path);
        let text = fs::read(&file).map_err(|error| failed("read", &file, &error))?;
        self.undo.push(Undo::Restore(file, text));
        Ok(())
    }

    /// Keeps everything that was placed.
    pub(super) fn keep(mut self) {
        self.undo.clear();
    }
}

impl Drop for Installation<'_> {
    fn drop(&mut self) {
        for undo in self.undo.drain(..).rev() {
            let (path, done) = match undo {
                Undo::Remove(path) if path.is_dir() => (path.clone(), fs::remove_dir_all(path)),
                Undo::Remove(path) => (path.clone(), if path.exists() { fs::remove_file(path) } else { Ok(()) }),
                Undo::Restore(path, text) => (path.clone(), fs::write(path, text)),
            };
            if let Err(error) = done {
                eprintln!("{}", failed("restore", &path, &error));
            }
        }
        // A directory that stays is removed by the next run.
        let _ = fs::remove_dir_all(&self.staging);
    }
}

fn failed(verb: &str, path: &Path, error: &std::io::Error) -> String {
    format!("cannot {verb} {}: {error}", path.display())
}
