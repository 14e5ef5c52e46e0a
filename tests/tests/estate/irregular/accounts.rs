//! Irregular accounts of IBM Cloud.

use std::collections::{BTreeMap, BTreeSet};

use cloud_billing_sandbox::{Estate, Irregularity, Sandbox};
use ibm_usage_reports::types::{AccountId, AccountSummary, AccountUsage, InstanceUsage};
use ibm_usage_reports::{BillingMonth, Client, Decimal};
use serde_json::Value;

use super::{name, start};
use crate::ask::ibm;

fn micros(value: i64) -> Decimal {
    Decimal::from(value) * "0.000001".parse::<Decimal>().unwrap()
}

/// All that an account says of a month.
struct Readings {
    usage: AccountUsage,
    summary: AccountSummary,
    instances: Vec<InstanceUsage>,
    /// The same instances as JSON.
    raw: Vec<Value>,
}

async fn read(sandbox: &Sandbox, account: &str, month: &str) -> Readings {
    let client = Client::builder().base_url(sandbox.ibm_url()).bearer_token("token").build().unwrap();
    let (id, billing_month) = (AccountId::new(account), month.parse::<BillingMonth>().unwrap());
    let mut records = client.get_resource_usage_account(&id, billing_month).limit(60).items();
    let mut instances = Vec::new();
    while let Some(record) = records.try_next().await.unwrap() {
        instances.push(record);
    }
    let path = format!("/v4/accounts/{account}/resource_instances/usage/{month}?_limit=200");
    let raw = ibm(sandbox, &path).send().await.json();
    Readings {
        usage: client.get_account_usage(&id, billing_month).send().await.unwrap().into_inner(),
        summary: client.get_account_summary(&id, billing_month).send().await.unwrap().into_inner(),
        instances,
        raw: raw["resources"].as_array().unwrap().clone(),
    }
}

/// The billable cost of an instance.
fn billed(record: &InstanceUsage) -> Decimal {
    let charged = record.usage.iter().filter(|it| record.billable == Some(true) && it.non_chargeable != Some(true));
    charged.filter_map(|metric| metric.cost.clone()).sum()
}

impl Readings {
    /// By resource: the account less its instances, where they differ.
    fn differences(&self) -> BTreeMap<String, Decimal> {
        let mut differences = BTreeMap::new();
        for resource in &self.usage.resources {
            let id = resource.resource_id.as_deref().unwrap().to_owned();
            *differences.entry(id).or_insert(Decimal::ZERO) += resource.billable_cost.clone().unwrap();
        }
        for record in &self.instances {
            *differences.entry(record.resource_id.as_deref().unwrap().to_owned()).or_default() += -billed(record);
        }
        differences.retain(|_, cost| !cost.is_zero());
        differences
    }

    /// Whether a metric of a record keeps something.
    fn any_metric(&self, keep: impl Fn(&Value) -> bool) -> bool {
        self.raw.iter().flat_map(|record| record["usage"].as_array().unwrap()).any(keep)
    }

    fn any_record(&self, keep: impl Fn(&Value) -> bool) -> bool {
        self.raw.iter().any(keep)
    }

    /// Whether the account says this, with its amount.
    fn shows(&self, irregularity: &Irregularity) -> bool {
        let total = || self.usage.resources.iter().filter_map(|it| it.billable_cost.clone()).sum::<Decimal>();
        let all = || self.instances.iter().flat_map(|record| &record.usage);
        match irregularity {
            Irregularity::FreeTier { micros, .. } | Irregularity::MissingRecord { micros, .. } => *micros > 0,
            Irregularity::SummaryDiffers { micros: off } => {
                let summary = self.summary.resources.as_ref().unwrap().billable_cost.clone().unwrap();
                off.abs() == 10_000 && summary == total() + micros(*off)
            }
            Irregularity::NotBillable { micros: cost } => {
                let costs = self.usage.resources.iter().filter_map(|it| it.non_billable_cost.clone());
                costs.sum::<Decimal>() == micros(*cost)
                    && self.instances.iter().any(|record| record.billable == Some(false))
            }
            Irregularity::Informational { micros: cost } => {
                let costs = all().filter(|it| it.non_chargeable == Some(true)).filter_map(|it| it.cost.clone());
                costs.sum::<Decimal>() == micros(*cost)
            }
            Irregularity::Pending => self.instances.iter().any(|record| record.pending == Some(true)),
            Irregularity::OtherCurrency { code } => {
                let codes: BTreeSet<_> = self.instances.iter().filter_map(|it| it.currency_code.as_deref()).collect();
                codes == BTreeSet::from([*code])
                    && self.summary.billing_currency_code.as_deref() == Some(code)
                    && self.usage.currency_rate != Some(Decimal::from(1))
                    && self.instances.iter().all(|record| record.currency_rate == self.usage.currency_rate)
            }
            Irregularity::SeveralDiscounts => all().any(|metric| {
                let twice = metric.cost.clone().map(|cost| cost.clone() + cost);
                metric.discounts.len() == 2 && metric.rated_cost == twice
            }),
            Irregularity::NoRatedCost => self.any_metric(|metric| metric.get("rated_cost").is_none()),
            Irregularity::OddTags => {
                let odd = |it: &Value| it["tags"].as_array().unwrap().iter().filter(|tag| *tag != "temporary").count();
                self.any_record(|record| odd(record) == 3 && record["service_tags"][0].is_string())
            }
            Irregularity::UnknownFields => {
                let unknown = |it: &Value| it["billing_source"].is_object();
                self.any_record(unknown) && self.any_metric(unknown)
            }
            Irregularity::CloudFoundry => self.any_record(|record| {
                record["space_id"].is_string()
                    && record["organization_id"].is_string()
                    && record.get("resource_group_id").is_none()
            }),
            Irregularity::Satellite => self
                .instances
                .iter()
                .any(|it| it.region.as_deref().is_some_and(|region| region.starts_with("satellite"))),
            Irregularity::SupportOverage { micros: overage } => {
                let support = self.summary.support.iter().filter_map(|support| support.overage.clone());
                support.sum::<Decimal>() == micros(*overage) && self.summary.offers.len() == 2
            }
            Irregularity::OfferCredits { micros: used } => {
                let credits = self.summary.offers.iter().filter_map(|offer| offer.credits.clone()?.used);
                credits.sum::<Decimal>() == micros(*used)
            }
            other => panic!("{other:?} is of no account"),
        }
    }
}

