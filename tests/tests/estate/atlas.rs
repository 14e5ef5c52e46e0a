//! The synthetic Atlas: its sums, its relations, its filters.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use atlas_billing::csv::InvoiceCsv;
use atlas_billing::types::{
    ApiPublicUsageDetailsQueryRequest, BillingInvoice, BillingService, ClusterId, CostExplorerFilterRequestBody,
    CostExplorerGrouping, InvoiceId, InvoiceLineItem, OrganizationId, ProjectId,
};
use atlas_billing::{Client, Date, Decimal};
use cloud_billing_core::csv::{Records, Table};
use cloud_billing_sandbox::{ABSENT_ID, AtlasInvoice, Builder, Estate, Records as Estates, Sandbox};

use serde_json::{Value, json};

use crate::ask::{V2023, atlas};

/// In milliseconds.
const HOUR: i64 = 3_600_000;

/// Noon of 10 November 2026: nine days of November are on the pending invoices.
pub(crate) fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_794_312_000)
}

fn builder(estate: Estate) -> Builder {
    Sandbox::builder().now(noon()).estate(estate)
}

fn client(sandbox: &Sandbox) -> Client {
    Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build().unwrap()
}

/// The estates that every sum is checked on: seeds, shapes and sizes.
fn estates() -> Vec<Estate> {
    let small = Estate::new().organizations(6).months(4);
    vec![
        small.clone().seed(1).line_items(1),
        small.clone().seed(2).line_items(10),
        small.clone().seed(3).line_items(333).projects(1).clusters(1),
        small.clone().seed(4).line_items(300).projects(2).clusters(7),
        Estate::new().seed(u64::MAX).organizations(2).months(13).line_items(150),
    ]
}

fn cents(line: &InvoiceLineItem) -> i64 {
    line.total_price_cents.unwrap()
}

#[tokio::test]
async fn invoices_are_the_sums_of_their_lines() {
    for estate in estates() {
        let sandbox = builder(estate.clone()).start().await.unwrap();
        let (client, ledger) = (client(&sandbox), sandbox.estate().unwrap());
        for organization in ledger.atlas_organizations() {
            for expected in ledger.atlas_invoices(&organization) {
                let invoice = client
                    .get_invoice(OrganizationId::new(&organization), InvoiceId::new(&expected.id))
                    .send()
                    .await
                    .unwrap()
                    .into_inner();
                check_invoice(&invoice, &expected, &organization);
                for nested in &invoice.linked_invoices {
                    let organization = nested.org_id.as_ref().unwrap();
                    let own = ledger.atlas_invoices(organization);
                    let own = own.iter().find(|own| Some(own.id.as_str()) == nested.id.as_deref()).unwrap();
                    check_invoice(nested, own, organization);
                    assert_eq!(own.month, expected.month);
                }
            }
        }
        assert!(sandbox.requests().iter().all(|request| request.refusals.is_empty()));
    }
}

