//! The synthetic IBM Cloud account: its sums, its filters, its snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use atlas_billing::types::InvoiceId;
use cloud_billing_sandbox::{Estate, Sandbox, Service};
use ibm_usage_reports::types::{AccountId, InstanceUsage, Metric, Resource, ResourceGroupId};
use ibm_usage_reports::{BillingMonth, Client, Decimal};
use serde_json::{Value, json};

use crate::ask::{ask, ibm};
use crate::atlas::noon;

async fn start(estate: Estate) -> Sandbox {
    Sandbox::builder().now(noon()).estate(estate).start().await.unwrap()
}

fn client(sandbox: &Sandbox) -> Client {
    Client::builder().base_url(sandbox.ibm_url()).bearer_token("token").build().unwrap()
}

fn micros(value: i64) -> Decimal {
    Decimal::from(value) * "0.000001".parse::<Decimal>().unwrap()
}

/// Billable and non-billable costs of resources, whose own sums are checked on the way.
fn costs(resources: &[Resource]) -> (Decimal, Decimal) {
    let mut sums = (Decimal::ZERO, Decimal::ZERO);
    for resource in resources {
        let mut plans = (Decimal::ZERO, Decimal::ZERO);
        for plan in &resource.plans {
            let (cost, rated) = metrics(&plan.usage);
            assert_eq!((plan.cost.clone(), plan.rated_cost.clone()), (Some(cost.clone()), Some(rated)));
            let sum = if plan.billable == Some(true) { &mut plans.0 } else { &mut plans.1 };
            *sum += cost;
        }
        let own = (resource.billable_cost.clone().unwrap(), resource.non_billable_cost.clone().unwrap());
        assert_eq!(own, plans, "{:?}", resource.resource_id);
        sums.0 += own.0;
        sums.1 += own.1;
    }
    sums
}

/// Cost and rated cost of the metrics that are charged for, each of which is checked.
fn metrics(metrics: &[Metric]) -> (Decimal, Decimal) {
    let mut sums = (Decimal::ZERO, Decimal::ZERO);
    for metric in metrics {
        let (cost, rated) = (metric.cost.clone().unwrap(), metric.rated_cost.clone().unwrap());
        let percent = metric.discounts.first().and_then(|discount| discount.discount.clone()).unwrap_or_default();
        let hundred = Decimal::from(100);
        assert_eq!(cost.clone() * hundred.clone(), rated.clone() * (hundred - percent), "{metric:?}");
        let tier = metric.price.first().map(|tier| serde_json::to_value(tier).unwrap());
        if let Some(tier) = tier {
            let number = |name: &str| tier[name].to_string().trim_matches('"').parse::<Decimal>().unwrap();
            let rateable = metric.rateable_quantity.clone().unwrap();
            assert_eq!(rated.clone() * number("unitQuantity"), rateable * number("price"), "{metric:?}");
        }
        if metric.non_chargeable != Some(true) {
            sums.0 += cost;
            sums.1 += rated;
        }
    }
    sums
}

async fn instances(client: &Client, account: &str, month: BillingMonth) -> Vec<InstanceUsage> {
    let mut records = client.get_resource_usage_account(AccountId::new(account), month).limit(60).items();
    let mut all = Vec::new();
    while let Some(record) = records.try_next().await.unwrap() {
        all.push(record);
    }
    all
}

