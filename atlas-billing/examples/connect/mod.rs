//! A client for the real service if an organization is configured, otherwise for a sandbox.

use std::env;
use std::error::Error;

use atlas_billing::Client;
use atlas_billing::types::OrganizationId;
use cloud_billing_sandbox::{Estate, Sandbox};

/// The client of an example. Dropping it stops the sandbox.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The organization to query.
    pub(crate) org: OrganizationId,
    _sandbox: Option<Sandbox>,
}

/// If `MONGODB_ATLAS_ORG_ID` is set, connects with `MONGODB_ATLAS_*` or an Atlas CLI profile; otherwise starts a
/// sandbox with synthetic customers.
pub(crate) async fn connect() -> Result<Connection, Box<dyn Error>> {
    if let Ok(org) = env::var("MONGODB_ATLAS_ORG_ID") {
        return Ok(Connection { client: Client::from_env()?, org: org.parse()?, _sandbox: None });
    }
    eprintln!("MONGODB_ATLAS_ORG_ID is not set: this is the sandbox, not your account\n");
    let sandbox = Sandbox::builder().estate(Estate::new()).cost_explorer_polls(1).start().await?;
    let client = Client::from_environment(&sandbox.environment().into_iter().collect())?;
    let org = sandbox.estate().and_then(|estate| estate.atlas_organizations().next());
    let org = org.ok_or("the sandbox has no organization")?.parse()?;
    Ok(Connection { client, org, _sandbox: Some(sandbox) })
}
