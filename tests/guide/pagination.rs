use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client, ResumeToken, config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account: AccountId = config::variable("USAGE_REPORTS_ACCOUNT_ID")?.parse()?;
    let ibm = Client::from_env()?;
    let call = ibm.get_resource_usage_account(account, BillingMonth::current().previous()).limit(100);

    // All records, page by page in the background.
    let mut records = call.clone().items();
    let mut count = 0;
    while records.try_next().await?.is_some() {
        count += 1;
    }

    // One page, then a position that can be stored.
    let mut pages = call.clone().pages();
    let mut resumed = pages.try_next().await?.map_or(0, |page| page.resources.len());
    if let Some(position) = pages.resume_token() {
        let stored = position.to_string();

        // Later, perhaps in another process: the same call, resumed.
        let position: ResumeToken = stored.parse()?;
        let mut rest = call.items().resume(position)?;
        while rest.try_next().await?.is_some() {
            resumed += 1;
        }
    }
    assert_eq!(resumed, count);
    Ok(())
}
