//! A client of the real service where an account is configured, and of a sandbox where none is.

use std::env;
use std::error::Error;

use cloud_billing_sandbox::{Estate, Sandbox};
use ibm_usage_reports::Client;

/// What an example talks to. The sandbox ends when this is dropped.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The account to look at.
    pub(crate) account: String,
    _sandbox: Option<Sandbox>,
}

/// Connects by IBM's external configuration, if `USAGE_REPORTS_ACCOUNT_ID` says which account to look at; else to a
/// sandbox, whose customers do not exist.
pub(crate) async fn connect() -> Result<Connection, Box<dyn Error>> {
    if let Ok(account) = env::var("USAGE_REPORTS_ACCOUNT_ID") {
        return Ok(Connection { client: Client::from_env()?, account, _sandbox: None });
    }
    eprintln!("USAGE_REPORTS_ACCOUNT_ID is not set: this is the sandbox, not your account\n");
    let sandbox = Sandbox::builder().estate(Estate::new()).start().await?;
    let client = Client::from_environment(&sandbox.environment().into_iter().collect())?;
    let account = sandbox.estate().map(|estate| estate.ibm_account().to_owned());
    Ok(Connection { client, account: account.ok_or("the sandbox has no account")?, _sandbox: Some(sandbox) })
}
