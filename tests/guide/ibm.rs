// src/main.rs
use ibm_usage_reports::{BillingMonth, Client, config, types::AccountId};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account: AccountId = config::variable("USAGE_REPORTS_ACCOUNT_ID")?.parse()?;
    let month = BillingMonth::current().previous();
    let summary = Client::from_env()?.get_account_summary(account, month).await?;
    let (bill, currency) = (summary.payable_total(), summary.billing_currency_code.as_deref().unwrap_or("?"));
    println!("{month}: {} {currency}, {} amounts are missing", bill.sum, bill.missing);
    Ok(())
}
