//! Records from a stream of bytes.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::parser::{Fault, Parser, Problem};
use super::record::Record;
use super::row::{Header, error_at};
use crate::body::ByteStream;
use crate::client::Origin;
use crate::error::{Error, ErrorKind};
use crate::file::{Chunks, Local, block};
use crate::gzip::Gunzip;

/// The most bytes that a record may have, unless set otherwise: 1 MiB.
pub const DEFAULT_RECORD_LIMIT: usize = 1024 * 1024;

/// The records of a CSV, one after the other.
///
/// A [`Stream`] over any stream of byte chunks, and over a [`Local`] source an [`Iterator`] as well. What it holds at a time is
/// one chunk and one record. What it accepts, and after which errors one can go on, is in the [module](super)'s
/// documentation.
pub struct Records<S> {
    source: S,
    chunk: Bytes,
    parser: Parser,
    /// The names of the columns, once they are known: for messages.
    header: Option<Arc<Header>>,
    /// Where the bytes come from: for messages.
    pub(super) origin: Option<Origin>,
    done: bool,
}

impl<S> Records<S> {
    /// Reads from a stream of chunks.
    pub fn new(source: S) -> Self {
        Self {
            source,
            chunk: Bytes::new(),
            parser: Parser::new(DEFAULT_RECORD_LIMIT),
            header: None,
            origin: None,
            done: false,
        }
    }

    /// Sets how many bytes a record may have, quotes and commas included; [`DEFAULT_RECORD_LIMIT`] unless set.
    ///
    /// A record of that size takes up to twice as much memory while it is read; one of nothing but commas, with a position
    /// to keep for each, 16 times.
    #[must_use]
    pub fn record_limit(mut self, bytes: usize) -> Self {
        self.parser.limit = bytes;
        self
    }

    /// Replaces what is not UTF-8 by U+FFFD, instead of an error for the record.
    #[must_use]
    pub fn lossy_utf8(mut self) -> Self {
        self.parser.lossy = true;
        self
    }

    /// Takes a record that was read for the names of the columns, in rows and in the errors of what follows.
    pub fn name_columns(&mut self, names: Record) -> Arc<Header> {
        let header = Arc::new(Header::with_origin(names, self.origin.clone()));
        self.header = Some(Arc::clone(&header));
        header
    }

    /// The record limit.
    pub(super) fn limit(&self) -> usize {
        self.parser.limit
    }

    /// The error of a record, with what is known about its place.
    fn error(&self, Fault { line, problem }: Fault) -> Error {
        let (kind, field, message) = match problem {
            Problem::TooLong { limit } => {
                let message =
                    format!("the record has more than {limit} bytes; if they are many lines, a quote is open");
                (ErrorKind::BodyTooLarge, None, message)
            }
            Problem::NotUtf8 { field, valid } => {
                (ErrorKind::Decode, Some(field), format!("the text is not UTF-8 at byte {valid}"))
            }
            Problem::OpenQuote => (ErrorKind::Decode, None, "the input ends in a quoted field".to_owned()),
        };
        let column = field.map(|index| match self.header.as_ref().and_then(|header| header.name(index)) {
            Some(name) => format!("column `{name}`"),
            None => format!("field {}", index + 1),
        });
        error_at(kind, line, column.as_deref(), message, self.origin.as_ref())
    }

    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.parser.memory()
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Records<S> {
    /// The next record, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the [module](super)'s table. One of a single record does not end the stream.
    pub async fn try_next(&mut self) -> Result<Option<Record>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }
}

impl<R: Read> Records<Chunks<R>> {
    /// Reads from a file or any other [`Read`], in place: in async code, off the runtime's threads. It needs no
    /// buffering.
    pub fn from_reader(reader: R) -> Self {
        Self::new(Chunks::new(reader))
    }
}

impl Records<Chunks<File>> {
    /// Reads from a file.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Io`] if it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Chunks::open(path).map(Self::new)
    }
}

impl ByteStream {
    /// The records of a CSV body, as they arrive. Errors name the operation and the request.
    pub fn csv_records(self) -> Records<Self> {
        let origin = self.origin().clone();
        Records { origin: Some(origin), ..Records::new(self) }
    }

    /// The records of a CSV body that may be compressed with gzip, as they arrive. Errors name the operation and the
    /// request.
    pub fn gzip_csv_records(self) -> Records<Gunzip<Self>> {
        let origin = self.origin().clone();
        Records { origin: Some(origin), ..Records::new(Gunzip::new(self)) }
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Stream for Records<S> {
    type Item = Result<Record, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !this.done {
            if let Some(outcome) = this.parser.next(&mut this.chunk) {
                return Poll::Ready(Some(outcome.map_err(|fault| this.error(fault))));
            }
            match ready!(Pin::new(&mut this.source).poll_next(cx)) {
                Some(Ok(chunk)) => this.chunk = chunk,
                Some(Err(error)) => {
                    this.done = true;
                    return Poll::Ready(Some(Err(match &this.origin {
                        Some(origin) => origin.annotate(error),
                        None => error,
                    })));
                }
                None => {
                    this.done = true;
                    let last = this.parser.finish();
                    return Poll::Ready(last.map(|outcome| outcome.map_err(|fault| this.error(fault))));
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
