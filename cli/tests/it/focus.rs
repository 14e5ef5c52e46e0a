//! Rows of FOCUS against the books of an estate whose bills do not add up, as real ones.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cloud_billing_core::Decimal;
use cloud_billing_focus::check::Checker;
use cloud_billing_focus::vendor::Header;
use cloud_billing_focus::{ChargeCategory, Column, Row, Version};
use cloud_billing_sandbox::{Estate, Sandbox};

use test_support::server::{Reply, Server, json};

use crate::program::{Ran, run_at};

const MONTHS: [&str; 4] = ["2026-01", "2026-05", "2026-10", "2026-11"];

/// Noon of 10 November 2026.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_794_312_000)
}

async fn irregular(seed: u64) -> Sandbox {
    let estate = Estate::new().seed(seed).irregular(true).organizations(6).ibm_accounts(3).line_items(60).instances(60);
    Sandbox::builder().estate(estate).now(now()).cost_explorer_polls(0).start().await.unwrap()
}

async fn run(sandbox: &Sandbox, line: &str) -> Ran {
    let environment = sandbox.environment().into_iter().collect();
    run_at(now(), environment, &line.split(' ').collect::<Vec<_>>()).await
}

/// All organizations and accounts.
fn payers(sandbox: &Sandbox) -> String {
    let accounts: Vec<&str> = sandbox.estate().unwrap().ibm_accounts().collect();
    format!("--all-orgs --account {}", accounts.join(","))
}

fn rows(csv: &str) -> Vec<Row<'static>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = Header::new(reader.headers().unwrap()).unwrap();
    reader.records().map(|record| header.row(&record.unwrap())).collect()
}

async fn export(sandbox: &Sandbox, month: &str, rest: &str) -> String {
    let Ran { status, out, err } =
        run(sandbox, &format!("export --focus --month {month} {}{rest}", payers(sandbox))).await;
    assert_eq!(status, 0, "{err}");
    out
}

/// The sum of `BilledCost` by what a row belongs to: its invoice or, for IBM Cloud, its account.
fn sums(rows: &[Row<'_>]) -> BTreeMap<String, Decimal> {
    let mut sums = BTreeMap::<String, Decimal>::new();
    for row in rows {
        let id = row.invoice_id.as_ref().or(row.billing_account_id.as_ref()).unwrap();
        *sums.entry(id.to_string()).or_default() += row.billed_cost.clone().unwrap();
    }
    sums
}

/// The findings "bill and items" of `check`, by organization or account: stated, computed, verdict, reason.
async fn verdicts(sandbox: &Sandbox, month: &str) -> BTreeMap<String, [String; 4]> {
    let ran = run(sandbox, &format!("check -o csv --month {month} {}", payers(sandbox))).await;
    assert!(ran.status == 0 || ran.status == 20, "{ran:?}");
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let records = reader.records().map(Result::unwrap).filter(|record| &record[2] == "bill and items");
    records.map(|it| (it[1].to_owned(), [3, 4, 7, 8].map(|at| it[at].to_owned()))).collect()
}

#[tokio::test]
async fn rows_add_up_to_the_books_of_the_estate() {
    let mut seen = false;
    for seed in [1, 2] {
        let sandbox = irregular(seed).await;
        let ledger = sandbox.estate().unwrap();
        for month in MONTHS {
            let sums = sums(&rows(&export(&sandbox, month, "").await));
            let verdicts = verdicts(&sandbox, month).await;
            for organization in ledger.atlas_organizations() {
                let invoices = ledger.atlas_invoices(&organization);
                let Some(invoice) = invoices.iter().find(|invoice| invoice.month == month) else { continue };
                // A deleted organization is no payer.
                let Some([stated, computed, verdict, _]) = verdicts.get(&organization) else { continue };
                let Some(difference) = invoice.difference_cents else {
                    assert_eq!(verdict, "unknown", "{invoice:?}");
                    continue;
                };
                let (stated, computed): (Decimal, Decimal) = (stated.parse().unwrap(), computed.parse().unwrap());
                assert_eq!(&stated - &computed, Decimal::from_cents(difference), "{invoice:?}");
                assert!(difference == 0 || verdict != "agrees", "{invoice:?}");
                // With a row for the residue the rows come to what is to be paid.
                let sum = &sums[&invoice.id];
                assert!(*sum == stated || *sum == computed, "{invoice:?}: {sum}");
            }
            for account in ledger.ibm_accounts() {
                let [stated, computed, verdict, _] = &verdicts[account];
                let (stated, computed): (Decimal, Decimal) = (stated.parse().unwrap(), computed.parse().unwrap());
                let book = ledger.ibm_month_of(account, month).unwrap();
                let micros: i64 = book.difference_micros.values().sum();
                let difference = format!("{micros}e-6").parse::<Decimal>().unwrap();
                assert_eq!(&stated - &computed, difference, "{account} {month}: {book:?}");
                assert_eq!(sums[account], stated, "{account} {month}");
                // A record that is missing is no free allowance. The last month is not over.
                let lacks = book.difference_micros.values().any(|micros| *micros > 0);
                assert!(!lacks || verdict == "differs" || month == "2026-11", "{account} {month}: {book:?}");
                seen |= lacks && month != "2026-11";
            }
        }
    }
    assert!(seen, "a record is missing in some month");
}

#[tokio::test]
async fn rows_keep_the_rules_of_focus() {
    let sandbox = irregular(3).await;
    for version in Version::ALL {
        for rest in ["", " --focus-derived"] {
            let csv = export(&sandbox, "2026-10", &format!(" --focus-version {}{rest}", version.as_str())).await;
            let names: Vec<&str> = version.columns().iter().map(|column| column.definition().name).collect();
            assert_eq!(csv.lines().next().unwrap(), names.join(","));
            let mut checker = Checker::new(*version);
            for row in rows(&csv) {
                let found = checker.check(&row);
                assert!(found.is_empty(), "{version:?}{rest}: {found:?} {:?}\n{row:#?}", row.pricing_unit);
            }
        }
    }
}

#[tokio::test]
async fn formats_have_the_same_rows() {
    let sandbox = irregular(4).await;
    let csv = rows(&export(&sandbox, "2026-10", "").await);
    let lines = export(&sandbox, "2026-10", " -o ndjson").await;
    assert_eq!(lines.lines().count(), csv.len());
    for (line, row) in lines.lines().zip(&csv) {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["x_Service"], row.x_service.as_deref().unwrap());
        assert_eq!(object["Tags"].is_object(), row.tags.is_some());
        assert!(object["BilledCost"].is_number());
    }
    assert!(csv.iter().any(|row| row.charge_category == Some(ChargeCategory::Tax)));
    assert!(csv.iter().any(|row| !row.value(Column::XUnknownFields).is_null()));
}

