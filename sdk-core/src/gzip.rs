//! Decompresses gzip as it arrives, in constant memory.

use std::fmt;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use futures_core::Stream;

use crate::error::{Error, ErrorKind};

/// The first bytes of every gzip member (RFC 1952, section 2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A stream of chunks that decompresses its source if it is gzip and passes it through otherwise. The first two bytes
/// of the data decide.
///
/// Several gzip members in a row are concatenated. Truncated or damaged data is an error of kind [`ErrorKind::Decode`],
/// which ends the stream. An output chunk has at most about 64 KiB, even if the data expands much more.
pub struct Gunzip<S> {
    source: S,
    chunk: Bytes,
    /// The number of compressed bytes that were read.
    read: u64,
    state: State,
}

enum State {
    /// Fewer than two bytes are known. They are in `chunk`.
    Begin,
    Plain,
    /// The decoder writes to the vector.
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Done,
}

impl<S> Gunzip<S> {
    /// Decompresses a stream.
    pub fn new(source: S) -> Self {
        Self { source, chunk: Bytes::new(), read: 0, state: State::Begin }
    }

    /// Adds a chunk of the source.
    fn take(&mut self, chunk: Bytes) {
        self.read += chunk.len() as u64;
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            // Only the first byte is waiting.
            self.chunk = [&self.chunk[..], &chunk[..]].concat().into();
        }
        if matches!(self.state, State::Begin) {
            if self.chunk.starts_with(&MAGIC) {
                self.state = State::Gzip(Box::new(MultiGzDecoder::new(Vec::new())));
            } else if !MAGIC.starts_with(&self.chunk) {
                self.state = State::Plain;
            }
        }
    }

    /// Decompresses the buffered bytes. Returns nothing if more bytes are needed.
    fn decode(&mut self) -> Result<Bytes, Error> {
        match &mut self.state {
            State::Plain => Ok(std::mem::take(&mut self.chunk)),
            State::Gzip(decoder) => {
                while !self.chunk.is_empty() && decoder.get_ref().is_empty() {
                    match decoder.write(&self.chunk) {
                        Ok(used) if used > 0 => self.chunk.advance(used),
                        Ok(_) => return Err(self.fail("the gzip data is damaged", None)),
                        Err(error) => return Err(self.fail("the gzip data is damaged", Some(error))),
                    }
                }
                Ok(std::mem::take(decoder.get_mut()).into())
            }
            State::Begin | State::Done => Ok(Bytes::new()),
        }
    }

    /// Returns the last bytes after the source has ended.
    fn finish(&mut self) -> Option<Result<Bytes, Error>> {
        let rest = match std::mem::replace(&mut self.state, State::Done) {
            State::Gzip(decoder) => match decoder.finish() {
                Ok(rest) => rest.into(),
                Err(error) => return Some(Err(self.fail("the gzip data ends early or is damaged", Some(error)))),
            },
            _ => std::mem::take(&mut self.chunk),
        };
        Some(rest).filter(|rest| !rest.is_empty()).map(Ok)
    }

    fn fail(&mut self, message: &str, source: Option<std::io::Error>) -> Error {
        self.state = State::Done;
        let at = self.read - self.chunk.len() as u64;
        let error = Error::new(ErrorKind::Decode, format!("{message} after {at} bytes"));
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Stream for Gunzip<S> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !matches!(this.state, State::Done) {
            match this.decode() {
                Ok(out) if out.is_empty() => {}
                outcome => return Poll::Ready(Some(outcome)),
            }
            match ready!(Pin::new(&mut this.source).poll_next(cx)) {
                Some(Ok(chunk)) => this.take(chunk),
                Some(Err(error)) => {
                    this.state = State::Done;
                    return Poll::Ready(Some(Err(error)));
                }
                None => return Poll::Ready(this.finish()),
            }
        }
        Poll::Ready(None)
    }
}

impl<S> fmt::Debug for Gunzip<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Begin => "begin",
            State::Plain => "plain",
            State::Gzip(_) => "gzip",
            State::Done => "done",
        };
        f.debug_struct("Gunzip").field("state", &state).field("read", &self.read).finish_non_exhaustive()
    }
}
