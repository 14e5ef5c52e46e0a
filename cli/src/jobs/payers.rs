//! Whose bills are read: the vendors with a credential, and their organizations and accounts.

use std::collections::HashSet;

use atlas_billing::Client as Atlas;
use clap::ArgMatches;
use cloud_billing_core::config::Environment;
use cloud_billing_core::{Core, Error, ErrorKind};
use ibm_usage_reports::Client as Ibm;

use super::enterprise;
use super::problems::Problems;
use crate::attempts::Attempts;
use crate::context::Context;
use crate::credentials;
use crate::failure::Failure;
use crate::flags;

/// More organizations than a credential can see.
pub(super) const ORGANIZATIONS: usize = 100_000;

/// Who has a bill.
#[derive(Clone, Debug)]
pub(super) struct Payer {
    pub(super) account: Account,
    /// Its name, where the vendor says it.
    pub(super) name: Option<String>,
}

/// An organization or account, with the client that can read its bill.
#[derive(Clone, Debug)]
pub(super) enum Account {
    Atlas(Atlas, atlas_billing::types::OrganizationId),
    Ibm(Ibm, ibm_usage_reports::types::AccountId),
}

impl Payer {
    pub(super) fn vendor(&self) -> &'static str {
        match self.account {
            Account::Atlas(..) => "atlas",
            Account::Ibm(..) => "ibm",
        }
    }

    pub(super) fn id(&self) -> &str {
        match &self.account {
            Account::Atlas(_, id) => id.as_str(),
            Account::Ibm(_, id) => id.as_str(),
        }
    }

    /// What people call it.
    pub(super) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id())
    }

    /// For errors: `atlas 62ea…`.
    pub(super) fn whose(&self) -> String {
        format!("{} {}", self.vendor(), self.id())
    }
}

/// The clients of the vendors that are wanted and have a credential.
#[derive(Default)]
pub(super) struct Clients {
    pub(super) atlas: Option<Atlas>,
    pub(super) ibm: Option<Ibm>,
    pub(super) problems: Problems,
}

/// Builds the clients. A vendor without any configuration is skipped with a note, unless it was asked for.
///
/// # Errors
///
/// If there is none.
pub(super) fn clients(matches: &ArgMatches, context: &mut Context) -> Result<Clients, Failure> {
    let mut clients = Clients::default();
    clients.atlas = connect("atlas", (atlas, Atlas::core), matches, context, &mut clients.problems);
    clients.ibm = connect("ibm", (ibm, Ibm::core), matches, context, &mut clients.problems);
    if clients.atlas.is_none() && clients.ibm.is_none() && clients.problems.is_empty() {
        return Err(Failure::new(4, "there is no credential for any vendor").hint(
            "`cloudbill whoami` shows what is looked for; with `--sandbox` the same command runs on invented data",
        ));
    }
    Ok(clients)
}

/// The largest invoice that is read: one of a million lines has about 350 MB.
const LARGEST_INVOICE: usize = 1024 * 1024 * 1024;

/// The client of Atlas.
pub(super) fn atlas(environment: &Environment, attempts: Attempts) -> Result<Atlas, Error> {
    Atlas::builder_from_environment(environment)?.body_limit(LARGEST_INVOICE).interceptor(attempts).build()
}

/// The client of IBM Cloud.
pub(super) fn ibm(environment: &Environment, attempts: Attempts) -> Result<Ibm, Error> {
    Ibm::builder_from_environment(environment)?.interceptor(attempts).build()
}

/// How a client is built.
type Build<C> = fn(&Environment, Attempts) -> Result<C, Error>;

fn connect<C>(
    vendor: &str,
    (build, core): (Build<C>, fn(&C) -> &Core),
    matches: &ArgMatches,
    context: &mut Context,
    problems: &mut Problems,
) -> Option<C> {
    let asked = asked(matches, "service");
    if !asked.is_empty() && !asked.iter().any(|name| name == vendor) {
        return None;
    }
    match build(&context.environment, context.attempts.clone()) {
        Ok(client) => {
            credentials::note_file(core(&client), context);
            Some(client)
        }
        Err(error) if asked.is_empty() && is_absent(&error, build) => {
            context.note(&format!("note: {vendor} is left out: no credential is configured"));
            None
        }
        Err(error) => {
            problems.add(vendor, error);
            None
        }
    }
}

/// Whether an error is the one that an empty environment leads to: nothing is configured, rather than something wrong.
pub(super) fn is_absent<C>(error: &Error, build: fn(&Environment, Attempts) -> Result<C, Error>) -> bool {
    error.kind() == ErrorKind::Configuration
        && build(&Environment::empty(), Attempts::silent())
            .err()
            .is_some_and(|empty| empty.to_string() == error.to_string())
}

