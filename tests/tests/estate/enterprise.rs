//! The synthetic accounts of IBM Cloud beside the first one, and the enterprise above them.

use std::collections::BTreeMap;

use cloud_billing_core::Decimal;
use cloud_billing_sandbox::{Estate, IbmMonth, Sandbox, Service};
use ibm_enterprise::types::{AccountGroupId, EntityType, ResourceUsageReport};
use serde_json::Value;
use workspace_tests::clients::{ibm, ibm_enterprise};

use crate::ask::ask;
use crate::atlas::noon;

const MONTH: &str = "2026-10";

async fn start(estate: Estate) -> Sandbox {
    Sandbox::builder().now(noon()).estate(estate.instances(60)).start().await.unwrap()
}

fn micros(value: i64) -> Decimal {
    Decimal::from(value) * "0.000001".parse::<Decimal>().unwrap()
}

fn total(sandbox: &Sandbox, id: &str) -> IbmMonth {
    sandbox.estate().unwrap().ibm_month_of(id, MONTH).unwrap()
}

/// All reports of a call, each checked against the ledger and against its own resources, by entity.
async fn reports(sandbox: &Sandbox, name: &str, id: &str, children: bool) -> BTreeMap<String, ResourceUsageReport> {
    let call =
        ibm_enterprise(sandbox).get_resource_usage_report().children(children).month(MONTH.parse().unwrap()).limit(2);
    let mut items = match name {
        "enterprise" => call.enterprise_id(ibm_enterprise::types::EnterpriseId::new(id)),
        "account-group" => call.account_group_id(ibm_enterprise::types::AccountGroupId::new(id)),
        _ => call.account_id(ibm_enterprise::types::AccountId::new(id)),
    }
    .items();
    let mut found = BTreeMap::new();
    while let Some(report) = items.try_next().await.unwrap() {
        let entity = report.entity_id.clone().unwrap();
        let expected = total(sandbox, &entity);
        let costs = (report.billable_cost.clone().unwrap(), report.non_billable_cost.clone().unwrap());
        assert_eq!(costs, (micros(expected.billable_micros), micros(expected.non_billable_micros)), "{entity}");
        assert_eq!(costs, (report.billable_total().sum, report.non_billable_total().sum), "{entity}");
        for plan in report.resources.iter().flat_map(|resource| resource.plans.iter()) {
            // What is not charged for does not say so here: it is in the metrics and not in the plan.
            let metrics: Decimal = plan.usage.iter().filter_map(|metric| metric.cost.as_ref()).sum();
            assert!(metrics >= plan.cost.clone().unwrap(), "{plan:?}");
        }
        assert!(found.insert(entity, report).is_none(), "one billing unit, so one report each");
    }
    found
}

#[tokio::test]
async fn each_account_has_its_own_records_and_total() {
    let sandbox = start(Estate::new().ibm_accounts(6)).await;
    let ledger = sandbox.estate().unwrap();
    let mut billed = Vec::new();
    for account in ledger.ibm_accounts() {
        let usage = ibm(&sandbox)
            .get_account_usage(ibm_usage_reports::types::AccountId::new(account), MONTH.parse().unwrap())
            .send()
            .await
            .unwrap();
        let expected = total(&sandbox, account);
        assert_eq!(usage.account_id.as_deref(), Some(account));
        assert_eq!(usage.billable_total().sum, micros(expected.billable_micros), "{account}");
        billed.push(expected.billable_micros);
    }
    assert_eq!(ledger.ibm_month(MONTH).unwrap().billable_micros, billed[0]);
    billed.sort_unstable();
    billed.dedup();
    assert_eq!(billed.len(), 6, "no two accounts cost the same");
    assert!(ledger.ibm_month_of("nobody", MONTH).is_none());
}

#[tokio::test]
async fn the_first_account_is_the_same_however_many_there_are() {
    let (one, many) = (start(Estate::new().ibm_accounts(1)).await, start(Estate::new().ibm_accounts(9)).await);
    let account = one.estate().unwrap().ibm_account().to_owned();
    for path in ["usage/2026-10?_names=true", "summary/2026-10", "resource_instances/usage/2026-10?_limit=60"] {
        let target = format!("/v4/accounts/{account}/{path}");
        let body = async |sandbox: &Sandbox| {
            let reply = ask(sandbox, Service::Ibm, "GET", &target).header("accept", "application/json").send().await;
            assert_eq!(reply.status, 200, "{target}");
            reply.text().to_owned()
        };
        assert_eq!(body(&one).await, body(&many).await, "{target}");
    }
    assert_eq!(one.estate().unwrap().ibm_account_groups().count(), 0);
}

