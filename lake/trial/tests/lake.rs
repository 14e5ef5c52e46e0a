//! What a lake has after syncs, in a folder and in memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::sync::{Arc, Mutex};

use cloud_billing_core::config::steers;
use cloud_billing_core::{BoxFuture, Timestamp};
use cloud_billing_focus::Row;
use cloud_billing_lake::lake::Commit;
use cloud_billing_lake::manifest::Stamp;
use cloud_billing_lake::plan::Reason;
use cloud_billing_lake::status::status;
use cloud_billing_lake::sync::Outcome;
use cloud_billing_lake::{Draft, Error, Lake, Listed, Options, Service, Source, Unit, sync};
use futures_util::TryStreamExt;
use lake_trial::compare::content;
use lake_trial::fake::{Fake, accounts, noon, stopped, time};
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path;

fn memory() -> Lake {
    Lake::new(Arc::new(InMemory::new()))
}

fn options(at: Timestamp) -> Options {
    let mut options = Options::default();
    options.clock = stopped(at);
    options
}

async fn paths(lake: &Lake, root: &str) -> Vec<String> {
    let root = Path::from(root);
    let mut paths: Vec<_> =
        lake.store().list(Some(&root)).map_ok(|meta| meta.location.to_string()).try_collect().await.unwrap();
    paths.sort();
    paths
}

#[tokio::test]
async fn a_repeat_writes_the_same_files() {
    let (one, two) = (memory(), memory());
    let report = Fake::new(1).sync(&one, stopped(noon())).await.unwrap();
    assert_eq!((report.replaced, report.exit_status()), (36, 0));
    Fake::new(1).sync(&two, stopped(noon())).await.unwrap();
    assert_eq!(content(&one).await.unwrap(), content(&two).await.unwrap());

    // The open month is read again, and nothing else.
    let report = Fake::new(1).sync(&one, stopped(noon())).await.unwrap();
    assert_eq!((report.replaced, report.unchanged, report.kept), (0, 6, 30));
    assert_eq!(content(&one).await.unwrap(), content(&two).await.unwrap());
}

#[tokio::test]
async fn files_are_where_engines_look_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::folder(folder.path()).unwrap();
    Fake::new(1).sync(&lake, stopped(noon())).await.unwrap();
    let charges = paths(&lake, "focus").await;
    let dataset = "focus/focus_version=1.4/dataset=cost_and_usage";
    let account = &accounts()[0];
    let start = format!("{dataset}/service=atlas/billing_period=2026-06/account=a-{account}/part-");
    assert_eq!(charges.iter().filter(|path| path.starts_with(&start)).count(), 1, "{charges:?}");
    assert_eq!(charges.iter().filter(|path| path.starts_with("focus/schema-focus-1.4-")).count(), 1);
    assert_eq!(paths(&lake, "tables/reconciliation").await.len(), 36);
    assert_eq!(paths(&lake, "state").await.len(), 36);
    // Nothing is left of files that were being written.
    let temporary = std::fs::read_dir(folder.path().join(".tmp")).unwrap();
    let names: Vec<_> = temporary.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| name == "lock"), "{names:?}");
}

#[tokio::test]
async fn a_unit_that_is_replaced_leaves_no_old_file() {
    let lake = memory();
    Fake::new(3).sync(&lake, stopped(noon())).await.unwrap();
    let before = paths(&lake, "focus").await;
    let report = Fake::new(4).sync(&lake, stopped(noon())).await.unwrap();
    assert_eq!((report.replaced, report.kept), (24, 12), "the two oldest months have not changed");
    let after = paths(&lake, "focus").await;
    assert_eq!(before.len(), after.len());
    assert_eq!(before.iter().filter(|path| after.contains(path)).count(), 12 + 1, "and the description of the columns");
}

#[tokio::test]
async fn a_file_that_was_replaced_does_not_come_back_under_its_name() {
    // Somebody may be about to delete it.
    let lake = memory();
    let unit = Unit::new(Service::Atlas, &accounts()[0], "2026-11".parse().unwrap()).unwrap();
    let mut names = Vec::new();
    for version in [3, 4, 3, 4, 3] {
        Fake::new(version).sync(&lake, stopped(noon())).await.unwrap();
        let manifest = lake.load(&unit).await.unwrap().unwrap().manifest;
        assert!(manifest.garbage.is_empty());
        names.push(manifest.files[0].path.clone());
    }
    let distinct = names.iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
    assert_eq!(paths(&lake, "focus").await.len(), 37);
}

