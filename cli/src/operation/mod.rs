//! One command for each operation of the catalogue.

mod body;
mod command;
pub(crate) mod list;
pub(crate) mod names;
mod preview;
mod request;
mod send;
mod template;
mod unique;

use clap::ArgMatches;
use cloud_billing_catalogue::Operation;

pub(crate) use command::{command, service};

use crate::context::Context;
use crate::credentials;
use crate::failure::Failure;
use crate::flags;
use crate::output::Output;
use crate::service::Service;

/// Runs the command of an operation.
pub(crate) async fn run(
    service: &'static Service,
    operation: &'static Operation,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<u8, Failure> {
    if flags::is_on(matches, "body-template") {
        return template::print(operation, context);
    }
    let output = Output::new(operation, matches, context)?;
    let call = request::Call::new(service, operation, matches, context, &output)?;
    let as_curl = flags::is_on(matches, "curl");
    if as_curl || flags::is_on(matches, "dry-run") {
        return preview::print(service, &call, as_curl, context).await;
    }
    let core = send::connect(service, matches, context)?;
    credentials::note_file(&core, context);
    if list::is_asked_for(matches) {
        return list::run(core, call, output, matches, context).await;
    }
    send::run(core, call, output, matches, context).await
}
