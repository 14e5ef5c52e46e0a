//! A reader beside the syncs, which must see whole units only.

use cloud_billing_lake::{Lake, Manifest, Unit};
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStoreExt};

use crate::Error;
use crate::compare::hash;

/// What a reader has seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Units, each with all of its files.
    pub units: u64,
    /// How often a unit was replaced while it was read, so that it was read again.
    pub again: u64,
}

impl Seen {
    /// Reads all units by their manifests.
    ///
    /// # Errors
    ///
    /// If a file of a manifest is missing that is still current, or has other bytes.
    pub async fn look(&mut self, lake: &Lake) -> Result<(), Error> {
        let units: Vec<Unit> = lake.manifests().map_ok(|manifest| manifest.unit).try_collect().await?;
        for unit in units {
            while let Some(current) = lake.load(&unit).await? {
                if whole(lake, &current.manifest).await? {
                    self.units += 1;
                    break;
                }
                let now = lake.load(&unit).await?.map(|current| current.manifest.files);
                if now.as_ref() == Some(&current.manifest.files) {
                    return Err(format!("a current file of {unit} is missing").into());
                }
                self.again += 1;
            }
        }
        Ok(())
    }
}

/// Whether all files are there. What is there must be what the manifest says.
async fn whole(lake: &Lake, manifest: &Manifest) -> Result<bool, Error> {
    for file in &manifest.files {
        let got = match lake.store().get(&Path::from(file.path.as_str())).await {
            Ok(got) => got.bytes().await?,
            Err(StoreError::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if hash(&got) != file.sha256 || got.len() as u64 != file.bytes {
            return Err(format!("{} has other bytes than its manifest says", file.path).into());
        }
    }
    Ok(true)
}