#[tokio::test]
async fn who_is_second_commits_nothing() {
    let lake = memory();
    let unit = Unit::new(Service::Ibm, "a", "2026-10".parse().unwrap()).unwrap();
    let stamp = |run: &str| Stamp::new(run.into(), noon(), false, Vec::new());
    let read = || Draft::new().finish().unwrap();
    for _ in 0..2 {
        let base = lake.load(&unit).await.unwrap();
        let first = lake.commit(&unit, base.clone(), read(), stamp("first")).await.unwrap();
        assert!(matches!(first, Commit::Done { .. }));
        assert_eq!(lake.commit(&unit, base, read(), stamp("second")).await.unwrap(), Commit::Conflict);
        assert_eq!(lake.load(&unit).await.unwrap().unwrap().manifest.run_id, "first");
    }
}

/// Lets another sync replace a unit while it is read.
#[derive(Debug)]
struct Slow(Lake, Fake);

impl Source for Slow {
    fn service(&self) -> Service {
        self.1.service()
    }

    fn list<'a>(&'a self, account: &'a str, now: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, Error>> {
        self.1.list(account, now)
    }

    fn read<'a>(&'a self, listed: &'a Listed, into: &'a mut Draft) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.1.read(listed, into).await?;
            let account = vec![listed.unit.account.clone()];
            sync(&self.0, Arc::new(Fake::new(5)), account, options(noon()), |_| {}).await.map(drop)
        })
    }
}

#[tokio::test]
async fn a_sync_that_is_overtaken_says_so() {
    let lake = memory();
    let slow = Slow(lake.clone(), Fake::new(4));
    let account = vec![accounts()[0].clone()];
    let mut options = options(noon());
    options.concurrency = 1;
    let report = sync(&lake, Arc::new(slow), account, options, |_| {}).await.unwrap();
    assert_eq!((report.overtaken, report.failed.len()), (1, 0), "{report}");
    assert_eq!(
        (report.replaced, report.kept),
        (3, 2),
        "the others had changed by then, but for the two oldest: {report}"
    );
}

#[tokio::test]
async fn the_newest_month_is_first_and_accounts_take_turns() {
    let lake = memory();
    let mut order = Vec::new();
    let mut options = options(noon());
    options.concurrency = 1;
    options.dry_run = true;
    let report = sync(&lake, Arc::new(Fake::new(1)), accounts(), options, |done| {
        assert_eq!(done.outcome, Outcome::Would(Reason::New));
        order.push((done.unit.period.to_string(), done.unit.account.clone()));
    });
    assert_eq!(report.await.unwrap().would, 36);
    assert_eq!(paths(&lake, "state").await.len() + paths(&lake, "focus").await.len(), 0, "it wrote nothing");
    let months: Vec<_> = order.iter().map(|(month, _)| month.as_str()).collect();
    assert!(months.is_sorted_by(|a, b| a >= b), "{months:?}");
    let mut first: Vec<_> = order[..6].iter().map(|(_, account)| account.clone()).collect();
    first.sort();
    assert_eq!(first, accounts());
}

#[tokio::test]
async fn a_source_that_panics_fails_alone() {
    #[derive(Debug)]
    struct Panics(Mutex<bool>);
    impl Source for Panics {
        fn service(&self) -> Service {
            Service::Atlas
        }
        fn list<'a>(&'a self, account: &'a str, now: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, Error>> {
            Box::pin(async move { Fake::new(1).list(account, now).await })
        }
        fn read<'a>(&'a self, _: &'a Listed, _: &'a mut Draft) -> BoxFuture<'a, Result<(), Error>> {
            Box::pin(async move {
                let first = std::mem::replace(&mut *self.0.lock().unwrap(), false);
                if first { panic!("a secret") } else { Ok(()) }
            })
        }
    }
    let source = Arc::new(Panics(Mutex::new(true)));
    let report = sync(&memory(), source, accounts(), options(noon()), |_| {}).await.unwrap();
    assert_eq!((report.replaced, report.failed.len()), (0, 1), "no files, no change: {report}");
    assert!(!report.to_string().contains("secret"));
}

