//! Where output goes: standard output, or with `--out` a file that is written as a whole or not at all.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use clap::ArgMatches;
use cloud_billing_core::file::NewFile;

use crate::context::Context;
use crate::failure::Failure;
use crate::flags;
use crate::text::escaped;

/// The files that are neither kept nor dropped.
static UNKEPT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unkept() -> MutexGuard<'static, Vec<PathBuf>> {
    UNKEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process, which drops nothing, and leaves no file that is not kept.
pub(crate) fn exit(status: i32) -> ! {
    // Locked to the end: no file is created any more.
    let paths = unkept();
    for path in paths.iter() {
        let _ = fs::remove_file(path);
    }
    std::process::exit(status)
}

/// Whether two paths are one file, or would be if it were there.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
    };
    let same = |a: Option<PathBuf>, b| a.is_some() && a == b;
    same(place(one), place(other)) || same(fs::canonicalize(one).ok(), fs::canonicalize(other).ok())
}

/// A file that is written beside its place, and moved there at the end. Dropping it before that leaves nothing.
pub(crate) struct File {
    path: PathBuf,
    to: To,
    _unkept: Option<Unkept>,
}

/// A file among those that are not kept, until it is dropped.
struct Unkept(PathBuf);

impl Unkept {
    fn new(path: &Path) -> Self {
        unkept().push(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Unkept {
    fn drop(&mut self) {
        unkept().retain(|path| *path != self.0);
    }
}

enum To {
    Beside(BufWriter<NewFile>),
    /// What is no regular file, such as a device, is written in place.
    Place(fs::File),
}

impl File {
    /// The file of `--out`, if there is one.
    pub(crate) fn of(matches: &ArgMatches) -> Result<Option<Self>, Failure> {
        flags::text(matches, "out").map(|path| Self::create(path.as_ref())).transpose()
    }

    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let special = fs::metadata(path).is_ok_and(|at| !at.is_file());
        let to = if special {
            fs::OpenOptions::new().write(true).open(path).map(To::Place)
        } else {
            NewFile::create(path).map(|file| To::Beside(BufWriter::new(file)))
        };
        let to = to.map_err(|error| Failure::file("write", path, &error))?;
        let unkept = match &to {
            To::Beside(file) => Some(Unkept::new(file.get_ref().partial_path())),
            To::Place(_) => None,
        };
        Ok(Self { path: path.to_owned(), to, _unkept: unkept })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = match &mut self.to {
            To::Beside(file) => file.write_all(bytes),
            To::Place(file) => file.write_all(bytes),
        };
        written.map_err(|error| Failure::file("write", &self.path, &error))
    }

    /// Moves it to its place.
    pub(crate) fn keep(self) -> Result<(), Failure> {
        let kept = match self.to {
            To::Place(_) => Ok(()),
            To::Beside(file) => file.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(NewFile::keep),
        };
        kept.map_err(|error| Failure::file("write", &self.path, &error))
    }
}

/// Where output goes: standard output, or with `--out` a file that is written as a whole or not at all.
pub struct Sink {
    file: Option<File>,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sink").field("is_file", &self.is_file()).finish()
    }
}

impl Sink {
    /// What `--out` says.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn new(matches: &ArgMatches) -> Result<Self, Failure> {
        Ok(Self { file: File::of(matches)? })
    }

    /// Whether the output goes to a file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// Whether people see it on a terminal.
    pub(crate) fn is_terminal(&self, context: &Context) -> bool {
        self.file.is_none() && context.terminal.out
    }

    /// How wide that terminal is.
    pub(crate) fn columns(&self, context: &Context) -> Option<usize> {
        context.terminal.columns.filter(|_| self.is_terminal(context))
    }

    /// Writes data.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&mut self, bytes: &[u8], context: &mut Context) -> Result<(), Failure> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => context.write(bytes),
        }
    }

    /// Writes JSON. On a terminal, what would steer it is escaped; elsewhere the text stays as it came.
    pub(crate) fn json(&mut self, text: &str, context: &mut Context) -> Result<(), Failure> {
        match self.is_terminal(context) {
            true => self.write(escaped(text).as_bytes(), context),
            false => self.write(text.as_bytes(), context),
        }
    }

    /// Keeps the file, or flushes standard output.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn finish(&mut self, context: &mut Context) -> Result<(), Failure> {
        match self.file.take() {
            Some(file) => file.keep(),
            None => context.flush(),
        }
    }
}