#[tokio::test]
async fn the_account_is_the_sum_of_everything_in_it() {
    for (seed, size, groups) in [(1, 1, 1), (2, 10, 3), (3, 250, 7), (u64::MAX, 900, 2)] {
        let estate = Estate::new().seed(seed).instances(size).resource_groups(groups).ibm_organizations(2);
        let sandbox = start(estate).await;
        let (client, ledger) = (client(&sandbox), sandbox.estate().unwrap());
        let account = ledger.ibm_account();
        let months = ledger.months();
        assert_eq!((months.len(), months[12].as_str()), (13, "2026-11"));
        for month in [&months[0], &months[11], &months[12]] {
            let (expected, month) = (ledger.ibm_month(month).unwrap(), month.parse::<BillingMonth>().unwrap());
            let total = (micros(expected.billable_micros), micros(expected.non_billable_micros));
            assert!(expected.irregularities.is_empty() && expected.difference_micros.is_empty());
            let usage = client.get_account_usage(AccountId::new(account), month).send().await.unwrap();
            assert_eq!(costs(&usage.resources), total);
            let summary = client.get_account_summary(AccountId::new(account), month).send().await.unwrap();
            let resources = summary.resources.as_ref().unwrap();
            assert_eq!(resources.billable_cost, Some(total.0.clone()));
            assert_eq!(resources.non_billable_cost, Some(total.1.clone()));
            let offer = summary.offers[0].credits.as_ref().unwrap().used.clone().unwrap();
            let subscription = summary.subscription.as_ref().unwrap();
            let term = subscription.subscriptions[0].terms[0].credits.as_ref().unwrap();
            let used = term.used.clone().unwrap();
            assert_eq!(offer + used.clone() + subscription.overage.clone().unwrap(), total.0);
            assert_eq!(term.starting_balance.clone().unwrap() - used, term.balance.clone().unwrap());

            let mut of_groups = (Decimal::ZERO, Decimal::ZERO);
            for group in ledger.ibm_resource_groups() {
                let usage = client
                    .get_resource_group_usage(AccountId::new(account), ResourceGroupId::new(group), month)
                    .send()
                    .await
                    .unwrap();
                let (billable, free) = costs(&usage.resources);
                of_groups.0 += billable;
                of_groups.1 += free;
            }
            assert_eq!(of_groups, total);

            let all = instances(&client, account, month).await;
            assert_eq!(all.len() as u64, expected.instances);
            let ids: BTreeSet<_> = all.iter().map(|record| record.resource_instance_id.clone()).collect();
            assert_eq!(ids.len(), all.len());
            let sum = |keep: &dyn Fn(&InstanceUsage) -> bool| {
                all.iter().filter(|record| keep(record)).map(|record| metrics(&record.usage).0).sum::<Decimal>()
            };
            assert_eq!(sum(&|record| record.billable == Some(true)), total.0);
            assert_eq!(sum(&|record| record.billable == Some(false)), total.1);
            for organization in ledger.ibm_organizations() {
                let usage = client
                    .get_org_usage(
                        AccountId::new(account),
                        ibm_usage_reports::types::OrganizationId::new(organization),
                        month,
                    )
                    .send()
                    .await
                    .unwrap();
                let (billable, free) = costs(&usage.resources);
                let own = sum(&|record| record.organization_id.as_deref() == Some(organization.as_str()));
                assert_eq!(billable + free, own);
            }
        }
        assert!(sandbox.requests().iter().all(|request| request.refusals.is_empty()));
    }
}

#[tokio::test]
async fn subscription_credits_are_used_up_over_the_year() {
    let sandbox = start(Estate::new().instances(40)).await;
    let (client, ledger) = (client(&sandbox), sandbox.estate().unwrap());
    let mut balance = None;
    for month in ledger.months().iter().filter(|month| month.starts_with("2026")) {
        let summary = client
            .get_account_summary(AccountId::new(ledger.ibm_account()), month.parse().unwrap())
            .send()
            .await
            .unwrap();
        let term = summary.subscription.as_ref().unwrap().subscriptions[0].terms[0].credits.clone().unwrap();
        assert!(balance.is_none() || term.starting_balance == balance, "{month}");
        balance = term.balance;
    }
}

