//! Jobs against a sandbox, whose ledger has the totals.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cloud_billing_core::Decimal;
use cloud_billing_core::config::Environment;
use cloud_billing_sandbox::{AtlasInvoice, Builder, Estate, Fault, Ledger, Sandbox};

use crate::program::{Ran, run_at};

/// What IBM Cloud charges for support in each month of an account, and what the credits of an offer pay.
const SUPPORT: i64 = 200_000_000;
const OFFER: i64 = 120_000_000;

/// Noon of 10 November 2026: nine days of November are on the bills.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_794_312_000)
}

/// A sandbox whose clock stands still. Jobs of the service are done at once.
pub(crate) fn sandbox(estate: Estate) -> Builder {
    Sandbox::builder().estate(estate).now(now()).strict_credentials(true).cost_explorer_polls(0).report_polls(0)
}

/// A few records of each kind.
fn small() -> Estate {
    Estate::new().line_items(200).instances(120)
}

/// The variables that lead to a sandbox.
pub(crate) fn environment(sandbox: &Sandbox) -> Environment {
    sandbox.environment().into_iter().collect()
}

/// Runs a line, whose words are separated by spaces.
pub(crate) async fn run(environment: Environment, line: &str) -> Ran {
    run_at(now(), environment, &line.split(' ').collect::<Vec<_>>()).await
}

async fn started(estate: Estate) -> Sandbox {
    sandbox(estate).start().await.unwrap()
}

/// Runs a line that succeeds without a word.
pub(crate) async fn good(sandbox: &Sandbox, line: &str) -> String {
    let Ran { status, out, err } = run(environment(sandbox), line).await;
    assert_eq!((status, err.as_str()), (0, ""), "{line}");
    out
}

/// The rows of CSV, without the head.
pub(crate) fn rows(text: &str) -> Vec<Vec<String>> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_records();
    rows.map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The sum of a column of CSV over the rows that begin with these values.
pub(crate) fn sum(csv: &str, column: &str, begin: &[&str]) -> Decimal {
    let index = csv.lines().next().unwrap().split(',').position(|name| name == column).unwrap();
    let rows = rows(csv).into_iter().filter(|row| row.iter().zip(begin).all(|(value, begin)| value == begin));
    rows.map(|row| row[index].parse::<Decimal>().unwrap()).sum()
}

/// Millionths of a dollar as dollars.
fn micros(micros: i64) -> Decimal {
    let hundredth = Decimal::from_cents(1);
    Decimal::from_cents(micros) * &hundredth * &hundredth
}

fn payable(invoice: &AtlasInvoice) -> Decimal {
    Decimal::from_cents(invoice.subtotal_cents - invoice.credits_cents + invoice.sales_tax_cents)
}

/// What the ledger has for an organization in a month.
fn atlas(ledger: Ledger<'_>, organization: &str, month: &str) -> Decimal {
    let invoices = ledger.atlas_invoices(organization);
    payable(invoices.iter().find(|invoice| invoice.month == month).unwrap())
}

/// What the ledger has for an account in a month.
pub(crate) fn ibm(ledger: Ledger<'_>, account: &str, month: &str) -> Decimal {
    micros(ledger.ibm_month_of(account, month).unwrap().billable_micros + SUPPORT - OFFER)
}

#[tokio::test]
async fn the_parts_of_a_bill_add_up_to_the_ledger() {
    let sandbox = started(small()).await;
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    for by in [
        "service",
        "resource",
        "project",
        "resource-group",
        "cluster",
        "instance",
        "organization",
        "plan",
        "region",
        "tag",
        "tag:env",
    ] {
        for (asked, month) in
            [("", "2026-11"), (" --month last", "2026-10"), (" --month -9", "2026-02"), (" --month 2025-11", "2025-11")]
        {
            let csv = good(&sandbox, &format!("bill -o csv --by {by}{asked}")).await;
            assert_eq!(sum(&csv, "amount", &["atlas"]), atlas(ledger, &organization, month), "{by}, {month}");
            assert_eq!(sum(&csv, "amount", &["ibm"]), ibm(ledger, ledger.ibm_account(), month), "{by}, {month}");
            let state = if month == "2026-11" { "to date" } else { "final" };
            assert!(
                rows(&csv).iter().all(|row| row[3] == month && row[4] == state && row.last().unwrap() == "USD"),
                "{csv}"
            );
        }
    }
}

