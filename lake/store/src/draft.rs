//! The files of a unit while it is read. Nothing of them is in the lake before it is committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use cloud_billing_core::Decimal;
use cloud_billing_focus::reconcile::{Check, Reconciliation, Status};
use cloud_billing_focus::value::Value;
use cloud_billing_focus::{Column, Row, Version};
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use crate::error::Error;
use crate::manifest::Body;
use crate::parquet::{Field, Writer};
use crate::table::Table;

/// How much of a file is held in memory before it goes to a temporary file on the disk.
const SPOOL: usize = 4 << 20;

/// A unit that is being read.
#[derive(Debug, Default)]
pub struct Draft {
    pages: BTreeMap<Table, Page>,
    raw: Vec<Raw>,
    keep_raw: bool,
    bodies: Vec<Body>,
    totals: BTreeMap<String, Decimal>,
    status: Option<Status>,
}

/// A file that is being written.
#[derive(Debug)]
struct Page {
    fields: Vec<Field>,
    writer: Writer<Hashed>,
}

/// A body as it came, compressed.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) sha256: String,
    pub(crate) bytes: Vec<u8>,
}

/// A unit that has been read.
#[derive(Debug)]
pub struct Finished {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) raw: Vec<Raw>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) totals: BTreeMap<String, Decimal>,
    pub(crate) status: Status,
}

/// A file that is ready.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) table: Table,
    pub(crate) file: SpooledTempFile,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Draft {
    /// A unit without anything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps bodies as they came besides.
    #[must_use]
    pub const fn keep_raw(mut self, keep: bool) -> Self {
        self.keep_raw = keep;
        self
    }

    /// Appends a charge.
    ///
    /// # Errors
    ///
    /// If a number is too large for its column, or the file cannot be written.
    pub fn row(&mut self, row: &Row<'_>) -> Result<(), Error> {
        if let (Some(currency), Some(cost)) = (&row.billing_currency, &row.billed_cost) {
            match self.totals.get_mut(currency.as_ref()) {
                Some(total) => *total = &*total + cost,
                None => drop(self.totals.insert(currency.to_string(), cost.clone())),
            }
        }
        let columns: &[Column] = Version::NEWEST.columns();
        let writer = &mut self.page(Table::CostAndUsage)?.writer;
        writer
            .write(|at| columns.get(at).map_or(Value::Null, |column| row.value(*column)))
            .map_err(|error| Error::with("charges", error))
    }

    /// Appends a record to a table. `value` gets the name of each column.
    ///
    /// # Errors
    ///
    /// As of [`row`](Self::row).
    pub fn record<'v>(&mut self, table: Table, value: impl Fn(&str) -> Value<'v>) -> Result<(), Error> {
        let Page { fields, writer } = self.page(table)?;
        writer
            .write(|at| fields.get(at).map_or(Value::Null, |field| value(field.name)))
            .map_err(|error| Error::with(table.name(), error))
    }

    /// Appends the verdict on a bill of the unit. The unit has the worst of them.
    ///
    /// # Errors
    ///
    /// As of [`row`](Self::row).
    pub fn reconciliation(&mut self, of: &Reconciliation) -> Result<(), Error> {
        self.status(of.status);
        let (rows, checks) = (Decimal::from(of.rows), checks(&of.checks));
        self.record(Table::Reconciliation, |column| match column {
            "BillingAccountId" => Value::Text(&of.account),
            "InvoiceId" => of.invoice.as_deref().map_or(Value::Null, Value::Text),
            "BillingCurrency" => Value::Text(&of.currency),
            "Expected" => of.expected.as_ref().map_or(Value::Null, Value::Decimal),
            "RowsTotal" => Value::Decimal(&of.rows_total),
            "Residue" => of.residue.as_ref().map_or(Value::Null, Value::Decimal),
            "Status" => Value::Text(of.status.as_str()),
            "Rows" => Value::Decimal(&rows),
            "Checks" => Value::Json(&checks),
            _ => Value::Null,
        })
    }

    /// Notes how rows compare with a bill of the unit. The unit has the worst of what is noted, and `unknown` without any.
    pub fn status(&mut self, status: Status) {
        self.status = self.status.max(Some(status));
    }

    /// Notes a body that the unit is made of, and keeps it, if bodies are kept.
    ///
    /// # Errors
    ///
    /// If it cannot be compressed.
    pub fn body(&mut self, operation: &str, body: &[u8]) -> Result<(), Error> {
        let sha256 = hex(&Sha256::digest(body));
        if self.keep_raw {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            let bytes = gzip.write_all(body).and_then(|()| gzip.finish());
            let bytes = bytes.map_err(|error| Error::with("cannot compress a body", error))?;
            self.raw.push(Raw { sha256: sha256.clone(), bytes });
        }
        self.bodies.push(Body { operation: operation.to_owned(), sha256 });
        Ok(())
    }

    /// Ends the files.
    ///
    /// # Errors
    ///
    /// If one cannot be written.
    pub fn finish(self) -> Result<Finished, Error> {
        let Self { pages, raw, bodies, totals, status, .. } = self;
        let pieces = pages.into_iter().map(|(table, page)| piece(table, page)).collect::<Result<_, _>>()?;
        Ok(Finished { pieces, raw, bodies, totals, status: status.unwrap_or(Status::Unknown) })
    }

    fn page(&mut self, table: Table) -> Result<&mut Page, Error> {
        match self.pages.entry(table) {
            std::collections::btree_map::Entry::Occupied(page) => Ok(page.into_mut()),
            std::collections::btree_map::Entry::Vacant(place) => {
                let fields = table.fields();
                let writer = Writer::new(fields.clone(), Hashed::new())?;
                Ok(place.insert(Page { fields, writer }))
            }
        }
    }
}

fn piece(table: Table, page: Page) -> Result<Piece, Error> {
    let rows = page.writer.rows();
    let Hashed { file, hash, bytes } = page.writer.finish()?;
    Ok(Piece { table, file, rows, bytes, sha256: hex(&hash.finalize()) })
}

/// Comparisons as a JSON object: each name with what is stated, what is computed, and why a difference is no mistake.
fn checks(checks: &[Check]) -> String {
    let text = |number: &Option<Decimal>| number.as_ref().map(ToString::to_string);
    let checks = checks.iter().map(|check| {
        let value = serde_json::json!({
            "stated": text(&check.stated),
            "computed": text(&check.computed),
            "reason": check.reason,
        });
        (check.name.to_owned(), value)
    });
    serde_json::Value::Object(checks.collect()).to_string()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A string takes all that is written to it.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A file with its hash.
#[derive(Debug)]
struct Hashed {
    file: SpooledTempFile,
    hash: Sha256,
    bytes: u64,
}

impl Hashed {
    fn new() -> Self {
        Self { file: SpooledTempFile::new(SPOOL), hash: Sha256::new(), bytes: 0 }
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
