//! The program, from the services to an answer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cloud_billing_core::Decimal;
use cloud_billing_core::config::Environment;
use cloud_billing_lake::Lake;
use cloud_billing_sandbox::{Estate, Failure, Fault, Sandbox};
use cloudbill::Context;
use lake_trial::compare::content;
use test_support::stream::Kept;

/// What a run printed, and its exit status.
#[derive(Debug)]
struct Ran {
    status: u8,
    out: String,
    err: String,
}

/// 2026-11-10, noon.
fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_794_312_000)
}

async fn sandbox() -> Sandbox {
    let estate = Estate::new().organizations(2).ibm_accounts(2).months(4).line_items(30).instances(20);
    Sandbox::builder().now(noon()).estate(estate).start().await.unwrap()
}

async fn run_at(now: SystemTime, environment: Environment, arguments: &[&str]) -> Ran {
    let (out, err) = (Kept::default(), Kept::default());
    let mut context = Context::new(environment, Box::new(out.clone()), Box::new(err.clone()));
    context.now = now;
    context.input = Box::new(io::Cursor::new("SELECT 1 + 1 AS two"));
    let arguments = ["cloudbill-lake"].iter().chain(arguments).map(OsString::from).collect();
    let status = cloudbill_lake::run(arguments, context).await;
    Ran { status, out: out.text(), err: err.text() }
}

/// Each run is a minute after the one before it.
async fn run(sandbox: &Sandbox, arguments: &[&str]) -> Ran {
    static MINUTES: AtomicU64 = AtomicU64::new(0);
    let now = noon() + Duration::from_secs(60 * MINUTES.fetch_add(1, Ordering::Relaxed));
    run_at(now, sandbox.environment().into_iter().collect(), arguments).await
}

/// The numbers of columns of an answer in CSV, by the text before them.
fn numbers(ran: &Ran) -> Vec<(String, Decimal)> {
    assert_eq!(ran.status, 0, "{ran:?}");
    let rows = ran.out.lines().skip(1).map(|row| row.rsplit_once(',').unwrap());
    rows.map(|(key, number)| (key.to_owned(), number.parse().unwrap())).collect()
}

fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake").to_str().unwrap().to_owned();
    (folder, lake)
}

/// All paths below a folder, with the times of their last changes.
fn tree(folder: &Path) -> Vec<(PathBuf, SystemTime)> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        paths.push((entry.path(), entry.metadata().unwrap().modified().unwrap()));
        if entry.path().is_dir() {
            paths.extend(tree(&entry.path()));
        }
    }
    paths.sort();
    paths
}

#[tokio::test]
async fn bills_are_synced_and_asked_for() {
    let sandbox = sandbox().await;
    let (_folder, lake) = folder();
    let synced = run(&sandbox, &["sync", &lake, "--all-orgs"]).await;
    assert_eq!(synced.status, 0, "{synced:?}");
    assert_eq!(synced.out.lines().filter(|line| line.starts_with("atlas") && line.contains("replaced")).count(), 10);
    assert!(synced.err.contains("atlas: 10 replaced, 0 read and unchanged"), "{}", synced.err);

    let ledger = sandbox.estate().unwrap();
    let mut books = Vec::new();
    for organization in ledger.atlas_organizations() {
        for invoice in ledger.atlas_invoices(&organization) {
            let cents = invoice.subtotal_cents - invoice.credits_cents + invoice.sales_tax_cents;
            books.push((format!("a-{organization},{}", invoice.month), Decimal::from_cents(cents)));
        }
    }
    books.sort();
    let sums = "SELECT account, billing_period, sum(BilledCost) FROM focus WHERE service = 'atlas' GROUP BY ALL
        ORDER BY account, billing_period";
    assert_eq!(numbers(&run(&sandbox, &["sql", &lake, sums, "-o", "csv"]).await), books);

    // Nothing has changed, so nothing changes.
    let there = Lake::folder(&lake).unwrap();
    let before = content(&there).await.unwrap();
    let again = run(&sandbox, &["sync", &lake, "--all-orgs"]).await;
    assert_eq!(again.status, 0, "{again:?}");
    assert!(again.err.contains("atlas: 0 replaced, 2 read and unchanged, 8 not read again"), "{}", again.err);
    assert_eq!(content(&there).await.unwrap(), before);
}

