//! Compacted months: the same answers, and never those of another state of the bills.

use cloud_billing_lake::compact::compact;
use cloud_billing_lake::{Lake, Service, Table, Unit};
use cloud_billing_lake_sql::questions;
use cloud_billing_sandbox::Estate;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::file::metadata::RowGroupMetaData;
use futures_util::TryStreamExt;
use lake_trial::compacted::{compacted, copies, options};
use lake_trial::fake::{Fake, accounts, noon, stopped};
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::queries::scanned;
use crate::world::{filled, lines, made_up, month, sandbox, session};

/// Questions to each table, to months and accounts, and to both kinds of columns at once.
fn all() -> Vec<String> {
    let account = &accounts()[2];
    let tables = Table::ALL.map(|table| format!("SELECT * FROM {}", table.name()));
    let others = [
        "SELECT account, billing_period, sum(BilledCost), count(*) FROM focus GROUP BY ALL".to_owned(),
        format!("SELECT BilledCost, ChargeDescription FROM focus WHERE account = 'a-{account}'"),
        format!("SELECT count(*), sum(BilledCost) FROM focus WHERE account = 'a-{account}' OR BilledCost > 90"),
        "SELECT billing_period, service, max(account) FROM focus WHERE billing_period >= '2026-09' GROUP BY ALL"
            .to_owned(),
        "SELECT f.account, count(*), max(r.RowsTotal) FROM focus f JOIN reconciliation r
            ON f.account = r.account AND f.billing_period = r.billing_period GROUP BY ALL"
            .to_owned(),
        "SELECT count(*) FROM payments".to_owned(),
    ];
    tables.into_iter().chain(others).chain(questions::ALL.iter().map(|it| it.sql.to_owned())).collect()
}

/// What is answered, in the order of the texts: two questions have no order.
async fn answers(lake: &Lake) -> Vec<Vec<String>> {
    let mut answers = Vec::new();
    for sql in all() {
        let mut lines = lines(&session(lake), &sql).await;
        lines.sort();
        answers.push(lines);
    }
    answers
}

const COUNT: &str = "SELECT count(BilledCost) FROM focus";

#[tokio::test]
async fn answers_are_the_same() {
    let sandbox = sandbox(Estate::new().organizations(3).ibm_accounts(2)).await;
    for lake in [made_up(1).await, filled(&sandbox).await] {
        let before = answers(&lake).await;
        assert!(compacted(&lake).await.unwrap() > 4);
        assert_eq!(answers(&lake).await, before);
        let files = scanned(&lake, COUNT).await;
        assert!(!files.is_empty() && files.iter().all(|path| path.starts_with("compact/focus/")), "{files:?}");
        assert_eq!(compacted(&lake).await.unwrap(), 0, "a repeat changes nothing");
    }
}

#[tokio::test]
async fn of_a_month_that_is_needed_in_part_the_units_are_read() {
    let lake = made_up(1).await;
    compacted(&lake).await.unwrap();
    let account = &accounts()[2];
    let files = scanned(&lake, &format!("SELECT BilledCost FROM focus WHERE account = 'a-{account}'")).await;
    assert_eq!(files.len(), 6, "{files:?}");
    assert!(files.iter().all(|path| path.starts_with("focus/") && path.contains(account)), "{files:?}");
    let month = scanned(&lake, "SELECT BilledCost FROM focus WHERE billing_period = '2026-08'").await;
    assert!(month.len() > 1 && month.iter().all(|path| path.contains("/billing_period=2026-08/part-")), "{month:?}");
}

#[tokio::test]
async fn a_stale_month_is_not_read_until_it_is_compacted_again() {
    let lake = made_up(3).await;
    compacted(&lake).await.unwrap();
    let old = copies(&lake).await.unwrap();
    Fake::new(4).sync(&lake, stopped(noon())).await.unwrap();
    let right = answers(&made_up(4).await).await;
    assert_eq!(answers(&lake).await, right);
    let files = scanned(&lake, COUNT).await;
    let of = |root: &str| files.iter().filter(|path| path.starts_with(root)).count();
    assert_eq!(of("focus/"), 24, "the two oldest months have not changed: {files:?}");
    assert!(of("compact/") >= 2, "{files:?}");

    // None of them stays as it was, whether all months are asked for or not.
    let done = compact(&lake, cloud_billing_lake::compact::Options::default()).await.unwrap();
    assert_eq!(done.len(), 6);
    assert_eq!(scanned(&lake, COUNT).await.iter().filter(|path| path.starts_with("focus/")).count(), 0);
    assert_eq!(answers(&lake).await, right);
    let new = copies(&lake).await.unwrap();
    assert!(old.keys().any(|path| !new.contains_key(path)));
    let there: Vec<_> = lake.store().list(Some(&Path::from("compact"))).try_collect().await.unwrap();
    assert_eq!(there.len(), new.len() + 6, "the old ones are gone");
}

