//! The files of a unit while it is read. Nothing of them is in the lake before it is committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Seek as _, Write};

use cloud_billing_core::{Decimal, Lenient, Timestamp};
use cloud_billing_focus::reconcile::{Check, FREE_TIER_OR_ROUNDING, Reconciliation, Status};
use cloud_billing_focus::value::Value;
use cloud_billing_focus::{Column, Row, Version};
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use crate::error::Error;
use crate::manifest::Body;
use crate::parquet::{Field, Writer};
use crate::source::Bill;
use crate::table::Table;

/// A value of a table's column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Not known, or there is none.
    Null,
    /// A text.
    Text(String),
    /// An exact decimal.
    Decimal(Decimal),
    /// An instant.
    Time(Timestamp),
    /// A JSON object as text.
    Json(String),
}

impl Cell {
    /// A text, if there is one.
    pub fn text(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.to_string()))
    }

    /// A number, if there is one.
    #[must_use]
    pub fn decimal(number: Option<Decimal>) -> Self {
        number.map_or(Self::Null, Self::Decimal)
    }

    /// A number of cents, if there is one.
    #[must_use]
    pub fn cents(cents: Option<i64>) -> Self {
        Self::decimal(cents.map(Decimal::from_cents))
    }

    /// An instant, if it is known.
    #[must_use]
    pub fn time(time: &Lenient<Timestamp>) -> Self {
        time.known().map_or(Self::Null, |time| Self::Time(*time))
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::Text(text),
            Self::Decimal(number) => Value::Decimal(number),
            Self::Time(time) => Value::Time(*time),
            Self::Json(text) => Value::Json(text),
        }
    }
}

/// How much of a file is held in memory before it goes to a temporary file on the disk.
const SPOOL: usize = 4 << 20;

/// A unit that is being read.
#[derive(Debug, Default)]
pub struct Draft {
    pages: BTreeMap<Table, Page>,
    raw: Bodies,
    keep_raw: bool,
    bodies: Vec<Body>,
    totals: BTreeMap<String, Decimal>,
    status: Option<Status>,
    is_open: bool,
    /// Whether a row of the residue has a reason that may be a mistake.
    is_doubtful: bool,
    /// Bills that differ from their lines of the list.
    differing: Vec<Bill>,
}

/// A file that is being written.
#[derive(Debug)]
struct Page {
    fields: Vec<Field>,
    writer: Writer<Hashed>,
}

/// Bodies as they came, compressed, one behind the other.
#[derive(Debug)]
pub(crate) struct Bodies {
    pub(crate) file: SpooledTempFile,
    /// Their hashes and lengths.
    pub(crate) places: Vec<(String, u64)>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self { file: SpooledTempFile::new(SPOOL), places: Vec::new() }
    }
}

impl Bodies {
    fn add(&mut self, sha256: String, body: &[u8]) -> io::Result<()> {
        let start = self.file.stream_position()?;
        let mut gzip = flate2::write::GzEncoder::new(&mut self.file, flate2::Compression::default());
        gzip.write_all(body)?;
        gzip.finish()?;
        self.places.push((sha256, self.file.stream_position()?.saturating_sub(start)));
        Ok(())
    }
}

