//! A client of the real service where credentials are configured, and of a sandbox where they are not.

use std::env;
use std::error::Error;

use ibm_usage_reports::Client;
use ibm_usage_reports::config::Environment;
use sandbox::Sandbox;

/// What an example talks to. The sandbox ends when this is dropped.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The account to look at.
    pub(crate) account: String,
    _sandbox: Option<Sandbox>,
}

/// Connects by IBM's external configuration, if `USAGE_REPORTS_ACCOUNT_ID` says which account to look at; else to a
/// sandbox.
pub(crate) async fn connect() -> Result<Connection, Box<dyn Error>> {
    if let Ok(account) = env::var("USAGE_REPORTS_ACCOUNT_ID") {
        return Ok(Connection { client: Client::from_env()?, account, _sandbox: None });
    }
    eprintln!("USAGE_REPORTS_ACCOUNT_ID is not set: this is the sandbox, not your account\n");
    let sandbox = Sandbox::start().await?;
    let variables = sandbox.environment().into_iter();
    let environment = variables.fold(Environment::empty(), |all, (name, value)| all.variable(name, value));
    let client = Client::from_environment(&environment)?;
    Ok(Connection { client, account: "987d4cfd77b04e9b9e1a6a0cc8612340".to_owned(), _sandbox: Some(sandbox) })
}
