//! A stream of records.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::task::coop::poll_proceed;

use super::parser::{Parser, Problem, RecordError};
use super::record::Record;
use super::row::{Header, error_at};
use crate::body::ByteStream;
use crate::context::ResponseContext;
use crate::error::{Error, ErrorKind};
use crate::file::{Chunks, Local, block};
use crate::gzip::Gunzip;
use crate::text::shown;

/// The default limit for the size of a record, in bytes: 1 MiB.
pub const DEFAULT_RECORD_LIMIT: usize = 1024 * 1024;

/// The records of a CSV source.
///
/// It is a [`Stream`] over any stream of byte chunks, and over a [`Local`] source also an [`Iterator`]. It holds one
/// chunk and one record at a time. The documentation of the [module](super) describes the accepted format, and the
/// errors after which reading can continue.
pub struct Records<S> {
    source: S,
    chunk: Bytes,
    parser: Parser,
    /// The column names, if known. Used in error messages.
    header: Option<Arc<Header>>,
    /// The request that the bytes come from. Used in error messages.
    pub(super) context: Option<ResponseContext>,
    done: bool,
}

impl<S> Records<S> {
    /// Reads records from a stream of chunks.
    pub fn new(source: S) -> Self {
        Self {
            source,
            chunk: Bytes::new(),
            parser: Parser::new(DEFAULT_RECORD_LIMIT),
            header: None,
            context: None,
            done: false,
        }
    }

    /// Sets the largest size of a record in bytes, quotes and commas included. The default is 1 MiB
    /// ([`DEFAULT_RECORD_LIMIT`]).
    ///
    /// While a record is read, it takes up to twice its size in memory. A record of nothing but commas takes 16 times
    /// its size, because each field's position is stored.
    #[must_use]
    pub fn record_limit(mut self, bytes: usize) -> Self {
        self.parser.limit = bytes;
        self
    }

    /// Replaces invalid UTF-8 with U+FFFD instead of returning an error.
    #[must_use]
    pub fn lossy_utf8(mut self) -> Self {
        self.parser.lossy = true;
        self
    }

    /// Uses a record as the column names, for rows and for later errors.
    pub fn name_columns(&mut self, names: Record) -> Arc<Header> {
        let header = Arc::new(Header::with_context(names, self.context.clone()));
        self.header = Some(Arc::clone(&header));
        header
    }

    /// The record limit.
    pub(super) fn limit(&self) -> usize {
        self.parser.limit
    }

    /// Builds the error of a record, with its place.
    fn error(&self, RecordError { line, problem }: RecordError) -> Error {
        let (kind, field, message) = match problem {
            Problem::TooLong { limit } => {
                let message = format!(
                    "the record has more than {limit} bytes; if it spans many lines, a closing quote is missing"
                );
                (ErrorKind::BodyTooLarge, None, message)
            }
            Problem::NotUtf8 { field, valid } => {
                (ErrorKind::Decode, Some(field), format!("the text is not UTF-8 at byte {valid}"))
            }
            Problem::OpenQuote => (ErrorKind::Decode, None, "the input ends in a quoted field".to_owned()),
        };
        let column = field.map(|index| match self.header.as_ref().and_then(|header| header.name(index)) {
            Some(name) => format!("column `{}`", shown(name)),
            None => format!("field {}", index + 1),
        });
        error_at(kind, line, column.as_deref(), message, self.context.as_ref())
    }

    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.parser.memory()
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Records<S> {
    /// Returns the next record, or `None` at the end.
    ///
    /// Cancelling it loses nothing: the next call returns the record.
    ///
    /// # Errors
    ///
    /// Returns the errors in the [module](super)'s table. An error of a single record does not end the stream.
    pub async fn try_next(&mut self) -> Result<Option<Record>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }
}

impl<R: Read> Records<Chunks<R>> {
    /// Reads records from a file or any other [`Read`]. Reads block the thread, so async code must call this in
    /// `spawn_blocking`. The reader needs no buffering.
    pub fn from_reader(reader: R) -> Self {
        Self::new(Chunks::new(reader))
    }
}

impl Records<Chunks<File>> {
    /// Reads records from a file.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Io`] if the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Chunks::open(path).map(Self::new)
    }
}

impl ByteStream {
    /// Reads the body as CSV records as it arrives. Errors name the operation and the request id.
    pub fn csv_records(self) -> Records<Self> {
        let context = self.context().clone();
        Records { context: Some(context), ..Records::new(self) }
    }

    /// Reads the body as CSV records as it arrives, and decompresses it if it is a gzip file. Errors name the operation
    /// and the request id.
    pub fn gzip_csv_records(self) -> Records<Gunzip<Self>> {
        let context = self.context().clone();
        Records { context: Some(context), ..Records::new(Gunzip::new(self)) }
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Stream for Records<S> {
    type Item = Result<Record, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !this.done {
            // A consumer that always finds a record at hand must let other tasks run all the same.
            let coop = ready!(poll_proceed(cx));
            if let Some(outcome) = this.parser.next(&mut this.chunk) {
                coop.made_progress();
                return Poll::Ready(Some(outcome.map_err(|error| this.error(error))));
            }
            match ready!(Pin::new(&mut this.source).poll_next(cx)) {
                Some(Ok(chunk)) => {
                    coop.made_progress();
                    this.chunk = chunk;
                }
                Some(Err(error)) => {
                    this.done = true;
                    return Poll::Ready(Some(Err(match &this.context {
                        Some(context) => context.annotate(error),
                        None => error,
                    })));
                }
                None => {
                    this.done = true;
                    let last = this.parser.finish();
                    return Poll::Ready(last.map(|outcome| outcome.map_err(|error| this.error(error))));
                }
            }
        }
        Poll::Ready(None)
    }
}

impl<S: Local> Iterator for Records<S> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block(|cx| Pin::new(&mut *self).poll_next(cx)).flatten()
    }
}

impl<S> fmt::Debug for Records<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("limit", &self.parser.limit).field("done", &self.done).finish_non_exhaustive()
    }
}
