//! `export --metadata`: the metadata of FOCUS beside the rows.

use std::path::Path;

use clap::ArgMatches;
use cloud_billing_core::{BillingMonth, Timestamp};
use cloud_billing_focus::Version;
use cloud_billing_focus::metadata::{Dataset, Period};

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, is_same};

/// The day of the next month from which IBM Cloud changes no figure of a month. Atlas closes a month earlier.
const FINAL_DAY: i64 = 20;

/// A file for the metadata.
pub(super) struct Metadata {
    file: output::File,
    version: Version,
    month: BillingMonth,
}

impl Metadata {
    /// The file that the flags name, if they do.
    pub(super) fn of(matches: &ArgMatches, version: Version, month: BillingMonth) -> Result<Option<Self>, Failure> {
        let Some(path) = matches.get_one::<String>("metadata") else { return Ok(None) };
        if matches.get_one::<String>("out").is_some_and(|out| is_same(Path::new(out), Path::new(path))) {
            return Err(Failure::usage(format!("--out and --metadata are both {path}")));
        }
        Ok(Some(Self { file: output::File::create(Path::new(path))?, version, month }))
    }

    /// Writes the file, which is kept by [`keep`](Self::keep). Rows that may change are not complete.
    pub(super) fn write(&mut self, may_change: bool, context: &Context) -> Result<(), Failure> {
        let text = self.text(may_change, context);
        let text = text.ok_or_else(|| Failure::new(1, format!("{} has no instants", self.month)))?;
        self.file.write(text.as_bytes())
    }

    /// Gives the file its name.
    pub(super) fn keep(self) -> Result<(), Failure> {
        self.file.keep()
    }

    fn text(&self, may_change: bool, context: &Context) -> Option<String> {
        let made = Timestamp::from_system_time(context.now)?;
        let first = self.month.next().first_day();
        let instant = |day| format!("{day}T00:00:00Z").parse::<Timestamp>().ok();
        let (start, end) = (instant(self.month.first_day())?, instant(first)?);
        let complete = !may_change && made >= instant(first.plus_days(FINAL_DAY)?)?;
        let (id, name) = (format!("cloudbill-{}", self.month), format!("Bills of {}", self.month));
        let dataset = Dataset::new(id, name, self.version, made).period(Period::new(start, end, complete));
        Some(dataset.to_json())
    }
}