#[tokio::test]
async fn a_bill_that_is_new_or_gone_makes_its_month_stale() {
    let lake = made_up(1).await;
    compacted(&lake).await.unwrap();
    let unit = |account: &str| Unit::new(Service::Atlas, account, month("2026-08")).unwrap();
    let path = unit(&accounts()[0]).manifest();
    let manifest = lake.store().get(&path).await.unwrap().bytes().await.unwrap();
    lake.store().delete(&path).await.unwrap();
    let others = "SELECT count(DISTINCT account) FROM focus WHERE billing_period = '2026-08'";
    assert_eq!(lines(&session(&lake), others).await, ["5"]);
    compacted(&lake).await.unwrap();
    assert_eq!(lines(&session(&lake), others).await, ["5"]);
    lake.store().put(&path, manifest.into()).await.unwrap();
    assert_eq!(lines(&session(&lake), others).await, ["6"]);
    for account in accounts() {
        lake.store().delete(&unit(&account).manifest()).await.unwrap();
    }
    compacted(&lake).await.unwrap();
    let files = copies(&lake).await.unwrap();
    assert!(files.keys().all(|path| !path.contains("2026-08")), "{files:?}");
}

#[tokio::test]
async fn months_whose_bills_may_change_are_compacted_if_asked_for() {
    let sandbox = sandbox(Estate::new().organizations(2).ibm_accounts(1)).await;
    let lake = filled(&sandbox).await;
    let mut some = options();
    some.all = false;
    let count = async || lake.compactions().try_collect::<Vec<_>>().await.unwrap().len();
    compact(&lake, some).await.unwrap();
    let complete = count().await;
    assert!(complete > 0);
    assert!(scanned(&lake, COUNT).await.iter().any(|path| path.starts_with("focus/")));
    compacted(&lake).await.unwrap();
    assert_eq!(count().await, 10);
    assert!(complete < 10);
}

/// The first and the last account of row groups.
fn accounts_of(group: &RowGroupMetaData) -> (Vec<u8>, Vec<u8>) {
    let column = group.columns().iter().find(|column| column.column_path().string() == "account").unwrap();
    let of = column.statistics().unwrap();
    (of.min_bytes_opt().unwrap().to_vec(), of.max_bytes_opt().unwrap().to_vec())
}

#[tokio::test]
async fn rows_are_sorted_by_account_and_say_so() {
    let lake = made_up(1).await;
    compacted(&lake).await.unwrap();
    let compaction = lake.compactions().try_next().await.unwrap().unwrap();
    let folder = compaction.month.folder(Table::CostAndUsage);
    let mut accounts = Vec::new();
    for file in compaction.files.iter().filter(|file| file.path.starts_with(folder.as_ref())) {
        let bytes = lake.store().get(&Path::from(file.path.as_str())).await.unwrap().bytes().await.unwrap();
        let file = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
        for group in file.metadata().row_groups() {
            let column = group.sorting_columns().unwrap()[0].column_idx;
            assert_eq!(group.column(usize::try_from(column).unwrap()).column_path().string(), "account");
            let (first, last) = accounts_of(group);
            accounts.extend([first, last]);
        }
    }
    assert!(accounts.len() > 2 && accounts.is_sorted(), "{accounts:?}");
    assert!(accounts.iter().all(|account| account.starts_with(b"a-0")));
}

#[tokio::test]
async fn a_manifest_of_another_month_or_with_other_files_is_not_used() {
    let lake = made_up(1).await;
    let before = answers(&lake).await;
    compacted(&lake).await.unwrap();
    let path = |period: &str| Path::from(format!("compact/state/atlas/{period}.json"));
    lake.store().copy(&path("2026-08"), &path("2026-09")).await.unwrap();
    assert_eq!(answers(&lake).await, before);
    let errors: Vec<_> = compact(&lake, options()).await.unwrap();
    let failed = format!("{errors:?}");
    assert!(failed.contains("compact/state/atlas/2026-09.json is no manifest of a compacted month"), "{failed}");
    lake.store().delete(&path("2026-09")).await.unwrap();
    assert_eq!(compacted(&lake).await.unwrap(), 1);
}
