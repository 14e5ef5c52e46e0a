//! Decompresses gzip as it arrives, in constant memory.

use std::fmt;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use futures_core::Stream;
use tokio::task::coop::poll_proceed;

use crate::error::{Error, ErrorKind};

/// The first bytes of every gzip member (RFC 1952, section 2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Decompresses gzip that is fed to it in chunks. Several members in a row are concatenated (RFC 1952, section 2.2). Other
/// data after a member, or a truncated member, is an error.
#[derive(Default)]
pub(crate) struct Inflate {
    input: Bytes,
    /// Created for the first byte, because no data at all is valid. It writes to the vector.
    decoder: Option<Box<MultiGzDecoder<Vec<u8>>>>,
}

impl Inflate {
    /// Adds compressed bytes, after all earlier ones were decompressed.
    pub(crate) fn feed(&mut self, chunk: Bytes) {
        self.input = chunk;
    }

    /// Decompresses the next bytes, at most about 64 KiB. Returns none if it needs more input.
    pub(crate) fn decode(&mut self) -> io::Result<Bytes> {
        if self.input.is_empty() {
            return Ok(Bytes::new());
        }
        let decoder = self.decoder.get_or_insert_with(|| Box::new(MultiGzDecoder::new(Vec::new())));
        while !self.input.is_empty() && decoder.get_ref().is_empty() {
            match decoder.write(&self.input)? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                used => self.input.advance(used),
            }
        }
        Ok(std::mem::take(decoder.get_mut()).into())
    }

    /// Returns the rest of the output after the last input.
    pub(crate) fn finish(&mut self) -> io::Result<Bytes> {
        self.decoder.take().map_or_else(|| Ok(Bytes::new()), |decoder| decoder.finish().map(Bytes::from))
    }
}

/// A stream of chunks that decompresses its source if it is gzip and passes it through otherwise. The first two bytes
/// of the data decide.
///
/// Several gzip members in a row are concatenated. Truncated or damaged data is an error of kind [`ErrorKind::Decode`],
/// which ends the stream. An output chunk has at most about 64 KiB, even if the data expands much more.
pub struct Gunzip<S> {
    source: S,
    /// The number of bytes that were read of the source.
    read: u64,
    state: State,
}

enum State {
    /// Fewer than two bytes are known.
    Begin(Bytes),
    /// The next bytes, which are not compressed.
    Plain(Bytes),
    Gzip(Inflate),
    Done,
}

impl<S> Gunzip<S> {
    /// Decompresses a stream.
    pub fn new(source: S) -> Self {
        Self { source, read: 0, state: State::Begin(Bytes::new()) }
    }

    /// Adds a chunk of the source.
    fn take(&mut self, chunk: Bytes) {
        self.read += chunk.len() as u64;
        match &mut self.state {
            State::Begin(first) if first.is_empty() => self.state = State::begin(chunk),
            State::Begin(first) => self.state = State::begin([&first[..], &chunk[..]].concat().into()),
            State::Plain(next) => *next = chunk,
            State::Gzip(inflate) => inflate.feed(chunk),
            State::Done => {}
        }
    }

    /// Returns the next bytes of the output, or none if more input is needed.
    fn decode(&mut self) -> Result<Bytes, Error> {
        match &mut self.state {
            State::Plain(next) => Ok(std::mem::take(next)),
            State::Gzip(inflate) => {
                let out = inflate.decode();
                let at = self.read - inflate.input.len() as u64;
                out.map_err(|error| {
                    self.state = State::Done;
                    damaged("is damaged", at, error)
                })
            }
            State::Begin(_) | State::Done => Ok(Bytes::new()),
        }
    }

    /// Returns the last bytes after the source has ended.
    fn finish(&mut self) -> Option<Result<Bytes, Error>> {
        let rest = match std::mem::replace(&mut self.state, State::Done) {
            State::Begin(rest) | State::Plain(rest) => Ok(rest),
            State::Gzip(mut inflate) => {
                inflate.finish().map_err(|error| damaged("ends early or is damaged", self.read, error))
            }
            State::Done => return None,
        };
        Some(rest).filter(|rest| !matches!(rest, Ok(rest) if rest.is_empty()))
    }
}

impl State {
    /// The state after the first bytes.
    fn begin(first: Bytes) -> Self {
        if first.starts_with(&MAGIC) {
            let mut inflate = Inflate::default();
            inflate.feed(first);
            Self::Gzip(inflate)
        } else if MAGIC.starts_with(&first) {
            Self::Begin(first)
        } else {
            Self::Plain(first)
        }
    }
}

fn damaged(how: &str, at: u64, error: io::Error) -> Error {
    Error::new(ErrorKind::Decode, format!("the gzip data {how} after {at} bytes")).with_source(error)
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Stream for Gunzip<S> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !matches!(this.state, State::Done) {
            // A few bytes of the source can be chunks without end.
            let coop = ready!(poll_proceed(cx));
            match this.decode() {
                Ok(out) if out.is_empty() => {}
                outcome => {
                    coop.made_progress();
                    return Poll::Ready(Some(outcome));
                }
            }
            match ready!(Pin::new(&mut this.source).poll_next(cx)) {
                Some(Ok(chunk)) => {
                    coop.made_progress();
                    this.take(chunk);
                }
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
            State::Begin(_) => "begin",
            State::Plain(_) => "plain",
            State::Gzip(_) => "gzip",
            State::Done => "done",
        };
        f.debug_struct("Gunzip").field("state", &state).field("read", &self.read).finish_non_exhaustive()
    }
}