#[tokio::test]
async fn names_from_outside_stay_on_one_line() {
    let accounts = vec!["a\nerror: all is well\u{1b}[31m".to_owned(), "\u{202e}x".repeat(300)];
    let report = sync(&memory(), Arc::new(Fake::new(1)), accounts, options(noon()), |_| {}).await.unwrap();
    let lines: Vec<_> = report.failed.iter().map(|(what, why)| format!("{what}: {why}")).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| !line.contains(steers) && line.len() < 1_000), "{lines:?}");
    assert_eq!(report.to_string().lines().count(), 3, "{report}");

    let unit = r#"{"service": "\u001b[31m\nerror", "account": "a", "period": "2026-10"}"#;
    let lake = memory();
    let path = Unit::new(Service::Ibm, "a", "2026-10".parse().unwrap()).unwrap().manifest();
    lake.store().put(&path, format!(r#"{{"format": 1, "unit": {unit}}}"#).into()).await.unwrap();
    let broken = status(&lake, noon()).await.broken;
    assert!(broken.len() == 1 && !broken[0].contains(steers), "{broken:?}");
}

#[tokio::test]
async fn what_no_manifest_names_is_collected_later() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::folder(folder.path()).unwrap();
    Fake::new(1).sync(&lake, stopped(noon())).await.unwrap();
    let before = content(&lake).await.unwrap();
    let unit = Unit::new(Service::Ibm, "never", "2026-10".parse().unwrap()).unwrap();
    let orphan = unit.folder(cloud_billing_lake::Table::CostAndUsage).join("part-0123456789abcdef.parquet");
    for path in [&orphan, &Path::from(".tmp/0123456789abcdef"), &Path::from("focus/README.txt")] {
        lake.store().put(path, "x".into()).await.unwrap();
    }
    assert_eq!(lake.collect(time("2020-01-01T00:00:00Z")).await.unwrap(), 0, "they are too new");
    assert_eq!(lake.collect(time("2200-01-01T00:00:00Z")).await.unwrap(), 2);
    assert_eq!(content(&lake).await.unwrap(), before);
    assert!(lake.store().head(&Path::from("focus/README.txt")).await.is_ok(), "what is no file of ours stays");
}