async fn get(sandbox: &Sandbox, target: &str) -> Value {
    let reply = ibm(sandbox, target).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// Every page of a listing, by the links.
async fn list(sandbox: &Sandbox, target: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut next = Some(target.to_owned());
    while let Some(target) = next {
        let page = get(sandbox, &target).await;
        all.extend(page["resources"].as_array().unwrap().clone());
        if let Some(offset) = page["next"]["offset"].as_str() {
            assert!((395..=700).contains(&offset.len()), "{offset}");
            assert!(offset.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert!(page["next"]["href"].as_str().unwrap().contains(offset));
        }
        next = page["next"]["href"].as_str().map(str::to_owned);
        assert!(next.is_some() || page["count"] == all.len(), "{}", page["count"]);
    }
    all
}

#[tokio::test]
async fn listings_filter() {
    let sandbox = start(Estate::new().seed(4).instances(400)).await;
    let ledger = sandbox.estate().unwrap();
    let base = format!("/v4/accounts/{}", ledger.ibm_account());
    let listing = format!("{base}/resource_instances/usage/2026-10");
    let all = list(&sandbox, &format!("{listing}?_limit=200")).await;
    assert_eq!(all.len(), 400);
    assert!(all[0].get("resource_name").is_none() && all[0]["tags"].is_array());
    let named = get(&sandbox, &format!("{listing}?_names=true&_tags=false&_limit=1")).await;
    let named = &named["resources"][0];
    for name in ["resource_name", "plan_name", "resource_instance_name", "resource_group_name"] {
        assert!(named[name].is_string(), "{name} in {named}");
    }
    assert!(named.get("tags").is_none() && named["usage"][0]["metric_name"].is_string());

    let group = ledger.ibm_resource_groups()[2].as_str();
    let organization = ledger.ibm_organizations()[0].as_str();
    let encoded = organization.replace(':', "%3A");
    let instance = all[17]["resource_instance_id"].as_str().unwrap();
    let application = all.iter().find_map(|it| it["resource_instance_id"].as_str().filter(|id| id.starts_with("cl")));
    for (query, field, value) in [
        (format!("resource_group_id={group}"), "resource_group_id", group),
        (format!("organization_id={encoded}"), "organization_id", organization),
        (format!("resource_instance_id={}", percent(instance)), "resource_instance_id", instance),
        (
            format!("resource_instance_id={}", percent(application.unwrap())),
            "resource_instance_id",
            application.unwrap(),
        ),
        ("resource_id=kms".to_owned(), "resource_id", "kms"),
        ("plan_id=a3c9e471-06db-4f52-8e1b-d94720f5b6c3".to_owned(), "plan_id", "a3c9e471-06db-4f52-8e1b-d94720f5b6c3"),
        ("region=eu-de".to_owned(), "region", "eu-de"),
        ("region=nowhere".to_owned(), "region", "nowhere"),
        ("resource_instance_id=unknown".to_owned(), "resource_instance_id", "unknown"),
    ] {
        let kept: Vec<_> = all.iter().filter(|record| record[field] == value).cloned().collect();
        assert_eq!(kept.is_empty(), ["nowhere", "unknown"].contains(&value));
        assert_eq!(list(&sandbox, &format!("{listing}?_limit=7&{query}")).await, kept, "{query}");
    }
    let of = |field: &str, value: &str| all.iter().filter(|record| record[field] == value).cloned().collect::<Vec<_>>();
    let in_group = format!("{base}/resource_groups/{group}/resource_instances/usage/2026-10?_limit=9");
    assert_eq!(list(&sandbox, &in_group).await, of("resource_group_id", group));
    let in_organization = format!("{base}/organizations/{encoded}/resource_instances/usage/2026-10?_limit=9");
    assert_eq!(list(&sandbox, &in_organization).await, of("organization_id", organization));
    assert_eq!(list(&sandbox, &format!("{base}/resource_instances/usage/2020-01")).await, Vec::<Value>::new());
}

fn percent(text: &str) -> String {
    text.replace(':', "%3A").replace('/', "%2F")
}

#[tokio::test]
async fn months_without_usage_are_empty() {
    let sandbox = start(Estate::new().instances(5)).await;
    let account = sandbox.estate().unwrap().ibm_account().to_owned();
    for month in ["1900-01", "1969-12", "2025-09", "2026-12", "9999-12"] {
        let usage = get(&sandbox, &format!("/v4/accounts/{account}/usage/{month}")).await;
        assert_eq!((&usage["month"], &usage["resources"]), (&json!(month), &json!([])));
        let summary = get(&sandbox, &format!("/v4/accounts/{account}/summary/{month}")).await;
        assert_eq!((&summary["month"], &summary["resources"]["billable_cost"]), (&json!(month), &json!(0)));
        let instances = get(&sandbox, &format!("/v4/accounts/{account}/resource_instances/usage/{month}")).await;
        assert_eq!((&instances["count"], &instances["resources"]), (&json!(0), &json!([])));
        let snapshots =
            get(&sandbox, &format!("/v1/billing-reports-snapshots?account_id={account}&month={month}")).await;
        assert_eq!(snapshots["snapshots"], json!([]));
    }
}

#[tokio::test]
async fn usage_grows_from_day_to_day() {
    let sandbox = start(Estate::new().instances(50)).await;
    let billed = || sandbox.estate().unwrap().ibm_month("2026-11").unwrap().billable_micros;
    let before = billed();
    sandbox.advance(Duration::from_secs(5 * 24 * 3600));
    assert!(billed() > before && before > 0);
    sandbox.advance(Duration::from_secs(60 * 24 * 3600));
    let (november, first) = (billed(), sandbox.estate().unwrap().months()[0].clone());
    sandbox.advance(Duration::from_secs(60 * 24 * 3600));
    // What is past does not change, and nothing is forgotten.
    assert_eq!((billed(), &sandbox.estate().unwrap().months()[0]), (november, &first));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let sandbox = start(Estate::new().snapshot_config(false)).await;
    let account = sandbox.estate().unwrap().ibm_account().to_owned();
    let nobody = "There is no account nobody.";
    for (target, status, text) in [
        ("/v4/accounts/nobody/summary/2026-10", 404, nobody),
        // Where no 404 is documented, what is comes nearest.
        ("/v4/accounts/nobody/usage/2026-10", 403, nobody),
        ("/v4/accounts/nobody/organizations/none/usage/2026-10", 403, nobody),
        ("/v4/accounts/{}/resource_groups/none/usage/2026-10", 403, "The account has no resource group none."),
        (
            "/v4/accounts/{}/resource_groups/none/resource_instances/usage/2026-10",
            400,
            "The account has no resource group none.",
        ),
        ("/v4/accounts/{}/organizations/none/usage/2026-10", 403, "The account has no organization none."),
        ("/v1/billing-reports-snapshot-config?account_id=nobody", 404, nobody),
        ("/v1/billing-reports-snapshot-config?account_id={}", 404, "The account {} has no snapshot configuration."),
    ] {
        let reply = ibm(&sandbox, &target.replace("{}", &account)).send().await;
        assert_eq!(reply.error(), format!("{status} not_found: {}", text.replace("{}", &account)), "{target}");
    }
}

const CONFIG: &str = "/v1/billing-reports-snapshot-config";

async fn send(sandbox: &Sandbox, method: &str, target: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = ask(sandbox, Service::Ibm, method, target).header("accept", "application/json");
    if let Some(body) = body {
        request = request.body("application/json", body.to_string());
    }
    let reply = request.send().await;
    (reply.status, if reply.body.is_empty() { Value::Null } else { reply.json() })
}

#[tokio::test]
async fn a_snapshot_configuration_is_made_changed_and_removed() {
    let sandbox = start(Estate::new().snapshot_config(false)).await;
    let account = sandbox.estate().unwrap().ibm_account().to_owned();
    let by_query = format!("{CONFIG}?account_id={account}");
    let validate = format!("{CONFIG}/validate");
    let with = |fields: Value| {
        let mut body = json!({ "account_id": account });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        Some(body)
    };
    let create = |bucket: &str| with(json!({ "interval": "daily", "cos_bucket": bucket, "cos_location": "eu-de" }));
    let status = async |method: &str, target: &str, body: Option<Value>| send(&sandbox, method, target, body).await.0;

    assert_eq!(status("GET", &by_query, None).await, 404);
    assert_eq!(status("PATCH", CONFIG, with(json!({ "versioning": "overwrite" }))).await, 404);
    assert_eq!(status("DELETE", &by_query, None).await, 404);
    assert_eq!(status("POST", &validate, with(json!({}))).await, 404);
    assert_eq!(status("POST", CONFIG, create("no-access-here")).await, 424);

    let (created, config) = send(&sandbox, "POST", CONFIG, create("mine")).await;
    assert_eq!((created, &config["versioning"], &config["state"]), (201, &json!("new"), &json!("enabled")));
    assert_eq!(config["cos_endpoint"], "https://s3.eu-de.cloud-object-storage.appdomain.cloud");
    assert_eq!(config["cos_reports_folder"], "IBMCloud-Billing-Reports");
    assert_eq!(config["history"].as_array().unwrap().len(), 1);
    assert_eq!(status("POST", CONFIG, create("mine")).await, 409);
    assert_eq!(send(&sandbox, "GET", &by_query, None).await, (200, config.clone()));

    sandbox.advance(Duration::from_secs(60));
    let (changed, config) = send(&sandbox, "PATCH", CONFIG, with(json!({ "versioning": "overwrite" }))).await;
    assert_eq!((changed, &config["versioning"], &config["cos_bucket"]), (200, &json!("overwrite"), &json!("mine")));
    let history = config["history"].as_array().unwrap();
    assert_eq!((history.len(), &history[0]["versioning"]), (2, &json!("new")));
    assert_eq!(history[0]["end_time"], config["last_updated_at"]);
    assert!(history[1].get("end_time").is_none());
    // Equal values change nothing, not even the history.
    sandbox.advance(Duration::from_secs(60));
    for equal in [json!({}), json!({ "versioning": "overwrite" }), json!({ "interval": "daily", "cos_bucket": "mine" })]
    {
        assert_eq!(send(&sandbox, "PATCH", CONFIG, with(equal)).await, (200, config.clone()));
    }
    assert_eq!(status("PATCH", CONFIG, with(json!({ "cos_bucket": "no-access" }))).await, 424);

    let valid = send(&sandbox, "POST", &validate, with(json!({}))).await;
    assert_eq!(valid, (200, json!({ "account_id": account, "cos_bucket": "mine", "cos_location": "eu-de" })));
    assert_eq!(status("POST", &validate, with(json!({ "cos_bucket": "no-access" }))).await, 424);

    assert_eq!(send(&sandbox, "DELETE", &by_query, None).await, (204, Value::Null));
    assert_eq!(status("GET", &by_query, None).await, 404);
    assert_eq!(status("POST", CONFIG, create("again")).await, 201);
}

#[tokio::test]
async fn snapshots_are_taken_while_there_is_a_configuration() {
    let sandbox = start(Estate::new()).await;
    let account = sandbox.estate().unwrap().ibm_account().to_owned();
    let target = format!("/v1/billing-reports-snapshots?account_id={account}");
    let october = get(&sandbox, &format!("{target}&month=2026-10")).await;
    assert_eq!(october["count"], 31);
    assert_eq!(october["snapshots"].as_array().unwrap().len(), 30);
    let next = october["next"]["href"].as_str().unwrap();
    assert_eq!(get(&sandbox, next).await["snapshots"].as_array().unwrap().len(), 1);
    let november = get(&sandbox, &format!("{target}&month=2026-11")).await;
    let states: BTreeMap<_, usize> =
        november["snapshots"].as_array().unwrap().iter().fold(BTreeMap::new(), |mut states, snapshot| {
            *states.entry(snapshot["state"].as_str().unwrap()).or_default() += 1;
            states
        });
    assert_eq!(states, BTreeMap::from([("completed", 9), ("pending", 1)]));
    let first = &november["snapshots"][1]["expected_processed_at"];
    let window = get(&sandbox, &format!("{target}&month=2026-11&date_from={first}&date_to={first}")).await;
    assert_eq!((&window["count"], &window["snapshots"][0]), (&json!(1), &november["snapshots"][1]));
    assert_eq!(get(&sandbox, &format!("{target}&month=2026-11&date_to=-1")).await["count"], 0);
    assert_eq!(get(&sandbox, &format!("{target}&month=2026-11&date_from=-1")).await["count"], 10);
    let by_query = format!("{CONFIG}?account_id={account}");
    assert_eq!(send(&sandbox, "DELETE", &by_query, None).await.0, 204);
    sandbox.advance(Duration::from_secs(5 * 24 * 3600));
    assert_eq!(get(&sandbox, &format!("{target}&month=2026-11")).await["count"], 9);
    // Each goes where the configuration had it go that day.
    let mine = json!({
        "account_id": account, "interval": "daily", "cos_bucket": "mine", "cos_location": "eu-de",
        "cos_reports_folder": "bills", "report_types": ["account_summary"],
    });
    assert_eq!(send(&sandbox, "POST", CONFIG, Some(mine)).await.0, 201);
    sandbox.advance(Duration::from_secs(24 * 3600));
    let later = json!({ "account_id": account, "cos_bucket": "later" });
    assert_eq!(send(&sandbox, "PATCH", CONFIG, Some(later)).await.0, 200);
    sandbox.advance(Duration::from_secs(24 * 3600));
    let november = get(&sandbox, &format!("{target}&month=2026-11")).await["snapshots"].clone();
    let buckets: Vec<_> = (0..4).map(|index| november[index]["bucket"].as_str()).collect();
    assert_eq!(buckets, [None, Some("later"), Some("mine"), Some("billing-exports-demo")]);
    let files = november[2]["files"].as_array().unwrap();
    assert!(files.len() == 1 && files[0]["location"].as_str().unwrap().starts_with("bills/2026-11/"), "{files:?}");
    assert_eq!(november[2]["report_types"], json!([{ "type": "account_summary", "version": "1.0" }]));
    assert_eq!(november[3]["files"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn clients_find_the_estate_by_the_environment() {
    let sandbox =
        Sandbox::builder().strict_credentials(true).estate(Estate::new().line_items(10)).start().await.unwrap();
    let variables: BTreeMap<_, _> = sandbox.environment().into_iter().collect();
    let environment = ibm_usage_reports::config::Environment::empty();
    let environment = variables.iter().fold(environment, |all, (name, value)| all.variable(*name, value.clone()));
    let client = Client::from_environment(&environment).unwrap();
    let (account, month) = (&variables["USAGE_REPORTS_ACCOUNT_ID"], &variables["USAGE_REPORTS_BILLING_MONTH"]);
    let month: BillingMonth = month.parse().unwrap();
    client.get_account_usage(AccountId::new(account), month).send().await.unwrap();
    client
        .get_resource_group_usage(
            AccountId::new(account),
            ResourceGroupId::new(&variables["USAGE_REPORTS_RESOURCE_GROUP_ID"]),
            month,
        )
        .send()
        .await
        .unwrap();
    client
        .get_org_usage(
            AccountId::new(account),
            ibm_usage_reports::types::OrganizationId::new(&variables["USAGE_REPORTS_ORG_ID"]),
            month,
        )
        .send()
        .await
        .unwrap();

    let environment = atlas_billing::config::Environment::empty();
    let environment = variables.iter().fold(environment, |all, (name, value)| all.variable(*name, value.clone()));
    let client = atlas_billing::Client::from_environment(&environment).unwrap();
    let (organization, invoice) = (&variables["MONGODB_ATLAS_ORG_ID"], &variables["MONGODB_ATLAS_INVOICE_ID"]);
    let found = client
        .get_invoice(atlas_billing::types::OrganizationId::new(organization), InvoiceId::new(invoice))
        .send()
        .await
        .unwrap();
    assert_eq!(found.status_name.as_ref().map(|status| status.as_str().to_owned()).as_deref(), Some("PENDING"));
}

/// The cells of a table in sections: the header of the last one, and its rows.
fn last_section(text: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
    let (_, section) = text.rsplit_once("\n\n").unwrap_or(("", text));
    let mut lines = section.lines().map(|line| line.split(',').collect::<Vec<_>>());
    (lines.next().unwrap(), lines.collect())
}

#[tokio::test]
async fn csv_and_focus_show_the_same_costs() {
    let sandbox = start(Estate::new().instances(80)).await;
    let (client, ledger) = (client(&sandbox), sandbox.estate().unwrap());
    let (account, month): (_, BillingMonth) = (ledger.ibm_accounts().nth(1).unwrap(), "2026-10".parse().unwrap());
    let expected = micros(ledger.ibm_month_of(account, "2026-10").unwrap().billable_micros);

    let text = client
        .account_summary_csv(AccountId::new(account), month)
        .send()
        .await
        .unwrap()
        .into_inner()
        .text()
        .await
        .unwrap();
    let (header, rows) = last_section(&text);
    assert_eq!((header[4], rows[0][4].parse::<Decimal>().unwrap()), ("Billable Cost", expected.clone()));

    let text =
        client.instances_csv(AccountId::new(account), month).send().await.unwrap().into_inner().text().await.unwrap();
    let (header, rows) = last_section(&text);
    let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let billed = rows.iter().filter(|row| row[at("Billable")] == "true" && row[at("Non Chargeable")] == "false");
    assert_eq!(billed.map(|row| row[at("Cost")].parse::<Decimal>().unwrap()).sum::<Decimal>(), expected);
    assert!(rows.iter().all(|row| row.len() == header.len()), "{text}");

    let body = client.focus_csv(AccountId::new(account), month).send().await.unwrap().into_inner();
    let mut table = ibm_usage_reports::report_file::from_stream(body);
    let (mut of_csv, mut count) = (Decimal::ZERO, 0);
    while let Some(row) = table.try_next().await.unwrap() {
        of_csv += row.parse::<Decimal>("BilledCost").unwrap().unwrap();
        count += 1;
    }
    assert_eq!((of_csv, table.header().unwrap().len()), (expected.clone(), 49));

    // Its pages are not followed by the client: the form of the JSON is not documented.
    let (mut of_json, mut rows, mut start) = (Decimal::ZERO, 0, None);
    loop {
        let call = client.get_resource_usage_account_focus(AccountId::new(account), month).limit(50);
        let call = if let Some(start) = start { call.start(start) } else { call };
        let page = call.send().await.unwrap();
        assert!(page.resources.len() <= 50 && page.extra.is_empty());
        rows += page.resources.len();
        of_json += page.resources.iter().filter_map(|row| row.billed_cost.known()).sum::<Decimal>();
        match page.next.as_ref().and_then(|next| next["offset"].as_str()) {
            Some(next) => start = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!((of_json, rows), (expected, count));
}
