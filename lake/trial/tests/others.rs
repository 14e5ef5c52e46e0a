//! A folder that others write to as well: files of theirs, links, and manifests that they have changed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloud_billing_lake::status::status;
use cloud_billing_lake::{Lake, Report, Service, Table, Unit};
use lake_trial::fake::{Fake, accounts, noon, stopped, time};
use tempfile::TempDir;

/// A lake in a folder beside another one, after a sync.
async fn lake() -> (TempDir, PathBuf, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("lake");
    let lake = Lake::folder(&root).unwrap();
    assert!(synced(&lake, 3).await.failed.is_empty());
    (folder, root, lake)
}

async fn synced(lake: &Lake, version: u32) -> Report {
    Fake::new(version).sync(lake, stopped(noon())).await.unwrap()
}

/// All files of syncs are old enough.
async fn collected(lake: &Lake) -> Result<u64, String> {
    lake.collect(time("2200-01-01T00:00:00Z")).await.map_err(|error| error.to_string())
}

/// The open month of the first account, which is read by each sync.
fn open_unit() -> Unit {
    Unit::new(Service::Atlas, &accounts()[0], "2026-11".parse().unwrap()).unwrap()
}

fn charges(root: &Path) -> PathBuf {
    root.join(open_unit().folder(Table::CostAndUsage).as_ref())
}

/// Files of somebody else, in the form of partitions of a lake.
fn theirs(folder: &Path) -> Vec<PathBuf> {
    let partition = folder.join("service=atlas/billing_period=2026-11/account=a-them");
    fs::create_dir_all(&partition).unwrap();
    let files =
        [folder.join("thesis.docx"), folder.join("part-0123456789abcdef.parquet"), partition.join("theirs.parquet")];
    files.iter().for_each(|file| fs::write(file, "theirs").unwrap());
    files.to_vec()
}

fn are_there(files: &[PathBuf]) {
    files.iter().for_each(|file| assert_eq!(fs::read_to_string(file).unwrap(), "theirs", "{}", file.display()));
}

#[tokio::test]
async fn no_link_is_followed() {
    let (folder, root, lake) = lake().await;
    let outside = folder.path().join("outside");
    let files = theirs(&outside);
    symlink(&outside, root.join("focus/link")).unwrap();
    symlink(&outside, root.join("tables/service=atlas")).unwrap();
    assert_eq!(collected(&lake).await, Ok(0));
    are_there(&files);

    fs::remove_dir_all(charges(&root)).unwrap();
    symlink(&outside, charges(&root)).unwrap();
    let report = synced(&lake, 4).await;
    let [(unit, why)] = report.failed.as_slice() else { panic!("{report}") };
    assert_eq!(*unit, open_unit().to_string());
    assert!(why.ends_with("is a link, and a lake has none in it"), "{why}");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 3, "nothing is written there");
    are_there(&files);
}

#[tokio::test]
async fn files_of_others_stay() {
    let (_folder, root, lake) = lake().await;
    let mut files = Vec::new();
    for name in
        ["notes.txt", "part-1.parquet", "part-0123456789abcdef.parquet.bak", "sub/part-0123456789abcdef.parquet"]
    {
        let file = charges(&root).join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "theirs").unwrap();
        files.push(file);
    }
    let temporary = root.join(".tmp/notes.txt");
    fs::write(&temporary, "theirs").unwrap();
    files.push(temporary);
    for version in [4, 5] {
        assert!(synced(&lake, version).await.failed.is_empty());
        assert_eq!(collected(&lake).await, Ok(0));
    }
    are_there(&files);
}

#[tokio::test]
async fn a_copy_without_manifests_is_not_collected() {
    let (_folder, root, lake) = lake().await;
    fs::remove_dir_all(root.join("state")).unwrap();
    let error = collected(&lake).await.unwrap_err();
    assert!(error.starts_with("there are files and no manifest in `state`"), "{error}");
    assert_eq!(fs::read_dir(charges(&root)).unwrap().count(), 1);
    assert!(synced(&lake, 3).await.failed.is_empty());
    assert_eq!(fs::read_dir(charges(&root)).unwrap().count(), 1);
}

/// Changes the manifest of a unit by hand.
fn change(root: &Path, unit: &Unit, change: impl FnOnce(&mut serde_json::Value)) {
    let path = root.join(unit.manifest().as_ref());
    let mut manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(&path, manifest.to_string()).unwrap();
}

#[tokio::test]
async fn garbage_of_a_manifest_is_its_own() {
    let (_folder, root, lake) = lake().await;
    let other = Unit::new(Service::Atlas, &accounts()[1], "2026-11".parse().unwrap()).unwrap();
    let theirs = lake.load(&other).await.unwrap().unwrap().manifest.files.swap_remove(0).path;
    fs::write(root.join("notes.txt"), "mine").unwrap();
    let garbage = [theirs.as_str(), other.manifest().as_ref(), "notes.txt", ".tmp/lock"].map(str::to_owned);
    change(&root, &open_unit(), |manifest| manifest["garbage"] = garbage.to_vec().into());
    assert!(synced(&lake, 3).await.failed.is_empty());
    assert!(lake.load(&open_unit()).await.unwrap().unwrap().manifest.garbage.is_empty(), "it was swept");
    for path in garbage {
        assert!(root.join(&path).exists(), "{path}");
    }
}

#[tokio::test]
async fn a_copy_of_a_manifest_counts_once() {
    let (_folder, root, lake) = lake().await;
    let before = status(&lake, noon()).await;
    let copy = Unit::new(Service::Atlas, "copy", open_unit().period).unwrap().manifest();
    fs::create_dir_all(root.join("state/atlas/copy")).unwrap();
    fs::copy(root.join(open_unit().manifest().as_ref()), root.join(copy.as_ref())).unwrap();
    let after = status(&lake, noon()).await;
    assert_eq!(after.periods, before.periods);
    let [error] = after.broken.as_slice() else { panic!("{:?}", after.broken) };
    assert!(error.starts_with("state/atlas/copy/2026-11.json is a copy of the manifest of"), "{error}");
}

#[tokio::test]
async fn numbers_of_a_manifest_may_be_any() {
    let (_folder, root, lake) = lake().await;
    for account in &accounts()[..2] {
        let unit = Unit::new(Service::Atlas, account, open_unit().period).unwrap();
        change(&root, &unit, |manifest| {
            let file = &mut manifest["files"][0];
            (file["rows"], file["bytes"]) = (u64::MAX.into(), u64::MAX.into());
            manifest["files"] = vec![manifest["files"][0].clone(), manifest["files"][0].clone()].into();
        });
    }
    let status = status(&lake, noon()).await;
    let period = &status.periods[&(Service::Atlas, open_unit().period)];
    assert_eq!((period.rows, period.bytes), (u64::MAX, u64::MAX));
}

#[tokio::test]
async fn nobody_waits_for_what_is_no_regular_file() {
    let (_folder, root, lake) = lake().await;
    for path in [root.join(open_unit().manifest().as_ref()), root.join(".tmp/lock")] {
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let report = synced(&lake, 4).await;
        assert!(!report.failed.is_empty(), "{report}");
        assert!(report.failed.iter().all(|(_, why)| why.ends_with("is no regular file")), "{report}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, kept).unwrap();
    }
    assert!(synced(&lake, 4).await.failed.is_empty());
}
