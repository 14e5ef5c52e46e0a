//! Tables: a header and rows.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::record::Record;
use super::records::Records;
use super::row::{Header, Row, error_at};
use crate::error::{Error, ErrorKind};
use crate::file::{Local, block};

/// The rows of a CSV whose columns have names.
///
/// A [`Stream`] of [`Row`]s, and over a [`Local`] source an [`Iterator`] as well. The first record is the header, unless
/// [`with_header`](Self::with_header) says otherwise. Records of blank fields only are skipped.
pub struct Table<S> {
    records: Records<S>,
    /// What tells the header from the preamble, if there is one.
    is_header: Option<fn(&Record) -> bool>,
    preamble: Vec<Record>,
    preamble_len: usize,
    header: Option<Arc<Header>>,
    done: bool,
}

impl<S> Table<S> {
    /// A table that begins with its header. An input without any record is a table without columns and rows.
    pub fn new(records: Records<S>) -> Self {
        Self::begin(records, None)
    }

    /// A table after a [`preamble`](Self::preamble): its header is the first record that passes the test.
    ///
    /// If none does, that is an error of kind [`ErrorKind::Decode`]; if there is none within the record limit, one of
    /// kind [`ErrorKind::BodyTooLarge`]. Both end the stream.
    pub fn with_header(records: Records<S>, is_header: fn(&Record) -> bool) -> Self {
        Self::begin(records, Some(is_header))
    }

    fn begin(records: Records<S>, is_header: Option<fn(&Record) -> bool>) -> Self {
        Self { records, is_header, preamble: Vec::new(), preamble_len: 0, header: None, done: false }
    }

    /// The names of the columns, once they were read.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_deref()
    }

    /// The records before the header, as far as they were read.
    pub fn preamble(&self) -> &[Record] {
        &self.preamble
    }

    /// Takes a record. Returns the row that it is.
    fn take(&mut self, record: Record) -> Result<Option<Row>, Error> {
        if record.is_blank() {
            return Ok(None);
        }
        if let Some(header) = &self.header {
            return Ok(Some(Row::new(Arc::clone(header), record)));
        }
        if self.is_header.is_none_or(|is_header| is_header(&record)) {
            self.header = Some(self.records.name_columns(record));
            return Ok(None);
        }
        // Every record counts for something, however short: no file may fill the memory.
        self.preamble_len += record.text_len() + size_of::<Record>();
        if self.preamble_len > self.records.limit() {
            let message = format!("no header of a table within {} bytes", self.records.limit());
            return Err(self.fail(ErrorKind::BodyTooLarge, record.line(), message));
        }
        self.preamble.push(record);
        Ok(None)
    }

    fn end(&mut self) -> Option<Error> {
        self.done = true;
        // Where any record may be the header, there is none because there is nothing at all.
        if self.header.is_some() || self.is_header.is_none() {
            return None;
        }
        let line = self.preamble.last().map_or(1, Record::line);
        Some(self.fail(ErrorKind::Decode, line, "the input ends before the header of the table".to_owned()))
    }

    fn fail(&mut self, kind: ErrorKind, line: u64, message: String) -> Error {
        self.done = true;
        error_at(kind, line, None, message, self.records.origin.as_ref())
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Table<S> {
    /// The next row, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the [module](super)'s table. One of a single record does not end the stream.
    pub async fn try_next(&mut self) -> Result<Option<Row>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }

    /// Reads as far as the header and returns it; then [`preamble`](Self::preamble) is complete. `None` if the input has
    /// no record.
    ///
    /// # Errors
    ///
    /// Those of [`try_next`](Self::try_next).
    pub async fn read_header(&mut self) -> Result<Option<&Header>, Error> {
        std::future::poll_fn(|cx| self.poll_header(cx)).await?;
        Ok(self.header.as_deref())
    }

    fn poll_header(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while self.header.is_none() && !self.done {
            // There is no row before the header.
            ready!(self.poll_record(cx)).transpose()?;
        }
        Poll::Ready(Ok(()))
    }

    /// One record further: the row that it is, an error, or `None` for anything else.
    fn poll_record(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Row, Error>>> {
        Poll::Ready(match ready!(Pin::new(&mut self.records).poll_next(cx)) {
            Some(Ok(record)) => self.take(record).transpose(),
            Some(Err(error)) => Some(Err(error)),
            None => self.end().map(Err),
        })
    }
}

impl<S: Local> Table<S> {
    /// [`read_header`](Self::read_header) for programs that are not async.
    ///
    /// # Errors
    ///
    /// Those of the iterator.
    pub fn read_header_blocking(&mut self) -> Result<Option<&Header>, Error> {
        block(|cx| self.poll_header(cx)).transpose()?;
        Ok(self.header.as_deref())
    }
}

impl<S: Local> Iterator for Table<S> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block(|cx| Pin::new(&mut *self).poll_next(cx)).flatten()
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Stream for Table<S> {
    type Item = Result<Row, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.done {
            if let Some(outcome) = ready!(self.poll_record(cx)) {
                return Poll::Ready(Some(outcome));
            }
        }
        Poll::Ready(None)
    }
}

impl<S> fmt::Debug for Table<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("header", &self.header).field("records", &self.records).finish_non_exhaustive()
    }
}
