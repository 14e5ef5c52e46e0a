//! `export --focus`: the rows of a month in FOCUS, which add up to the bills.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches};
use cloud_billing_focus::format::Format;
use cloud_billing_focus::reconcile::{Reconciliation, Status};
use cloud_billing_focus::{Mode, Version};

use crate::failure::Failure;
use crate::flags::{flag, is_on, value};
use crate::jobs::payers::{self, Payers};
use crate::jobs::{books, month};
use crate::output::Sink;
use crate::world::World;

/// The flags.
pub(super) fn flags() -> [Arg; 3] {
    let versions = PossibleValuesParser::new(Version::ALL.iter().map(|version| version.as_str()));
    [
        flag("focus").help("Print rows of FOCUS, which add up to the bills: charges, tax, credits and what is left"),
        value("focus-version", "VERSION")
            .value_parser(versions)
            .requires("focus")
            .help("The version of FOCUS [default: the newest]"),
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
pub(super) async fn run(matches: &ArgMatches, world: &mut World) -> Result<u8, Failure> {
    let month = month::of(matches, "month", 1, world)?;
    let mode = if is_on(matches, "focus-derived") { Mode::Derived } else { Mode::Strict };
    let mut file = File::new(matches)?;
    let Payers { all, mut problems } = payers::find(matches, world).await?;
    file.begin(world)?;
    for payer in all {
        let rows = file.rows;
        let read = books::read(&payer, month, mode, &mut |row| file.row(row, world)).await;
        match read {
            Ok(found) => found.iter().for_each(|it| note(it, world)),
            Err(failure) => {
                // A file is whole or not there.
                let is_whole = file.sink.is_file() || file.rows == rows;
                problems.add(&payer.whose(), if is_whole { failure } else { failure.in_part() });
            }
        }
    }
    if problems.is_empty() || !file.sink.is_file() {
        file.sink.finish(world)?;
    }
    problems.end(0, world)
}

/// Says that the rows are not the whole truth of a bill.
fn note(found: &Reconciliation, world: &mut World) {
    let whose = format!("{} {}", found.service, found.invoice.as_deref().unwrap_or(&found.account));
    let text = match found.status {
        Status::Unexplained => "the rows do not add up to the bill, and nothing says why",
        Status::Unknown => "the bill does not say what is to be paid",
        _ => return,
    };
    world.note(&format!("note: {whose}: {text}; `cloudbill check` has the numbers"));
}

/// Where the rows go.
struct File {
    format: Format,
    is_csv: bool,
    sink: Sink,
    rows: u64,
    line: String,
}

impl File {
    fn new(matches: &ArgMatches) -> Result<Self, Failure> {
        let is_csv = match matches.get_one::<String>("output").map(String::as_str) {
            None | Some("csv") => true,
            Some("ndjson") => false,
            Some(other) => return Err(Failure::usage(format!("--focus has no format `{other}`: it is csv or ndjson"))),
        };
        let asked = matches.get_one::<String>("focus-version");
        let version = Version::ALL.iter().find(|it| asked.is_some_and(|asked| asked == it.as_str()));
        let format = Format::new(version.copied().unwrap_or(Version::NEWEST));
        Ok(Self { format, is_csv, sink: Sink::new(matches)?, rows: 0, line: String::new() })
    }

    fn begin(&mut self, world: &mut World) -> Result<(), Failure> {
        if self.is_csv { self.sink.write(self.format.csv_header().as_bytes(), world) } else { Ok(()) }
    }

    fn row(&mut self, row: &cloud_billing_focus::Row<'_>, world: &mut World) -> Result<(), Failure> {
        self.rows += 1;
        self.line.clear();
        if self.is_csv {
            self.format.csv(row, &mut self.line);
        } else {
            self.format.json(row, &mut self.line);
        }
        self.sink.write(self.line.as_bytes(), world)
    }
}
