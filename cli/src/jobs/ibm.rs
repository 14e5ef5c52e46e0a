//! The parts of bills of IBM Cloud.

use std::collections::BTreeMap;

use cloud_billing_core::{BillingMonth, Decimal, Error, Total};
use ibm_usage_reports::Client;
use ibm_usage_reports::types::{AccountId, AccountUsage, InstanceUsage};

use super::books::require;
use super::charges::{By, Charge, Part, Parts};
use super::named;

/// How many instances a page has.
pub(super) const PAGE: i64 = 100;

/// Amounts by currency and part.
type Items = BTreeMap<(String, Part), Decimal>;

/// The parts of a month of an account. Together they are the bill before tax: billable resources and
/// support, less the credits of offers.
pub(super) async fn parts(
    client: &Client,
    account: &AccountId,
    month: BillingMonth,
    is_open: bool,
    by: &By,
) -> Result<Parts, Error> {
    let usage = client.get_account_usage(account, month).names(true).send().await?.into_inner();
    let summary = client.get_account_summary(account, month).send().await?.into_inner();
    let of = |id: Option<&AccountId>, stated: Option<&BillingMonth>| {
        id.is_none_or(|id| id.eq_ignore_ascii_case(account)) && stated.is_none_or(|stated| *stated == month)
    };
    require(of(usage.account_id.as_ref(), usage.month.known()))?;
    require(of(summary.account_id.as_ref(), summary.month.known()))?;
    let currency = currency(usage.currency_code.as_deref());
    let whole = usage.billable_total();
    let mut missing = whole.missing;
    let mut items = match by {
        By::Organization => Items::new(),
        By::Service => resources(&usage, &currency),
        By::Plan => plans(&usage, &currency),
        _ => instances(client, account, month, by).await?,
    };
    // The report of the account counts: free allowances make it less than its instances.
    let listed: Decimal = items.iter().filter(|((of, _), _)| *of == currency).map(|(_, amount)| amount).sum();
    let whose = |part| if *by == By::Organization { Part::Named(account.to_string()) } else { part };
    *items.entry((currency, whose(Part::Rest))).or_default() += &whole.sum - &listed;

    let billing_currency = self::currency(summary.billing_currency_code.as_deref());
    let support =
        summary.support.iter().flat_map(|support| [Some(support.cost.as_ref()), support.overage.as_ref().map(Some)]);
    let support: Total = support.flatten().collect();
    let offers = summary.offers.iter().map(|offer| offer.credits.as_ref().and_then(|credits| credits.used.as_ref()));
    let offers: Total = offers.collect();
    missing += support.missing + offers.missing;
    *items.entry((billing_currency.clone(), whose(Part::Support))).or_default() += support.sum;
    *items.entry((billing_currency, whose(Part::Offers))).or_default() += -offers.sum;

    // What costs nothing is not worth a line.
    let charges = items.into_iter().filter(|(_, amount)| !amount.is_zero());
    let charges = charges.map(|((currency, part), amount)| Charge { month, part, currency, amount, is_open }).collect();
    Ok(Parts { charges, missing })
}

pub(super) fn currency(code: Option<&str>) -> String {
    code.unwrap_or("unknown").to_owned()
}

fn resources(usage: &AccountUsage, currency: &str) -> Items {
    let mut items = Items::new();
    for resource in &usage.resources {
        let name = named(resource.resource_name.as_ref(), resource.resource_id.as_ref());
        *items.entry((currency.to_owned(), Part::of(name, "no name"))).or_default() +=
            resource.billable_cost.clone().unwrap_or_default();
    }
    items
}

fn plans(usage: &AccountUsage, currency: &str) -> Items {
    let mut items = Items::new();
    for resource in &usage.resources {
        let of = named(resource.resource_name.as_ref(), resource.resource_id.as_ref());
        for plan in &resource.plans {
            let name = named(plan.plan_name.as_ref(), plan.plan_id.as_ref());
            let name = [of.clone(), name].into_iter().flatten().collect::<Vec<_>>().join(", ");
            *items.entry((currency.to_owned(), Part::Named(name))).or_default() +=
                plan.billable_cost().unwrap_or_default();
        }
    }
    items
}

