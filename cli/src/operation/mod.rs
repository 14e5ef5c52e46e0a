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

use crate::credentials;
use crate::failure::Failure;
use crate::flags;
use crate::output::Output;
use crate::service::Service;
use crate::world::World;

/// Runs the command of an operation.
pub(crate) async fn run(
    service: &'static Service,
    operation: &'static Operation,
    matches: &ArgMatches,
    world: &mut World,
) -> Result<u8, Failure> {
    if flags::is_on(matches, "body-template") {
        return template::print(operation, world);
    }
    let output = Output::new(operation, matches, world)?;
    let call = request::Call::new(service, operation, matches, world, &output)?;
    let as_curl = flags::is_on(matches, "curl");
    if as_curl || flags::is_on(matches, "dry-run") {
        return preview::print(service, &call, as_curl, world).await;
    }
    let core = send::connect(service, matches, world)?;
    credentials::note_file(&core, world);
    if list::is_asked_for(matches) {
        return list::run(core, call, output, matches, world).await;
    }
    send::run(core, call, output, matches, world).await
}