fn check_invoice(invoice: &BillingInvoice, expected: &AtlasInvoice, organization: &str) {
    let status = invoice.status_name.as_ref().unwrap().as_str();
    assert_eq!((invoice.org_id.as_deref(), status), (Some(organization), expected.status));
    assert_eq!(invoice.line_items.len() as u64, expected.line_items);
    assert_eq!((&expected.irregularities, expected.difference_cents), (&vec![], Some(0)));
    let sum = |keep: fn(&i64) -> bool| invoice.line_items.iter().map(cents).filter(keep).sum::<i64>();
    let (subtotal, credits) = (sum(|cents| *cents > 0), -sum(|cents| *cents < 0));
    assert_eq!(invoice.subtotal_cents, Some(subtotal));
    assert_eq!((expected.subtotal_cents, expected.credits_cents), (subtotal, credits));
    assert_eq!(invoice.credits_cents, Some(credits));
    assert_eq!(invoice.amount_billed_cents, Some(subtotal));
    assert_eq!(invoice.sales_tax_cents, Some(expected.sales_tax_cents));
    assert_eq!(invoice.amount_paid_cents, Some(expected.amount_paid_cents));
    let paid: i64 = invoice.payments.iter().filter_map(|payment| payment.amount_paid_cents).sum();
    assert_eq!(paid, expected.amount_paid_cents);
    for payment in &invoice.payments {
        assert_eq!(payment.subtotal_cents, Some(subtotal - credits));
        assert_eq!(payment.sales_tax_cents, Some(expected.sales_tax_cents));
    }
    match status {
        "PAID" | "PREPAID" => assert_eq!(paid, subtotal - credits + expected.sales_tax_cents),
        "FREE" => assert_eq!((subtotal, paid), (0, 0)),
        _ => assert_eq!(paid, 0, "{status}"),
    }
    for refund in &invoice.refunds {
        let of = |id: &Option<String>| *id == refund.payment_id;
        let payment = invoice.payments.iter().find(|payment| of(&payment.id)).unwrap();
        assert!(refund.amount_cents.unwrap() <= payment.amount_paid_cents.unwrap());
    }
    let (start, end) =
        (invoice.start_date.known().unwrap().unix_millis(), invoice.end_date.known().unwrap().unix_millis());
    for line in &invoice.line_items {
        let price = line.unit_price_dollars.clone().unwrap();
        let exact = price * line.quantity.clone().unwrap() * Decimal::from(100);
        assert!((exact - Decimal::from(cents(line))).abs() < "0.5".parse().unwrap(), "{line:?}");
        let (from, to) = (line.start_date.known().unwrap().unix_millis(), line.end_date.known().unwrap().unix_millis());
        assert!(from >= start && to <= end && to - from == 24 * HOUR, "{line:?}");
        let created = line.created.known().unwrap().unix_millis();
        assert!((3 * HOUR..4 * HOUR).contains(&(created - to)), "{line:?}");
        if let Some(discount) = line.discount_cents {
            let list = cents(line) + discount;
            let off = list * (100 - line.percent_discount.clone().unwrap().to_i64().unwrap()) - cents(line) * 100;
            assert!(off.abs() < 200, "{line:?}");
        }
    }
}

#[tokio::test]
async fn search_csv_and_report_show_the_same_lines() {
    for estate in estates() {
        let sandbox = builder(estate).start().await.unwrap();
        let (client, ledger) = (client(&sandbox), sandbox.estate().unwrap());
        let organization = ledger.atlas_organizations().nth(1).unwrap();
        for expected in ledger.atlas_invoices(&organization).iter().take(3) {
            let invoice = client
                .get_invoice(OrganizationId::new(&organization), InvoiceId::new(&expected.id))
                .send()
                .await
                .unwrap()
                .into_inner();
            let csv = client
                .get_invoice_csv(OrganizationId::new(&organization), InvoiceId::new(&expected.id))
                .send()
                .await
                .unwrap();
            let mut rows = csv.rows();
            let ascending = ApiPublicUsageDetailsQueryRequest::default();
            let mut found = client
                .search_invoice_line_items(OrganizationId::new(&organization), InvoiceId::new(&expected.id), ascending)
                .items();
            let mut searched = Vec::new();
            while let Some(line) = found.try_next().await.unwrap() {
                searched.push(line);
            }
            // Without an order, the latest bill comes first.
            searched.reverse();
            assert_eq!(searched.len(), invoice.line_items.len());
            for (line, found) in invoice.line_items.iter().zip(&searched) {
                let row = rows.try_next().await.unwrap().unwrap();
                assert_eq!(row.amount().unwrap(), Some(Decimal::from_cents(cents(line))));
                assert_eq!(row.quantity().unwrap(), line.quantity);
                assert_eq!(row.unit_price().unwrap(), line.unit_price_dollars);
                assert_eq!(row.get("Project ID"), Some(line.group_id.as_deref().unwrap_or_default()));
                assert_eq!(row.get("Cluster"), Some(line.cluster_name.as_deref().unwrap_or_default()));
                let stage = line.tags.get("env").map(|stages| stages[0].as_str()).unwrap_or_default();
                assert_eq!(row.tag("env").unwrap_or_default(), stage);
                assert_eq!(found.total_price_cents, line.total_price_cents);
                assert_eq!((&found.quantity, &found.unit_price_dollars), (&line.quantity, &line.unit_price_dollars));
                assert_eq!((&found.cluster_name, &found.group_id), (&line.cluster_name, &line.group_id));
                assert_eq!(found.usage_date, line.start_date);
                assert_eq!(found.bill_date, line.end_date);
            }
            assert!(rows.try_next().await.unwrap().is_none());
            let report = client
                .invoice_report(OrganizationId::new(&organization), InvoiceId::new(&expected.id))
                .start()
                .await
                .unwrap();
            let report = report.poll_once().await.unwrap().unwrap();
            let text = report.download().await.unwrap().into_inner().text().await.unwrap();
            let costs = text.lines().skip(1).map(|row| row.split(',').next().unwrap().parse::<Decimal>().unwrap());
            assert_eq!(costs.sum::<Decimal>(), Decimal::from_cents(expected.subtotal_cents));
        }
    }
}

