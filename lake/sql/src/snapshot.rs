//! What a query sees: each manifest is read once, for all tables of the query.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use cloud_billing_lake::compaction::digest;
use cloud_billing_lake::{Compaction, Error, Lake, Manifest, Month, Unit};
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::OnceCell;

use crate::apis::{Apis, Asked};

/// How many manifests are read at once.
const AT_ONCE: usize = 16;

#[derive(Debug)]
pub(crate) struct Snapshot {
    lake: Lake,
    apis: Option<Arc<Apis>>,
    units: OnceCell<Vec<Unit>>,
    /// What has been read. `None`: the lake does not have the unit.
    manifests: Mutex<BTreeMap<Unit, Option<Arc<Manifest>>>>,
    compactions: OnceCell<BTreeMap<Month, Arc<Compaction>>>,
    /// What has been brought up to date for this query, and whether the services list it.
    filled: tokio::sync::Mutex<BTreeMap<Unit, bool>>,
}

impl Snapshot {
    pub(crate) fn new(lake: Lake, apis: Option<Arc<Apis>>) -> Self {
        let (units, compactions, manifests) = (OnceCell::new(), OnceCell::new(), Mutex::default());
        Self { lake, apis, units, manifests, compactions, filled: tokio::sync::Mutex::default() }
    }

    /// Whether bills are read from the services.
    pub(crate) fn is_filled(&self) -> bool {
        self.apis.is_some()
    }

    /// The units that a scan may need: all of the lake, or, if bills are read from the services, those that are asked for.
    pub(crate) async fn units(&self, asked: &Asked) -> Result<Vec<Unit>, Error> {
        let Some(apis) = &self.apis else {
            let list = || self.lake.units().try_collect::<Vec<_>>();
            return self.units.get_or_try_init(list).await.cloned();
        };
        let mut filled = self.filled.lock().await;
        let units = apis.units(asked)?;
        let missing: Vec<Unit> = units.iter().filter(|unit| !filled.contains_key(unit)).cloned().collect();
        let listed = apis.fill(&self.lake, &missing).await?;
        filled.extend(missing.into_iter().map(|unit| (unit.clone(), listed.contains(&unit))));
        Ok(units.into_iter().filter(|unit| filled.get(unit) == Some(&true)).collect())
    }

    /// The manifests of units, without those that the lake does not have.
    pub(crate) async fn manifests(&self, units: Vec<Unit>) -> Result<Vec<Arc<Manifest>>, Error> {
        let loaded = futures_util::stream::iter(units).map(|unit| self.manifest(unit)).buffered(AT_ONCE);
        loaded.try_filter_map(|manifest| async { Ok(manifest) }).try_collect().await
    }

    async fn manifest(&self, unit: Unit) -> Result<Option<Arc<Manifest>>, Error> {
        if let Some(known) = self.known().get(&unit) {
            return Ok(known.clone());
        }
        let loaded = self.lake.load(&unit).await?.map(|current| current.manifest);
        if let Some(manifest) = &loaded {
            manifest.own_files()?;
        }
        let loaded = loaded.map(|manifest| Arc::new(brief(manifest)));
        // Another table of the query may have read it meanwhile: the first one counts.
        Ok(self.known().entry(unit).or_insert(loaded).clone())
    }

    /// What of these is read from compacted files, and which units from their own: months of which all units are needed, and whose
    /// copy was made of just these. Of a month that is needed in part, the files of its units are less to read.
    pub(crate) async fn compacted(&self, needed: Vec<Arc<Manifest>>) -> (Vec<Arc<Compaction>>, Vec<Arc<Manifest>>) {
        let (mut copies, mut others) = (Vec::new(), Vec::new());
        let mut months: BTreeMap<Month, Vec<Arc<Manifest>>> = BTreeMap::new();
        for manifest in needed {
            months.entry(Month::of(&manifest.unit)).or_default().push(manifest);
        }
        for (month, manifests) in months {
            match self.compaction(&month, &manifests).await {
                Some(copy) => copies.push(copy),
                None => others.extend(manifests),
            }
        }
        (copies, others)
    }

    async fn compaction(&self, month: &Month, manifests: &[Arc<Manifest>]) -> Option<Arc<Compaction>> {
        // Not yet listed: bills are read from the services, and of these only those that are asked for.
        let all = self.units.get()?.iter().filter(|unit| Month::of(unit) == *month).count();
        if manifests.len() != all {
            return None;
        }
        let load = || async {
            // One that cannot be read is like none: the units are there.
            let readable = self.lake.compactions().filter_map(|it| async { it.ok() });
            readable.map(|it| (it.month, Arc::new(it))).collect::<BTreeMap<_, _>>().await
        };
        let copy = self.compactions.get_or_init(load).await.get(month)?;
        let units = manifests.iter().map(|it| (it.unit.account.as_str(), it.files.as_slice()));
        (copy.digest == digest(units)).then(|| Arc::clone(copy))
    }

    /// Whether a bill of the query was replaced since its manifest was read. Its files may then be deleted.
    pub(crate) async fn is_stale(&self) -> bool {
        let seen: Vec<_> = self.known().values().flatten().cloned().collect();
        let changed = futures_util::stream::iter(seen).map(|manifest| async move {
            let now = self.lake.load(&manifest.unit).await;
            now.is_ok_and(|now| now.is_none_or(|now| now.manifest.files != manifest.files))
        });
        changed.buffered(AT_ONCE).any(|changed| async move { changed }).await
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<Unit, Option<Arc<Manifest>>>> {
        self.manifests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without what no query needs: a lake may have a hundred thousand bills.
fn brief(mut manifest: Manifest) -> Manifest {
    (manifest.bills, manifest.bodies, manifest.garbage) = (Vec::new(), Vec::new(), Vec::new());
    manifest.totals.clear();
    manifest.files.shrink_to_fit();
    manifest
}
