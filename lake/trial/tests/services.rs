//! Both services, by their clients and over HTTP, from the sandbox into a lake.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use cloud_billing_core::mock::MockResponse;
use cloud_billing_core::{BillingMonth, Decimal, HttpClient, Timestamp};
use cloud_billing_focus::{atlas, ibm};
use cloud_billing_lake::atlas::Atlas;
use cloud_billing_lake::ibm::Ibm;
use cloud_billing_lake::parquet::SCALE;
use cloud_billing_lake::{Lake, Manifest, Options, Report, Source, Table, sync};
use cloud_billing_sandbox::{Estate, Failure, Fault, Sandbox};
use flate2::read::GzDecoder;
use futures_util::TryStreamExt;
use lake_trial::compare::{content, hash};
use lake_trial::fake::{stopped, time};
use lake_trial::reader::Seen;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const NOW: &str = "2026-11-10T12:00:00Z";

async fn sandbox(estate: Estate) -> Sandbox {
    let now: Timestamp = time(NOW);
    let now = UNIX_EPOCH + Duration::from_millis(now.unix_millis().unsigned_abs());
    Sandbox::builder().now(now).estate(estate.months(4).line_items(40).instances(30)).start().await.unwrap()
}

fn first() -> BillingMonth {
    BillingMonth::new(2026, 7).unwrap()
}

async fn atlas_source(sandbox: &Sandbox) -> (Arc<dyn Source>, Vec<String>) {
    let client = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build().unwrap();
    let names = Atlas::organizations(&client).await.unwrap();
    let accounts = names.keys().cloned().collect();
    (Arc::new(Atlas::new(client, first(), atlas::Options::new()).names(names)), accounts)
}

fn ibm_source(sandbox: &Sandbox) -> (Arc<dyn Source>, Vec<String>) {
    let client =
        ibm_usage_reports::Client::builder().base_url(sandbox.ibm_url()).bearer_token("token").build().unwrap();
    let accounts = sandbox.estate().unwrap().ibm_accounts().map(str::to_owned).collect();
    (Arc::new(Ibm::new(client, first(), ibm::Options::new())), accounts)
}

async fn synced(lake: &Lake, source: &(Arc<dyn Source>, Vec<String>), everything: bool) -> Report {
    let mut options = Options::default();
    (options.clock, options.keep_raw, options.everything) = (stopped(time(NOW)), true, everything);
    sync(lake, Arc::clone(&source.0), source.1.clone(), options, |_| {}).await.unwrap()
}

async fn manifests(lake: &Lake) -> Vec<Manifest> {
    lake.manifests().try_collect().await.unwrap()
}

/// The sum of `BilledCost` as its files have it.
async fn billed(lake: &Lake, manifest: &Manifest) -> Decimal {
    let mut units = 0_i128;
    for file in manifest.files.iter().filter(|file| file.path.starts_with(Table::CostAndUsage.folder())) {
        let bytes = lake.store().get(&Path::from(file.path.as_str())).await.unwrap().bytes().await.unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap();
        for batch in reader.map(Result::unwrap) {
            let cost = batch.column_by_name("BilledCost").unwrap().as_primitive::<Decimal128Type>().clone();
            units += cost.iter().flatten().sum::<i128>();
        }
    }
    format!("{units}e-{SCALE}").parse().unwrap()
}

#[tokio::test]
async fn the_bills_of_both_services_come_to_the_cent() {
    let sandbox = sandbox(Estate::new().organizations(3).ibm_accounts(2)).await;
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::folder(folder.path()).unwrap();
    for source in [atlas_source(&sandbox).await, ibm_source(&sandbox)] {
        let report = synced(&lake, &source, false).await;
        assert_eq!((report.failed.len(), report.not_exact()), (0, 0), "{report}");
        assert_eq!(report.replaced, source.1.len() as u64 * 5, "{report}");
    }
    let ledger = sandbox.estate().unwrap();
    let mut bills = BTreeMap::new();
    for organization in ledger.atlas_organizations() {
        for invoice in ledger.atlas_invoices(&organization) {
            let cents = invoice.subtotal_cents - invoice.credits_cents + invoice.sales_tax_cents;
            bills.insert((organization.clone(), invoice.month.clone()), Decimal::from_cents(cents));
        }
    }
    for manifest in manifests(&lake).await {
        let sum = billed(&lake, &manifest).await;
        let total: Decimal = manifest.totals["USD"].parse().unwrap();
        assert_eq!(sum.round(6), total.round(6), "{}", manifest.unit);
        let account = (manifest.unit.account.clone(), manifest.unit.period.to_string());
        if let Some(bill) = bills.remove(&account) {
            assert_eq!(sum, bill, "{account:?}");
        }
        let tables = manifest.files.iter().filter(|file| file.path.starts_with("tables/invoices")).count();
        assert_eq!(tables, usize::from(manifest.unit.service.as_str() == "atlas"));
        for body in &manifest.bodies {
            let raw = manifest.unit.raw().join(format!("{}.json.gz", body.sha256));
            let kept = lake.store().get(&raw).await.unwrap().bytes().await.unwrap();
            let mut bytes = Vec::new();
            GzDecoder::new(kept.as_ref()).read_to_end(&mut bytes).unwrap();
            assert_eq!(hash(&bytes), body.sha256, "{raw}");
        }
    }
    assert!(bills.is_empty(), "{bills:?}");
}

