//! Reads small files: configuration and tokens.

use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

use zeroize::Zeroizing;

/// The largest file that is read, in bytes: 1 MiB.
const LIMIT: u64 = 1024 * 1024;

/// Reads a regular file of at most 1 MiB. Other files are refused: a device can be endless, and a pipe waits for its
/// writer.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let mut options = OpenOptions::new();
    options.read(true);
    // Only the opened file cannot be exchanged for another one, so it must be opened to be checked. This flag keeps the
    // opening of a pipe from waiting. It has no effect on a regular file.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(ErrorKind::Unsupported.into());
    }
    // A buffer that grows would leave parts of a secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(metadata.len().min(LIMIT) as usize + 1));
    file.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// What is wrong with a file that cannot be read, for a message.
pub(crate) fn problem(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "does not exist",
        ErrorKind::Unsupported => "is not a regular file",
        ErrorKind::FileTooLarge => "is larger than 1 MiB",
        _ => "cannot be read",
    }
}