/// The columns that MongoDB's page of FOCUS reports lists.
const FOCUS: &str = "BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart \
    ChargeCategory ChargeDescription ChargePeriodEnd ChargePeriodStart ConsumedQuantity ConsumedUnit ContractApplied \
    ContractedCost ContractedUnitPrice EffectiveCost HostProviderName InvoiceIssuer ListCost ListUnitPrice PricingCurrency \
    PricingCurrencyContractedUnitPrice PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice PricingQuantity PricingUnit \
    RegionId RegionName ResourceName ServiceCategory ServiceName ServiceProviderName SkuId SkuMeter SkuPriceDetails \
    SkuPriceId SubAccountId SubAccountName Tags x_AtlasSku x_BilledDateEnd x_BilledDateStart x_PricingCurrencyRate \
    x_SkuCategory";

/// Without its links, which have the address of the server, and without the invoices of others.
fn own(body: &str) -> Value {
    let mut invoice: Value = serde_json::from_str(body).unwrap();
    let fields = invoice.as_object_mut().unwrap();
    fields.remove("links").unwrap();
    fields.remove("linkedInvoices").unwrap();
    invoice
}

#[tokio::test]
async fn records_without_a_server_are_those_of_the_server() {
    let estate = Estate::new().organizations(3).months(2).line_items(300).irregular(true);
    let (records, sandbox) = (Estates::new(estate.clone(), noon()), builder(estate).start().await.unwrap());
    let client = client(&sandbox);
    for organization in records.ledger().atlas_organizations() {
        let invoices = records.ledger().atlas_invoices(&organization);
        assert_eq!(invoices, sandbox.estate().unwrap().atlas_invoices(&organization));
        for AtlasInvoice { id, .. } in &invoices {
            let served = client.get_invoice(OrganizationId::new(&organization), InvoiceId::new(id)).send_raw();
            let (served, made) = (served.await.unwrap(), records.atlas_invoice(&organization, id).unwrap());
            assert_eq!(own(&made), own(served.json()));
            assert_eq!(records.atlas_invoice(ABSENT_ID, id), None);
        }
        assert_eq!(records.atlas_invoice(&organization, ABSENT_ID), None);
    }
}

#[tokio::test]
async fn a_focus_report_has_all_columns_and_its_products_hold() {
    let sandbox = builder(Estate::new().seed(3).line_items(2_000)).start().await.unwrap();
    let (client, ledger) = (client(&sandbox), sandbox.estate().unwrap());
    let organization = ledger.atlas_organizations().next().unwrap();
    let (mut discounted, mut sum) = (0, Decimal::ZERO);
    let invoice = &ledger.atlas_invoices(&organization)[1];
    let report =
        client.invoice_report(OrganizationId::new(&organization), InvoiceId::new(&invoice.id)).run().await.unwrap();
    let body = report.download().await.unwrap().into_inner();
    let mut rows = Table::new(Records::new(body));
    while let Some(row) = rows.try_next().await.unwrap() {
        let columns: Vec<&str> = row.header().names().collect();
        assert_eq!(columns, FOCUS.split_whitespace().collect::<Vec<_>>());
        let number = |column: &str| row.parse::<Decimal>(column).unwrap().unwrap_or_else(|| panic!("{column} {row:?}"));
        sum += number("BilledCost");
        let quantity = number("PricingQuantity");
        // The tiniest quantity costs nothing.
        if quantity > "0.001".parse().unwrap() {
            for name in ["List", "Contracted"] {
                let product = number(&format!("{name}UnitPrice")) * quantity.clone();
                assert_eq!(number(&format!("{name}Cost")), product, "{row:?}");
            }
        }
        discounted += i32::from(number("ListCost") > number("ContractedCost"));
        assert_eq!(number("BilledCost"), number("EffectiveCost"));
        assert_eq!(
            (row.get("BillingAccountId"), row.get("PricingCurrency")),
            (Some(&*organization), Some("Atlas Credits"))
        );
        let tags: Value = serde_json::from_str(row.get("Tags").unwrap()).unwrap();
        assert_eq!(tags.get("env").is_some(), row.get("ResourceName").is_some_and(|name| !name.is_empty()), "{row:?}");
    }
    assert_eq!(sum, Decimal::from_cents(invoice.subtotal_cents));
    assert!(discounted > 0, "some cluster has a discount");
}

