// src/main.rs
use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client, config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account: AccountId = config::variable("USAGE_REPORTS_ACCOUNT_ID")?.parse()?;
    let ibm = Client::from_env()?; // IBM's external configuration, same names and order
    let last_month = BillingMonth::current().previous();
    let usage = ibm.get_account_usage(account, last_month).names(true).send().await?;
    for resource in &usage.resources {
        let cost = resource.billable_cost.clone().unwrap_or_default();
        println!("{:<32} {cost:>14.2}", resource.resource_name.as_deref().unwrap_or("?"));
    }
    println!("{last_month}: {} {}", usage.billable_total().sum, usage.currency_code.as_deref().unwrap_or("?"));
    Ok(())
}
