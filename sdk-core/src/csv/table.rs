//! Tables with a header.

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

/// A CSV table with named columns.
///
/// It is a [`Stream`] of [`Row`]s, and over a [`Local`] source also an [`Iterator`]. The first record is the header,
/// unless the table was created with [`with_header`](Self::with_header). Blank records are skipped.
pub struct Table<S> {
    records: Records<S>,
    /// The test that recognises the header after a preamble. `None` if the first record is the header.
    is_header: Option<fn(&Record) -> bool>,
    preamble: Vec<Record>,
    preamble_len: usize,
    header: Option<Arc<Header>>,
    done: bool,
}

impl<S> Table<S> {
    /// Creates a table whose first record is the header. An empty input is a table without columns and rows.
    pub fn new(records: Records<S>) -> Self {
        Self::begin(records, None)
    }

    /// Creates a table with a [`preamble`](Self::preamble). The header is the first record that passes the test.
    ///
    /// Two errors end the stream: [`ErrorKind::Decode`] if no record passes the test, and [`ErrorKind::BodyTooLarge`]
    /// if the preamble exceeds the record limit.
    pub fn with_header(records: Records<S>, is_header: fn(&Record) -> bool) -> Self {
        Self::begin(records, Some(is_header))
    }

    fn begin(records: Records<S>, is_header: Option<fn(&Record) -> bool>) -> Self {
        Self { records, is_header, preamble: Vec::new(), preamble_len: 0, header: None, done: false }
    }

    /// The column names, or `None` before they were read.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_deref()
    }

    /// The records before the header that were read so far.
    pub fn preamble(&self) -> &[Record] {
        &self.preamble
    }

    /// Handles a record. Returns a row, unless the record is blank or belongs to the header or preamble.
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
        // Count every record, even an empty one, so that no file can fill the memory.
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
        // Without a test, a missing header means that the input is empty.
        if self.header.is_some() || self.is_header.is_none() {
            return None;
        }
        let line = self.preamble.last().map_or(1, Record::line);
        Some(self.fail(ErrorKind::Decode, line, "the input ends before the header of the table".to_owned()))
    }

    fn fail(&mut self, kind: ErrorKind, line: u64, message: String) -> Error {
        self.done = true;
        error_at(kind, line, None, message, self.records.context.as_ref())
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Table<S> {
    /// Returns the next row, or `None` at the end.
    ///
    /// Cancelling it loses nothing: the next call returns the row.
    ///
    /// # Errors
    ///
    /// Returns the errors in the [module](super)'s table. An error of a single record does not end the stream.
    pub async fn try_next(&mut self) -> Result<Option<Row>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }

    /// Reads up to the header and returns it. Afterwards [`preamble`](Self::preamble) is complete. Returns `None` if
    /// the input is empty.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`try_next`](Self::try_next).
    pub async fn read_header(&mut self) -> Result<Option<&Header>, Error> {
        std::future::poll_fn(|cx| self.poll_header(cx)).await?;
        Ok(self.header.as_deref())
    }

    fn poll_header(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while self.header.is_none() && !self.done {
            // There are no rows before the header.
            ready!(self.poll_record(cx)).transpose()?;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads one record. Returns a row, an error, or `None` for any other record.
    fn poll_record(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Row, Error>>> {
        Poll::Ready(match ready!(Pin::new(&mut self.records).poll_next(cx)) {
            Some(Ok(record)) => self.take(record).transpose(),
            Some(Err(error)) => Some(Err(error)),
            None => self.end().map(Err),
        })
    }
}

impl<S: Local> Table<S> {
    /// Blocking variant of [`read_header`](Self::read_header), for programs without async.
    ///
    /// # Errors
    ///
    /// Returns the errors of the iterator.
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
