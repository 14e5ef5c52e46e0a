//! A client of the real service where credentials are configured, and of a sandbox where they are not.

use std::env;
use std::error::Error;

use atlas_billing::Client;
use atlas_billing::config::Environment;
use sandbox::Sandbox;

/// What an example talks to. The sandbox ends when this is dropped.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The organization to look at.
    pub(crate) org: String,
    _sandbox: Option<Sandbox>,
}

/// Connects by `MONGODB_ATLAS_*` or an Atlas CLI profile, if `MONGODB_ATLAS_ORG_ID` says which organization to look at;
/// else to a sandbox.
pub(crate) async fn connect() -> Result<Connection, Box<dyn Error>> {
    if let Ok(org) = env::var("MONGODB_ATLAS_ORG_ID") {
        return Ok(Connection { client: Client::from_env()?, org, _sandbox: None });
    }
    eprintln!("MONGODB_ATLAS_ORG_ID is not set: this is the sandbox, not your account\n");
    let sandbox = Sandbox::start().await?;
    let variables = sandbox.environment().into_iter();
    let environment = variables.fold(Environment::empty(), |all, (name, value)| all.variable(name, value));
    let client = Client::from_environment(&environment)?;
    Ok(Connection { client, org: "6aa7ac7ceee65f53e9421ce5".to_owned(), _sandbox: Some(sandbox) })
}