/// As users try it: without an account and a network, with the flags of the main program.
#[test]
fn the_sandbox_fills_a_lake() {
    let (_folder, lake) = folder();
    let program = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cloudbill-lake")).args(arguments).env_clear().output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    program(&["sync", "--sandbox", &lake, "--since", "-2", "--quiet"]);
    let sql = "SELECT f.service, f.billing_period, f.cost = r.stated AS same FROM
        (SELECT service, billing_period, sum(BilledCost) AS cost FROM focus GROUP BY ALL) f JOIN
        (SELECT service, billing_period, sum(Expected) AS stated FROM reconciliation GROUP BY ALL) r
        ON f.service = r.service AND f.billing_period = r.billing_period";
    let table = program(&["sql", &lake, sql]);
    assert_eq!(table.lines().filter(|line| line.ends_with("true")).count(), 6, "{table}");
    let status = program(&["status", &lake]);
    assert_eq!(status.lines().count(), 7, "{status}");
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_read_and_why() {
    let sandbox = sandbox().await;
    let (_folder, lake) = folder();
    let dry = ["sync", &lake, "--dry-run", "--service", "atlas", "-o", "csv"];
    let ran = run(&sandbox, &dry).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.out.lines().filter(|line| line.ends_with("would be read,new,")).count(), 5, "{}", ran.out);
    assert!(!Path::new(&lake).exists(), "not even its folder");
    std::fs::create_dir(&lake).unwrap();
    assert_eq!(run(&sandbox, &dry).await.out, ran.out);
    assert_eq!(std::fs::read_dir(&lake).unwrap().count(), 0);
    assert_eq!(run(&sandbox, &["sync", &lake, "--service", "atlas"]).await.status, 0);
    let before = tree(Path::new(&lake));
    let ran = run(&sandbox, &dry).await;
    assert_eq!(tree(Path::new(&lake)), before);
    assert_eq!(ran.out.lines().filter(|line| line.ends_with("kept,the same,exact")).count(), 4, "{}", ran.out);
    assert_eq!(ran.out.lines().filter(|line| line.ends_with("would be read,open,exact")).count(), 1, "{}", ran.out);
}

#[tokio::test]
async fn the_exit_status_says_how_many_bills_are_not_exact() {
    let sandbox = sandbox().await;
    sandbox.inject(Fault::failure(Failure::new(403)).on("getInvoice").first(2)).unwrap();
    let (_folder, lake) = folder();
    let ran = run(&sandbox, &["sync", &lake, "--service", "atlas"]).await;
    assert_eq!(ran.status, 2, "{ran:?}");
    assert_eq!(ran.err.lines().filter(|line| line.starts_with("error: atlas ") && line.contains("403")).count(), 2);
    assert_eq!(ran.out.lines().filter(|line| line.contains("failed")).count(), 2, "{}", ran.out);
    assert_eq!(run(&sandbox, &["sync", &lake, "--service", "atlas"]).await.status, 0);
}

