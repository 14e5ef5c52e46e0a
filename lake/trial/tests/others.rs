//! A folder that others write to as well: files of theirs, links, and manifests that they have changed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

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
