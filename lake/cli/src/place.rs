//! Where the lake is.

use std::path::Path;

use clap::{Arg, ArgMatches};
use cloud_billing_core::Timestamp;
use cloud_billing_lake::Lake;
use cloudbill::Context;
use cloudbill::companion::Failure;

use crate::failed;

/// The argument that says where.
pub(crate) fn place() -> Arg {
    Arg::new("lake").required(true).value_name("LAKE").help(
        "The folder of the lake; or s3://bucket/path, gs://bucket/path or az://container/path, whose settings are variables such \
         as AWS_REGION",
    )
}

/// Opens the lake, and creates its folder if it is not there.
pub(crate) fn open(matches: &ArgMatches) -> Result<Lake, Failure> {
    let place = address(matches);
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Lake::open(place, variables).map_err(failed)
}

/// Opens a lake that nothing is written to. A folder that is not there is an empty one.
pub(crate) fn unchanged(matches: &ArgMatches) -> Result<Lake, Failure> {
    let place = address(matches);
    let is_there = place.contains("://") || Path::new(place).try_exists().unwrap_or(true);
    if is_there { open(matches) } else { Lake::open("memory:///", []).map_err(failed) }
}

/// Opens a lake that must be there.
pub(crate) fn existing(matches: &ArgMatches) -> Result<Lake, Failure> {
    let place = address(matches);
    if !place.contains("://") && !Path::new(place).join("state").is_dir() {
        return Err(Failure::new(6, format!("there is no lake in {place}")).hint("`cloudbill sync` makes one"));
    }
    open(matches)
}

fn address(matches: &ArgMatches) -> &str {
    matches.get_one::<String>("lake").map(String::as_str).unwrap_or_default()
}

/// The time that it is.
pub(crate) fn now(context: &Context) -> Result<Timestamp, Failure> {
    Timestamp::from_system_time(context.now).ok_or_else(|| Failure::new(1, "the clock is beyond the year 9999"))
}
