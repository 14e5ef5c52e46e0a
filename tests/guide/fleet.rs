use std::collections::BTreeSet;
use std::process::ExitCode;

use atlas_billing::types::{BillingInvoiceMetadata, OrganizationId};
use atlas_billing::{Client as Atlas, Decimal, Error, Fleet, Total};
use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client as Ibm, config};

/// What has a bill.
#[derive(Clone)]
enum Payer {
    Atlas(OrganizationId),
    Ibm(AccountId),
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (atlas, ibm) = (Atlas::from_env()?, Ibm::from_env()?);
    let organizations = atlas.list_orgs().items().collect_all(100_000).await?;
    let accounts = config::variable("USAGE_REPORTS_ACCOUNT_ID")?;
    let organizations = organizations.into_iter().filter_map(|organization| organization.id).map(Payer::Atlas);
    // Each once: an account that is named twice is billed once.
    let accounts: BTreeSet<&str> = accounts.split(',').map(str::trim).collect();
    let accounts: Vec<_> = accounts.into_iter().map(|id| Payer::Ibm(AccountId::new(id))).collect();

    let fleet = Fleet::new(organizations.chain(accounts)).concurrency(32);
    let mut totals = fleet.run(move |payer| total(atlas.clone(), ibm.clone(), payer));
    println!("vendor,id,currency,total");
    while let Some(done) = totals.next().await {
        let (vendor, id) = match &done.job {
            Payer::Atlas(id) => ("atlas", id.as_str()),
            Payer::Ibm(id) => ("ibm", id.as_str()),
        };
        match done.result {
            Ok((currency, total)) => println!("{vendor},{id},{currency},{total}"),
            Err(error) => eprintln!("{vendor},{id}: {error}"),
        }
    }
    Ok(if totals.progress().failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What an organization or account has to pay for the last month.
async fn total(atlas: Atlas, ibm: Ibm, payer: Payer) -> Result<(String, Decimal), Error> {
    let month = BillingMonth::current().previous();
    match payer {
        Payer::Atlas(id) => {
            // The period of an invoice ends on the first day after it.
            let invoices = atlas.list_invoices(id).from_date(month.first_day()).to_date(month.next().first_day());
            let invoices = invoices.items().collect_all(1_000).await?;
            let bill: Total = invoices.iter().map(BillingInvoiceMetadata::payable_dollars).collect();
            Ok(("USD".to_owned(), bill.sum))
        }
        Payer::Ibm(id) => {
            let summary = ibm.get_account_summary(id, month).await?;
            Ok((summary.billing_currency_code.clone().unwrap_or_default(), summary.payable_total().sum))
        }
    }
}
