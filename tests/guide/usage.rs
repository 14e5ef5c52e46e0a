use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client, config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account: AccountId = config::variable("USAGE_REPORTS_ACCOUNT_ID")?.parse()?;
    let month: BillingMonth = config::variable("USAGE_REPORTS_BILLING_MONTH")?.parse()?;
    let client = Client::from_env()?;
    let usage = client.get_account_usage(&account, month).names(true).await?;
    for resource in &usage.resources {
        println!("{:?} {:?}", resource.resource_name, resource.billable_cost);
    }
    let instances = client.get_resource_usage_account(account, month).limit(100).items().collect_all(1_000_000).await?;
    println!("{} instances", instances.len());
    Ok(())
}