#[tokio::test]
async fn reports_add_up_from_level_to_level() {
    let sandbox = start(Estate::new().ibm_accounts(7)).await;
    let enterprise = sandbox.estate().unwrap().ibm_enterprise().to_owned();
    let whole = reports(&sandbox, "enterprise", &enterprise, false).await;
    assert_eq!(whole.len(), 1);
    let all: i64 = sandbox.estate().unwrap().ibm_accounts().map(|id| total(&sandbox, id).billable_micros).sum();
    assert_eq!(whole[&enterprise].billable_cost, Some(micros(all)));

    // Down from the enterprise, as a program without the listings does it.
    let (mut todo, mut accounts) = (vec![("enterprise".to_owned(), enterprise)], Vec::new());
    while let Some((kind, id)) = todo.pop() {
        let children = reports(&sandbox, &kind, &id, true).await;
        let sum: i64 = children.keys().map(|child| total(&sandbox, child).billable_micros).sum();
        assert_eq!(sum, total(&sandbox, &id).billable_micros, "{kind} {id}");
        for (id, report) in children {
            match report.entity_type {
                Some(EntityType::Account) => accounts.push(id),
                kind => todo.push((kind.unwrap().to_string(), id)),
            }
        }
    }
    accounts.sort();
    let mut known: Vec<_> = sandbox.estate().unwrap().ibm_accounts().map(str::to_owned).collect();
    let one = reports(&sandbox, "account", &known[0], false).await;
    assert_eq!(one.keys().collect::<Vec<_>>(), [&known[0]]);
    known.sort();
    assert_eq!(accounts, known);
}

#[tokio::test]
async fn listings_have_every_account_and_group_once() {
    let sandbox = start(Estate::new().ibm_accounts(6)).await;
    let (client, ledger) = (ibm_enterprise(&sandbox), sandbox.estate().unwrap());
    let mut accounts = client.list_accounts().limit(2).items();
    let (mut ids, mut paths) = (Vec::new(), Vec::new());
    while let Some(account) = accounts.try_next().await.unwrap() {
        assert_eq!(account.enterprise_id.as_deref(), Some(ledger.ibm_enterprise()));
        ids.extend(account.id.map(|id| id.to_string()));
        paths.extend(account.enterprise_path);
    }
    assert_eq!(ids, ledger.ibm_accounts().collect::<Vec<_>>());
    let groups: Vec<_> = ledger.ibm_account_groups().collect();
    let listed = client.list_account_groups().send().await.unwrap();
    assert_eq!(listed.resources.iter().filter_map(|group| group.id.as_deref()).collect::<Vec<_>>(), groups);
    let deepest =
        format!("enterprise:{}/account-group:{}/account-group:{}", ledger.ibm_enterprise(), groups[1], groups[2]);
    assert_eq!(paths[3], deepest);

    let below = client.list_accounts().account_group_id(AccountGroupId::new(groups[0])).send().await.unwrap();
    assert_eq!(
        below.resources.iter().filter_map(|account| account.id.as_deref()).collect::<Vec<_>>(),
        [&ids[1], &ids[5]]
    );
    let by_crn = client.list_accounts().parent(listed.resources[0].crn.clone().unwrap()).send().await.unwrap();
    assert_eq!(by_crn.resources, below.resources);
    let above = client
        .list_enterprises()
        .account_id(ibm_enterprise::types::AccountId::new(ids[3].as_str()))
        .send()
        .await
        .unwrap();
    assert_eq!(above.resources[0].id.as_deref(), Some(ledger.ibm_enterprise()));
    assert!(
        client
            .list_enterprises()
            .account_id(ibm_enterprise::types::AccountId::new("nobody"))
            .send()
            .await
            .unwrap()
            .resources
            .is_empty()
    );
}

#[tokio::test]
async fn contradictions_and_unknown_entities_are_refused() {
    let sandbox = start(Estate::new()).await;
    let ledger = sandbox.estate().unwrap();
    let (enterprise, account) = (ledger.ibm_enterprise(), ledger.ibm_account());
    for (query, status) in [
        (String::new(), 400),
        (format!("?enterprise_id={enterprise}&account_id={account}"), 400),
        (format!("?account_id={account}&children=true"), 400),
        (format!("?account_id={account}&children=false"), 200),
        ("?enterprise_id=nobody".to_owned(), 404),
        // The identifier of an account is none of an enterprise.
        (format!("?enterprise_id={account}"), 404),
    ] {
        let target = format!("/v1/resource-usage-reports{query}");
        let reply =
            ask(&sandbox, Service::IbmEnterprise, "GET", &target).header("accept", "application/json").send().await;
        assert_eq!(reply.status, status, "{target}: {}", reply.text());
    }
    let of =
        |unit: &str| format!("/v1/resource-usage-reports?account_id={account}&month={MONTH}&billing_unit_id={unit}");
    let ask = async |target: String| -> Value {
        ask(&sandbox, Service::IbmEnterprise, "GET", &target).header("accept", "application/json").send().await.json()
    };
    assert_eq!(ask(of("none")).await["reports"], Value::Array(Vec::new()));
    let empty = ask(format!("/v1/resource-usage-reports?account_id={account}&month=1999-01")).await;
    assert_eq!((&empty["reports"][0]["billable_cost"], &empty["next"]), (&Value::from(0), &Value::Null));
}
