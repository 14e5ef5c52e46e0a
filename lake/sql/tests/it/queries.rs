//! What a query sees, and what of it is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use cloud_billing_lake::{Lake, Service, Table, Unit};
use cloud_billing_lake_sql::output;
use datafusion::datasource::physical_plan::ParquetSource;
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;
use lake_trial::fake::{Fake, accounts, noon, stopped};
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::world::{lines, made_up, month, refused, session};

/// The files that a query would read.
pub(crate) async fn scanned(lake: &Lake, sql: &str) -> Vec<String> {
    fn add(plan: &Arc<dyn ExecutionPlan>, files: &mut BTreeSet<String>) {
        let scan =
            plan.downcast_ref::<DataSourceExec>().and_then(DataSourceExec::downcast_to_file_source::<ParquetSource>);
        for group in scan.iter().flat_map(|(scan, _)| &scan.file_groups) {
            files.extend(group.iter().map(|file| file.path().to_string()));
        }
        plan.children().into_iter().for_each(|plan| add(plan, files));
    }
    let frame = session(lake).context().unwrap().sql(sql).await.unwrap();
    let plan = frame.create_physical_plan().await.unwrap();
    // A file may be read in parts.
    let mut files = BTreeSet::new();
    add(&plan, &mut files);
    files.into_iter().collect()
}

#[tokio::test]
async fn only_the_folders_of_the_filter_are_read() {
    let (lake, account) = (&made_up(1).await, &accounts()[2]);
    let folder = format!("billing_period=2026-08/account=a-{account}/");
    let one = format!("SELECT sum(BilledCost) FROM focus WHERE billing_period = '2026-08' AND account = 'a-{account}'");
    let files = scanned(lake, &one).await;
    assert!(files.len() == 1 && files[0].contains(&folder), "{files:?}");
    let half = "SELECT sum(BilledCost) FROM focus WHERE billing_period > '2026-08' AND service IN ('atlas', 'x')";
    assert_eq!(scanned(lake, half).await.len(), 18);
    let late = "SELECT sum(BilledCost) FROM focus WHERE substr(billing_period, 6) = '11' OR account LIKE '%3'";
    assert_eq!(scanned(lake, late).await.len(), 6 + 5);
    assert_eq!(scanned(lake, "SELECT sum(BilledCost) FROM focus WHERE service = 'ibm'").await.len(), 0);
    assert_eq!(scanned(lake, "SELECT count(*) FROM focus").await.len(), 36);
}

