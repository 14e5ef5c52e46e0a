//! Small files that flags name.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::failure::Failure;

/// Reads the text of a file, and at most so many bytes of it. Only regular files are read: a pipe waits for its writer, which
/// `--timeout` does not end, and a device may have no end. `what` is named in errors.
pub(crate) fn read(path: &Path, what: &str, limit: u64) -> Result<String, Failure> {
    refuse_special(path, what)?;
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(limit).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| Failure::file(&format!("read {what} from"), path, &error))
}

/// Refuses what is there and is no regular file.
pub(crate) fn refuse_special(path: &Path, what: &str) -> Result<(), Failure> {
    if fs::metadata(path).is_ok_and(|at| !at.is_file()) {
        return Err(Failure::usage(format!("cannot read {what} from {}: it is not a regular file", path.display())));
    }
    Ok(())
}