async fn instances(client: &Client, account: &AccountId, month: BillingMonth, by: &By) -> Result<Items, Error> {
    let mut items = Items::new();
    let mut pages = client.get_resource_usage_account(account, month).names(true).tags(true).limit(PAGE).items();
    while let Some(instance) = pages.try_next().await? {
        let key = (currency(instance.currency_code.as_deref()), part(&instance, by));
        *items.entry(key).or_default() += instance.billable_cost().sum;
    }
    Ok(items)
}

/// What an instance belongs to.
fn part(instance: &InstanceUsage, by: &By) -> Part {
    let (name, nameless) = match by {
        By::Project => {
            (named(instance.resource_group_name.as_ref(), instance.resource_group_id.as_ref()), "no resource group")
        }
        By::Region => (instance.region.clone(), "no region"),
        By::Tag(key) => (tags(instance, key.as_deref()), "no tag"),
        _ => (named(instance.resource_instance_name.as_ref(), instance.resource_instance_id.as_ref()), "no name"),
    };
    Part::of(name, nameless)
}

/// The values of the tags `key:value`, or all tags.
pub(super) fn tags(instance: &InstanceUsage, key: Option<&str>) -> Option<String> {
    let texts = instance.tags.iter().filter_map(|tag| tag.as_str());
    let mut tags: Vec<&str> = texts
        .filter_map(|tag| match key {
            Some(key) => tag.strip_prefix(key)?.strip_prefix(':'),
            None => Some(tag),
        })
        .collect();
    tags.sort_unstable();
    (!tags.is_empty()).then(|| tags.join(", "))
}

#[cfg(test)]
mod tests {
    use cloud_billing_core::HttpClient;
    use cloud_billing_core::mock::MockResponse;

    use super::*;

    #[tokio::test]
    async fn currencies_and_free_allowances_are_parts_of_their_own() {
        let http = HttpClient::mock(|request| match request.path() {
            path if path.contains("/resource_instances/") => MockResponse::json(
                200,
                r#"{"resources": [{"currency_code": "EUR", "billable": true, "resource_instance_name": "a",
                   "tags": ["env:prod", "x"], "usage": [{"cost": 12}]}, {"currency_code": "EUR", "billable": false,
                   "resource_instance_name": "b", "usage": [{"cost": 5}]}]}"#,
            ),
            path if path.contains("/summary/") => MockResponse::json(
                200,
                r#"{"billing_currency_code": "USD", "support": [{"cost": 3}, {"type": "ADVANCED"}]}"#,
            ),
            _ => MockResponse::json(
                200,
                r#"{"currency_code": "EUR", "resources": [{"billable_cost": 10}, {"resource_id": "b"}]}"#,
            ),
        });
        let client = Client::builder().http_client(http).no_credential().build().unwrap();
        let (account, month) = (AccountId::new("4f6e0c1b9a7d42e38b5c2d71f0a9e864"), "2026-01".parse().unwrap());
        let read = async |by| {
            let parts = parts(&client, &account, month, false, &by).await.unwrap();
            let row = |it: Charge| format!("{} {} {}", it.currency, it.part, it.amount);
            (parts.charges.into_iter().map(row).collect::<Vec<_>>(), parts.missing)
        };
        let rows = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>();
        assert_eq!(read(By::Cluster).await, (rows(&["EUR (not itemised) -2", "EUR a 12", "USD (support) 3"]), 2));
        assert_eq!(read(By::Service).await, (rows(&["EUR no name 10", "USD (support) 3"]), 2));
        let tag = By::Tag(Some("env".to_owned()));
        assert_eq!(read(tag).await.0, rows(&["EUR (not itemised) -2", "EUR prod 12", "USD (support) 3"]));
    }
}