#[tokio::test]
async fn a_repeat_changes_nothing() {
    let sandbox = sandbox(Estate::new().organizations(2).ibm_accounts(1).irregular(true)).await;
    let lake = Lake::new(Arc::new(object_store::memory::InMemory::new()));
    for source in [atlas_source(&sandbox).await, ibm_source(&sandbox)] {
        let first = synced(&lake, &source, false).await;
        assert_eq!(first.failed.len(), 0, "{first}");
        let before = content(&lake).await.unwrap();
        let again = synced(&lake, &source, false).await;
        assert_eq!((again.replaced, again.failed.len()), (0, 0), "{again}");
        assert!(again.kept > again.unchanged, "{again}");
        let all = synced(&lake, &source, true).await;
        assert_eq!((all.replaced, all.unchanged), (0, first.replaced), "{all}");
        assert_eq!(content(&lake).await.unwrap(), before);
        assert_eq!(all.reconciliation, first.reconciliation);
    }
    Seen::default().look(&lake).await.unwrap();
}

#[tokio::test]
async fn an_account_without_access_stops_no_other() {
    let sandbox = sandbox(Estate::new().organizations(3)).await;
    sandbox.inject(Fault::failure(Failure::new(403)).on("listInvoices").first(1)).unwrap();
    let lake = Lake::new(Arc::new(object_store::memory::InMemory::new()));
    let source = atlas_source(&sandbox).await;
    let report = synced(&lake, &source, false).await;
    assert_eq!((report.replaced, report.failed.len(), report.exit_status()), (10, 1, 1), "{report}");
    assert!(source.1.contains(&report.failed[0].0) && report.failed[0].1.contains("403"), "{report}");
    let report = synced(&lake, &source, false).await;
    assert_eq!((report.replaced, report.failed.len()), (5, 0), "{report}");
}

/// IBM Cloud with a bill of 10 for October and November 2026, and these pages of instances.
/// Counted, it would be in the lake as the bill of two accounts, months or invoices.
#[tokio::test]
async fn another_bill_than_was_asked_for_is_not_taken() {
    let sandbox = sandbox(Estate::new().organizations(1)).await;
    let edit = |operation: &'static str, field: &'static str, value: &'static str| {
        Fault::edit(move |body| body[field] = value.into()).on(operation).always()
    };
    for (fault, source) in [
        (edit("getInvoice", "orgId", "other"), atlas_source(&sandbox).await),
        (edit("getInvoice", "id", "other"), atlas_source(&sandbox).await),
        (edit("getInvoice", "startDate", "2024-01-01T00:00:00Z"), atlas_source(&sandbox).await),
        (edit("get_account_usage", "account_id", "other"), ibm_source(&sandbox)),
        (edit("get_account_usage", "month", "2024-01"), ibm_source(&sandbox)),
    ] {
        sandbox.inject(fault).unwrap();
        let lake = Lake::new(Arc::new(object_store::memory::InMemory::new()));
        let report = synced(&lake, &source, false).await;
        assert!(!report.failed.is_empty() && manifests(&lake).await.is_empty(), "{report:?}");
        sandbox.clear_faults();
    }
}

fn ibm_with(page: &str) -> (Arc<dyn Source>, Vec<String>) {
    let page = page.to_owned();
    let http = HttpClient::mock(move |request| {
        let path = request.path();
        let month = if path.contains("2026-10") { "2026-10" } else { "2026-11" };
        let body = if path.contains("/resource_instances/") {
            page.clone()
        } else if path.contains("/summary/") {
            format!(
                r#"{{"account_id": "a", "month": "{month}", "billing_currency_code": "USD",
                "resources": {{"billable_cost": 10}}, "support": [], "offers": []}}"#
            )
        } else {
            format!(
                r#"{{"account_id": "a", "month": "{month}", "currency_code": "USD",
                "resources": [{{"resource_id": "kms", "billable_cost": 10}}]}}"#
            )
        };
        MockResponse::json(200, body)
    });
    let client = ibm_usage_reports::Client::builder().http_client(http).no_credential().build().unwrap();
    (Arc::new(Ibm::new(client, BillingMonth::new(2026, 10).unwrap(), ibm::Options::new())), vec!["a".to_owned()])
}

async fn ibm_report(page: &str) -> Report {
    synced(&Lake::new(Arc::new(object_store::memory::InMemory::new())), &ibm_with(page), false).await
}