#[cfg(feature = "xlsx")]
#[tokio::test]
async fn a_workbook_is_a_file() {
    let sandbox = irregular(5).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("month.xlsx");
    let line = format!("export --focus -o xlsx --out {}", path.display());
    let Ran { status, out, .. } = run(&sandbox, &line).await;
    assert_eq!((status, out.as_str()), (0, ""));
    assert!(std::fs::read(&path).unwrap().starts_with(b"PK"));
    for (line, error) in [
        ("export --focus -o xlsx", "error: a workbook is a file"),
        ("export -o xlsx", "error: a workbook has rows of FOCUS"),
        ("export --focus -o table", "error: --focus has no format `table`"),
        ("export --focus-version 1.3", "error:"),
    ] {
        let ran = run(&sandbox, line).await;
        assert!(ran.status == 2 && ran.err.starts_with(error), "{line}: {ran:?}");
    }
}

#[tokio::test]
async fn metadata_says_whether_the_month_is_final() {
    let estate = cloud_billing_sandbox::Estate::new().instances(5).line_items(20);
    let sandbox = cloud_billing_sandbox::Sandbox::builder().estate(estate).start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metadata.json");
    for (month, complete) in [("2026-09", true), ("2026-10", false)] {
        let line = format!("export --focus --focus-version 1.3 --month {month} --metadata {}", path.display());
        let ran = run(&sandbox, &line).await;
        assert_eq!(ran.status, 0, "{}", ran.err);
        let metadata: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(metadata["Schema"][0]["FocusVersion"], "1.3");
        assert_eq!(metadata["Recency"][0]["TimeSectors"][0]["TimeSectorComplete"], complete, "{month}");
    }
    // An invoice that is open may change.
    let open = cloud_billing_sandbox::Fault::edit(|body| body["statusName"] = serde_json::json!("PENDING"));
    sandbox.inject(open.on("getInvoice").always()).unwrap();
    let line = format!("export --focus --month 2026-09 --service atlas --metadata {}", path.display());
    assert_eq!(run(&sandbox, &line).await.status, 0);
    let metadata: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(metadata["Recency"][0]["DatasetInstanceComplete"], false);
    let ran = run(&sandbox, &format!("export --focus --metadata {0} --out {0}", path.display())).await;
    assert!(ran.status == 2 && ran.err.starts_with("error: --out and --metadata are both"), "{ran:?}");
}

/// An invoice above the client's usual limit is mapped line by line.
#[tokio::test]
async fn a_huge_invoice_has_rows() {
    let invoice = format!(
        r#"{{"id": "65f0c0a1b2c3d4e5f6a7b8c9", "orgId": "4888442a3354817a7320eb61", "startDate": "2026-10-01T00:00:00Z",
            "endDate": "2026-11-01T00:00:00Z", "subtotalCents": 1200, "creditsCents": 0, "salesTaxCents": 0,
            "filler": "{}", "lineItems": [{{"sku": "ATLAS_AWS_INSTANCE_M10", "totalPriceCents": 1200}}]}}"#,
        "x".repeat(65 * 1024 * 1024)
    );
    let list = r#"{"results": [{"id": "65f0c0a1b2c3d4e5f6a7b8c9", "startDate": "2026-10-01T00:00:00Z"}]}"#;
    let server = Server::start(move |request| {
        Reply::Send(json(200, if request.target().contains("/invoices/") { &invoice } else { list }))
    })
    .await;
    let variables = [
        ("MONGODB_ATLAS_ACCESS_TOKEN", "t"),
        ("MONGODB_ATLAS_BASE_URL", server.url.as_str()),
        ("MONGODB_ATLAS_ORG_ID", "4888442a3354817a7320eb61"),
    ];
    let environment = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let line = ["export", "--focus", "--service", "atlas", "--month", "2026-10"];
    let ran = run_at(now(), environment, &line).await;
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(sums(&rows(&ran.out)).into_values().collect::<Vec<_>>(), ["12.00".parse().unwrap()]);
}