#[tokio::test]
async fn bills_of_many_organizations_and_accounts() {
    let sandbox = started(small()).await;
    let ledger = sandbox.estate().unwrap();
    let accounts: Vec<&str> = ledger.ibm_accounts().collect();
    let csv = good(&sandbox, &format!("bill -o csv --all-orgs --account {} --month last", accounts.join(","))).await;
    for organization in ledger.atlas_organizations() {
        assert_eq!(sum(&csv, "amount", &["atlas", &organization]), atlas(ledger, &organization, "2026-10"));
    }
    for account in accounts {
        assert_eq!(sum(&csv, "amount", &["ibm", account]), ibm(ledger, account, "2026-10"));
    }
    let two: Vec<String> = ledger.atlas_organizations().skip(1).take(2).collect();
    let csv =
        good(&sandbox, &format!("bill -o csv --org {} --org {} --service atlas --by organization", two[0], two[1]))
            .await;
    assert_eq!(rows(&csv).iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), two);
}

#[tokio::test]
async fn the_table_of_a_bill() {
    let sandbox = started(Estate::new()).await;
    insta::assert_snapshot!(good(&sandbox, "bill").await);
}

#[tokio::test]
async fn the_table_of_last_month() {
    let sandbox = started(Estate::new()).await;
    insta::assert_snapshot!(good(&sandbox, "bill --month last").await);
}

#[tokio::test]
async fn the_trend_of_a_year() {
    let sandbox = started(Estate::new()).await;
    insta::assert_snapshot!(good(&sandbox, "trend").await);
}

#[tokio::test]
async fn each_month_of_a_trend_is_that_of_the_ledger() {
    let sandbox = started(small()).await;
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let csv = good(&sandbox, "trend -o csv").await;
    assert_eq!(ledger.months().len(), 13);
    for month in ledger.months() {
        assert_eq!(sum(&csv, "amount", &["atlas", &organization, &month]), atlas(ledger, &organization, &month));
        assert_eq!(
            sum(&csv, "amount", &["ibm", ledger.ibm_account(), &month]),
            ibm(ledger, ledger.ibm_account(), &month)
        );
    }
    let csv = good(&sandbox, "trend -o csv --months 2 --month last --service ibm").await;
    assert!(rows(&csv).iter().all(|row| row[0] == "ibm" && ["2026-09", "2026-10"].contains(&row[2].as_str())), "{csv}");
}

#[tokio::test]
async fn amounts_keep_their_digits_but_in_tables() {
    let sandbox = started(small()).await;
    let total = ibm(sandbox.estate().unwrap(), sandbox.estate().unwrap().ibm_account(), "2026-11").to_string();
    for format in ["csv", "tsv", "json", "ndjson"] {
        let text = good(&sandbox, &format!("bill --by account --service ibm -o {format}")).await;
        assert!(text.contains(&total), "{text}");
    }
    let json = good(&sandbox, "bill --by account -o json").await;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert!(rows.len() == 2 && rows[0]["vendor"] == "atlas" && rows[0]["amount"].is_number(), "{json}");
}

#[tokio::test]
async fn a_vendor_without_a_credential_is_left_out() {
    let sandbox = started(small()).await;
    let only = |prefix: &str| -> Environment {
        sandbox.environment().into_iter().filter(|(name, _)| name.starts_with(prefix)).collect()
    };
    let ran = run(only("USAGE_REPORTS"), "bill -o csv").await;
    assert_eq!((ran.status, ran.err.as_str()), (0, "note: atlas is left out: no credential is configured\n"));
    assert!(!ran.out.contains("\natlas,") && ran.out.contains("\nibm,"));
    assert_eq!(run(only("USAGE_REPORTS"), "bill -q -o csv").await.err, "");
    let ran = run(only("MONGODB_ATLAS"), "bill -o csv").await;
    assert_eq!((ran.status, ran.err.as_str()), (0, "note: ibm is left out: no credential is configured\n"));

    // Asked for, it is an error.
    let ran = run(only("USAGE_REPORTS"), "bill --service atlas").await;
    assert!(
        ran.status == 3
            && ran.out.is_empty()
            && ran.err.starts_with("error: atlas: invalid configuration: no credential"),
        "{ran:?}"
    );
    // Half of one is a mistake.
    let half = only("USAGE_REPORTS").variable("MONGODB_ATLAS_CLIENT_ID", "half");
    let ran = run(half, "bill -o csv").await;
    assert!(
        ran.status == 3 && ran.out.contains("\nibm,") && ran.err.contains("MONGODB_ATLAS_CLIENT_SECRET"),
        "{ran:?}"
    );
    // None at all.
    let ran = run(Environment::empty(), "bill -q").await;
    assert_eq!((ran.status, ran.out.as_str()), (4, ""));
    insta::assert_snapshot!(ran.err);
}

