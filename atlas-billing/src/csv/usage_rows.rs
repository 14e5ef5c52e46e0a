//! Cost Explorer results.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use cloud_billing_core::csv::{Header, Record, Records, Row};
use cloud_billing_core::file::Local;
use cloud_billing_core::{ByteStream, Bytes, Error, Response, Stream};

/// The labels in the vendor's only example.
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

/// The largest number of pairs in one row, so that no file can fill the memory.
const MAX_PAIRS: usize = 64;

/// The rows of a Cost Explorer result as CSV.
///
/// It is a [`Stream`], and over a file also an [`Iterator`]. The rows are not typed, because the vendor does not
/// document the columns. The only example has nine labels, one per line, with values that do not match them. So two
/// layouts are accepted:
///
/// * a table with a header;
/// * pairs of label and value, one per line, as in the example. This layout is recognised if the first two lines both
///   begin with a label of the example. The pairs form one row; a repeated label begins the next row.
///
/// [`Row::parse`] reads amounts in dollars: `row.parse::<Decimal>("Usage Amount")?`.
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
    /// The labels and values of the current row.
    Pairs {
        line: u64,
        labels: Vec<String>,
        values: Vec<String>,
    },
}

/// Reads a response as a Cost Explorer result, for
/// [`get_cost_explorer_usage_as_csv`](crate::Client::get_cost_explorer_usage_as_csv).
pub trait UsageCsv {
    /// Reads the rows of the body as it arrives. Errors name the operation and the request id.
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

    /// The column names of a table, or `None` before they were read. Also `None` for pairs, where each row has its own
    /// [`Row::header`].
    pub fn header(&self) -> Option<&Header> {
        match &self.layout {
            Layout::Table(header) => Some(header),
            _ => None,
        }
    }

    /// Handles a record. Returns a row if one is complete.
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

    /// Handles a pair. Returns the previous row if this label begins a new one.
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

    /// Returns the row of the collected pairs.
    fn take_pairs(&mut self) -> Option<Row> {
        let Layout::Pairs { line, labels, values } = &mut self.layout else {
            return None;
        };
        let (labels, values) = (mem::take(labels), mem::take(values));
        let record = |fields: &[String]| Record::new(*line, fields.iter().map(String::as_str));
        let (labels, values) = (record(&labels), record(&values));
        (!labels.is_empty()).then(|| Row::new(self.records.name_columns(labels), values))
    }

    /// Returns the row that the end of the input completes.
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
    /// Returns the next row, or `None` at the end.
    ///
    /// Cancelling it loses nothing: the next call returns the row.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`cloud_billing_core::csv`]. An error of a single row does not end the stream.
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
