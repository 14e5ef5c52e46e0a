//! The accounts of an enterprise of IBM Cloud, from its own listing.

use cloud_billing_core::Error;
use cloud_billing_core::config::Environment;
use ibm_enterprise::Client;

use super::payers::ORGANIZATIONS;
use crate::attempts::Attempts;
use crate::failure::Failure;
use crate::world::World;

/// The variable with the id of an enterprise.
pub(super) const VARIABLE: &str = "ENTERPRISE_USAGE_REPORTS_ENTERPRISE_ID";

/// As many accounts as a page has at most.
const PAGE: i64 = 100;

/// The client.
pub(super) fn client(environment: &Environment, attempts: Attempts) -> Result<Client, Error> {
    Client::builder_from_environment(environment)?.interceptor(attempts).build()
}

/// The accounts that the credential can see: their ids and names.
pub(super) async fn accounts(enterprise: &str, world: &World) -> Result<Vec<(String, Option<String>)>, Failure> {
    let client = client(&world.environment, world.attempts.clone())?;
    // Without a filter: IBM contradicts itself about whether one leaves accounts of groups out.
    let all = client.list_accounts().limit(PAGE).items().collect_all(ORGANIZATIONS).await?;
    let of_it = all.into_iter().filter(|account| account.enterprise_id.as_deref() == Some(enterprise));
    let found: Vec<_> = of_it.filter_map(|account| Some((account.id?.to_string(), account.name))).collect();
    if found.is_empty() {
        return Err(Failure::new(6, format!("the credential can see no account of the enterprise {enterprise}"))
            .hint("`cloudbill ibm-enterprise list-enterprises` prints the enterprises that it can see"));
    }
    Ok(found)
}
