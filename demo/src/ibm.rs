//! What is read from IBM Cloud.

use std::collections::BTreeMap;
use std::error::Error;

use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client, Decimal};

use crate::bill::{Amounts, Bill, Breakdown};
use crate::progress;

/// The usage of an account in the year before a month, and in that month, by resource.
pub(crate) async fn year(client: &Client, account: &AccountId, current: BillingMonth) -> Result<Bill, Box<dyn Error>> {
    let first = BillingMonth::new(current.year() - 1, current.month())?;
    let months: Vec<BillingMonth> = first.through(current).collect();
    let bar = progress::bar("IBM Cloud, months, by IAM");
    bar.set_length(months.len() as u64);
    let mut amounts = Amounts::new();
    let mut currency = None;
    for &month in &months {
        let usage = client.get_account_usage(account, month).names(true).send().await?.into_inner();
        for resource in usage.resources {
            let name = resource
                .resource_name
                .or(resource.resource_id.map(|id| id.to_string()))
                .unwrap_or_else(|| "no name".to_owned());
            let cost = resource.billable_cost.unwrap_or_default();
            *amounts.entry(name).or_default().entry(month).or_default() += cost;
        }
        if *currency.get_or_insert_with(|| usage.currency_code.clone()) != usage.currency_code {
            return Err("the months are not in the same currency".into());
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let currency = match currency.flatten().as_deref() {
        Some("USD") | None => "US dollars".to_owned(),
        Some(code) => code.to_owned(),
    };
    // What costs nothing is not worth a line.
    amounts.retain(|_, by_month| by_month.values().any(|amount| !amount.is_zero()));
    Ok(Bill::new(("IBM Cloud", "resource"), currency, (months, true), amounts))
}

/// The instances of an account in a month, by resource group.
pub(crate) async fn month(
    client: &Client,
    account: &AccountId,
    month: BillingMonth,
) -> Result<Breakdown, Box<dyn Error>> {
    let mut pages = client.get_resource_usage_account(account, month).names(true).limit(50).pages();
    let bar = progress::bar("IBM Cloud, instances, by IAM");
    let mut rows: BTreeMap<String, (u64, Decimal)> = BTreeMap::new();
    while let Some(page) = pages.try_next().await? {
        bar.set_length(page.count.known().and_then(|count| u64::try_from(*count).ok()).unwrap_or_default());
        for instance in page.into_inner().resources {
            // What is informational, or not billed, is not part of the bill.
            let billed = instance.billable_cost().sum;
            let name = instance.resource_group_name.or(instance.resource_group_id.map(|id| id.to_string()));
            let (count, amount) = rows.entry(name.unwrap_or_else(|| "no resource group".to_owned())).or_default();
            *count += 1;
            *amount += billed;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(Breakdown::new("Usage by instance".to_owned(), month, ["resource group", "instances"], rows))
}
