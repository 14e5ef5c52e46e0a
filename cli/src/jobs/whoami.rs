//! `whoami`: which credentials are found, where, whether they work, and whose bills they can see.

use clap::{ArgMatches, Command};
use cloud_billing_core::config::Environment;

use super::payers::{ORGANIZATIONS, accounts, asked, is_absent};
use super::problems::Problems;
use super::sheet::{Sheet, Value, shown};
use super::{flags, month};
use crate::credentials;
use crate::failure::Failure;
use crate::world::World;

/// As many organizations as are named.
const NAMED: usize = 20;

/// A kind of credential: the variable that it begins with, how `AUTH_TYPE` names it, and what it is.
type Kind = (&'static str, &'static str, &'static str);

/// The kinds of Atlas, in the order of their precedence.
const ATLAS: [Kind; 5] = [
    ("CLIENT_ID", "service_account", "service account"),
    ("PUBLIC_API_KEY", "api_keys", "API key"),
    ("PUBLIC_KEY", "api_keys", "API key"),
    ("ACCESS_TOKEN", "user_account", "access token"),
    ("AUTH_TYPE", "no_auth", "none is sent"),
];

/// The kinds of IBM Cloud.
const IBM: [Kind; 9] = [
    ("APIKEY", "iam", "IAM API key"),
    ("IAM_PROFILE_ID", "container", "trusted profile of a container"),
    ("IAM_PROFILE_NAME", "container", "trusted profile of a container"),
    ("IAM_PROFILE_ID", "iamassume", "trusted profile, by an IAM API key"),
    ("IAM_PROFILE_CRN", "iamassume", "trusted profile, by an IAM API key"),
    ("IAM_PROFILE_NAME", "iamassume", "trusted profile, by an IAM API key"),
    ("AUTH_TYPE", "vpc", "trusted profile of a server"),
    ("BEARER_TOKEN", "bearertoken", "access token"),
    ("AUTH_TYPE", "noauth", "none is sent"),
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
    sheet.end(&problems, world)?;
    if !any {
        return Err(Failure::new(4, "there is no credential for any vendor")
            .hint("`cloudbill help credentials` says where they are looked for; `--sandbox` needs none"));
    }
    problems.end(0, world)
}

async fn atlas(world: &World) -> Seen {
    let environment = &world.environment;
    let found = ["MONGODB_ATLAS_", "MCLI_"].into_iter().find_map(|prefix| of_variables(environment, prefix, &ATLAS));
    let (credential, place) =
        found.unwrap_or_else(|| ("as in the profile".to_owned(), "config.toml of the Atlas CLI".to_owned()));
    let client = match atlas_billing::Client::from_environment(environment) {
        Ok(client) => client,
        Err(error) if is_absent(&error, atlas_billing::Client::from_environment) => return Seen::nothing(),
        Err(error) => return Seen { credential: String::new(), place: String::new(), sees: Err(Some(error.into())) },
    };
    let organizations = client.list_orgs().items().distinct().collect_all(ORGANIZATIONS).await;
    let sees = organizations.map_err(|error| Some(Failure::from(error))).map(|all| {
        let names = all.iter().take(NAMED).map(|organization| {
            let id = organization.id.as_ref().map_or_else(|| "no id".to_owned(), ToString::to_string);
            organization.name.as_ref().map_or(id.clone(), |name| format!("{name} ({id})"))
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

/// The credential among variables: of the type that is chosen, else the first. With the variable that it begins with.
fn of_variables(environment: &Environment, prefix: &str, kinds: &[Kind]) -> Option<(String, String)> {
    let get = |name: &str| environment.get(&format!("{prefix}{name}")).ok().flatten();
    let chosen = get("AUTH_TYPE").or_else(|| get("AUTHTYPE")).map(|kind| kind.expose().to_ascii_lowercase());
    let fits = |(name, key, _): &&Kind| match &chosen {
        Some(chosen) => chosen == key && get(name).is_some(),
        None => get(name).is_some(),
    };
    kinds.iter().find(fits).map(|(name, _, kind)| ((*kind).to_owned(), format!("the variable {prefix}{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credential_that_is_chosen_or_else_the_first() {
        let variables = |set: &[(&str, &str)]| -> Environment {
            set.iter().map(|(name, value)| (format!("X_{name}"), (*value).to_owned())).collect()
        };
        let both = [("CLIENT_ID", "a"), ("PUBLIC_KEY", "b")];
        let found = |set: &[(&str, &str)], kinds| of_variables(&variables(set), "X_", kinds).map(|(_, place)| place);
        assert_eq!(found(&both, &ATLAS).as_deref(), Some("the variable X_CLIENT_ID"));
        let chosen = [both[0], both[1], ("AUTH_TYPE", "API_keys")];
        assert_eq!(found(&chosen, &ATLAS).as_deref(), Some("the variable X_PUBLIC_KEY"));
        assert_eq!(found(&[("ORG_ID", "a")], &ATLAS), None);
        let assumed = [("APIKEY", "a"), ("IAM_PROFILE_CRN", "b"), ("AUTH_TYPE", "iamAssume")];
        assert_eq!(found(&assumed, &IBM).as_deref(), Some("the variable X_IAM_PROFILE_CRN"));
        assert_eq!(found(&[("AUTH_TYPE", "vpc")], &IBM).as_deref(), Some("the variable X_AUTH_TYPE"));
    }
}
