//! A second copy of the bills, in few large files.
//!
//! Engines are slow at thousands of small files: each has to be listed, opened, and its end read. A compaction writes the units of a
//! month of a service one behind the other, by account. The files of the units stay: a unit is what is replaced, and in a file
//! that it shares with others all of them would be written again with it.
//!
//! ```text
//! compact/focus/focus_version=1.4/dataset=cost_and_usage/service=atlas/billing_period=2026-10/part-<hash>-<random>.parquet
//! compact/tables/{invoices,...}/service=.../billing_period=.../part-<hash>-<random>.parquet
//! compact/state/<service>/<period>.json                                        the manifest: what is current, and of which bills
//! ```
//!
//! It is made of the manifests and files of units and of nothing else, so it can be deleted and made again at any time. Its commit has
//! the steps of that of a unit (see [`lake`](crate::lake)), and nothing that belongs to units is written. The manifest has a digest
//! of the manifests of the units: with another one it is stale, and the next compaction replaces it.

use std::collections::BTreeMap;

use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use object_store::UpdateVersion;
use object_store::path::Path;

use crate::compaction::{COMPACT, Compaction, Month, digest};
use crate::error::Error;
use crate::lake::Lake;
use crate::manifest::File;
use crate::merge::{Fetched, Merge};
use crate::table::Table;
use crate::unit::Unit;

/// How many manifests or files are read at once.
const AT_ONCE: usize = 8;

/// How often a month is tried again whose units are replaced meanwhile.
const TRIES: u32 = 8;

/// How a compaction works.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Whether months are compacted that the vendor may still change.
    pub all: bool,
    /// The length of a file, from which on another one is begun. The default is 128 MiB.
    pub target: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { all: false, target: 128 << 20 }
    }
}

/// What came of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Its files are new.
    Compacted(Compaction),
    /// None of its bills has changed since it was compacted.
    Unchanged(Compaction),
    /// The vendor may still change a bill, and it has never been compacted.
    Incomplete,
    /// It could not be read or written.
    Failed(String),
}

/// Compacts the months whose units are all complete, or with [`all`](Options::all) all of them; and all that have been compacted before,
/// so that none stays stale. The failure of a month stops no other.
///
/// # Errors
///
/// If the units cannot be listed.
pub async fn compact(lake: &Lake, options: Options) -> Result<Vec<(Month, Outcome)>, Error> {
    let mut months: BTreeMap<Month, Vec<Unit>> = BTreeMap::new();
    let mut units = lake.units();
    while let Some(unit) = units.try_next().await? {
        months.entry(Month::of(&unit)).or_default().push(unit);
    }
    // One without units becomes empty.
    for month in lake.compacted().try_collect::<Vec<_>>().await? {
        months.entry(month).or_default();
    }
    let mut done = Vec::new();
    for (month, units) in months {
        let outcome = compact_month(lake, month, &units, options).await;
        done.push((month, outcome.unwrap_or_else(|error| Outcome::Failed(error.to_string()))));
    }
    Ok(done)
}

async fn compact_month(lake: &Lake, month: Month, units: &[Unit], options: Options) -> Result<Outcome, Error> {
    for _ in 0..TRIES {
        let base = lake.loaded(&month).await?;
        let bills = Bills::load(lake, month, units).await?;
        if base.is_none() && !bills.are_complete && !options.all {
            return Ok(Outcome::Incomplete);
        }
        match replace(lake, base, &bills, options.target).await {
            Ok(Some(outcome)) => return Ok(outcome),
            // Another compaction was first.
            Ok(None) => {}
            Err(error) => {
                // Files of a unit that was replaced while it was read are gone.
                if Bills::load(lake, month, units).await?.digest == bills.digest {
                    return Err(error);
                }
            }
        }
    }
    Err(Error::new("its bills or its manifest are replaced again and again"))
}

/// The units of a month, by account, each with its current files.
struct Bills {
    month: Month,
    files: BTreeMap<String, Vec<File>>,
    digest: String,
    are_complete: bool,
}

impl Bills {
    async fn load(lake: &Lake, month: Month, units: &[Unit]) -> Result<Self, Error> {
        let (mut files, mut are_complete) = (BTreeMap::new(), true);
        let mut loaded = stream::iter(units).map(|unit| lake.load(unit)).buffer_unordered(AT_ONCE);
        while let Some(current) = loaded.try_next().await? {
            // One that is deleted meanwhile is not there.
            let Some(manifest) = current.map(|current| current.manifest) else { continue };
            are_complete &= manifest.complete;
            manifest.own_files()?;
            files.insert(manifest.unit.account, manifest.files);
        }
        let digest = digest(files.iter().map(|(account, files)| (account.as_str(), files.as_slice())));
        Ok(Self { month, files, digest, are_complete })
    }

