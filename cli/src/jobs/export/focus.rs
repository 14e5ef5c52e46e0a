//! `export --focus`: the rows of a month in FOCUS, which add up to the bills.

use atlas_billing::types::InvoiceStatus;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches};
use cloud_billing_focus::format::Format;
use cloud_billing_focus::reconcile::{Reconciliation, Status};
#[cfg(feature = "xlsx")]
use cloud_billing_focus::xlsx::{Sheets, WorkbookError};
use cloud_billing_focus::{Mode, Row, Version};

use super::metadata::Metadata;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{flag, is_on, value};
use crate::jobs::books::{self, RowSource};
use crate::jobs::month;
use crate::jobs::payers::{self, Payers};
use crate::output::Sink;

/// The flags.
pub(super) fn flags() -> [Arg; 5] {
    let versions = PossibleValuesParser::new(Version::ALL.iter().map(|version| version.as_str()));
    [
        flag("focus").help("Print rows of FOCUS, which add up to the bills: charges, tax, credits and what is left"),
        value("focus-version", "VERSION")
            .value_parser(versions)
            .requires("focus")
            .help("The version of FOCUS [default: the newest]"),
        value("from", "ROWS").value_parser(["bill", "vendor"]).requires("focus").help(
            "What the rows are made of: the bill (default), or the vendor's own FOCUS export, completed by the bill",
        ),
        value("metadata", "FILE")
            .requires("focus")
            .help("Also write the metadata of FOCUS to a file: the columns, the month, and whether it is final"),
        flag("focus-derived").requires("focus").help(
            "Put ids of prices together from SKU, unit and price, so that unit prices and quantities have FOCUS's columns",
        ),
    ]
}

/// Whether the rows are to be those of FOCUS.
pub(super) fn is_asked_for(matches: &ArgMatches) -> bool {
    is_on(matches, "focus")
}

/// Prints the rows, and notes bills that they do not add up to.
pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let month = month::of(matches, "month", 1, context)?;
    let source = row_source(matches)?;
    let version = version(matches);
    let mut file = File::new(matches, version)?;
    let mut metadata = Metadata::of(matches, version, month)?;
    let Payers { all, mut problems } = payers::find(matches, context).await?;
    file.begin(context)?;
    for payer in all {
        let rows = file.rows;
        let read = books::read(&payer, month, source, &mut |row| file.row(row, context)).await;
        match read {
            Ok(found) => found.iter().try_for_each(|bill| file.bill(bill, context))?,
            Err(failure) => {
                // A file is whole or not there.
                let is_whole = file.sink.is_file() || file.rows == rows;
                problems.add(&payer.whose(), if is_whole { failure } else { failure.in_part() });
            }
        }
    }
    if problems.is_empty() || !file.sink.is_file() {
        // Both files, or none.
        metadata.as_mut().map_or(Ok(()), |metadata| metadata.write(file.may_change, context))?;
        file.finish(context)?;
        metadata.map_or(Ok(()), Metadata::keep)?;
    }
    problems.end(0, context)
}

/// The version of the columns.
fn version(matches: &ArgMatches) -> Version {
    let asked = matches.get_one::<String>("focus-version");
    let version = Version::ALL.iter().find(|it| asked.is_some_and(|asked| asked == it.as_str()));
    version.copied().unwrap_or(Version::NEWEST)
}

/// What the rows are to be made of.
fn row_source(matches: &ArgMatches) -> Result<RowSource, Failure> {
    let is_derived = is_on(matches, "focus-derived");
    match matches.get_one::<String>("from").map(String::as_str) {
        Some("vendor") if is_derived => {
            Err(Failure::usage("--focus-derived is for rows of the bill; the vendor's have the prices that they have"))
        }
        Some("vendor") => Ok(RowSource::Vendor),
        _ => Ok(RowSource::Bill(if is_derived { Mode::Derived } else { Mode::Strict })),
    }
}

/// Says that the rows are not the whole truth of a bill.
fn note(found: &Reconciliation, context: &mut Context) {
    let whose = format!("{} {}", found.service, found.invoice.as_deref().unwrap_or(&found.account));
    let text = match found.status {
        Status::Unexplained => "the rows do not add up to the bill, and nothing says why",
        Status::Unknown => "the bill does not say what is to be paid",
        _ => return,
    };
    context.note(&format!("note: {whose}: {text}; `cloudbill check` has the numbers"));
}

/// Where the rows go.
struct File {
    form: Form,
    format: Format,
    sink: Sink,
    rows: u64,
    /// Whether an invoice is not closed, or the rows are not the whole truth of a bill.
    may_change: bool,
    line: String,
}

enum Form {
    Csv,
    Lines,
    #[cfg(feature = "xlsx")]
    Workbook(Box<Sheets>),
}

impl File {
    fn new(matches: &ArgMatches, version: Version) -> Result<Self, Failure> {
        let sink = Sink::new(matches)?;
        let form = match matches.get_one::<String>("output").map(String::as_str) {
            None | Some("csv") => Form::Csv,
            Some("ndjson") => Form::Lines,
            #[cfg(feature = "xlsx")]
            Some("xlsx") if sink.is_file() => Form::Workbook(Box::new(Sheets::new(version)?)),
            #[cfg(feature = "xlsx")]
            Some("xlsx") => return Err(Failure::usage("a workbook is a file: name it with --out FILE")),
            Some(other) => {
                let formats = if cfg!(feature = "xlsx") { "csv, ndjson or xlsx" } else { "csv or ndjson" };
                return Err(Failure::usage(format!("--focus has no format `{other}`")).hint(format!("it is {formats}")));
            }
        };
        Ok(Self { form, format: Format::new(version), sink, rows: 0, may_change: false, line: String::new() })
    }

    fn begin(&mut self, context: &mut Context) -> Result<(), Failure> {
        match self.form {
            Form::Csv => self.sink.write(self.format.csv_header().as_bytes(), context),
            _ => Ok(()),
        }
    }

    fn row(&mut self, row: &Row<'_>, context: &mut Context) -> Result<(), Failure> {
        self.rows += 1;
        self.may_change |= row.x_invoice_status.as_deref() == Some(InvoiceStatus::Pending.as_str());
        self.line.clear();
        match &mut self.form {
            Form::Csv => self.format.csv(row, &mut self.line),
            Form::Lines => self.format.json(row, &mut self.line),
            #[cfg(feature = "xlsx")]
            Form::Workbook(sheets) => return Ok(sheets.row(row)?),
        }
        self.sink.write(self.line.as_bytes(), context)
    }

    /// Takes note of a bill.
    fn bill(&mut self, bill: &Reconciliation, context: &mut Context) -> Result<(), Failure> {
        note(bill, context);
        self.may_change |= matches!(bill.status, Status::Unexplained | Status::Unknown);
        match &mut self.form {
            #[cfg(feature = "xlsx")]
            Form::Workbook(sheets) => Ok(sheets.reconciliation(bill)?),
            _ => Ok(()),
        }
    }

    fn finish(self, context: &mut Context) -> Result<(), Failure> {
        let mut sink = self.sink;
        match self.form {
            #[cfg(feature = "xlsx")]
            Form::Workbook(sheets) => sink.write(&sheets.finish()?, context)?,
            _ => {}
        }
        sink.finish(context)
    }
}

#[cfg(feature = "xlsx")]
impl From<WorkbookError> for Failure {
    fn from(error: WorkbookError) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        Self::new(1, format!("{error}: {cause}"))
            .hint("export fewer organizations or accounts at a time, or use -o csv")
    }
}
