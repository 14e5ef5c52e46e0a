//! Errors of the engine as ours, on one line.

use std::fmt;

use cloud_billing_lake::Error;
use datafusion::error::DataFusionError;
use datafusion::parquet::errors::ParquetError;

type Cause = dyn std::error::Error + 'static;

/// A bill was replaced while it was read, and its files are gone.
#[derive(Debug)]
pub(crate) struct Replaced;

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bill was replaced while it was read: ask again")
    }
}

impl std::error::Error for Replaced {}

/// What the engine says. An error of ours that went through it comes out as it was.
pub(crate) fn of_engine(error: &DataFusionError) -> Error {
    let own = causes(error).find_map(|cause| match (cause.downcast_ref::<Error>(), cause.downcast_ref::<Replaced>()) {
        (Some(error), _) => Some(error.to_string()),
        (_, Some(replaced)) => Some(replaced.to_string()),
        _ => None,
    });
    let text = own.unwrap_or_else(|| match causes(error).any(is_of_file) {
        true => {
            format!("{} (if a file is damaged or missing, sync --everything writes it again)", error.strip_backtrace())
        }
        false => error.strip_backtrace(),
    });
    let line = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    Error::new(brief(&line))
}

/// Whether a file of the lake cannot be read.
fn is_of_file(cause: &Cause) -> bool {
    cause.is::<ParquetError>() || cause.is::<object_store::Error>()
}

/// Without the list of all columns, and without settings that a query cannot change.
fn brief(text: &str) -> String {
    let ends = [" Column names are case sensitive", " Valid fields are "].map(|part| text.find(part));
    match ends.into_iter().flatten().min().and_then(|end| text.get(..end)) {
        Some(start) => format!("{start} DESCRIBE and the name of a table lists its columns"),
        None => text.to_owned(),
    }
}

pub(crate) fn is_replaced(error: &DataFusionError) -> bool {
    causes(error).any(<Cause>::is::<Replaced>)
}

fn causes(error: &DataFusionError) -> impl Iterator<Item = &Cause> {
    std::iter::successors(Some(error as &Cause), |error: &&Cause| (*error).source())
}