/// Organizations and accounts, and what failed while they were looked for.
pub(super) struct Payers {
    pub(super) all: Vec<Payer>,
    pub(super) problems: Problems,
}

/// Finds whose bills are asked for.
pub(super) async fn find(matches: &ArgMatches, context: &mut Context) -> Result<Payers, Failure> {
    let Clients { atlas, ibm, mut problems } = clients(matches, context)?;
    let mut all = Vec::new();
    if let Some(client) = atlas {
        match organizations(client, matches, context).await {
            Ok(found) => all.extend(found),
            Err(failure) => problems.add("atlas", failure),
        }
    }
    if let Some(client) = ibm {
        match accounts(client, matches, context).await {
            Ok(found) => all.extend(found),
            Err(failure) => problems.add("ibm", failure),
        }
    }
    Ok(Payers { all, problems })
}

/// The organizations that were named, or all that the credential can see.
pub(super) async fn organizations(
    client: Atlas,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<Vec<Payer>, Failure> {
    let mut ids = asked(matches, "org");
    if ids.is_empty() && !flags::is_on(matches, "all-orgs") {
        ids.extend(context.variable("MONGODB_ATLAS_ORG_ID")?);
    }
    let payer = |id, name| Payer { account: Account::Atlas(client.clone(), id), name };
    if !ids.is_empty() {
        return Ok(ids.into_iter().map(|id| payer(atlas_billing::types::OrganizationId::new(id), None)).collect());
    }
    let organizations = client.list_orgs().items().distinct().collect_all(ORGANIZATIONS).await?;
    let (mut found, mut deleted, mut nameless) = (Vec::new(), Vec::new(), 0);
    for organization in organizations {
        match organization.id {
            Some(id) if organization.is_deleted == Some(true) => deleted.push(id.to_string()),
            Some(id) => found.push(payer(id, organization.name)),
            None => nameless += 1,
        }
    }
    if !deleted.is_empty() {
        let ids = deleted.join(" --org ");
        context.note(&format!(
            "note: atlas: deleted organizations are left out; for their earlier bills, use --org {ids}"
        ));
    }
    if nameless > 0 {
        context.note(&format!(
            "note: atlas: {nameless} organizations are left out, because the service states no id for them"
        ));
    }
    if found.is_empty() {
        return Err(Failure::new(6, "the credential can see no organization")
            .hint("give it a role in the organization, such as Organization Billing Viewer"));
    }
    Ok(found)
}

/// The accounts that were named, or all of the enterprise that was. A flag counts before a variable, and an account before an
/// enterprise.
pub(super) async fn accounts(client: Ibm, matches: &ArgMatches, context: &mut Context) -> Result<Vec<Payer>, Failure> {
    let mut enterprise = flags::text(matches, "enterprise").map(str::to_owned);
    let mut ids = asked(matches, "account");
    if enterprise.is_none() && ids.is_empty() {
        let text = context.variable("USAGE_REPORTS_ACCOUNT_ID")?.unwrap_or_default();
        ids = unique(text.split(',').map(str::trim).filter(|id| !id.is_empty()));
    }
    if enterprise.is_none() && ids.is_empty() {
        enterprise = context.variable(enterprise::VARIABLE)?;
    }
    let found = match enterprise {
        Some(enterprise) => enterprise::accounts(&enterprise, context).await?,
        None if ids.is_empty() => {
            return Err(Failure::usage("no account of IBM Cloud is named").hint(
                "name it with --account or USAGE_REPORTS_ACCOUNT_ID, or all of an enterprise with --enterprise, or leave IBM \
                 Cloud out with --service atlas",
            ));
        }
        None => ids.into_iter().map(|id| (id, None)).collect(),
    };
    let payer = |(id, name): (String, _)| Payer {
        account: Account::Ibm(client.clone(), ibm_usage_reports::types::AccountId::new(id)),
        name,
    };
    Ok(found.into_iter().map(payer).collect())
}

/// The values of a flag, each once.
pub(super) fn asked(matches: &ArgMatches, flag: &str) -> Vec<String> {
    unique(matches.try_get_many::<String>(flag).ok().flatten().into_iter().flatten().map(String::as_str))
}

/// Each value once. Case makes no difference: services take ids in upper and lower case.
fn unique<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = HashSet::new();
    values.filter(|value| seen.insert(value.to_ascii_lowercase())).map(str::to_owned).collect()
}