#[tokio::test]
async fn a_broken_manifest_fails_its_unit_and_says_what_to_do() {
    let lake = memory();
    Fake::new(1).sync(&lake, stopped(noon())).await.unwrap();
    let unit = Unit::new(Service::Atlas, &accounts()[1], "2026-11".parse().unwrap()).unwrap();
    lake.store().put(&unit.manifest(), "{".into()).await.unwrap();
    let newer = Unit::new(Service::Atlas, &accounts()[1], "2026-10".parse().unwrap()).unwrap();
    lake.store().put(&newer.manifest(), r#"{"format": 2}"#.into()).await.unwrap();
    let report = Fake::new(2).sync(&lake, stopped(noon())).await.unwrap();
    let [(_, one), (_, two)] = report.failed.as_slice() else { panic!("{report}") };
    assert!(one.ends_with("which another version of this program wrote"), "{one}");
    assert!(two.contains("is no manifest (delete it, and the unit is read anew)"), "{two}");
    let status = status(&lake, noon()).await;
    assert_eq!(status.broken.len(), 2);
    lake.store().delete(&unit.manifest()).await.unwrap();
    assert_eq!(Fake::new(2).sync(&lake, stopped(noon())).await.unwrap().failed.len(), 1);
}

/// As a full disk or a copy that broke off leaves it.
#[tokio::test]
async fn a_damaged_file_is_told_and_mended() {
    let sound = memory();
    Fake::new(1).sync(&sound, stopped(noon())).await.unwrap();
    let sound = content(&sound).await.unwrap();
    // An open month, and one that is not read again.
    for (month, is_kept) in [("2026-11", false), ("2026-06", true)] {
        for damage in ["cut", "empty", "gone", "zeros"] {
            let lake = memory();
            Fake::new(1).sync(&lake, stopped(noon())).await.unwrap();
            let unit = Unit::new(Service::Atlas, &accounts()[1], month.parse().unwrap()).unwrap();
            let file = lake.load(&unit).await.unwrap().unwrap().manifest.files[0].clone();
            let path = Path::from(file.path.as_str());
            let left = vec![0; usize::try_from(file.bytes).unwrap() / if damage == "cut" { 2 } else { 1 }];
            match damage {
                "gone" => lake.store().delete(&path).await.unwrap(),
                "empty" => drop(lake.store().put(&path, "".into()).await.unwrap()),
                _ => drop(lake.store().put(&path, left.into()).await.unwrap()),
            }
            let mut options = options(noon());
            if damage == "zeros" {
                options.everything = true;
            } else {
                let found = status(&lake, noon()).await;
                let text = format!("{path} is missing or has another length (sync --since {month} writes it again)");
                assert_eq!(found.broken, [text]);
                assert_eq!(found.periods[&(Service::Atlas, unit.period)].damaged, 1);
            }
            let mut replaced = Vec::new();
            let report = sync(&lake, Arc::new(Fake::new(1)), accounts(), options, |done| {
                if let Outcome::Replaced(reason) = done.outcome {
                    replaced.push((done.unit.clone(), reason));
                }
            });
            assert_eq!(report.await.unwrap().failed.len(), 0);
            let reason = match (is_kept, damage) {
                (false, _) => Reason::Open,
                (true, "zeros") => Reason::Asked,
                (true, _) => Reason::Damaged,
            };
            assert_eq!(replaced, [(unit, reason)], "{damage}");
            assert_eq!(content(&lake).await.unwrap(), sound, "{damage}");
            assert_eq!(status(&lake, noon()).await.broken.len(), 0, "{damage}");
        }
    }
}

#[tokio::test]
async fn the_status_of_each_period() {
    let lake = memory();
    Fake::new(1).sync(&lake, stopped(noon())).await.unwrap();
    let status = status(&lake, time("2026-11-29T00:00:00Z")).await;
    let period = |month: &str| &status.periods[&(Service::Atlas, month.parse().unwrap())];
    let november = period("2026-11");
    assert_eq!((november.units, november.open, november.settling, november.stale), (6, 6, 0, 6));
    let june = period("2026-06");
    assert_eq!((june.units, june.open, june.settling, june.stale, june.unexplained), (6, 0, 0, 0, 0));
    let text = status.prometheus();
    assert!(text.contains("billing_units{service=\"atlas\",period=\"2026-06\"} 6\n"), "{text}");
    let total = format!("currency=\"USD\"}} {}\n", june.totals["USD"]);
    assert!(text.contains(&total), "{text}");
}

#[tokio::test]
async fn a_currency_forges_no_metric() {
    let (lake, mut draft, mut row) = (memory(), Draft::new(), Row::default());
    row.billing_currency = Some("USD\"} 0\nbilling_units_unexplained{x=\"\\".into());
    row.billed_cost = Some("10".parse().unwrap());
    draft.row(&row).unwrap();
    let unit = Unit::new(Service::Ibm, "a", "2026-10".parse().unwrap()).unwrap();
    let stamp = Stamp::new("run".into(), noon(), false, Vec::new());
    lake.commit(&unit, None, draft.finish().unwrap(), stamp).await.unwrap();
    let text = status(&lake, noon()).await.prometheus();
    let value = r#"USD\"} 0\nbilling_units_unexplained{x=\"\\"#;
    let line = format!("billing_billed_cost{{service=\"ibm\",period=\"2026-10\",currency=\"{value}\"}} 10");
    assert_eq!(text.lines().last().unwrap(), line);
    assert_eq!(text.lines().filter(|line| line.starts_with("billing_units_unexplained")).count(), 1, "{text}");
}

#[tokio::test]
async fn a_lake_has_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/lake");
    let lake = Lake::open(path.to_str().unwrap(), []).unwrap();
    lake.describe(noon()).await.unwrap();
    assert!(path.join("focus").is_dir());

    let memory = Lake::open("memory:///some/prefix", []).unwrap();
    Fake::new(1).sync(&memory, stopped(noon())).await.unwrap();
    assert_eq!(paths(&memory, "state").await.len(), 36);

    let refused = |address: &str| Lake::open(address, []).unwrap_err().to_string();
    assert!(refused("file:///tmp").contains("by its path"));
    assert!(refused("gopher://host/x").starts_with("cannot open the lake: "));
    for address in ["gopher://user:hidden@host/x", "s3://bucket/?key=hidden", "s3://:hidden@"] {
        assert!(!refused(address).contains("hidden"), "{}", refused(address));
    }
}