#[tokio::test]
async fn what_cannot_be_done_has_a_status_of_its_own() {
    let (_folder, lake) = folder();
    let without_credentials = async |arguments: &[&str]| run_at(noon(), Environment::empty(), arguments).await;
    for (arguments, status, problem) in [
        (&["sync", &lake, "--since", "yesterday"][..], 102, "--since `yesterday` is no month"),
        (&["sync", &lake, "--nothing"], 102, "--nothing"),
        (&["sync", &lake], 104, "there is no credential for any vendor"),
        (&["sync", "file:///x", "--sandbox"], 101, "a folder is given by its path"),
        (&["sql", &lake, "SELECT 1"], 6, "there is no lake in"),
        (&["status", &lake], 6, "there is no lake in"),
        (&["collect", &lake], 6, "there is no lake in"),
        (&["compact", &lake], 6, "there is no lake in"),
        (&["sql", &lake, "--question", "what"], 2, "there is no question `what`"),
        (&["sql", &lake], 2, "nothing was asked"),
        (&["nothing"], 2, "nothing"),
    ] {
        let ran = without_credentials(arguments).await;
        assert_eq!(ran.status, status, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(problem) && ran.out.is_empty(), "{arguments:?}: {ran:?}");
    }
    assert!(!Path::new(&lake).exists());
    let help = without_credentials(&["sync", "--help"]).await;
    assert!(help.status == 0 && help.out.contains("--dry-run") && help.out.contains("--profile"), "{help:?}");
}

