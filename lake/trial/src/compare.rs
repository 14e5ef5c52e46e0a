//! What of two lakes must be the same.

use std::collections::BTreeMap;

use cloud_billing_core::Timestamp;
use cloud_billing_lake::{Lake, Manifest, Unit};
use futures_util::{StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use sha2::{Digest, Sha256};

use crate::Error;

/// A lake but for runs, times, generations and what makes the names of files unique.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// The data files that are there, each with the hash of its bytes.
    pub files: BTreeMap<String, String>,
    /// The manifests.
    pub manifests: BTreeMap<Unit, Manifest>,
}

/// Reads a lake.
///
/// # Errors
///
/// If it cannot be read.
pub async fn content(lake: &Lake) -> Result<Content, Error> {
    let mut files = BTreeMap::new();
    for root in ["focus", "tables"] {
        let mut listed = lake.store().list(Some(&Path::from(root)));
        while let Some(meta) = listed.try_next().await? {
            let path = meta.location.to_string();
            if path.ends_with(".parquet") {
                let bytes = lake.store().get(&meta.location).await?.bytes().await?;
                if files.insert(common(&path), hash(&bytes)).is_some() {
                    return Err(format!("{path} is there under another name as well").into());
                }
            }
        }
    }
    let mut manifests = BTreeMap::new();
    let mut read = lake.manifests();
    while let Some(manifest) = read.next().await {
        let mut manifest = manifest?;
        (manifest.generation, manifest.run_id) = (0, String::new());
        manifest.retrieved_at = Timestamp::from_unix_millis(0).unwrap_or(manifest.retrieved_at);
        manifest.files.iter_mut().for_each(|file| file.path = common(&file.path));
        manifests.insert(manifest.unit.clone(), manifest);
    }
    Ok(Content { files, manifests })
}

/// The path of a file without the number that no other file has.
pub(crate) fn common(path: &str) -> String {
    match path.split_once("/part-") {
        Some((folder, name)) => format!("{folder}/part-{}.parquet", name.get(..16).unwrap_or(name)),
        None => path.to_owned(),
    }
}

/// The hash of bytes as manifests have it.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Says what differs.
///
/// # Errors
///
/// If anything does.
pub fn same(what: &str, disturbed: &Content, undisturbed: &Content) -> Result<(), Error> {
    for (path, hash) in &disturbed.files {
        if undisturbed.files.get(path) != Some(hash) {
            return Err(format!("{what}: {path} is not a file of an undisturbed sync").into());
        }
    }
    if let Some(path) = undisturbed.files.keys().find(|path| !disturbed.files.contains_key(*path)) {
        return Err(format!("{what}: {path} is missing").into());
    }
    for (unit, manifest) in &undisturbed.manifests {
        if disturbed.manifests.get(unit) != Some(manifest) {
            return Err(format!("{what}: the manifest of {unit} differs: {:?}", disturbed.manifests.get(unit)).into());
        }
    }
    if disturbed.manifests.len() != undisturbed.manifests.len() {
        return Err(format!("{what}: there are {} manifests", disturbed.manifests.len()).into());
    }
    Ok(())
}
