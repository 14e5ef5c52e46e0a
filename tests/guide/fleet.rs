use std::{collections::BTreeSet, process::ExitCode};

use atlas_billing::types::{BillingInvoiceMetadata, OrganizationId};
use atlas_billing::{Client as Atlas, Decimal, Error, Fleet, Total};
use ibm_usage_reports::{BillingMonth, Client as Ibm, config, types::AccountId};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (atlas, ibm) = (Atlas::from_env()?, Ibm::from_env()?);
    let organizations = atlas.list_orgs().items().collect_all(100_000).await?;
    let organizations = organizations.into_iter().filter_map(|it| Some(("atlas", it.id?.to_string())));
    // Each once: an account that is named twice is billed once.
    let accounts = config::variable("USAGE_REPORTS_ACCOUNT_ID")?;
    let accounts: BTreeSet<_> = accounts.split(',').map(|id| ("ibm", id.trim().to_owned())).collect();

    let fleet = Fleet::new(organizations.chain(accounts)).concurrency(32);
    let mut totals = fleet.run(move |(vendor, id)| total(atlas.clone(), ibm.clone(), vendor, id));
    println!("vendor,id,currency,total");
    while let Some(done) = totals.next().await {
        let (vendor, id) = &done.job;
        match done.result {
            Ok((currency, total)) => println!("{vendor},{id},{currency},{total}"),
            Err(error) => eprintln!("{vendor},{id}: {error}"),
        }
    }
    Ok(if totals.progress().failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What an organization or account has to pay for the last month.
async fn total(atlas: Atlas, ibm: Ibm, vendor: &str, id: String) -> Result<(String, Decimal), Error> {
    let month = BillingMonth::current().previous();
    if vendor == "ibm" {
        let summary = ibm.get_account_summary(AccountId::new(id), month).await?;
        return Ok((summary.billing_currency_code.clone().unwrap_or_default(), summary.payable_total().sum));
    }
    // The period of an invoice ends on the first day after it.
    let invoices = atlas.list_invoices(OrganizationId::new(id)).from_date(month.first_day());
    let invoices = invoices.to_date(month.next().first_day()).items().collect_all(1_000).await?;
    let bill: Total = invoices.iter().map(BillingInvoiceMetadata::payable_dollars).collect();
    Ok(("USD".to_owned(), bill.sum))
}