    /// The files of a table, by account.
    fn of(&self, table: Table) -> Vec<(&str, &File)> {
        let folder = format!("{}/", table.folder());
        let files = self.files.iter().flat_map(|(account, files)| files.iter().map(|file| (account.as_str(), file)));
        files.filter(|(_, file)| file.path.starts_with(&folder)).collect()
    }
}

/// Replaces the copy of a month, if it is another one. `None` if another compaction was first.
async fn replace(lake: &Lake, base: Option<Loaded>, bills: &Bills, target: usize) -> Result<Option<Outcome>, Error> {
    let month = bills.month;
    let there = lake.there(|table| month.folder(table), |path| Month::of_file(path) == Some(month)).await?;
    let (current, version) = base.map(|base| (base.compaction, base.version)).unzip();
    if let (Some(compaction), Some(version)) = (&current, &version)
        && compaction.digest == bills.digest
        && compaction.files.iter().all(|file| there.get(&file.path) == Some(&file.bytes))
    {
        lake.sweep_compacted(compaction.clone(), version.clone()).await?;
        return Ok(Some(Outcome::Unchanged(compaction.clone())));
    }
    let current = current.map(|current| current.files).unwrap_or_default();
    let mut next = Compaction::new(month, bills.digest.clone(), bills.files.len() as u64);
    let mut put = Vec::new();
    for table in Table::ALL {
        let mut merge = Merge::new(table, target);
        let fetch = |(account, file)| Fetched::new(lake.store().as_ref(), account, file);
        let mut fetched = stream::iter(bills.of(table)).map(fetch).buffered(AT_ONCE);
        loop {
            let file = fetched.try_next().await?;
            let is_last = file.is_none();
            let full = match file {
                Some(file) => merge.add(file)?,
                None => merge.end()?,
            };
            for piece in full {
                next.files.push(lake.place(month.folder(table), piece, &current, &there, &mut put).await?);
            }
            if is_last {
                break;
            }
        }
    }
    next.garbage = there.into_keys().filter(|path| next.files.iter().all(|file| file.path != *path)).collect();
    let Some(version) = lake.replace(&month.manifest(), next.to_json()?, version).await? else {
        let current = lake.loaded(&month).await?.map(|loaded| loaded.compaction.files).unwrap_or_default();
        lake.discard(&put, &current).await?;
        return Ok(None);
    };
    lake.sweep_compacted(next.clone(), version).await?;
    Ok(Some(Outcome::Compacted(next)))
}

/// A manifest as it was read.
struct Loaded {
    compaction: Compaction,
    version: UpdateVersion,
}

impl Lake {
    /// The manifests of compacted months, in no order. One that cannot be read is an error of its own.
    pub fn compactions(&self) -> BoxStream<'_, Result<Compaction, Error>> {
        let loaded = self.compacted().map_ok(move |month| async move { self.loaded(&month).await });
        let loaded = loaded.try_buffer_unordered(AT_ONCE).try_filter_map(|loaded| async { Ok(loaded) });
        loaded.map_ok(|loaded| loaded.compaction).boxed()
    }

    /// The months that have a manifest.
    fn compacted(&self) -> BoxStream<'_, Result<Month, Error>> {
        let folder = Path::from_iter([COMPACT, "state"]);
        let listed = self.store().list(Some(&folder));
        let listed = listed.map_err(move |error| Error::with(format!("cannot list {folder}"), error));
        listed.try_filter_map(|meta| async move { Ok(Month::of_manifest(&meta.location)) }).boxed()
    }

    async fn loaded(&self, month: &Month) -> Result<Option<Loaded>, Error> {
        let Some((text, version)) = self.read(&month.manifest()).await? else { return Ok(None) };
        Ok(Some(Loaded { compaction: Compaction::parse(month, &text)?, version }))
    }

    /// Deletes what a manifest lists as garbage, and takes it off the manifest.
    async fn sweep_compacted(&self, mut of: Compaction, version: UpdateVersion) -> Result<(), Error> {
        if of.garbage.is_empty() {
            return Ok(());
        }
        for path in std::mem::take(&mut of.garbage).into_iter().map(Path::from) {
            // Others can change a manifest.
            if Month::of_file(&path) == Some(of.month) {
                self.delete(&path).await?;
            }
        }
        // If another process has replaced the manifest, its next compaction deletes the garbage.
        self.replace(&of.month.manifest(), of.to_json()?, Some(version)).await.map(drop)
    }
}
