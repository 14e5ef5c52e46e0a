//! `whoami`: which credentials are found, where, whether they work, and whose bills they can see.

use clap::{ArgMatches, Command};
use cloud_billing_core::config::Environment;
use cloud_billing_core::{Core, Error};

use super::each::each;
use super::payers::{self, Account, ORGANIZATIONS, Payer, asked, is_absent};
use super::problems::Problems;
use super::sheet::{Sheet, Value, shown};
use super::{enterprise, flags, month};
use crate::attempts::Attempts;
use crate::context::Context;
use crate::credentials;
use crate::failure::Failure;

/// As many organizations, accounts and enterprises as are named.
const NAMED: usize = 20;

/// The commands, and the vendor of each.
const COMMANDS: [(&str, &str); 3] = [("atlas", "atlas"), ("ibm", "ibm"), ("ibm-enterprise", "ibm")];

pub(super) fn command() -> Command {
    Command::new("whoami")
        .about("Show which credentials are found, where, whether they work, and whose bills they can see")
        .args(flags::payers())
        .args(flags::output())
}

/// What is known of a credential.
#[derive(Default)]
struct Seen {
    credential: String,
    place: String,
    /// Empty, if there is no credential.
    works: &'static str,
    /// Whose bills it can see.
    sees: String,
    problems: Problems,
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let asked = asked(matches, "service");
    let is_asked = |vendor: &str| asked.is_empty() || asked.iter().any(|name| name == vendor);
    let mut sheet = Sheet::new(["vendor", "credential", "from", "works", "sees"].map(shown).into(), matches)?;
    let (mut problems, mut any) = (Problems::default(), false);
    for (command, _) in COMMANDS.into_iter().filter(|(_, vendor)| is_asked(vendor)) {
        let seen = match command {
            "atlas" => look(command, payers::atlas, atlas_billing::Client::core, organizations, context).await,
            "ibm" => {
                let accounts = async |client, context: &mut Context| accounts(client, matches, context).await;
                look(command, payers::ibm, ibm_usage_reports::Client::core, accounts, context).await
            }
            _ => look(command, enterprise::client, ibm_enterprise::Client::core, enterprises, context).await,
        };
        let row = [command, &seen.credential, &seen.place, seen.works, &seen.sees].map(Value::text);
        sheet.row(&row, context)?;
        any |= !seen.works.is_empty();
        problems.extend(seen.problems);
    }
    sheet.end(&problems, context)?;
    if !any {
        return Err(Failure::new(4, "there is no credential for any vendor")
            .hint("`cloudbill help credentials` says where they are looked for; `--sandbox` needs none"));
    }
    problems.end(0, context)
}

/// Builds a client, and asks what it can see: texts, and what failed.
async fn look<C>(
    command: &str,
    build: fn(&Environment, Attempts) -> Result<C, Error>,
    core: fn(&C) -> &Core,
    see: impl AsyncFnOnce(C, &mut Context) -> Result<(Vec<String>, Problems), Failure>,
    context: &mut Context,
) -> Seen {
    let client = match build(&context.environment, context.attempts.clone()) {
        Ok(client) => client,
        Err(error) if is_absent(&error, build) => return Seen { credential: "none".to_owned(), ..Seen::default() },
        Err(error) => return Seen { works: "no", problems: Problems::of(command, error), ..Seen::default() },
    };
    let (credential, place) = source(core(&client), context);
    let (all, problems) =
        see(client, context).await.unwrap_or_else(|failure| (Vec::new(), Problems::of(command, failure)));
    let works = if problems.is_empty() || !all.is_empty() { "yes" } else { "no" };
    let more = all.len().saturating_sub(NAMED);
    let sees = all[..all.len() - more].join(", ");
    let sees = if more > 0 { format!("{sees} and {more} more") } else { sees };
    Seen { credential, place, works, sees, problems }
}

/// The kind of a credential, and where it is from.
fn source(core: &Core, context: &Context) -> (String, String) {
    let Some(source) = core.credential_source() else { return Default::default() };
    let place = match source.place() {
        Some(place) => format!("{}, {place}", source.setting()),
        None if context.of_ibmcloud.iter().any(|it| it == source.setting()) => {
            format!("the variable {}", credentials::VARIABLE)
        }
        None => format!("the variable {}", source.setting()),
    };
    (source.kind().to_owned(), place)
}

/// A name with the id, or the id alone.
fn named(name: Option<&str>, id: &str) -> String {
    name.map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
}

async fn organizations(client: atlas_billing::Client, _: &mut Context) -> Result<(Vec<String>, Problems), Failure> {
    let all = client.list_orgs().items().distinct().collect_all(ORGANIZATIONS).await?;
    let names = all.iter().map(|it| named(it.name.as_deref(), it.id.as_deref().unwrap_or("no id")));
    Ok((names.collect(), Problems::default()))
}

/// Asks for the smallest report of each account.
async fn accounts(
    client: ibm_usage_reports::Client,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<(Vec<String>, Problems), Failure> {
    let all = payers::accounts(client, matches, context).await?;
    let month = month::current(context);
    let read = move |payer: Payer| async move {
        match payer.account {
            Account::Ibm(client, id) => client.get_account_summary(id, month).send().await.map(drop),
            Account::Atlas(..) => Ok(()),
        }
    };
    let (found, problems) = each(all, "Asking", Payer::whose, read, context).await;
    Ok((found.iter().map(|(payer, ())| named(payer.name.as_deref(), payer.id())).collect(), problems))
}

async fn enterprises(client: ibm_enterprise::Client, _: &mut Context) -> Result<(Vec<String>, Problems), Failure> {
    let all = client.list_enterprises().items().collect_all(ORGANIZATIONS).await?;
    let names = all.iter().filter_map(|it| Some(named(it.name.as_deref(), it.id.as_deref()?)));
    Ok((names.collect(), Problems::default()))
}