#[tokio::test]
async fn a_failure_does_not_hide_other_bills() {
    let sandbox = sandbox(small()).fault(Fault::status(403).always().on("get_account_usage")).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let ran = run(environment(&sandbox), "bill -o csv").await;
    assert_eq!((ran.status, sum(&ran.out, "amount", &["atlas"])), (4, atlas(ledger, &organization, "2026-11")));
    let begin = format!("error: ibm {}, 2026-11: get_account_usage: ", ledger.ibm_account());
    assert!(ran.err.starts_with(&begin), "{}", ran.err);
    // As JSON, each failure is a line.
    let ran = run(environment(&sandbox), "trend -o json --months 3").await;
    let lines: Vec<serde_json::Value> = ran.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["error"]["status"].as_u64()).collect::<Vec<_>>(), [Some(403); 3]);
    serde_json::from_str::<serde_json::Value>(&ran.out).unwrap();
}

#[tokio::test]
async fn mistakes_are_named() {
    let sandbox = started(small()).await;
    for (line, problem) in [
        ("bill --month yesterday", "error: --month `yesterday` is no month\nhint: "),
        ("bill --by colour", "error: --by `colour` is no part of a bill\nhint: "),
        ("bill --org x --service atlas", "error: atlas x: "),
    ] {
        let ran = run(environment(&sandbox), line).await;
        assert!(ran.status == 2 && ran.out.is_empty() && ran.err.starts_with(problem), "{line}: {ran:?}");
    }
    let names = ["USAGE_REPORTS_ACCOUNT_ID", "ENTERPRISE_USAGE_REPORTS_ENTERPRISE_ID"];
    let without = sandbox.environment().into_iter().filter(|(name, _)| !names.contains(name)).collect();
    let ran = run(without, "bill -o csv").await;
    assert!(
        ran.status == 2 && ran.out.contains("\natlas,") && ran.err.starts_with("error: ibm: no account"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn who_i_am() {
    let sandbox = started(small()).await;
    insta::assert_snapshot!(good(&sandbox, "whoami").await);
    // No secret is shown.
    let (_, secret) = sandbox.atlas_service_account();
    assert!(!good(&sandbox, "whoami -o json").await.contains(secret));
    let wrong = environment(&sandbox).variable("USAGE_REPORTS_APIKEY", "wrong");
    let ran = run(wrong, "whoami -o csv").await;
    assert!(ran.status == 4 && ran.out.contains("ibm,IAM API key,the variable USAGE_REPORTS_APIKEY,no,"), "{ran:?}");
    let account = sandbox.estate().unwrap().ibm_account();
    assert!(ran.err.starts_with(&format!("error: ibm {account}: ")) && !ran.err.contains("wrong"), "{}", ran.err);
    let ran = run(Environment::empty(), "whoami").await;
    assert!(ran.status == 4 && ran.err.contains("--sandbox"), "{ran:?}");
}

/// The place is what the client itself says: a line of a file, a profile, or the variable that was set in truth.
#[cfg(unix)]
#[tokio::test]
async fn who_i_am_by_files() {
    let sandbox = started(small()).await;
    let home = tempfile::tempdir().unwrap();
    let (id, secret) = sandbox.atlas_service_account();
    let profiles = home.path().join(".config/atlascli");
    std::fs::create_dir_all(&profiles).unwrap();
    std::fs::write(profiles.join("config.toml"), format!("[work]\nclient_id='{id}'\nclient_secret='{secret}'\n"))
        .unwrap();
    let get = |name: &str| sandbox.environment().into_iter().find(|(it, _)| *it == name).unwrap().1;
    let file: String = ["URL", "AUTH_URL", "APIKEY"]
        .map(|name| format!("USAGE_REPORTS_{name}={}\n", get(&format!("USAGE_REPORTS_{name}"))))
        .concat();
    std::fs::write(home.path().join("ibm-credentials.env"), file).unwrap();
    let environment = [
        "MONGODB_ATLAS_BASE_URL",
        "USAGE_REPORTS_ACCOUNT_ID",
        "ENTERPRISE_USAGE_REPORTS_URL",
        "ENTERPRISE_USAGE_REPORTS_AUTH_URL",
    ]
    .into_iter()
    .map(|name| (name, get(name)))
    .chain([("IBMCLOUD_API_KEY", sandbox.ibm_api_key().to_owned())])
    .collect::<Environment>()
    .home(home.path())
    .platform(cloud_billing_core::config::Platform::Unix);
    let ran = run(environment, "whoami -o csv").await;
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let places: Vec<String> = rows(&ran.out).into_iter().map(|row| format!("{}; {}", row[1], row[2])).collect();
    let at = home.path().display();
    assert_eq!(
        places,
        [
            format!("service account; client_id, profile `work` of {at}/.config/atlascli/config.toml"),
            format!("IAM API key; USAGE_REPORTS_APIKEY, line 3 of {at}/ibm-credentials.env"),
            "IAM API key; the variable IBMCLOUD_API_KEY".to_owned(),
        ]
    );
}

#[tokio::test]
async fn the_page() {
    let sandbox = started(small()).await;
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let page = good(&sandbox, "html").await;
    roxmltree::Document::parse_with_options(&page, roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() })
        .unwrap();
    assert!(page.contains("<h3>By project, Oct 2026</h3>") && page.contains("<h3>By resource group, Oct 2026</h3>"));
    // Whole cents have the same digits on the page, but for the grouping.
    for month in ledger.months() {
        let amount = atlas(ledger, &organization, &month).to_string();
        assert!(page.replace(',', "").contains(&format!(">{amount}<")), "{month}: {amount}");
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bills.html");
    let ran = run(environment(&sandbox), &format!("html -q --out {}", path.display())).await;
    assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), page);
}

#[tokio::test]
async fn books_that_add_up() {
    let sandbox = started(Estate::new()).await;
    for month in ["last", "this", "-7"] {
        let csv = good(&sandbox, &format!("check -o csv --month {month}")).await;
        let found = rows(&csv);
        assert!(
            found.len() == 11 && found.iter().all(|row| ["agrees", "explained", "noted"].contains(&row[7].as_str())),
            "{csv}"
        );
    }
    insta::assert_snapshot!(good(&sandbox, "check").await);
}

#[tokio::test]
async fn a_limit_that_is_passed_is_20() {
    let sandbox = started(small()).await;
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let total = atlas(ledger, &organization, "2026-11") + ibm(ledger, ledger.ibm_account(), "2026-11");
    let csv = good(&sandbox, &format!("check -o csv --limit {total}")).await;
    assert_eq!(rows(&csv).last().unwrap()[..5], ["all", "", "bills and limit", &total.to_string(), &total.to_string()]);
    let less = &total - &"0.000001".parse::<Decimal>().unwrap();
    let ran = run(environment(&sandbox), &format!("check -o csv --limit {less}")).await;
    assert_eq!((ran.status, ran.err.as_str()), (20, ""));
    assert_eq!(rows(&ran.out).last().unwrap()[5..8], ["0.000001", "USD", "over"]);
    let ran = run(environment(&sandbox), "check --limit much").await;
    assert!(ran.status == 2 && ran.err.starts_with("error: --limit `much` is no amount: "), "{ran:?}");
}

#[tokio::test]
async fn differences_of_two_months() {
    let sandbox = started(small()).await;
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    for (line, before, after) in
        [("diff", "2026-09", "2026-10"), ("diff --month -3 --with 2025-12 --by project", "2025-12", "2026-08")]
    {
        let csv = good(&sandbox, &format!("{line} -o csv")).await;
        for month in [before, after] {
            assert_eq!(sum(&csv, month, &["atlas"]), atlas(ledger, &organization, month), "{csv}");
            assert_eq!(sum(&csv, month, &["ibm"]), ibm(ledger, ledger.ibm_account(), month), "{csv}");
        }
        let sizes: Vec<Decimal> = rows(&csv)
            .iter()
            .filter(|row| row[0] == "ibm")
            .map(|row| row[5].parse::<Decimal>().unwrap().abs())
            .collect();
        assert!(sizes.len() > 3 && sizes.is_sorted_by(|a, b| a >= b), "{csv}");
    }
    assert_eq!(rows(&good(&sandbox, "diff -o csv --top 2").await).len(), 4);
    let ran = run(environment(&sandbox), "diff --month last --with last").await;
    assert!(ran.status == 2 && ran.err.contains("are both 2026-10"), "{ran:?}");
}

#[tokio::test]
async fn costs_of_the_cost_explorer() {
    let sandbox = started(small()).await;
    let ledger = sandbox.estate().unwrap();
    let lines = |organization: &str, month: &str| {
        let invoices = ledger.atlas_invoices(organization);
        let invoice = invoices.iter().find(|invoice| invoice.month == month).unwrap();
        Decimal::from_cents(invoice.subtotal_cents - invoice.credits_cents)
    };
    let organizations: Vec<String> = ledger.atlas_organizations().collect();
    let csv = good(&sandbox, "cost -o csv").await;
    for month in ledger.months() {
        let of_month: String = csv
            .lines()
            .filter(|line| line.contains(&month) || line.starts_with("id,"))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(sum(&of_month, "amount", &[]), lines(&organizations[0], &month), "{month}");
    }
    let csv = good(&sandbox, "cost -o csv --by organization --all-orgs --months 1 --month last").await;
    for organization in &organizations {
        assert_eq!(sum(&csv, "amount", &[organization]), lines(organization, "2026-10"));
    }
    let projects = ledger.atlas_projects(&organizations[0]);
    let csv = good(&sandbox, &format!("cost -o csv --by project --project {} --months 1", projects.join(","))).await;
    assert_eq!(rows(&csv).len(), projects.len());
    let ran = run(environment(&sandbox), "cost --by project").await;
    assert!(ran.status == 2 && ran.err.contains("needs --project ID"), "{ran:?}");
}

#[tokio::test]
async fn rows_of_a_month() {
    let sandbox = started(small()).await;
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let csv = good(&sandbox, "export").await;
    let invoices = ledger.atlas_invoices(&organization);
    let invoice = invoices.iter().find(|invoice| invoice.month == "2026-10").unwrap();
    let of_atlas = rows(&csv).iter().filter(|row| row[0] == "atlas").count();
    assert_eq!(u64::try_from(of_atlas).unwrap(), invoice.line_items);
    assert_eq!(sum(&csv, "amount", &["atlas"]), Decimal::from_cents(invoice.subtotal_cents - invoice.credits_cents));
    let billable = ledger.ibm_month("2026-10").unwrap().billable_micros;
    assert_eq!(sum(&csv, "amount", &["ibm"]), micros(billable));
    let lines = good(&sandbox, "export -o ndjson").await;
    assert_eq!(lines.lines().count(), rows(&csv).len());
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert!(first["vendor"] == "atlas" && first["amount"].is_number() && first["plan"].is_null(), "{first}");
}

#[tokio::test]
async fn rows_that_are_not_all() {
    let fault = Fault::status(403).nth(2).on("get_resource_usage_account");
    let sandbox = sandbox(small()).fault(fault.clone()).start().await.unwrap();
    let ran = run(environment(&sandbox), "export --service ibm").await;
    assert!(ran.status == 10 && ran.out.lines().count() > 50 && ran.err.starts_with("error: ibm "), "{ran:?}");
    // A file is whole or not there.
    sandbox.clear_faults();
    sandbox.inject(fault).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rows.csv");
    let ran = run(environment(&sandbox), &format!("export --service ibm --out {}", path.display())).await;
    assert_eq!((ran.status, std::fs::read_dir(directory.path()).unwrap().count()), (4, 0), "{ran:?}");
}

#[tokio::test]
async fn reports_as_a_whole_or_not_at_all() {
    let sandbox = started(small()).await;
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let invoices = ledger.atlas_invoices(&organization);
    let invoice = invoices.iter().find(|invoice| invoice.month == "2026-10").unwrap();
    let focus = good(&sandbox, "report").await;
    // It has no credits.
    assert_eq!(sum(&focus, "BilledCost", &[]), Decimal::from_cents(invoice.subtotal_cents));
    let csv = good(&sandbox, &format!("report --format csv --invoice {}", invoice.id)).await;
    assert_eq!(csv, good(&sandbox, "report --format csv --month 2026-10").await);
    assert!(csv.starts_with(&format!("Invoice Number,{},", invoice.id)), "{csv}");

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.csv");
    std::fs::write(&path, "old").unwrap();
    sandbox.inject("reset=body:on=getInvoiceCsv:always".parse().unwrap()).unwrap();
    let line = format!("report --format csv --out {}", path.display());
    let ran = run(environment(&sandbox), &line).await;
    assert_eq!((ran.status, std::fs::read_to_string(&path).unwrap().as_str()), (7, "old"), "{ran:?}");
    let ran = run(environment(&sandbox), "report --format csv").await;
    assert_eq!((ran.status, ran.out.as_str()), (7, ""));
    sandbox.clear_faults();
    let ran = run(environment(&sandbox), &line).await;
    assert_eq!((ran.status, std::fs::read_to_string(&path).unwrap()), (0, csv), "{ran:?}");

    let ran = run(environment(&sandbox), "report --month 2020-01").await;
    assert!(ran.status == 6 && ran.err.contains("no invoice for 2020-01"), "{ran:?}");
}
