//! The rows of an invoice.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use cloud_billing_core::csv::{Header, Record, Records, Table};
use cloud_billing_core::file::Local;
use cloud_billing_core::{ByteStream, Bytes, Error, Response, Stream};

use super::invoice_row::InvoiceRow;
use super::preamble::Preamble;

/// The rows of an invoice's CSV.
///
/// It is a [`Stream`], and over a file also an [`Iterator`]. The table begins at the first line whose first field is
/// `Date` and which has a field `Amount`. The lines before it are the [`Preamble`], with or without a blank line in
/// between. If there is no such line, reading fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode). An invoice
/// without charges has no rows.
#[derive(Debug)]
pub struct InvoiceRows<S> {
    table: Table<S>,
    preamble: Option<Preamble>,
}

/// Reads a response as an invoice's CSV, for [`get_invoice_csv`](crate::Client::get_invoice_csv) and
/// [`get_invoice_as_csv`](crate::Client::get_invoice_as_csv).
pub trait InvoiceCsv {
    /// Reads the rows of the body as it arrives. Errors name the operation and the request id.
    fn rows(self) -> InvoiceRows<ByteStream>;
}

impl InvoiceCsv for ByteStream {
    fn rows(self) -> InvoiceRows<ByteStream> {
        InvoiceRows::new(self.csv_records())
    }
}

impl InvoiceCsv for Response<ByteStream> {
    fn rows(self) -> InvoiceRows<ByteStream> {
        self.into_inner().rows()
    }
}

impl<S> InvoiceRows<S> {
    /// Reads records as an invoice.
    pub fn new(records: Records<S>) -> Self {
        let is_header = |record: &Record| {
            record.get(0).is_some_and(|first| first.trim() == "Date")
                && record.iter().any(|field| field.trim() == "Amount")
        };
        Self { table: Table::with_header(records, is_header), preamble: None }
    }

    /// The column names, or `None` before they were read.
    pub fn header(&self) -> Option<&Header> {
        self.table.header()
    }

    fn take_preamble(&mut self) -> &Preamble {
        let Self { table, preamble } = self;
        preamble.get_or_insert_with(|| Preamble::new(table.preamble()))
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> InvoiceRows<S> {
    /// Reads up to the table and returns the lines before it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`try_next`](Self::try_next).
    pub async fn preamble(&mut self) -> Result<&Preamble, Error> {
        self.table.read_header().await?;
        Ok(self.take_preamble())
    }

    /// Returns the next row, or `None` at the end.
    ///
    /// Cancelling it loses nothing: the next call returns the row.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`cloud_billing_core::csv`]. An error of a single row does not end the stream.
    pub async fn try_next(&mut self) -> Result<Option<InvoiceRow>, Error> {
        Ok(self.table.try_next().await?.map(InvoiceRow::from))
    }
}

impl<S: Local> InvoiceRows<S> {
    /// Blocking variant of [`preamble`](Self::preamble), for programs without async.
    ///
    /// # Errors
    ///
    /// Returns the errors of the iterator.
    pub fn preamble_blocking(&mut self) -> Result<&Preamble, Error> {
        self.table.read_header_blocking()?;
        Ok(self.take_preamble())
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Stream for InvoiceRows<S> {
    type Item = Result<InvoiceRow, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = ready!(Pin::new(&mut self.table).poll_next(cx));
        Poll::Ready(row.map(|row| row.map(InvoiceRow::from)))
    }
}

impl<S: Local> Iterator for InvoiceRows<S> {
    type Item = Result<InvoiceRow, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.table.next()?.map(InvoiceRow::from))
    }
}
