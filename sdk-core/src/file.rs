//! Saves bodies to files, and reads files as streams of chunks.

use std::fmt;
use std::fs::File;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind as IoErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::io::AsyncWriteExt;
use tokio::task::coop::unconstrained;

use crate::body::ByteStream;
use crate::error::{Error, ErrorKind};
use crate::gzip::Gunzip;

/// The number of bytes that are read from a file at a time.
const CHUNK: usize = 64 * 1024;

/// The least free space in the buffer; with less, a new buffer is allocated.
const ROOM: usize = 4 * 1024;

/// A stream of chunks that reads from a file or any other [`Read`].
///
/// Polling it blocks the thread. In async code, use it inside `spawn_blocking`.
pub struct Chunks<R> {
    reader: R,
    /// The buffer for the next chunks. A reader that returns little at a time, such as a pipe, fills it several times
    /// before a new one is allocated.
    buffer: BytesMut,
    /// The path, for messages.
    path: Option<PathBuf>,
    done: bool,
}

impl<R: Read> Chunks<R> {
    /// Reads chunks from a reader. The reader needs no buffering.
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: BytesMut::new(), path: None, done: false }
    }

    fn read(&mut self) -> Result<Bytes, Error> {
        if self.buffer.len() < ROOM {
            self.buffer = BytesMut::zeroed(CHUNK);
        }
        loop {
            match self.reader.read(&mut self.buffer) {
                Ok(length) => return Ok(self.buffer.split_to(length).freeze()),
                Err(error) if error.kind() == IoErrorKind::Interrupted => {}
                Err(error) => {
                    let message = match &self.path {
                        Some(path) => format!("cannot read {}", path.display()),
                        None => "cannot read".to_owned(),
                    };
                    return Err(Error::new(ErrorKind::Io, message).with_source(error));
                }
            }
        }
    }
}

impl Chunks<File> {
    /// Reads chunks from a file. Of a pipe or a device it reads, and waits, until that ends.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Io`] if the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let reader = File::open(path).map_err(|error| io_error("open", path, error))?;
        Ok(Self { path: Some(path.to_owned()), ..Self::new(reader) })
    }
}

impl<R: Read + Unpin> Stream for Chunks<R> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.done {
            return Poll::Ready(None);
        }
        let chunk = self.read();
        self.done = chunk.as_ref().map_or(true, Bytes::is_empty);
        Poll::Ready(Some(chunk).filter(|chunk| !matches!(chunk, Ok(bytes) if bytes.is_empty())))
    }
}

impl<R> fmt::Debug for Chunks<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks").field("path", &self.path).field("done", &self.done).finish_non_exhaustive()
    }
}

/// A source of chunks that waits only for the disk, so that readers on top of it can be an [`Iterator`]. The trait is
/// sealed.
pub trait Local: Stream<Item = Result<Bytes, Error>> + Unpin + sealed::Sealed {}

impl<R: Read + Unpin> Local for Chunks<R> {}
impl<S: Local> Local for Gunzip<S> {}

mod sealed {
    use super::{Chunks, Gunzip};

    pub trait Sealed {}

    impl<R> Sealed for Chunks<R> {}
    impl<S: Sealed> Sealed for Gunzip<S> {}
}

