//! The accounts of an enterprise of IBM Cloud, from its own listing.

use std::collections::HashSet;

use cloud_billing_core::Error;
use cloud_billing_core::config::Environment;
use ibm_enterprise::Client;

use crate::attempts::Attempts;
use crate::context::Context;
use crate::credentials;
use crate::failure::Failure;

/// The variable with the id of an enterprise.
pub(super) const VARIABLE: &str = "ENTERPRISE_USAGE_REPORTS_ENTERPRISE_ID";

/// As many accounts as a page has at most.
const PAGE: i64 = 100;

/// More accounts than an enterprise has.
const ACCOUNTS: usize = 100_000;

/// The client.
pub(super) fn client(environment: &Environment, attempts: Attempts) -> Result<Client, Error> {
    Client::builder_from_environment(environment)?.interceptor(attempts).build()
}

/// The accounts that the credential can see: their ids and names.
pub(super) async fn accounts(
    enterprise: &str,
    context: &mut Context,
) -> Result<Vec<(String, Option<String>)>, Failure> {
    let client = client(&context.environment, context.attempts.clone())?;
    credentials::note_file(client.core(), context);
    // Without a filter: IBM contradicts itself about whether one leaves accounts of groups out.
    let all = client.list_accounts().limit(PAGE).items().collect_all(ACCOUNTS).await?;
    let (mut found, mut seen, mut nameless) = (Vec::new(), HashSet::new(), 0);
    for account in all {
        match (account.id, account.enterprise_id) {
            (Some(_), Some(other)) if !other.eq_ignore_ascii_case(enterprise) => {}
            // Accounts can move while they are listed, and are then listed twice.
            (Some(id), Some(_)) if !seen.insert(id.to_ascii_lowercase()) => {}
            (Some(id), Some(_)) => found.push((id.to_string(), account.name)),
            _ => nameless += 1,
        }
    }
    if nameless > 0 {
        context.note(&format!(
            "note: ibm: {nameless} accounts are left out, because the service states no id or no enterprise for them"
        ));
    }
    if found.is_empty() {
        return Err(Failure::new(6, format!("the credential can see no account of the enterprise {enterprise}"))
            .hint("`cloudbill ibm-enterprise list-enterprises` prints the enterprises that it can see"));
    }
    Ok(found)
}