#[tokio::test]
async fn only_the_months_of_the_filter_are_read() {
    let lake = made_up(1).await;
    for (filter, files) in [
        ("BillingPeriodStart = getvariable('month')", 6),
        ("BillingPeriodStart <= getvariable('month') AND BilledCost <> 0", 30),
        ("BillingPeriodStart >= getvariable('month') - INTERVAL '1 month' AND billing_period < '2026-11'", 12),
        ("BillingPeriodStart IN ('2026-07-01T00:00:00Z', '2026-09-01T00:00:00Z')", 12),
        ("BillingPeriodStart = '2026-07-01T00:00:00Z' OR BilledCost > 1", 36),
        ("strftime(BillingPeriodStart, '%Y-%m') = '2026-07'", 36),
        ("BillingPeriodStart > '2027-01-01T00:00:00Z'", 0),
    ] {
        assert_eq!(
            scanned(&lake, &format!("SELECT sum(BilledCost) FROM focus WHERE {filter}")).await.len(),
            files,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn filters_on_folders_and_rows_go_together() {
    let session = session(&made_up(1).await);
    let all = lines(&session, "SELECT count(*) FROM focus").await;
    let parts =
        "SELECT sum(n) FROM (SELECT billing_period, count(*) AS n FROM focus WHERE BilledCost >= 0 GROUP BY ALL)";
    assert_eq!(lines(&session, parts).await, all);
    let newest = "SELECT DISTINCT billing_period FROM focus
        WHERE billing_period = (SELECT max(billing_period) FROM focus) AND BillingAccountId IS NOT NULL";
    assert_eq!(lines(&session, newest).await, ["2026-11"]);
    let none = "SELECT count(*) FROM payments WHERE service = 'ibm'";
    assert_eq!(lines(&session, none).await, ["0"]);
}

#[tokio::test]
async fn files_that_no_manifest_names_are_not_seen() {
    let lake = made_up(1).await;
    let before = lines(&session(&lake), "SELECT count(*), sum(BilledCost) FROM focus").await;
    let unit = Unit::new(Service::Atlas, &accounts()[0], month("2026-08")).unwrap();
    let manifest = lake.load(&unit).await.unwrap().unwrap().manifest;
    let file = manifest.files.iter().find(|file| file.path.starts_with(Table::CostAndUsage.folder())).unwrap();
    let copy = unit.folder(Table::CostAndUsage).join("part-0000000000000000.parquet");
    lake.store().copy(&Path::from(file.path.as_str()), &copy).await.unwrap();
    assert_eq!(lines(&session(&lake), "SELECT count(*), sum(BilledCost) FROM focus").await, before);
}

#[tokio::test]
async fn a_damaged_file_is_an_error_that_says_what_to_do() {
    for damage in ["cut", "empty", "gone", "zeros"] {
        let lake = made_up(1).await;
        let unit = Unit::new(Service::Atlas, &accounts()[0], month("2026-08")).unwrap();
        let manifest = lake.load(&unit).await.unwrap().unwrap().manifest;
        let file = manifest.files.iter().find(|file| file.path.starts_with(Table::CostAndUsage.folder())).unwrap();
        let (path, length) = (Path::from(file.path.as_str()), usize::try_from(file.bytes).unwrap());
        match damage {
            "gone" => lake.store().delete(&path).await.unwrap(),
            "cut" => drop(lake.store().put(&path, vec![0; length / 2].into()).await.unwrap()),
            "empty" => drop(lake.store().put(&path, "".into()).await.unwrap()),
            _ => drop(lake.store().put(&path, vec![0; length].into()).await.unwrap()),
        }
        let error = refused(&session(&lake), "SELECT sum(BilledCost) FROM focus").await;
        assert!(error.contains("sync --everything writes it again"), "{damage}: {error}");
    }
}

#[tokio::test]
async fn a_bill_that_is_replaced_while_it_is_read_is_an_error() {
    let lake = made_up(3).await;
    let one = format!("billing_period = '2026-11' AND account = 'a-{}'", accounts()[0]);
    let stream = session(&lake).stream(&format!("SELECT BilledCost FROM focus WHERE {one}")).await.unwrap();
    Fake::new(4).sync(&lake, stopped(noon())).await.unwrap();
    let error = output::csv(stream, Vec::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "a bill was replaced while it was read: ask again");
}

/// Queries beside syncs: each sees whole bills, in all of its tables.
#[tokio::test]
async fn a_query_asks_again_when_a_bill_is_replaced() {
    let lake = made_up(1).await;
    let session = session(&lake);
    let sums = "SELECT count(*), sum(CASE WHEN f.cost = r.total THEN 1 ELSE 0 END) FROM
        (SELECT billing_period, account, sum(BilledCost) AS cost FROM focus GROUP BY ALL) f
        JOIN (SELECT billing_period, account, sum(RowsTotal) AS total FROM reconciliation GROUP BY ALL) r
        ON f.billing_period = r.billing_period AND f.account = r.account";
    for version in 2..12 {
        let (answer, report) = tokio::join!(lines(&session, sums), Fake::new(version).sync(&lake, stopped(noon())));
        assert_eq!(answer, ["36 36"], "{version}");
        assert!(report.unwrap().replaced > 0);
    }
}

#[tokio::test]
async fn a_query_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(&made_up(1).await);
    let file = folder.path().join("x.parquet");
    for sql in [
        format!("COPY (SELECT 1) TO '{}'", file.display()),
        format!("CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION '{}'", folder.path().display()),
        "CREATE TABLE x AS SELECT 1".to_owned(),
        "DROP TABLE focus".to_owned(),
        "INSERT INTO focus SELECT * FROM focus".to_owned(),
        "SET datafusion.sql_parser.parse_float_as_decimal = false".to_owned(),
    ] {
        refused(&session, &sql).await;
    }
    assert!(!file.exists());
}

#[tokio::test]
async fn mistakes_are_named() {
    let session = session(&made_up(1).await);
    assert!(
        lines(&session, "DESCRIBE focus").await.iter().any(|line| line.starts_with("BilledCost Decimal128(30, 12)"))
    );
    for (sql, named) in [
        ("SELECT nothing FROM focus", "nothing"),
        ("SELECT billedcost FROM focus", "Did you mean 'focus.\"BilledCost\"'? DESCRIBE"),
        ("SELEC 1", "SELEC"),
        ("SELECT * FROM bills", "bills"),
    ] {
        let error = refused(&session, sql).await;
        assert!(error.contains(named) && error.len() < 200, "{error}");
    }
}

#[tokio::test]
async fn a_manifest_that_is_none_is_an_error_where_it_is_needed() {
    let lake = made_up(1).await;
    let unit = Unit::new(Service::Atlas, &accounts()[0], month("2026-08")).unwrap();
    lake.store().put(&unit.manifest(), "{".into()).await.unwrap();
    let session = session(&lake);
    let error = refused(&session, "SELECT count(*) FROM focus").await;
    assert!(error.starts_with(unit.manifest().as_ref()) && error.contains("is no manifest"), "{error}");
    let other = "SELECT count(*) > 0 FROM focus WHERE billing_period = '2026-09'";
    assert_eq!(lines(&session, other).await, ["true"]);
}

#[tokio::test]
async fn a_manifest_names_files_of_its_own_unit_alone() {
    let lake = made_up(1).await;
    let unit = |at: usize| Unit::new(Service::Atlas, &accounts()[at], month("2026-08")).unwrap();
    let other = lake.load(&unit(1)).await.unwrap().unwrap().manifest.files;
    let mut manifest = lake.load(&unit(0)).await.unwrap().unwrap().manifest;
    manifest.files = other;
    lake.store().put(&unit(0).manifest(), manifest.to_json().unwrap().into()).await.unwrap();
    let error = refused(&session(&lake), "SELECT count(*) FROM focus").await;
    assert!(error.contains("which is no file of its unit"), "{error}");
}
