//! A client for the real service if an account is configured, otherwise for a sandbox.

use std::env;
use std::error::Error;

use cloud_billing_sandbox::{Estate, Sandbox};
use ibm_usage_reports::Client;
use ibm_usage_reports::types::AccountId;

/// The client of an example. Dropping it stops the sandbox.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The account to query.
    pub(crate) account: AccountId,
    _sandbox: Option<Sandbox>,
}

/// If `USAGE_REPORTS_ACCOUNT_ID` is set, connects with IBM's external configuration; otherwise starts a sandbox with
/// synthetic customers.
pub(crate) async fn connect() -> Result<Connection, Box<dyn Error>> {
    if let Ok(account) = env::var("USAGE_REPORTS_ACCOUNT_ID") {
        return Ok(Connection { client: Client::from_env()?, account: account.parse()?, _sandbox: None });
    }
    eprintln!("USAGE_REPORTS_ACCOUNT_ID is not set: this is the sandbox, not your account\n");
    let sandbox = Sandbox::builder().estate(Estate::new()).start().await?;
    let client = Client::from_environment(&sandbox.environment().into_iter().collect())?;
    let account = sandbox.estate().map(|estate| AccountId::new(estate.ibm_account()));
    Ok(Connection { client, account: account.ok_or("the sandbox has no account")?, _sandbox: Some(sandbox) })
}
