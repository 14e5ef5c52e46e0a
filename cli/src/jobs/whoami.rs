//! `whoami`: which credentials are found, where, whether they work, and whose bills they can see.

use clap::{ArgMatches, Command};
use cloud_billing_core::config::Environment;

use super::payers::{accounts, asked, is_absent};
use super::problems::Problems;
use super::sheet::{Sheet, Value, shown};
use super::{flags, month};
use crate::credentials;
use crate::failure::Failure;
use crate::world::World;

/// As many organizations as are named.
const NAMED: usize = 20;

/// The variables of Atlas's credentials, in the order of their precedence, with what they are.
const ATLAS: [(&str, &str); 4] = [
    ("CLIENT_ID", "service account"),
    ("PUBLIC_API_KEY", "API key"),
    ("PUBLIC_KEY", "API key"),
    ("ACCESS_TOKEN", "access token"),
];

/// The same of IBM Cloud.
const IBM: [(&str, &str); 4] = [
    ("APIKEY", "IAM API key"),
    ("IAM_PROFILE_ID", "trusted profile"),
    ("IAM_PROFILE_NAME", "trusted profile"),
    ("BEARER_TOKEN", "access token"),
];

pub(super) fn command() -> Command {
    Command::new("whoami")
        .about("Show which credentials are found, where, whether they work, and whose bills they can see")
        .args(flags::payers())
        .args(flags::output())
}

/// What is known of a vendor's credential.
struct Seen {
    credential: String,
    place: String,
    /// Whose bills it can see, or why that is not known.
    sees: Result<String, Option<Failure>>,
}

pub(super) async fn run(matches: &ArgMatches, world: &mut World) -> Result<u8, Failure> {
    let asked = asked(matches, "service");
    let is_asked = |vendor: &str| asked.is_empty() || asked.iter().any(|name| name == vendor);
    let mut sheet = Sheet::new(["vendor", "credential", "from", "works", "sees"].map(shown).into(), matches)?;
    let (mut problems, mut any) = (Problems::default(), false);
    for vendor in ["atlas", "ibm"].into_iter().filter(|vendor| is_asked(vendor)) {
        let seen = if vendor == "atlas" { atlas(world).await } else { ibm(matches, world).await };
        let works = match &seen.sees {
            Ok(_) => "yes",
            Err(Some(_)) => "no",
            Err(None) => "",
        };
        any |= seen.sees.is_ok();
        let sees = seen.sees.as_deref().unwrap_or_default().to_owned();
        let row = [vendor, &seen.credential, &seen.place, works, &sees].map(Value::text);
        sheet.row(&row, world)?;
        if let Err(Some(failure)) = seen.sees {
            any = true;
            problems.add(vendor, failure);
        }
    }
    sheet.finish(world)?;
    if !any {
        return Err(Failure::new(4, "there is no credential for any vendor")
            .hint("`cloudbill help credentials` says where they are looked for; `--sandbox` needs none"));
    }
    problems.end(0, world)
}

async fn atlas(world: &World) -> Seen {
    let environment = &world.environment;
    let prefix = ["MONGODB_ATLAS_", "MCLI_"].into_iter().find(|prefix| !environment.names(prefix).is_empty());
    let (credential, place) = of_variables(environment, prefix.unwrap_or("MONGODB_ATLAS_"), &ATLAS)
        .unwrap_or_else(|| ("as in the profile".to_owned(), "config.toml of the Atlas CLI".to_owned()));
    let client = match atlas_billing::Client::from_environment(environment) {
        Ok(client) => client,
        Err(error) if is_absent(&error, atlas_billing::Client::from_environment) => return Seen::nothing(),
        Err(error) => return Seen { credential: String::new(), place: String::new(), sees: Err(Some(error.into())) },
    };
    let organizations = client.list_orgs().items().distinct().collect_all(100_000).await;
    let sees = organizations.map_err(|error| Some(Failure::from(error))).map(|all| {
        let names = all.iter().take(NAMED).filter_map(|organization| {
            let id = organization.id.as_ref()?;
            Some(organization.name.as_ref().map_or(id.to_string(), |name| format!("{name} ({id})")))
        });
        let names = names.collect::<Vec<_>>().join(", ");
        let more = all.len().saturating_sub(NAMED);
        if more > 0 { format!("{names} and {more} more organizations") } else { names }
    });
    Seen { credential, place, sees }
}

async fn ibm(matches: &ArgMatches, world: &World) -> Seen {
    let environment = &world.environment;
    let client = match ibm_usage_reports::Client::from_environment(environment) {
        Ok(client) => client,
        Err(error) if is_absent(&error, ibm_usage_reports::Client::from_environment) => return Seen::nothing(),
        Err(error) => return Seen { credential: String::new(), place: String::new(), sees: Err(Some(error.into())) },
    };
    let (credential, place) = if world.has_ibmcloud_key {
        ("API key".to_owned(), format!("the variable {}", credentials::VARIABLE))
    } else if environment.path("IBM_CREDENTIALS_FILE").is_some() {
        ("as in the file".to_owned(), "the file that IBM_CREDENTIALS_FILE names".to_owned())
    } else {
        of_variables(environment, "USAGE_REPORTS_", &IBM)
            .unwrap_or_else(|| ("as in its source".to_owned(), "ibm-credentials.env or VCAP_SERVICES".to_owned()))
    };
    let sees = match accounts(matches, world) {
        Ok(accounts) => can_see(&client, &accounts, world).await.map_err(Some),
        Err(failure) => Err(Some(failure)),
    };
    Seen { credential, place, sees }
}

/// Asks for the smallest report of each account.
async fn can_see(client: &ibm_usage_reports::Client, accounts: &[String], world: &World) -> Result<String, Failure> {
    let month = month::current(world);
    for account in accounts {
        let id = ibm_usage_reports::types::AccountId::new(account.as_str());
        client.get_account_summary(id, month).send().await?;
    }
    Ok(accounts.join(", "))
}

impl Seen {
    fn nothing() -> Self {
        Self { credential: "none".to_owned(), place: String::new(), sees: Err(None) }
    }
}

/// The first credential among variables, and the variable that it begins with.
fn of_variables(environment: &Environment, prefix: &str, kinds: &[(&str, &str)]) -> Option<(String, String)> {
    let is_set = |name: &str| environment.path(name).is_some();
    let found = kinds.iter().map(|(name, kind)| (format!("{prefix}{name}"), *kind)).find(|(name, _)| is_set(name));
    found.map(|(name, kind)| (kind.to_owned(), format!("the variable {name}")))
}
