//! Bodies to files, and files to where bodies go.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind as IoErrorKind, Read};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::io::AsyncWriteExt;

use crate::body::ByteStream;
use crate::error::{Error, ErrorKind};
use crate::gzip::Gunzip;

/// How many bytes are read from a file at a time.
const CHUNK: usize = 64 * 1024;

/// How many bytes there must be room for, or a new buffer is made.
const ROOM: usize = 4 * 1024;

/// A file, or anything else that can be read, as a stream of chunks.
///
/// A poll reads in place. In async code that holds up the thread, so it belongs into `spawn_blocking` there.
pub struct Chunks<R> {
    reader: R,
    /// What the next chunk is read into. A reader that gives little at a time, such as a pipe, does not cost a buffer for
    /// each piece.
    buffer: BytesMut,
    /// The file's name, for messages.
    path: Option<PathBuf>,
    done: bool,
}

impl<R: Read> Chunks<R> {
    /// Reads from this reader. It needs no buffering.
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
    /// Reads from a file.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Io`] if it cannot be opened.
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

/// A source of chunks that never has to wait for anything but the disk, so that what is built on it can be an
/// [`Iterator`]. It cannot be implemented elsewhere.
pub trait Local: Stream<Item = Result<Bytes, Error>> + Unpin + sealed::Sealed {}

impl<R: Read + Unpin> Local for Chunks<R> {}
impl<S: Local> Local for Gunzip<S> {}

mod sealed {
    use super::{Chunks, Gunzip};

    pub trait Sealed {}

    impl<R> Sealed for Chunks<R> {}
    impl<S: Sealed> Sealed for Gunzip<S> {}
}

/// What a poll over a [`Local`] source gives. It is never pending; over another source that would be `None`.
#[doc(hidden)]
pub fn block<T>(poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Option<T> {
    match poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes were written.
    pub received: u64,
    /// How many there will be, if the service said so.
    pub announced: Option<u64>,
}

impl ByteStream {
    /// Writes the body to a file, and tells the progress after every chunk. Returns how many bytes it has.
    ///
    /// The bytes go to a new file beside it, `<name>.<random>.partial`, which gets its name when it is complete and on
    /// the disk. So a file at `path` is always whole, and one that was there before is replaced at once. If the download
    /// fails or its future is dropped, the partial file is removed. On Unix the permissions are those of the file that is
    /// replaced, or else the usual ones of a new file.
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
    /// Those of the stream: a body that ends early is of kind [`ErrorKind::Transport`] and says how many bytes had
    /// arrived. Of kind [`ErrorKind::Io`] if the file cannot be written.
    pub async fn save_to(mut self, path: impl AsRef<Path>, mut progress: impl FnMut(Progress)) -> Result<u64, Error> {
        let path = path.as_ref();
        let partial = Partial::beside(path)?;
        let written = |error| io_error("write", &partial.path, error);
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true);
        // What only its owner may read stays so, from the moment that there is a file: who has it open can read on.
        #[cfg(unix)]
        let replaced = tokio::fs::metadata(path).await.ok();
        #[cfg(unix)]
        if replaced.is_some() {
            options.mode(0o600);
        }
        let mut file = options.open(&partial.path).await.map_err(|error| io_error("create", &partial.path, error))?;
        #[cfg(unix)]
        if let Some(replaced) = replaced {
            file.set_permissions(replaced.permissions()).await.map_err(written)?;
        }
        while let Some(chunk) = self.next().await.transpose()? {
            file.write_all(&chunk).await.map_err(written)?;
            progress(Progress { received: self.received(), announced: self.announced() });
        }
        file.flush().await.map_err(written)?;
        file.sync_all().await.map_err(written)?;
        drop(file);
        tokio::fs::rename(&partial.path, path).await.map_err(|error| io_error("replace", path, error))?;
        partial.keep();
        Ok(self.received())
    }
}

/// A file that is removed unless it is kept.
struct Partial {
    path: PathBuf,
    keep: bool,
}

impl Partial {
    fn beside(path: &Path) -> Result<Self, Error> {
        let Some(name) = path.file_name() else {
            return Err(Error::new(ErrorKind::Io, format!("{} does not name a file", path.display())));
        };
        let mut name = name.to_owned();
        name.push(format!(".{:08x}.partial", fastrand::u32(..)));
        Ok(Self { path: path.with_file_name(name), keep: false })
    }

    fn keep(mut self) {
        self.keep = true;
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.keep {
            // It may not have come about. If it cannot be removed, its name says what it is.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn io_error(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot {what} {}", path.display())).with_source(error)
}