const KINDS: [&str; 16] = [
    "CloudFoundry",
    "FreeTier",
    "Informational",
    "MissingRecord",
    "NoRatedCost",
    "NotBillable",
    "OddTags",
    "OfferCredits",
    "OtherCurrency",
    "Pending",
    "Satellite",
    "SeveralDiscounts",
    "SummaryDiffers",
    "SupportOverage",
    "UnknownFields",
    "",
];

#[tokio::test]
async fn every_irregularity_of_an_account_occurs_and_is_in_the_ledger() {
    for (seed, instances) in [(1, 100), (u64::MAX, 150)] {
        let sandbox = start(Estate::new().seed(seed).instances(instances).ibm_accounts(2)).await;
        let ledger = sandbox.estate().unwrap();
        let mut kinds = BTreeSet::new();
        for (account, month) in ledger.ibm_accounts().flat_map(|it| ledger.months().into_iter().map(move |m| (it, m))) {
            let (expected, found) =
                (ledger.ibm_month_of(account, &month).unwrap(), read(&sandbox, account, &month).await);
            let differences = found.differences();
            let of_ledger = expected.difference_micros.iter().map(|(id, off)| (id.clone(), micros(*off)));
            assert_eq!(differences, of_ledger.collect(), "{account} {month} {expected:?}");
            let missing = instances - found.instances.len() as u64;
            let mut told = 0;
            for irregularity in &expected.irregularities {
                assert!(found.shows(irregularity), "{account} {month} {irregularity:?}");
                told += u64::from(matches!(irregularity, Irregularity::MissingRecord { .. }));
                kinds.insert(name(irregularity));
            }
            assert_eq!(missing, told);
            kinds.extend(differences.is_empty().then(String::new));
        }
        assert_eq!(kinds, KINDS.map(str::to_owned).into(), "seed {seed}");
        assert!(sandbox.requests().iter().all(|request| request.refusals.is_empty()));
    }
}

#[tokio::test]
async fn listings_agree_about_a_missing_record() {
    let sandbox = start(Estate::new().instances(40)).await;
    let ledger = sandbox.estate().unwrap();
    let account = ledger.ibm_account();
    let missing = |it: &Irregularity| matches!(it, Irregularity::MissingRecord { .. });
    let months = ledger.months().into_iter();
    let month = months.rev().find(|month| ledger.ibm_month(month).unwrap().irregularities.iter().any(missing)).unwrap();
    let path = format!("/v4/accounts/{account}/resource_instances/usage/{month}?_limit=100");
    let all = ibm(&sandbox, &path).send().await.json();
    assert_eq!((&all["count"], all["resources"].as_array().unwrap().len()), (&39.into(), 39));
    // Page by page, it is the same list.
    let mut paged = Vec::new();
    let mut next = Some(path.replace("100", "7"));
    while let Some(target) = next {
        let page = ibm(&sandbox, &target).send().await.json();
        paged.extend(page["resources"].as_array().unwrap().clone());
        next = page["next"]["href"].as_str().map(str::to_owned);
    }
    assert_eq!(Value::from(paged), all["resources"]);
    // Groups have the records that name them, and no others.
    for group in ledger.ibm_resource_groups() {
        let path =
            format!("/v4/accounts/{account}/resource_groups/{group}/resource_instances/usage/{month}?_limit=100");
        let of_group = ibm(&sandbox, &path).send().await.json();
        let all = all["resources"].as_array().unwrap().iter();
        let named: Vec<_> = all.filter(|record| record["resource_group_id"] == group.as_str()).cloned().collect();
        assert_eq!(of_group["resources"], Value::from(named));
    }
}
