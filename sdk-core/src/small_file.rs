//! Reads small files: configuration and tokens.

use std::fs::{Metadata, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

use zeroize::Zeroizing;

/// The largest file that is read, in bytes: 1 MiB.
const LIMIT: u64 = 1024 * 1024;

/// A file that was read.
pub(crate) struct SmallFile {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// Whether every user of the machine can write it. Only known on Unix.
    pub(crate) is_writable_by_all: bool,
    /// The id of the user to whom it belongs. Only known on Unix.
    pub(crate) owner: Option<u32>,
}

/// Reads a regular file of at most 1 MiB. Other files are refused: a device can be endless, and a pipe waits for its
/// writer.
pub(crate) fn read(path: &Path) -> Result<SmallFile> {
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
    if bytes.len() as u64 > LIMIT {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(SmallFile { bytes, is_writable_by_all: is_writable_by_all(&metadata), owner: owner(&metadata) })
}

#[cfg(unix)]
fn is_writable_by_all(metadata: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o002 != 0
}

#[cfg(not(unix))]
fn is_writable_by_all(_: &Metadata) -> bool {
    false
}

/// The id of the user to whom a file belongs.
#[cfg(unix)]
pub(crate) fn owner(metadata: &Metadata) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::uid(metadata))
}

#[cfg(not(unix))]
pub(crate) fn owner(_: &Metadata) -> Option<u32> {
    None
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
