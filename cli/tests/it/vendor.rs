//! The vendors' own FOCUS exports: completed to the bill, and compared with our rows.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cloud_billing_core::Decimal;
use cloud_billing_focus::check::Checker;
use cloud_billing_focus::vendor::Header;
use cloud_billing_focus::{Row, Version};
use cloud_billing_sandbox::{Estate, Sandbox};

use crate::program::{Ran, run_at};

/// Noon of 10 November 2026.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_794_312_000)
}

async fn sandbox(irregular: bool) -> Sandbox {
    let estate = Estate::new().irregular(irregular).organizations(2).ibm_accounts(2).line_items(80).instances(60);
    Sandbox::builder().estate(estate).now(now()).report_polls(0).start().await.unwrap()
}

/// All organizations and accounts of a month.
async fn run(sandbox: &Sandbox, line: &str) -> Ran {
    let environment = sandbox.environment().into_iter().collect();
    let accounts: Vec<&str> = sandbox.estate().unwrap().ibm_accounts().collect();
    let accounts = accounts.join(",");
    let arguments = line.split(' ').chain(["--all-orgs", "--account", &accounts]).collect::<Vec<_>>();
    run_at(now(), environment, &arguments).await
}

async fn rows(sandbox: &Sandbox, line: &str) -> Vec<Row<'static>> {
    let Ran { status, out, err } = run(sandbox, line).await;
    assert_eq!(status, 0, "{err}");
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let header = Header::new(reader.headers().unwrap()).unwrap();
    reader.records().map(|record| header.row(&record.unwrap())).collect()
}

/// The sum of `BilledCost` by invoice or, for IBM Cloud, account.
fn sums(rows: &[Row<'_>]) -> BTreeMap<String, Decimal> {
    let mut sums = BTreeMap::<String, Decimal>::new();
    for row in rows {
        let id = row.invoice_id.as_ref().or(row.billing_account_id.as_ref()).unwrap();
        *sums.entry(id.to_string()).or_default() += row.billed_cost.clone().unwrap();
    }
    sums
}

fn assert_keep_rules(rows: &[Row<'_>]) {
    for version in Version::ALL {
        let mut checker = Checker::new(*version);
        for row in rows {
            let found = checker.check(row);
            assert!(found.is_empty(), "{version:?}: {found:?}\n{row:#?}");
        }
    }
}

#[tokio::test]
async fn completed_exports_come_to_the_bill() {
    let sandbox = sandbox(false).await;
    let ours = rows(&sandbox, "export --focus --month 2026-10").await;
    let theirs = rows(&sandbox, "export --focus --from vendor --month 2026-10").await;
    assert_keep_rules(&theirs);
    // What the vendor's export has that our rows lack: regions of Atlas.
    let regions = |rows: &[Row<'_>]| {
        let of_atlas = rows.iter().filter(|row| row.x_service.as_deref() == Some("atlas"));
        of_atlas.filter(|row| row.region_id.is_some()).count()
    };
    assert!(regions(&ours) == 0 && regions(&theirs) > 0);
    let (ours, theirs) = (sums(&ours), sums(&theirs));
    assert_eq!(ours.len(), 4);
    assert_eq!(ours, theirs);
}

#[tokio::test]
async fn an_irregular_bill_gets_its_residue() {
    let sandbox = sandbox(true).await;
    let theirs = rows(&sandbox, "export --focus --from vendor --month 2026-10").await;
    assert_keep_rules(&theirs);
    let sums = sums(&theirs);
    let ran = run(&sandbox, "check -o csv --month 2026-10").await;
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let stated = reader.records().map(Result::unwrap).filter(|it| &it[2] == "bill and items" && !it[3].is_empty());
    let stated: Vec<(String, Decimal)> = stated.map(|it| (it[1].to_owned(), it[3].parse().unwrap())).collect();
    assert!(stated.len() > 2, "{ran:?}");
    for (id, stated) in stated {
        let row = theirs.iter().find(|row| row.billing_account_id.as_deref() == Some(&*id)).unwrap();
        assert_eq!(sums[row.invoice_id.as_deref().unwrap_or(&id)], stated, "{id}");
    }
}

#[tokio::test]
async fn prices_of_the_vendor_are_not_derived() {
    let sandbox = sandbox(false).await;
    let ran = run(&sandbox, "export --focus --from vendor --focus-derived").await;
    assert!(ran.status == 2 && ran.err.starts_with("error: --focus-derived is for rows of the bill"), "{ran:?}");
    let ran = run(&sandbox, "export --from vendor").await;
    assert!(ran.status == 2 && ran.err.contains("--focus"), "{ran:?}");
}

/// The counts of `compare` by vendor, column and kind.
async fn compared(sandbox: &Sandbox) -> (u8, BTreeMap<(String, String), [u64; 4]>) {
    let Ran { status, out, err } = run(sandbox, "compare --month 2026-10 -o csv").await;
    assert_eq!(err, "");
    let mut sums = BTreeMap::<(String, String), [u64; 4]>::new();
    for record in csv::Reader::from_reader(out.as_bytes()).records().map(Result::unwrap) {
        let sum = sums.entry((record[0].to_owned(), record[2].to_owned())).or_default();
        (0..4).for_each(|at| sum[at] += record[at + 3].parse::<u64>().unwrap());
    }
    (status, sums)
}

#[tokio::test]
async fn regular_bills_have_the_rows_of_the_exports() {
    let sandbox = sandbox(false).await;
    let (status, found) = compared(&sandbox).await;
    let of = |vendor: &str, column: &str| found[&(vendor.to_owned(), column.to_owned())];
    for vendor in ["atlas", "ibm"] {
        let [rows, ..] = of(vendor, "(rows)");
        for column in ["(rows)", "BilledCost", "EffectiveCost", "ChargePeriodStart", "BillingCurrency"] {
            assert_eq!(of(vendor, column), [rows, 0, 0, 0], "{vendor} {column}");
        }
        assert_eq!(of(vendor, "BillingAccountType"), [0, 0, 0, rows]);
    }
    assert_eq!(of("atlas", "PricingCurrency")[0], 0);
    assert!(of("atlas", "RegionId")[2] > 0);
    assert_eq!(status, 0);
}

#[tokio::test]
async fn a_comparison_has_examples() {
    let sandbox = sandbox(false).await;
    let lines = run(&sandbox, "compare --month 2026-10 -o ndjson").await;
    let all: Vec<serde_json::Value> = lines.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let currency = all.iter().find(|it| it["column"] == "PricingCurrency").unwrap();
    let examples = currency["examples"].as_str().unwrap();
    assert!(examples.starts_with("Atlas Credits -> USD (ATLAS_"), "{examples}");
    assert_eq!(examples.matches("; ").count(), 2);
    assert!(currency["different"].is_u64());
    let table = run(&sandbox, "compare --month 2026-10").await;
    assert!(table.out.contains("(rows)"), "{}", table.out);
}

#[tokio::test]
async fn rows_without_a_partner_end_with_a_status() {
    let sandbox = sandbox(true).await;
    let (status, found) = compared(&sandbox).await;
    let alone: u64 = found.iter().filter(|((_, column), _)| column == "(rows)").map(|(_, it)| it[2] + it[3]).sum();
    assert!(alone > 0, "{found:?}");
    assert_eq!(status, 20);
}
