//! A folder with more files than are read at once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::collections::BTreeSet;
use std::fs;

use cloud_billing_lake::Lake;
use futures_util::TryStreamExt;
use object_store::path::Path;

#[tokio::test]
async fn a_list_has_each_of_many_files_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::folder(folder.path()).unwrap();
    let mut put = BTreeSet::new();
    for (account, month) in (0..300).flat_map(|account| (1..=9).map(move |month| (account, month))) {
        let name = format!("state/atlas/{account:x}/2025-0{month}.json");
        let path = folder.path().join(&name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "{}").unwrap();
        put.insert(name);
    }
    let list = |prefix: &str| lake.store().list(Some(&Path::from(prefix))).try_collect::<Vec<_>>();
    let listed = list("state").await.unwrap();
    assert_eq!(listed.len(), put.len());
    assert_eq!(listed.into_iter().map(|file| file.location.to_string()).collect::<BTreeSet<_>>(), put);
    assert_eq!(list("state/atlas/1f").await.unwrap().len(), 9);
    assert_eq!(list("focus").await.unwrap().len(), 0);
}