#[tokio::test]
async fn a_page_without_its_list_is_an_error() {
    for page in ["{}", r#"{"resources": null}"#, r#"{"Resources": [{}]}"#] {
        let report = ibm_report(page).await;
        assert_eq!((report.failed.len(), report.replaced), (2, 0), "{page}: {report}");
        assert!(report.failed[0].1.contains("resources"), "{report}");
    }
}

#[tokio::test]
async fn only_a_residue_without_a_mistake_is_no_failure() {
    let page = |cost: &str| {
        format!(
            r#"{{"resources": [{{"resource_id": "kms", "billable": true, "usage": [{{"metric": "M", "cost": {cost}}}]}}]}}"#
        )
    };
    let none = r#"{"resources": []}"#.to_owned();
    // More than the bill: free allowances. The open month may lag behind.
    for (page, verdicts) in [
        (page("10"), [("exact", 2)].as_slice()),
        (page("11"), &[("residue", 2)]),
        (page("9"), &[("residue", 1), ("unexplained", 1)]),
        (none, &[("residue", 1), ("unexplained", 1)]),
    ] {
        let report = ibm_report(&page).await;
        let seen: Vec<_> = report.reconciliation.iter().map(|(status, count)| (status.as_str(), *count)).collect();
        assert_eq!(seen, verdicts, "{page}");
        assert_eq!(report.exit_status(), u8::from(verdicts.len() > 1), "{page}");
    }
}

/// Atlas with one paid invoice of October 2026 that begins at this time; or with none.
fn atlas_with(start: Option<&str>) -> (Arc<dyn Source>, Vec<String>) {
    let (account, id) = ("62410c52410c521c19fb0447", "6abda280f4c54977656cf2d1");
    let fields = start.map(|start| {
        format!(
            r#""id": "{id}", "orgId": "{account}", "startDate": "{start}", "endDate": "2026-11-01T00:00:00Z",
            "statusName": "PAID", "subtotalCents": 1000, "creditsCents": 0, "salesTaxCents": 0"#
        )
    });
    let http = HttpClient::mock(move |request| {
        let fields = fields.clone().unwrap_or_default();
        let list = if fields.is_empty() { String::new() } else { format!("{{{fields}}}") };
        let body = if request.path().ends_with("/invoices") {
            format!(r#"{{"results": [{list}], "totalCount": {}, "links": []}}"#, u8::from(!list.is_empty()))
        } else {
            format!(r#"{{{fields}, "lineItems": [{{"sku": "X", "totalPriceCents": 1000}}]}}"#)
        };
        MockResponse::json(200, body)
    });
    let client = atlas_billing::Client::builder().http_client(http).no_credential().build().unwrap();
    (Arc::new(Atlas::new(client, first(), atlas::Options::new())), vec![account.to_owned()])
}

#[tokio::test]
async fn a_bill_that_is_listed_no_more_is_noticed() {
    let lake = Lake::new(Arc::new(object_store::memory::InMemory::new()));
    let october = atlas_with(Some("2026-10-01T00:00:00Z"));
    let report = synced(&lake, &october, false).await;
    assert_eq!((report.replaced, report.gone, report.exit_status()), (1, 0, 0), "{report}");
    for other in [atlas_with(Some("2026-09-01T00:00:00Z")), atlas_with(None)] {
        let report = synced(&lake, &other, false).await;
        assert!(report.gone > 0 && u64::from(report.exit_status()) == report.gone, "{report}");
    }
    let lake = Lake::new(Arc::new(object_store::memory::InMemory::new()));
    synced(&lake, &october, false).await;
    assert_eq!(synced(&lake, &october, false).await.gone, 0);
}

/// A replica that lags behind answers with an older invoice than the list states.
#[tokio::test]
async fn an_invoice_that_differs_from_its_list_is_read_again_and_at_the_next_sync() {
    let sandbox = sandbox(Estate::new().organizations(1)).await;
    let source = atlas_source(&sandbox).await;
    let older = || Fault::edit(|body| body["amountPaidCents"] = 1.into()).on("getInvoice");
    sandbox.inject(older().first(1)).unwrap();
    let lake = Lake::new(Arc::new(object_store::memory::InMemory::new()));
    assert_eq!(synced(&lake, &source, false).await.exit_status(), 0);
    sandbox.clear_faults();
    sandbox.inject(older().always()).unwrap();
    let lake = Lake::new(Arc::new(object_store::memory::InMemory::new()));
    let report = synced(&lake, &source, false).await;
    assert!(report.exit_status() != 0 && report.reconciliation.contains_key("unexplained"), "{report:?}");
    sandbox.clear_faults();
    let report = synced(&lake, &source, false).await;
    assert!(report.exit_status() == 0 && !report.reconciliation.contains_key("unexplained"), "{report:?}");
}