#[tokio::test]
async fn the_cost_explorer_adds_up_to_the_invoices() {
    let estate = Estate::new().seed(9).organizations(5).months(6).line_items(400);
    let sandbox = builder(estate).start().await.unwrap();
    let (client, ledger) = (client(&sandbox), sandbox.estate().unwrap());
    let organizations: Vec<String> = ledger.atlas_organizations().collect();
    let reach = &organizations[..3];
    let (from, to) = (Date::new(2026, 8, 1).unwrap(), Date::new(2026, 12, 1).unwrap());
    let all = CostExplorerFilterRequestBody::new(from, to);
    let services = [
        BillingService::Clusters,
        BillingService::Storage,
        BillingService::DataTransfer,
        BillingService::Backup,
        BillingService::AiModelApis,
        BillingService::AppServices,
        BillingService::Credits,
    ];
    let projects: Vec<String> = reach.iter().flat_map(|it| ledger.atlas_projects(it)).collect();
    let clusters: Vec<String> = reach.iter().flat_map(|it| ledger.atlas_clusters(it)).collect();
    let queries = [
        all.clone(),
        all.clone().group_by(CostExplorerGrouping::Organizations).organizations(reach.iter().map(OrganizationId::new)),
        all.clone().group_by(CostExplorerGrouping::Services).services(services),
        all.clone()
            .group_by(CostExplorerGrouping::Projects)
            .projects(projects.into_iter().map(ProjectId::new))
            .include_partial_matches(true),
        all.clone()
            .group_by(CostExplorerGrouping::Clusters)
            .clusters(clusters.into_iter().map(ClusterId::new))
            .include_partial_matches(true),
    ];
    let mut expected: BTreeMap<String, Decimal> = BTreeMap::new();
    for organization in reach {
        for invoice in ledger.atlas_invoices(organization).iter().filter(|it| it.month.as_str() >= "2026-08") {
            let net = invoice.subtotal_cents - invoice.credits_cents;
            expected.insert(invoice.id.clone(), Decimal::from_cents(net));
        }
    }
    for (index, query) in queries.into_iter().enumerate() {
        let result = client.cost_explorer(OrganizationId::new(&organizations[0]), query).run().await.unwrap();
        let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
        for row in &result.usage_details {
            *sums.entry(row.invoice_id.as_ref().unwrap().to_string()).or_default() += row.usage_amount.clone().unwrap();
        }
        assert_eq!(sums, expected, "query {index}");
        assert_eq!(result.usage_details.len() > expected.len(), index >= 2, "query {index} groups");
    }
}

