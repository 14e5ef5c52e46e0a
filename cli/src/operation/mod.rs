//! One command for each operation of the catalogue.

mod body;
mod command;
mod list;
pub(crate) mod names;
mod preview;
mod request;
mod send;
mod template;

use clap::ArgMatches;
use cloud_billing_catalogue::Operation;

pub(crate) use command::{command, service};

use crate::failure::Failure;
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
    if matches.try_contains_id("body-template").is_ok() && matches.get_flag("body-template") {
        return template::print(operation, world);
    }
    let output = Output::new(operation, matches, world)?;
    let call = request::Call::new(service, operation, matches, world, &output)?;
    if matches.get_flag("curl") || matches.get_flag("dry-run") {
        return preview::print(service, &call, matches.get_flag("curl"), world).await;
    }
    let core = send::connect(service, matches, world)?;
    if matches.try_contains_id("all").is_ok() && list::is_asked_for(matches) {
        return list::run(core, call, output, matches, world).await;
    }
    send::run(core, call, output, matches, world).await
}
