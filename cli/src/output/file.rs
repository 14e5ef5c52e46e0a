//! `--out`: a file that is written as a whole or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A file that is written beside its place, and moved there at the end. Dropping it before that leaves nothing.
pub(crate) struct File {
    path: PathBuf,
    to: To,
}

enum To {
    Beside(std::io::BufWriter<NamedTempFile>),
    /// What is no regular file, such as a device, is written in place.
    Place(fs::File),
}

/// The permissions of the file that is replaced, without those to run it as somebody else. Those of a new file are cut down by
/// the umask, as usual.
#[cfg(unix)]
fn permissions(path: &Path) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_or(0o666, |replaced| replaced.permissions().mode() & 0o777);
    fs::Permissions::from_mode(mode)
}

impl File {
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let fail = |error| Failure::file("write", path, &error);
        let special = fs::metadata(path).is_ok_and(|at| !at.is_file());
        let to = if special {
            To::Place(fs::OpenOptions::new().write(true).open(path).map_err(fail)?)
        } else {
            let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
            let mut builder = tempfile::Builder::new();
            #[cfg(unix)]
            builder.permissions(permissions(path));
            let file = builder.tempfile_in(directory.unwrap_or(Path::new("."))).map_err(fail)?;
            To::Beside(std::io::BufWriter::new(file))
        };
        Ok(Self { path: path.to_owned(), to })
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
        let fail = |error| Failure::file("write", &self.path, &error);
        match self.to {
            To::Place(_) => Ok(()),
            To::Beside(file) => {
                let file = file.into_inner().map_err(|error| fail(error.into_error()))?;
                file.as_file().sync_all().map_err(fail)?;
                file.persist(&self.path).map_err(|error| fail(error.error))?;
                Ok(())
            }
        }
    }
}
