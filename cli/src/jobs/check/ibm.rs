//! The report of an account against its summary, its parts and its instances.

use cloud_billing_core::{BillingMonth, Decimal, Error, Total};
use ibm_usage_reports::Client;
use ibm_usage_reports::types::{AccountId, AccountUsage};

use super::{Books, Finding, floating_point};
use crate::jobs::ibm::{PAGE, currency};

pub(super) async fn books(
    client: &Client,
    account: &AccountId,
    month: BillingMonth,
    is_open: bool,
) -> Result<Books, Error> {
    let usage = client.get_account_usage(account, month).send().await?.into_inner();
    let summary = client.get_account_summary(account, month).send().await?.into_inner();
    let (of_usage, of_summary) =
        (currency(usage.currency_code.as_deref()), currency(summary.billing_currency_code.as_deref()));
    let account_total = usage.billable_total().complete().cloned();
    let mut books = Books { bill: vec![(of_summary.clone(), summary.charges_total().sum)], ..Books::default() };

    let stated = summary.resources.as_ref().and_then(|resources| resources.billable_cost.clone());
    let converted = of_usage != of_summary;
    books.findings.push(Finding::new(
        "summary and resources",
        (stated, account_total.clone()),
        &of_summary,
        |difference| {
            let other = converted.then_some("the two are in different currencies");
            let later = is_open.then_some("the month is not over, and the two are not updated at once");
            floating_point(difference).or(other).or(later)
        },
    ));
    books.findings.extend([plans(&usage, &of_usage), metrics(&usage, &of_usage)]);

    let mut instances = Total::default();
    let mut pages = client.get_resource_usage_account(account, month).limit(PAGE).items();
    while let Some(instance) = pages.try_next().await? {
        let cost = instance.billable_cost();
        instances.add(cost.complete());
    }
    let both = (account_total, instances.complete().cloned());
    books.findings.push(Finding::new("account and instances", both, &of_usage, |difference| {
        let allowances = (!difference.is_negative()).then_some("free allowances apply to the account as a whole");
        floating_point(difference).or(allowances)
    }));
    Ok(books)
}

/// Resources against the plans below them.
fn plans(usage: &AccountUsage, currency: &str) -> Finding {
    let stated = usage.resources.iter().map(|it| Some(it.billable_cost.as_ref()? + it.non_billable_cost.as_ref()?));
    let plans = usage.resources.iter().flat_map(|resource| &resource.plans);
    let (stated, computed): (Total, Total) = (stated.collect(), plans.map(|plan| plan.cost.as_ref()).collect());
    compare("resources and plans", &stated, &computed, currency)
}

/// Plans against their metrics.
fn metrics(usage: &AccountUsage, currency: &str) -> Finding {
    let plans = || usage.resources.iter().flat_map(|resource| &resource.plans);
    let stated: Total = plans().map(|plan| plan.cost.as_ref()).collect();
    let computed: Total = plans().map(|plan| plan.metrics_total().complete().cloned()).collect();
    compare("plans and metrics", &stated, &computed, currency)
}

fn compare(what: &'static str, stated: &Total, computed: &Total, currency: &str) -> Finding {
    let both: (Option<Decimal>, Option<Decimal>) = (stated.complete().cloned(), computed.complete().cloned());
    Finding::new(what, both, currency, floating_point)
}