#[tokio::test]
async fn questions_are_ready_to_ask() {
    let sandbox = sandbox().await;
    let (folder, lake) = folder();
    assert_eq!(run(&sandbox, &["sync", &lake]).await.status, 0);
    let listed = run(&sandbox, &["sql", "--questions"]).await;
    assert_eq!(listed.out.lines().count(), 11, "{listed:?}");
    let ran = run(&sandbox, &["sql", &lake, "--question", "payable"]).await;
    assert!(ran.status == 0 && ran.out.contains("MongoDB") && ran.out.contains("2026-10"), "{ran:?}");
    let month = async |month| run(&sandbox, &["sql", &lake, "--month", month, "--question", "projects"]).await.out;
    assert_ne!(month("last").await, month("2026-08").await);
    let ran = run(&sandbox, &["sql", &lake, "-"]).await;
    assert_eq!((ran.status, ran.out.as_str()), (0, "two\n  2\n"));

    let file = folder.path().join("answer.parquet");
    let ran =
        run(&sandbox, &["sql", &lake, "SELECT * FROM invoices", "-o", "parquet", "--out", file.to_str().unwrap()])
            .await;
    assert!(ran.status == 0 && std::fs::read(&file).unwrap().starts_with(b"PAR1"), "{ran:?}");
    let ran = run(&sandbox, &["sql", &lake, "SELECT * FROM invoices", "-o", "parquet"]).await;
    assert!(ran.status == 2 && ran.err.contains("name it with --out FILE"), "{ran:?}");
    // A question that has no answer leaves the file as it was.
    let ran = run(&sandbox, &["sql", &lake, "SELECT x", "-o", "csv", "--out", file.to_str().unwrap()]).await;
    assert!(ran.status == 1 && std::fs::read(&file).unwrap().starts_with(b"PAR1"), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
}

#[tokio::test]
async fn live_questions_fill_the_lake() {
    let sandbox = sandbox().await;
    let (_folder, lake) = folder();
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let of = format!("billing_period = '2026-10' AND account = 'a-{organization}'");
    let sql = format!("SELECT 'all', sum(BilledCost) FROM focus WHERE {of}");
    let live = run(&sandbox, &["sql", &lake, "--live", &sql, "-o", "csv"]).await;
    let stored = run(&sandbox, &["sql", &lake, "SELECT 'all', sum(BilledCost) FROM focus", "-o", "csv"]).await;
    assert_eq!(numbers(&live), numbers(&stored));
    let ran = run(&sandbox, &["sql", &lake, "--live", "SELECT count(*) FROM focus"]).await;
    assert!(ran.status == 1 && ran.err.contains("names neither month nor account"), "{ran:?}");
}

#[tokio::test]
async fn status_says_what_is_open_and_stale() {
    let sandbox = sandbox().await;
    let (_folder, lake) = folder();
    assert_eq!(run(&sandbox, &["sync", &lake, "--service", "atlas"]).await.status, 0);
    let ran = run(&sandbox, &["status", &lake, "-o", "csv"]).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    let newest = ran.out.lines().last().unwrap();
    assert!(newest.starts_with("atlas,2026-11,1,1,0,0,0,"), "{}", ran.out);
    let later = noon() + Duration::from_secs(3 * 86_400);
    let ran = run_at(later, Environment::empty(), &["status", &lake, "-o", "csv"]).await;
    assert_eq!(ran.status, 20, "{ran:?}");
    assert!(ran.out.lines().last().unwrap().starts_with("atlas,2026-11,1,1,0,1,0,"), "{}", ran.out);
    let ran = run_at(later, Environment::empty(), &["status", &lake, "--prometheus"]).await;
    let metric = "billing_units_stale{service=\"atlas\",period=\"2026-11\"} 1";
    assert!(ran.status == 20 && ran.out.lines().any(|line| line == metric), "{ran:?}");

    let manifest = std::fs::read_dir(Path::new(&lake).join("state/atlas")).unwrap().next().unwrap().unwrap();
    std::fs::write(manifest.path().join("2026-10.json"), "{").unwrap();
    let ran = run(&sandbox, &["status", &lake]).await;
    assert!(ran.status == 20 && ran.err.contains("is no manifest"), "{ran:?}");
}

#[tokio::test]
async fn garbage_is_deleted_when_it_is_old() {
    let sandbox = sandbox().await;
    let (_folder, lake) = folder();
    assert_eq!(run(&sandbox, &["sync", &lake, "--service", "atlas"]).await.status, 0);
    let left = Path::new(&lake).join(".tmp/0123456789abcdef");
    std::fs::write(&left, "x").unwrap();
    let day = SystemTime::now();
    let collect = async |now| run_at(now, Environment::empty(), &["collect", &lake]).await.out;
    assert_eq!(collect(day).await, "0 files deleted\n");
    assert_eq!(collect(day + Duration::from_secs(2 * 86_400)).await, "1 files deleted\n");
    assert!(!left.exists());
    assert_eq!(run(&sandbox, &["sql", &lake, "SELECT count(*) > 0 FROM focus"]).await.status, 0);
}

#[tokio::test]
async fn months_that_are_over_are_compacted() {
    let sandbox = sandbox().await;
    let (_folder, lake) = folder();
    assert_eq!(run(&sandbox, &["sync", &lake, "--all-orgs"]).await.status, 0);
    let question =
        ["sql", &lake, "SELECT service, billing_period, sum(BilledCost) FROM focus GROUP BY ALL ORDER BY 1, 2"];
    let answer = run(&sandbox, &question).await.out;
    let compacted = run(&sandbox, &["compact", &lake, "-o", "csv"]).await;
    assert_eq!(compacted.status, 0, "{compacted:?}");
    let lines = |of: &Ran, text: &str| of.out.lines().filter(|line| line.contains(text)).count();
    assert!(lines(&compacted, ",compacted,2,") > 0, "{}", compacted.out);
    assert!(lines(&compacted, "atlas,2026-11,may still change,,,,") == 1, "{}", compacted.out);
    assert_eq!(run(&sandbox, &question).await.out, answer);
    let all = run(&sandbox, &["compact", &lake, "--all", "-o", "csv"]).await;
    assert_eq!(lines(&all, ",unchanged,"), lines(&compacted, ",compacted,"), "{}", all.out);
    assert_eq!(lines(&all, "atlas,2026-11,compacted,2,"), 1, "{}", all.out);
    assert_eq!(run(&sandbox, &question).await.out, answer);

    let manifest = Path::new(&lake).join("compact/state/atlas/2026-10.json");
    std::fs::write(manifest, "{").unwrap();
    assert_eq!(run(&sandbox, &question).await.out, answer, "the bills are there");
    let ran = run(&sandbox, &["compact", &lake]).await;
    assert!(ran.status == 1 && ran.err.contains("atlas 2026-10: ") && ran.err.contains("delete it"), "{ran:?}");
}
