//! For a program with the manners of this one, as `cloudbill-lake`: the flags of all commands, whose bills are read and with which
//! credentials, errors with their exit statuses, tables.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::{Arg, ArgMatches, Command};
use cloud_billing_core::BillingMonth;
use indicatif::ProgressBar;

use super::payers::{self, Account, Payer};
use super::sheet::{Sheet, shown};
use super::{flags, progress};
use crate::context::Context;
use crate::{arguments, commands};

pub use super::sheet::Value;
pub use crate::failure::Failure;
pub use crate::flags::is_on;
pub use crate::output::Sink;

/// The client of a service, and those whose bills it is to read: the name of each id, empty where it is not known.
pub type Found<Client> = (Client, BTreeMap<String, String>);

/// Whose bills are read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Payers {
    /// MongoDB Atlas, and organizations of it.
    pub atlas: Option<Found<atlas_billing::Client>>,
    /// IBM Cloud, and accounts of it.
    pub ibm: Option<Found<ibm_usage_reports::Client>>,
    /// What failed while they were looked for.
    pub failures: Vec<Failure>,
}

/// Runs a program: gives the tree the flags of all commands, takes `--sandbox` and credentials into account, and prints errors.
pub async fn run(
    arguments: Vec<OsString>,
    context: Context,
    tree: Command,
    job: impl AsyncFnOnce(&ArgMatches, &mut Context) -> Result<u8, Failure>,
) -> u8 {
    crate::conduct(arguments, context, tree.args(commands::flags()), job).await
}

/// The command that a line has.
#[must_use]
pub fn command(arguments: &[OsString]) -> Option<&str> {
    arguments.get(arguments::command(arguments))?.to_str()
}

/// The flags that say whose bills are read: see [`payers()`].
#[must_use]
pub fn whose() -> Vec<Arg> {
    flags::payers().into()
}

/// The flags that say how rows are printed: see [`print()`].
#[must_use]
pub fn output() -> Vec<Arg> {
    flags::output().into()
}

/// The month that a flag says, or so many months before the current one.
///
/// # Errors
///
/// If it is no month.
pub fn month(matches: &ArgMatches, flag: &str, otherwise: u32, context: &Context) -> Result<BillingMonth, Failure> {
    super::month::of(matches, flag, otherwise, context)
}

/// Whose bills are read.
///
/// # Errors
///
/// If there is no credential at all.
pub async fn payers(matches: &ArgMatches, context: &mut Context) -> Result<Payers, Failure> {
    let payers::Payers { all, problems } = payers::find(matches, context).await?;
    let mut found = Payers { atlas: None, ibm: None, failures: problems.into_failures() };
    for Payer { account, name } in all {
        let name = name.unwrap_or_default();
        match account {
            Account::Atlas(client, id) => {
                found.atlas.get_or_insert_with(|| (client, BTreeMap::new())).1.insert(id.to_string(), name);
            }
            Account::Ibm(client, id) => {
                found.ibm.get_or_insert_with(|| (client, BTreeMap::new())).1.insert(id.to_string(), name);
            }
        }
    }
    Ok(found)
}

/// A bar of so many steps, on standard error and only if that is a terminal.
#[must_use]
pub fn bar(context: &Context, what: &'static str, steps: usize) -> ProgressBar {
    progress::bar(context, what, steps)
}

/// Prints rows as the flags of [`output()`] say.
///
/// # Errors
///
/// If they cannot be written.
pub fn print(heads: &[&str], rows: &[Vec<Value>], matches: &ArgMatches, context: &mut Context) -> Result<(), Failure> {
    let mut sheet = Sheet::new(heads.iter().map(|head| shown(*head)).collect(), matches)?;
    rows.iter().try_for_each(|row| sheet.row(row, context))?;
    sheet.finish(context)
}