async fn get(sandbox: &Sandbox, target: &str) -> Value {
    let reply = atlas(sandbox, target).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn texts(list: &Value, field: &str) -> Vec<String> {
    list["results"].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn lists_filter_sort_and_page() {
    let sandbox = builder(Estate::new().seed(5).organizations(30).months(24).line_items(40)).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let organizations = get(&sandbox, "/api/atlas/v2/orgs?itemsPerPage=7&pageNum=2").await;
    assert_eq!((texts(&organizations, "id").len(), &organizations["totalCount"]), (7, &json!(30)));
    assert_eq!(texts(&organizations, "id"), ledger.atlas_organizations().skip(7).take(7).collect::<Vec<_>>());
    let named = get(&sandbox, "/api/atlas/v2/orgs?name=cEdAr").await;
    assert_eq!(texts(&named, "name"), ["Cedar Analytics", "Cedar Analytics 2", "Cedar Analytics 3"]);

    let organization = ledger.atlas_organizations().next().unwrap();
    let expected = ledger.atlas_invoices(&organization);
    let path = format!("/api/atlas/v2/orgs/{organization}/invoices");
    let all = get(&sandbox, &path).await;
    let ids = |invoices: &[AtlasInvoice]| invoices.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    assert_eq!((texts(&all, "id"), &all["totalCount"]), (ids(&expected), &json!(25)));
    for (invoice, listed) in expected.iter().zip(all["results"].as_array().unwrap()) {
        assert_eq!(listed["subtotalCents"], invoice.subtotal_cents);
        assert!(listed.get("lineItems").is_none());
        assert_eq!(listed["linkedInvoices"].as_array().unwrap().len(), 2);
    }
    let mut ascending = expected.clone();
    ascending.reverse();
    assert_eq!(texts(&get(&sandbox, &format!("{path}?orderBy=asc&sortBy=START_DATE")).await, "id"), ids(&ascending));
    // The end of a period is exclusive, so October needs the first of November.
    let october = get(&sandbox, &format!("{path}?fromDate=2026-10-01&toDate=2026-11-01")).await;
    assert_eq!(texts(&october, "startDate"), ["2026-10-01T00:00:00Z"]);
    assert_eq!(get(&sandbox, &format!("{path}?fromDate=2026-10-01&toDate=2026-10-31")).await["results"], json!([]));
    let paid = get(&sandbox, &format!("{path}?statusNames=PAID&statusNames=FREE&viewLinkedInvoices=false")).await;
    let kept: Vec<_> = expected.iter().filter(|it| ["PAID", "FREE"].contains(&it.status)).cloned().collect();
    assert_eq!(texts(&paid, "id"), ids(&kept));
    assert_eq!(paid["results"][0]["linkedInvoices"], json!([]));
    let bare = get(&sandbox, &format!("{path}?includeCount=false&envelope=true&itemsPerPage=1")).await;
    assert_eq!((bare.get("totalCount"), &bare["status"]), (None, &json!(200)));
    let entity = get(&sandbox, &format!("{path}/{}?envelope=true&pretty=true", expected[0].id)).await;
    assert_eq!((&entity["status"], &entity["content"]["id"]), (&json!(200), &json!(expected[0].id)));
    let pending = get(&sandbox, &format!("{path}/pending?envelope=true")).await;
    assert_eq!((texts(&pending, "statusName"), &pending["status"]), (vec!["PENDING".to_owned()], &json!(200)));
}

#[tokio::test]
async fn every_state_occurs() {
    let sandbox = builder(Estate::new().organizations(12).months(24).line_items(5)).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let mut states = BTreeMap::new();
    for organization in ledger.atlas_organizations() {
        for invoice in ledger.atlas_invoices(&organization) {
            *states.entry(invoice.status).or_insert(0) += 1;
        }
    }
    let names: Vec<_> = states.keys().copied().collect();
    assert_eq!(names, ["FAILED", "FORGIVEN", "FREE", "INVOICED", "PAID", "PENDING", "PREPAID"]);
    assert!(states["PAID"] > 100, "{states:?}");
}

#[tokio::test]
async fn searches_filter_and_sort() {
    let sandbox = builder(Estate::new().seed(6).line_items(900)).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let invoice = ledger.atlas_invoices(&organization)[1].id.clone();
    let target = format!("/api/atlas/v2/orgs/{organization}/invoices/{invoice}/lineItems:search");
    let media = "application/vnd.atlas.2024-08-05+json";
    let search = async |body: Value| {
        let mut lines = Vec::new();
        for page in 1.. {
            let target = format!("{target}?itemsPerPage=70&pageNum={page}");
            let reply = atlas(&sandbox, &target).accept(media).body(media, body.to_string()).send().await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let found = reply.json();
            lines.extend(found["results"].as_array().unwrap().clone());
            if !found["links"].as_array().unwrap().iter().any(|link| link["rel"] == "next") {
                assert_eq!(found["totalCount"], lines.len());
                return lines;
            }
        }
        lines
    };
    let all = search(json!({})).await;
    let price = |line: &Value| line["totalPriceCents"].as_i64().unwrap();
    let dates: Vec<_> = all.iter().map(|line| line["billDate"].as_str().unwrap()).collect();
    assert!(dates.is_sorted_by(|left, right| left >= right));
    let rising = search(json!({ "sortField": "TOTAL_PRICE_CENTS", "sortOrder": "ASCENDING" })).await;
    assert!(rising.iter().map(price).is_sorted());
    let falling = search(json!({ "sortField": "TOTAL_PRICE_CENTS" })).await;
    assert!(falling.iter().map(price).is_sorted_by(|left, right| left >= right));
    let sorted = |lines: &[Value]| {
        let mut texts: Vec<_> = lines.iter().map(Value::to_string).collect();
        texts.sort();
        texts
    };
    assert_eq!((sorted(&rising), sorted(&falling)), (sorted(&all), sorted(&all)));

    let project = &ledger.atlas_projects(&organization)[1];
    let cluster = &ledger.atlas_clusters(&organization)[2];
    let check = async |filters: Value, keep: &dyn Fn(&Value) -> bool| {
        let kept: Vec<_> = all.iter().filter(|line| keep(line)).cloned().collect();
        assert!(!kept.is_empty() && kept.len() < all.len(), "{filters} keeps {}", kept.len());
        assert_eq!(search(json!({ "filters": filters })).await, kept, "{filters}");
    };
    check(json!({ "groupIds": [project] }), &|line| line["groupId"] == **project).await;
    check(json!({ "clusterIds": [cluster] }), &|line| line["clusterName"] == "events-3").await;
    check(json!({ "skuServices": ["Clusters"] }), &|line| {
        line["description"].as_str().unwrap().contains("server hours")
    })
    .await;
    check(json!({ "includeZeroCentLineItems": false }), &|line| line["totalPriceCents"] != 0).await;
    check(json!({ "usageStartDate": "2026-10-05", "usageEndDate": "2026-10-06" }), &|line| {
        ["2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z"].contains(&line["usageDate"].as_str().unwrap())
    })
    .await;
    check(json!({ "billStartDate": "2026-11-01", "billEndDate": "2026-11-01" }), &|line| {
        line["usageDate"] == "2026-10-31T00:00:00Z"
    })
    .await;
    // What is no project, or no cluster, keeps nothing.
    for nothing in
        [json!({ "groupIds": [ABSENT_ID] }), json!({ "groupIds": [cluster] }), json!({ "clusterIds": [project] })]
    {
        assert_eq!(search(json!({ "filters": nothing })).await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let sandbox = builder(Estate::new().organizations(5).months(2)).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let organizations: Vec<String> = ledger.atlas_organizations().collect();
    let theirs = ledger.atlas_invoices(&organizations[1])[0].id.clone();
    let ours = &organizations[0];
    for (target, expected) in [
        (format!("/orgs/{ABSENT_ID}"), "404 ORG_NOT_FOUND: There is no organization ffffffffffffffffffffffff."),
        (
            format!("/orgs/{ABSENT_ID}/invoices"),
            "404 ORG_NOT_FOUND: There is no organization ffffffffffffffffffffffff.",
        ),
        (
            format!("/orgs/{ours}/invoices/{ABSENT_ID}"),
            "404 INVOICE_NOT_FOUND: The organization has no invoice ffffffffffffffffffffffff.",
        ),
        (
            format!("/orgs/{ours}/invoices/{theirs}"),
            &format!("404 INVOICE_NOT_FOUND: The organization has no invoice {theirs}."),
        ),
        (
            format!("/orgs/{ours}/billing/costExplorer/usage/{}", "a".repeat(64)),
            "404 RESOURCE_NOT_FOUND: There is no such query.",
        ),
        // The fifth organization is deleted.
        (
            format!("/orgs/{}/invoices/pending", organizations[4]),
            &format!("404 PENDING_INVOICE_NOT_FOUND: The organization {} has no pending invoice.", organizations[4]),
        ),
    ] {
        let reply = atlas(&sandbox, &format!("/api/atlas/v2{target}")).send().await;
        assert_eq!(reply.error(), expected);
        let parameters = reply.json()["parameters"].as_array().unwrap().len();
        assert_eq!(parameters, if expected.contains(" INVOICE_NOT_FOUND") { 2 } else { 1 });
    }
}

#[tokio::test]
async fn time_moves_invoices_on() {
    let sandbox = builder(Estate::new().seed(3).months(1).line_items(310)).start().await.unwrap();
    let organization = sandbox.estate().unwrap().atlas_organizations().next().unwrap();
    let newest = || sandbox.estate().unwrap().atlas_invoices(&organization);
    let before = newest();
    assert_eq!((before.len(), before[0].status), (2, "PENDING"));
    sandbox.advance(Duration::from_secs(24 * 3600));
    let next_day = newest();
    assert_eq!(next_day[0].id, before[0].id);
    assert!(next_day[0].line_items > before[0].line_items);
    // To 1 December, 03:00: two invoices are pending, as the last day of November is not billed yet.
    sandbox.advance(Duration::from_secs(19 * 24 * 3600 + 15 * 3600));
    assert_eq!(newest().iter().map(|invoice| invoice.status).collect::<Vec<_>>()[..2], ["PENDING", "PENDING"]);
    let path = format!("/api/atlas/v2/orgs/{organization}/invoices/pending");
    assert_eq!(texts(&get(&sandbox, &path).await, "statusName").len(), 2);
    sandbox.advance(Duration::from_secs(2 * 3600));
    assert_eq!(newest()[1].status, "CLOSED");
    assert_eq!(newest()[1].line_items / 10, 31);
    sandbox.advance(Duration::from_secs(2 * 3600));
    assert_ne!(newest()[1].status, "CLOSED");
}

#[tokio::test]
async fn estates_begin_with_1970_and_end_with_the_year_4000() {
    let far = UNIX_EPOCH + Duration::from_secs(9_000_000_000_000);
    for (now, months, first, last) in
        [(UNIX_EPOCH, 12, "1970-01", "1970-01"), (noon(), 1_200, "1970-01", "2026-11"), (far, 1, "4000-11", "4000-12")]
    {
        let estate = Estate::new().months(months).line_items(3).instances(2);
        let sandbox = Sandbox::builder().now(now).estate(estate).start().await.unwrap();
        let ledger = sandbox.estate().unwrap();
        let organization = ledger.atlas_organizations().next().unwrap();
        let invoices = ledger.atlas_invoices(&organization);
        assert_eq!((invoices[0].month.as_str(), invoices.last().unwrap().month.as_str()), (last, first));
        let oldest = &invoices.last().unwrap().id;
        let invoice = get(&sandbox, &format!("/api/atlas/v2/orgs/{organization}/invoices/{oldest}")).await;
        assert_eq!(invoice["startDate"], format!("{first}-01T00:00:00Z"));
        assert_eq!(ledger.ibm_month(first).unwrap().instances, 2);
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_estate() {
    let bodies = async |seed: u64| {
        let sandbox = builder(Estate::new().seed(seed).line_items(30)).start().await.unwrap();
        let organization = sandbox.estate().unwrap().atlas_organizations().next().unwrap();
        let invoice = sandbox.estate().unwrap().atlas_invoices(&organization).remove(2).id;
        let reply = atlas(&sandbox, &format!("/api/atlas/v2/orgs/{organization}/invoices/{invoice}")).send().await;
        reply.text().replace(sandbox.atlas_url(), "")
    };
    assert_eq!(bodies(1).await, bodies(1).await);
    assert_ne!(bodies(1).await, bodies(2).await);
}

#[tokio::test]
async fn invoices_of_a_month_and_their_links() {
    let sandbox = builder(Estate::new().organizations(4).months(3)).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let target = format!("/api/atlas/v2/orgs/{organization}/associatedInvoices");
    let media = "application/vnd.atlas.2025-03-12+json";
    let ask = async |query: &str| atlas(&sandbox, &format!("{target}{query}")).accept(media).send().await.json();
    let current = ask("").await;
    assert_eq!((&current["month"], &current["year"]), (&json!("11"), &json!("2026")));
    assert_eq!(current["associatedInvoices"][0]["invoiceId"], ledger.atlas_invoices(&organization)[0].id);
    let october = ask("?month=10&year=2026&includeLinkedOrgs=true").await;
    assert_eq!(october["associatedInvoices"].as_array().unwrap().len(), 3);
    assert_eq!(ask("?month=1&year=2020").await["associatedInvoices"], json!([]));
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused() {
    let sandbox = builder(Estate::new()).start().await.unwrap();
    let organization = sandbox.estate().unwrap().atlas_organizations().next().unwrap();
    let target = format!("/api/atlas/v2/orgs/{organization}/billing/costExplorer/usage");
    for (body, problem) in [
        (json!({ "startDate": "2026-10-02", "endDate": "2026-11-01" }), "is not the first day of a month"),
        (json!({ "startDate": "2026-10-01", "endDate": "2026-10-01" }), "does not come after `startDate`"),
        (
            json!({ "startDate": "2026-10-01", "endDate": "2026-11-01", "groupBy": "services" }),
            "lists nothing to group by",
        ),
    ] {
        let reply = atlas(&sandbox, &target).method("POST").body(V2023, body.to_string()).send().await;
        assert_eq!(reply.status, 400);
        assert!(reply.error().contains(problem), "{}", reply.text());
    }
}