/// Polls once. Over a [`Local`] source the result is always ready; over any other source it may be `None`.
#[doc(hidden)]
pub fn block<T>(poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Option<T> {
    // Within a task of tokio, a stream asks to let other tasks run now and then, which an iterator cannot.
    let once = pin!(unconstrained(poll_fn(poll)));
    match once.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// The progress of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The number of bytes written so far.
    pub received: u64,
    /// The total number of bytes, if the service announced it.
    pub announced: Option<u64>,
}

impl ByteStream {
    /// Saves the body to a file and reports progress after every chunk. Returns the number of bytes.
    ///
    /// The bytes go to a new file in the same directory, with a random name: `.<random>.partial`. When it is complete and
    /// synced to disk, it is renamed to `path`. So a file at `path` is always complete, and an older file is replaced
    /// atomically. If the download fails or its future is dropped, the new file is removed. On Unix it gets the permissions,
    /// the owner and the group of the file that it replaces, as far as the program may set them and without the permission to run as
    /// its owner; or else the default ones. Access control lists are not kept.
    ///
    /// A symbolic link at `path` is replaced; the file that it leads to stays as it is. A directory, a device or a pipe is
    /// not replaced.
    ///
    /// ```no_run
    /// # async fn save(body: cloud_billing_core::ByteStream) -> Result<(), cloud_billing_core::Error> {
    /// let bytes = body.save_to("invoice.csv", |progress| eprintln!("{} bytes", progress.received)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of the stream: a body that ends early is of kind [`ErrorKind::Transport`] and says how many
    /// bytes had arrived. Returns [`ErrorKind::Io`] if the file cannot be written.
    pub async fn save_to(mut self, path: impl AsRef<Path>, mut progress: impl FnMut(Progress)) -> Result<u64, Error> {
        let path = path.as_ref();
        let NewFile { file, partial, .. } = create(path).await?;
        let mut file = tokio::fs::File::from_std(file);
        let not_written = |error| io_error("write", path, error);
        while let Some(chunk) = self.next().await.transpose()? {
            file.write_all(&chunk).await.map_err(not_written)?;
            progress(Progress { received: self.received(), announced: self.announced() });
        }
        file.flush().await.map_err(not_written)?;
        file.sync_all().await.map_err(not_written)?;
        drop(file);
        tokio::fs::rename(&partial.path, path).await.map_err(|error| io_error("replace", path, error))?;
        partial.keep();
        Ok(self.received())
    }
}

/// Creates the new file of a download.
async fn create(target: &Path) -> Result<NewFile, Error> {
    let problem = |problem: &str| Error::new(ErrorKind::Io, format!("{} {problem}", target.display()));
    if target.file_name().is_none() {
        return Err(problem("does not name a file"));
    }
    let path = target.to_owned();
    // In one step that cannot be cancelled: if the caller has gone meanwhile, the file is removed too.
    let created = tokio::task::spawn_blocking(move || NewFile::create(path)).await;
    match created.unwrap_or_else(|error| Err(error.into())) {
        Ok(created) => Ok(created),
        Err(error) if error.kind() == IoErrorKind::Unsupported => Err(problem("is not a regular file")),
        Err(error) => Err(io_error("create a file beside", target, error)),
    }
}

/// A file that is written beside its place, and takes it as a whole or not at all. Dropping it before [`keep`](Self::keep) removes
/// it. [`save_to`](ByteStream::save_to) documents its name, its permissions and its owner.
///
/// ```no_run
/// use std::io::Write;
///
/// let mut file = cloud_billing_core::file::NewFile::create("bills.csv")?;
/// file.write_all(b"month,amount\n")?;
/// file.keep()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct NewFile {
    file: File,
    partial: PartialFile,
    target: PathBuf,
}

impl NewFile {
    /// Creates a file that is to replace `target`, or to become it.
    ///
    /// # Errors
    ///
    /// Of kind `InvalidInput` if `target` does not name a file, and `Unsupported` if it is a directory, a device or a pipe.
    pub fn create(target: impl Into<PathBuf>) -> std::io::Result<Self> {
        let target = target.into();
        if target.file_name().is_none() {
            return Err(IoErrorKind::InvalidInput.into());
        }
        let replaced = std::fs::metadata(&target).ok();
        if replaced.as_ref().is_some_and(|replaced| !replaced.is_file()) {
            return Err(IoErrorKind::Unsupported.into());
        }
        let mut options = File::options();
        options.write(true).create_new(true);
        // A private file must be private from its creation on: a process that opens the file early could keep reading.
        #[cfg(unix)]
        if replaced.is_some() {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        // The standard library's source of keys that the operating system chooses at random. The name is short, because
        // that of the target may be as long as the file system allows.
        let random = RandomState::new().hash_one(&target);
        let path = target.with_file_name(format!(".{random:016x}.partial"));
        let file = options.open(&path)?;
        let partial = PartialFile { path, keep: false };
        #[cfg(unix)]
        if let Some(replaced) = replaced {
            file.set_permissions(permissions(&file, &replaced)?)?;
        }
        Ok(Self { file, partial, target })
    }

    /// Where the file is until it is kept. A program that ends without dropping it, as with [`std::process::exit`], leaves it there.
    pub fn partial_path(&self) -> &Path {
        &self.partial.path
    }

    /// Moves the file to its place, once it is on the disk.
    ///
    /// # Errors
    ///
    /// If it cannot be written or moved. Then the file is removed.
    pub fn keep(self) -> std::io::Result<()> {
        self.file.sync_all()?;
        drop(self.file);
        std::fs::rename(&self.partial.path, &self.target)?;
        self.partial.keep();
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// A file that is removed on drop, unless it is kept.
#[derive(Debug)]
struct PartialFile {
    path: PathBuf,
    keep: bool,
}

impl PartialFile {
    fn keep(mut self) {
        self.keep = true;
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.keep {
            // If removal fails, the `.partial` suffix identifies the file.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Gives a new file the owner and the group of the one that it replaces, and returns the permissions that it may have. Whose group
/// cannot be kept gets no permissions of the group, and others get none that the group did not have. The permissions to run a file
/// as its owner or group are not kept.
#[cfg(unix)]
fn permissions(file: &File, replaced: &std::fs::Metadata) -> std::io::Result<std::fs::Permissions> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let own = file.metadata()?;
    if own.uid() != replaced.uid() {
        // Only root may do so.
        let _ = fchown(file, Some(replaced.uid()), None);
    }
    let same_group = own.gid() == replaced.gid() || fchown(file, None, Some(replaced.gid())).is_ok();
    let mode = replaced.permissions().mode() & 0o777;
    let mode = if same_group { mode } else { mode & 0o700 | mode & (mode >> 3) & 0o007 };
    Ok(std::fs::Permissions::from_mode(mode))
}

fn io_error(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot {what} {}", path.display())).with_source(error)
}