/// A unit that has been read.
#[derive(Debug)]
pub struct Finished {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) raw: Bodies,
    pub(crate) bodies: Vec<Body>,
    pub(crate) totals: BTreeMap<String, Decimal>,
    pub(crate) status: Status,
    pub(crate) differing: Vec<Bill>,
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

    /// Says that the bill still grows: until it is closed, its figures are not updated at once, and its residue is no mistake.
    #[must_use]
    pub const fn open(mut self, is_open: bool) -> Self {
        self.is_open = is_open;
        self
    }

    /// Appends a charge.
    ///
    /// # Errors
    ///
    /// If a number that the bill is the sum of is too large for its column, or the file cannot be written.
    pub fn row(&mut self, row: &Row<'_>) -> Result<(), Error> {
        if let (Some(currency), Some(cost)) = (&row.billing_currency, &row.billed_cost) {
            match self.totals.get_mut(currency.as_ref()) {
                Some(total) => *total = &*total + cost,
                None => drop(self.totals.insert(currency.to_string(), cost.clone())),
            }
        }
        self.is_doubtful |=
            row.x_reconciliation_reason.as_deref().is_some_and(|reason| reason != FREE_TIER_OR_ROUNDING);
        let columns: &[Column] = Version::NEWEST.columns();
        let writer = &mut self.page(Table::CostAndUsage)?.writer;
        writer
            .write(|at| columns.get(at).map_or(Value::Null, |column| row.value(*column)))
            .map_err(|error| Error::with("charges", error))
    }

    /// How many charges it has so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.pages.get(&Table::CostAndUsage).map_or(0, |page| page.writer.rows())
    }

    /// Appends a record to a table. Columns that are not named are null.
    ///
    /// # Errors
    ///
    /// As of [`row`](Self::row), or if the table has no column of a name.
    pub fn record(&mut self, table: Table, cells: &[(&str, Cell)]) -> Result<(), Error> {
        let Page { fields, writer } = self.page(table)?;
        if let Some((name, _)) = cells.iter().find(|(name, _)| fields.iter().all(|field| field.name != *name)) {
            return Err(Error::new(format!("{} has no column {name}", table.name())));
        }
        let cell = |name| cells.iter().find(|(of, _)| *of == name).map_or(Value::Null, |(_, cell)| cell.value());
        writer
            .write(|at| fields.get(at).map_or(Value::Null, |field| cell(field.name)))
            .map_err(|error| Error::with(table.name(), error))
    }

    /// Appends the verdict on a bill of the unit. The unit has the worst of them.
    ///
    /// # Errors
    ///
    /// As of [`row`](Self::row).
    pub fn reconciliation(&mut self, of: &Reconciliation) -> Result<(), Error> {
        self.status(of.status);
        self.record(
            Table::Reconciliation,
            &[
                ("BillingAccountId", Cell::Text(of.account.clone())),
                ("InvoiceId", Cell::text(of.invoice.as_deref())),
                ("BillingCurrency", Cell::Text(of.currency.clone())),
                ("Expected", Cell::decimal(of.expected.clone())),
                ("RowsTotal", Cell::Decimal(of.rows_total.clone())),
                ("Residue", Cell::decimal(of.residue.clone())),
                ("Status", Cell::text(Some(of.status))),
                ("Rows", Cell::Decimal(of.rows.into())),
                ("Checks", Cell::Json(checks(&of.checks))),
            ],
        )
    }

    /// Notes how rows compare with a bill of the unit. The unit has the worst of what is noted, and `unknown` without any. A residue
    /// for another reason than free allowances or rounding is `unexplained`, unless the bill is open.
    pub fn status(&mut self, status: Status) {
        self.status = self.status.max(Some(status));
    }

    /// Notes what a bill states itself, if that is not what its list does. The manifest has it, so that the next sync reads it again.
    pub fn differs_from_list(&mut self, own: Bill) {
        self.differing.push(own);
    }

    /// Notes a body that the unit is made of, and keeps it, if bodies are kept.
    ///
    /// # Errors
    ///
    /// If it cannot be compressed.
    pub fn body(&mut self, operation: &str, body: &[u8]) -> Result<(), Error> {
        let sha256 = hex(&Sha256::digest(body));
        if self.keep_raw {
            self.raw.add(sha256.clone(), body).map_err(|error| Error::with("cannot keep a body", error))?;
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
        let Self { pages, raw, bodies, totals, status, is_open, is_doubtful, differing, .. } = self;
        let doubt = (is_doubtful && !is_open).then_some(Status::Unexplained);
        let pieces = pages.into_iter().map(|(table, page)| piece(table, page)).collect::<Result<_, _>>()?;
        let status = status.map_or(Status::Unknown, |status| doubt.map_or(status, |doubt| doubt.max(status)));
        Ok(Finished { pieces, raw, bodies, totals, status, differing })
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
    Ok(page.writer.finish()?.into_piece(table, rows))
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
pub(crate) struct Hashed {
    file: SpooledTempFile,
    hash: Sha256,
    bytes: u64,
}

impl Hashed {
    pub(crate) fn new() -> Self {
        Self { file: SpooledTempFile::new(SPOOL), hash: Sha256::new(), bytes: 0 }
    }

    /// The file, its length and its hash.
    pub(crate) fn end(self) -> (SpooledTempFile, u64, String) {
        (self.file, self.bytes, hex(&self.hash.finalize()))
    }

    pub(crate) fn into_piece(self, table: Table, rows: u64) -> Piece {
        let (file, bytes, sha256) = self.end();
        Piece { table, file, rows, bytes, sha256 }
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
