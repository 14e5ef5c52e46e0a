//! Cost Explorer results.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use cloud_billing_core::csv::{Header, Record, Records, Row};
use cloud_billing_core::file::Local;
use cloud_billing_core::{ByteStream, Bytes, Error, Response, Stream};

/// The labels of the vendor's only example.
const LABELS: [&str; 9] = [
    "Billed Date",
    "Invoice Id",
    "Organization Name",
    "Organization ID",
    "Project Name",
    "Project Id",
    "Cluster Name",
    "Cluster Unique Id",
    "Usage Amount",
];

/// The most pairs that make one row, so that no file can fill the memory.
const MAX_PAIRS: usize = 64;

/// The rows of a Cost Explorer result as CSV, one after the other.
///
/// A [`Stream`], and over a file an [`Iterator`] as well. The rows are not typed, since the vendor documents no columns:
/// its one example has nine labels down the side, with values that do not belong to them. So both layouts are read:
///
/// * a table with a header;
/// * labels and values, one pair a line, as in the example: that is what it is if the first two lines both begin with a
///   label of the example. They make one row; a label that comes again begins the next.
///
/// [`Row::parse`] reads amounts: `row.parse::<Decimal>("Usage Amount")?`. They are dollars.
#[derive(Debug)]
pub struct UsageRows<S> {
    records: Records<S>,
    layout: Layout,
    done: bool,
}

#[derive(Debug)]
enum Layout {
    /// Not known before the second line.
    Unknown(Option<Record>),
    Table(Arc<Header>),
    /// The labels and values of the row at hand.
    Pairs {
        line: u64,
        labels: Vec<String>,
        values: Vec<String>,
    },
}

/// The rows of a response that is a Cost Explorer result as CSV: of
/// [`get_cost_explorer_usage_as_csv`](crate::Client::get_cost_explorer_usage_as_csv).
pub trait UsageCsv {
    /// Reads the body as rows, as it arrives. Errors name the operation and the request.
    fn usage_rows(self) -> UsageRows<ByteStream>;
}

impl UsageCsv for ByteStream {
    fn usage_rows(self) -> UsageRows<ByteStream> {
        UsageRows::new(self.csv_records())
    }
}

impl UsageCsv for Response<ByteStream> {
    fn usage_rows(self) -> UsageRows<ByteStream> {
        self.into_inner().usage_rows()
    }
}

impl<S> UsageRows<S> {
    /// Reads records as a Cost Explorer result.
    pub fn new(records: Records<S>) -> Self {
        Self { records, layout: Layout::Unknown(None), done: false }
    }

    /// The names of the columns of a table, once they were read. `None` for labels and values; there each row has its own
    /// [`Row::header`].
    pub fn header(&self) -> Option<&Header> {
        match &self.layout {
            Layout::Table(header) => Some(header),
            _ => None,
        }
    }

    /// Takes a record. Returns the row that is complete.
    fn take(&mut self, record: Record) -> Option<Row> {
        match &mut self.layout {
            Layout::Unknown(first) => match first.take() {
                None => {
                    *first = Some(record);
                    None
                }
                Some(first) if is_label(&first) && is_label(&record) => {
                    self.layout = Layout::Pairs { line: first.line(), labels: Vec::new(), values: Vec::new() };
                    self.take_pair(&first).or_else(|| self.take_pair(&record))
                }
                Some(first) => {
                    let header = self.records.name_columns(first);
                    self.layout = Layout::Table(Arc::clone(&header));
                    Some(Row::new(header, record))
                }
            },
            Layout::Table(header) => Some(Row::new(Arc::clone(header), record)),
            Layout::Pairs { .. } => self.take_pair(&record),
        }
    }

    /// Takes a label and its value. Returns the row before, if the label begins another.
    fn take_pair(&mut self, record: &Record) -> Option<Row> {
        let field = |index| record.get(index).unwrap_or_default().trim();
        let complete = match &self.layout {
            Layout::Pairs { labels, .. }
                if labels.len() >= MAX_PAIRS || labels.iter().any(|label| label == field(0)) =>
            {
                self.take_pairs()
            }
            _ => None,
        };
        if let Layout::Pairs { line, labels, values } = &mut self.layout {
            if labels.is_empty() {
                *line = record.line();
            }
            labels.push(field(0).to_owned());
            values.push(field(1).to_owned());
        }
        complete
    }

    /// The row of the labels and values at hand.
    fn take_pairs(&mut self) -> Option<Row> {
        let Layout::Pairs { line, labels, values } = &mut self.layout else {
            return None;
        };
        let (labels, values) = (mem::take(labels), mem::take(values));
        let record = |fields: &[String]| Record::new(*line, fields.iter().map(String::as_str));
        let (labels, values) = (record(&labels), record(&values));
        (!labels.is_empty()).then(|| Row::new(self.records.name_columns(labels), values))
    }

    /// What the end of the input completes.
    fn finish(&mut self) -> Option<Row> {
        self.done = true;
        if let Layout::Unknown(Some(first)) = &mut self.layout {
            let first = mem::replace(first, Record::new(1, []));
            self.layout = Layout::Table(self.records.name_columns(first));
        }
        self.take_pairs()
    }
}

fn is_label(record: &Record) -> bool {
    record.get(0).is_some_and(|first| LABELS.contains(&first.trim()))
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> UsageRows<S> {
    /// The next row, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of [`cloud_billing_core::csv`]. One of a single row does not end the stream.
    pub async fn try_next(&mut self) -> Result<Option<Row>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }
}

impl<S: Stream<Item = Result<Bytes, Error>> + Unpin> Stream for UsageRows<S> {
    type Item = Result<Row, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !this.done {
            let row = match ready!(Pin::new(&mut this.records).poll_next(cx)) {
                Some(Ok(record)) if record.is_blank() => None,
                Some(Ok(record)) => this.take(record),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => this.finish(),
            };
            if row.is_some() {
                return Poll::Ready(row.map(Ok));
            }
        }
        Poll::Ready(None)
    }
}

impl<S: Local> Iterator for UsageRows<S> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        cloud_billing_core::file::block(|cx| Pin::new(&mut *self).poll_next(cx)).flatten()
    }
}
