//! What a lake holds, and how a unit of it is replaced.
//!
//! A commit has these steps, each of which can be the last:
//!
//! 1. The manifest is read, with its version.
//! 2. The new files are put under new names: a hash of the content and a random number.
//! 3. The manifest is replaced, if it still has that version. It names the new files, and as garbage all others that are there.
//! 4. The garbage is deleted, and then taken off the manifest.
//!
//! Two syncs can work on one unit: the version decides who is first, and the other one finds the unit replaced. A file that one
//! of them deletes is never one that the other has just committed: no name is used twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use cloud_billing_core::{Bytes, Timestamp};
use cloud_billing_focus::Version;
use cloud_billing_focus::metadata::{Dataset, schema_id};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, UpdateVersion, WriteMultipart,
};
use sha2::{Digest, Sha256};

use crate::compaction::{COMPACT, Month};
use crate::draft::{Finished, Piece, hex};
use crate::error::Error;
use crate::local::{Folder, TEMPORARY, is_temporary};
use crate::manifest::{File, Manifest, Stamp};
use crate::parquet::{EXACT, PRECISION, SCALE};
use crate::quiet::Quiet;
use crate::random;
use crate::table::Table;
use crate::unit::{Service, Unit};

/// The length of the parts that large files are put in.
const PART: usize = 8 << 20;

/// What names of settings begin with.
const SETTINGS: [&str; 3] = ["aws_", "azure_", "google_"];

/// A folder or an object store with units of bills.
#[derive(Clone)]
pub struct Lake {
    store: Arc<dyn ObjectStore>,
    /// The columns of charges, by the id of their description.
    schema_id: String,
    part: usize,
}

impl fmt::Debug for Lake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lake").field("store", &self.store).finish_non_exhaustive()
    }
}

/// A manifest as it was read.
#[derive(Clone, Debug)]
pub struct Current {
    /// The manifest.
    pub manifest: Manifest,
    version: UpdateVersion,
}

/// What came of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// The unit has been replaced. `changed` says whether its files are others than before.
    Done {
        /// Whether there are other files than before.
        changed: bool,
    },
    /// Somebody else has replaced the manifest meanwhile. Nothing of ours is current.
    Conflict,
}

impl Lake {
    /// A lake in a store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        let store = Arc::new(Quiet(store));
        Self { store, schema_id: schema_id(Version::NEWEST), part: PART }
    }

    /// Sets the length of the parts that larger files are put in. S3 takes none of less than 5 MiB. The default is 8 MiB.
    #[must_use]
    pub fn part_size(mut self, bytes: usize) -> Self {
        self.part = bytes.max(1);
        self
    }

    /// A lake in a folder, which is created if it is not there.
    ///
    /// # Errors
    ///
    /// If it cannot be created.
    pub fn folder(root: impl AsRef<std::path::Path>) -> Result<Self, Error> {
        Ok(Self::new(Arc::new(Folder::open(root).map_err(|error| Error::with("cannot open the lake", error))?)))
    }

    /// A lake at an address: a folder, or with the features of these names `s3://bucket/path`, `gs://bucket/path`,
    /// `az://container/path` and the other forms of `object_store`. `settings` are its options whose names begin with `aws_`,
    /// `azure_` or `google_`, such as `aws_access_key_id`, in any case; all others are ignored, so the whole environment can be
    /// given.
    ///
    /// The store must have conditional puts, which S3, Google Cloud Storage and Azure have.
    ///
    /// # Errors
    ///
    /// If the address is none of these, or a setting is missing.
    pub fn open(address: &str, settings: impl IntoIterator<Item = (String, String)>) -> Result<Self, Error> {
        let Some((scheme, _)) = address.split_once("://") else { return Self::folder(address) };
        if scheme == "file" {
            return Err(Error::new("a folder is given by its path, without `file://`"));
        }
        let url = url::Url::parse(address).map_err(|error| Error::with("the address of the lake", error))?;
        // Errors of the store show the address.
        if url.password().is_some() || url.query().is_some() {
            return Err(Error::new("the address of a lake holds no password and no query: give them as settings"));
        }
        // The stores also know `TOKEN` or `ENDPOINT`, which in an environment are those of anything else.
        let settings = settings.into_iter().filter(|(key, _)| {
            let key = key.to_ascii_lowercase();
            SETTINGS.iter().any(|start| key.starts_with(start))
        });
        let (store, path) =
            object_store::parse_url_opts(&url, settings).map_err(|error| Error::with("cannot open the lake", error))?;
        Ok(Self::new(Arc::new(PrefixStore::new(store, path))))
    }

    /// The store. Its `Debug` shows where it is and no settings: those of `object_store` show keys.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The id of the columns of charges.
    #[must_use]
    pub fn schema_id(&self) -> &str {
        &self.schema_id
    }

    /// The manifest of a unit, if there is one.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is none.
    pub async fn load(&self, unit: &Unit) -> Result<Option<Current>, Error> {
        let path = unit.manifest();
        let Some((text, version)) = self.read(&path).await? else { return Ok(None) };
        let manifest = Manifest::parse(path.as_ref(), &text)?;
        if manifest.unit != *unit {
            return Err(Error::new(format!("{path} is a copy of the manifest of {} (delete it)", manifest.unit)));
        }
        Ok(Some(Current { manifest, version }))
    }

    /// A file with its version, if it is there.
    pub(crate) async fn read(&self, path: &Path) -> Result<Option<(Bytes, UpdateVersion)>, Error> {
        let got = match self.store.get(path).await {
            Ok(got) => got,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(not_read(path, error)),
        };
        let version = UpdateVersion { e_tag: got.meta.e_tag.clone(), version: got.meta.version.clone() };
        let text = got.bytes().await.map_err(|error| not_read(path, error))?;
        Ok(Some((text, version)))
    }

    /// All units, in no order.
    pub fn units(&self) -> BoxStream<'_, Result<Unit, Error>> {
        let listed =
            self.store.list(Some(&Path::from("state"))).map_err(|error| Error::with("cannot list `state`", error));
        listed.try_filter_map(|meta| async move { Ok(Unit::of_manifest(&meta.location)) }).boxed()
    }

    /// All manifests, in no order. A file below `state` that is none is an error of its own.
    pub fn manifests(&self) -> BoxStream<'_, Result<Manifest, Error>> {
        let loaded = self.units().map_ok(move |unit| async move { self.load(&unit).await });
        // One that is deleted meanwhile is not there.
        let loaded = loaded.try_buffer_unordered(16).try_filter_map(|current| async { Ok(current) });
        loaded.map_ok(|current| current.manifest).boxed()
    }

    /// Makes what has been read the current state of its unit. `base` is the manifest that was loaded before it was read.
    ///
    /// # Errors
    ///
    /// If the store fails. Before the manifest is replaced, nothing has changed then; afterwards old files may still be there, which
    /// the manifest lists.
    pub async fn commit(
        &self,
        unit: &Unit,
        base: Option<Current>,
        mut read: Finished,
        stamp: Stamp,
    ) -> Result<Commit, Error> {
        let there = self.there(|table| unit.folder(table), |path| Unit::of_file(path).as_ref() == Some(unit)).await?;
        let mut next = Manifest::first(unit.clone(), stamp, self.schema_id.clone());
        if let Some(base) = &base {
            next.generation = base.manifest.generation.saturating_add(1);
        }
        let current = base.as_ref().map(|base| base.manifest.files.as_slice()).unwrap_or_default();
        let bodies = &mut read.raw.file;
        bodies.seek(SeekFrom::Start(0)).map_err(temporary)?;
        for (sha256, bytes) in &read.raw.places {
            let mut body = Vec::new();
            bodies.by_ref().take(*bytes).read_to_end(&mut body).map_err(temporary)?;
            self.put(&unit.raw().join(format!("{sha256}.json.gz")), body).await?;
        }
        let mut put = Vec::new();
        for piece in read.pieces {
            next.files.push(self.place(unit.folder(piece.table), piece, current, &there, &mut put).await?);
        }
        next.totals = read.totals.iter().map(|(currency, total)| (currency.clone(), total.to_string())).collect();
        read.status.as_str().clone_into(&mut next.reconciliation);
        next.bodies = read.bodies;
        next.garbage = there.into_keys().filter(|path| next.files.iter().all(|file| file.path != *path)).collect();
        let changed = next.files != current;
        let version = self.replace(&unit.manifest(), next.to_json()?, base.map(|base| base.version)).await?;
        let Some(version) = version else {
            let current = self.load(unit).await?.map(|current| current.manifest.files).unwrap_or_default();
            self.discard(&put, &current).await?;
            return Ok(Commit::Conflict);
        };
        self.sweep(Current { manifest: next, version }).await?;
        Ok(Commit::Done { changed })
    }

    /// The file of a content: the current one, if it is there in its length, or else a new one.
    pub(crate) async fn place(
        &self,
        folder: Path,
        mut piece: Piece,
        current: &[File],
        there: &BTreeMap<String, u64>,
        put: &mut Vec<Path>,
    ) -> Result<File, Error> {
        let new = new_file(folder, &piece);
        let same = |file: &&File| there.get(&file.path) == Some(&file.bytes) && is_same(file, &new);
        if let Some(file) = current.iter().find(same) {
            return Ok(file.clone());
        }
        let path = Path::from(new.path.as_str());
        self.upload(&path, &mut piece).await?;
        put.push(path);
        Ok(new)
    }

    /// Deletes files that were put for a manifest that has not become current, and are none of those that are.
    pub(crate) async fn discard(&self, put: &[Path], current: &[File]) -> Result<(), Error> {
        // It has, if the answer to its put was lost and the put was repeated.
        for path in put.iter().filter(|path| current.iter().all(|file| file.path != path.as_ref())) {
            self.delete(path).await?;
        }
        Ok(())
    }

    /// Deletes what a manifest lists as garbage, and takes it off the manifest.
    ///
    /// # Errors
    ///
    /// If a file cannot be deleted, or the manifest not replaced.
    pub async fn sweep(&self, mut current: Current) -> Result<(), Error> {
        if current.manifest.garbage.is_empty() {
            return Ok(());
        }
        for path in std::mem::take(&mut current.manifest.garbage) {
            let path = Path::from(path);
            // Others can change a manifest, so only files of its own unit are deleted.
            if Unit::of_file(&path).as_ref() == Some(&current.manifest.unit) {
                self.delete(&path).await?;
            }
        }
        // If another process has replaced the manifest, its next sync deletes the garbage.
        let Current { manifest, version } = current;
        self.replace(&manifest.unit.manifest(), manifest.to_json()?, Some(version)).await.map(drop)
    }

    /// Deletes files that no manifest names and that are older than `before`: those of syncs and compactions that were killed, of
    /// units that were never read again. What these do not write stays. Returns how many.
    ///
    /// `before` is earlier than the begin of any of them that is under way: what that has written belongs to no manifest yet.
    ///
    /// # Errors
    ///
    /// If the store fails, a manifest cannot be read, or there is none beside the files, as in a copy without `state`.
    pub async fn collect(&self, before: Timestamp) -> Result<u64, Error> {
        let mut old = Vec::new();
        for root in [TEMPORARY, "focus", "tables", COMPACT] {
            let mut listed = self.store.list(Some(&Path::from(root)));
            while let Some(meta) = listed.next().await {
                let meta = meta.map_err(|error| Error::with(format!("cannot list `{root}`"), error))?;
                let path = &meta.location;
                let is_ours = is_temporary(path) || Unit::of_file(path).is_some() || Month::of_file(path).is_some();
                if is_ours && meta.last_modified.timestamp_millis() < before.unix_millis() {
                    old.push(meta.location);
                }
            }
        }
        let mut manifests = self.manifests();
        let (mut current, mut any) = (BTreeSet::new(), false);
        while let Some(manifest) = manifests.try_next().await? {
            any = true;
            current.extend(manifest.files.into_iter().map(|file| file.path));
        }
        let mut copies = self.compactions();
        while let Some(copy) = copies.try_next().await? {
            current.extend(copy.files.into_iter().map(|file| file.path));
        }
        if !any && !old.iter().all(is_temporary) {
            return Err(Error::new(
                "there are files and no manifest in `state`: sync first, so that it is known which are current",
            ));
        }
        old.retain(|path| !current.contains(path.as_ref()));
        for path in &old {
            self.delete(path).await?;
        }
        Ok(old.len() as u64)
    }

    /// Writes the description of the columns, if it is not there.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn describe(&self, now: Timestamp) -> Result<(), Error> {
        let id = &self.schema_id;
        let dataset = Dataset::new("cost_and_usage", "Charges of a lake of bills", Version::NEWEST, now);
        let mut text: serde_json::Value = serde_json::from_str(&dataset.to_json())
            .map_err(|error| Error::with("cannot describe the columns", error))?;
        if let Some(columns) = text.pointer_mut("/Schema/0/ColumnDefinition").and_then(|it| it.as_array_mut()) {
            columns.push(serde_json::json!({ "ColumnName": EXACT, "DataType": "JSON", "StringEncoding": "UTF-8" }));
        }
        debug_assert_eq!((PRECISION, SCALE), (30, 12), "what the description says");
        let path = Path::from(format!("focus/schema-{id}.json"));
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&path, format!("{text:#}\n").into_bytes().into(), options).await {
            Ok(_) | Err(StoreError::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(not_written(&path, error)),
        }
    }

    /// The units of an account that have a manifest.
    pub(crate) async fn account(&self, service: Service, account: &str) -> Result<Vec<Unit>, Error> {
        let folder = Path::from_iter(["state", service.as_str(), account]);
        let listed = self.store.list(Some(&folder)).try_collect::<Vec<_>>().await;
        let listed = listed.map_err(|error| Error::with(format!("cannot list {folder}"), error))?;
        Ok(listed.iter().filter_map(|meta| Unit::of_manifest(&meta.location)).collect())
    }

    /// The files in the folders of the tables that are ours and there, current or not, with their lengths.
    pub(crate) async fn there(
        &self,
        folder: impl Fn(Table) -> Path,
        is_ours: impl Fn(&Path) -> bool,
    ) -> Result<BTreeMap<String, u64>, Error> {
        let mut files = BTreeMap::new();
        for folder in Table::ALL.map(folder) {
            let mut listed = self.store.list(Some(&folder));
            while let Some(meta) = listed.next().await {
                let meta = meta.map_err(|error| Error::with(format!("cannot list {folder}"), error))?;
                if is_ours(&meta.location) {
                    files.insert(meta.location.to_string(), meta.size);
                }
            }
        }
        Ok(files)
    }

    /// The first file of a manifest that is missing or has another length, unless the manifest is not current any more.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn damaged(&self, manifest: &Manifest) -> Result<Option<String>, Error> {
        for file in &manifest.files {
            let path = Path::from(file.path.as_str());
            match self.store.head(&path).await {
                Ok(meta) if meta.size == file.bytes => {}
                Ok(_) | Err(StoreError::NotFound { .. }) => {
                    let now = self.load(&manifest.unit).await?;
                    let is_current = now.is_some_and(|now| now.manifest.files == manifest.files);
                    return Ok(is_current.then(|| file.path.clone()));
                }
                Err(error) => return Err(not_read(&path, error)),
            }
        }
        Ok(None)
    }

    /// Whether a file has the content that its manifest says. It is read.
    pub(crate) async fn is_whole(&self, file: &File) -> Result<bool, Error> {
        let path = Path::from(file.path.as_str());
        let failed = |error| not_read(&path, error);
        let mut content = match self.store.get(&path).await {
            Ok(got) => got.into_stream(),
            Err(StoreError::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        let mut hash = Sha256::new();
        while let Some(part) = content.try_next().await.map_err(failed)? {
            hash.update(&part);
        }
        Ok(hex(&hash.finalize()) == file.sha256)
    }

    /// Puts a manifest in the place of the version, or as the first one. `None` if it is another one meanwhile.
    pub(crate) async fn replace(
        &self,
        path: &Path,
        text: Vec<u8>,
        base: Option<UpdateVersion>,
    ) -> Result<Option<UpdateVersion>, Error> {
        let mode = base.map_or(PutMode::Create, PutMode::Update);
        let options = PutOptions { mode, ..PutOptions::default() };
        match self.store.put_opts(path, text.into(), options).await {
            Ok(put) => Ok(Some(UpdateVersion { e_tag: put.e_tag, version: put.version })),
            Err(StoreError::Precondition { .. } | StoreError::AlreadyExists { .. } | StoreError::NotFound { .. }) => {
                Ok(None)
            }
            Err(error) => Err(not_written(path, error)),
        }
    }

    async fn put(&self, path: &Path, bytes: Vec<u8>) -> Result<(), Error> {
        self.store.put(path, bytes.into()).await.map(drop).map_err(|error| not_written(path, error))
    }

    pub(crate) async fn delete(&self, path: &Path) -> Result<(), Error> {
        match self.store.delete(path).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::with(format!("cannot delete {path}"), error)),
        }
    }

    /// Puts a file, in parts if it is large.
    async fn upload(&self, path: &Path, piece: &mut Piece) -> Result<(), Error> {
        let file = &mut piece.file;
        file.seek(SeekFrom::Start(0)).map_err(temporary)?;
        let mut next = || {
            let mut part = Vec::new();
            let read = file.by_ref().take(self.part as u64).read_to_end(&mut part);
            read.map(|_| part).map_err(temporary)
        };
        if piece.bytes <= self.part as u64 {
            return self.put(path, next()?).await;
        }
        let failed = |error| not_written(path, error);
        let mut upload =
            WriteMultipart::new_with_chunk_size(self.store.put_multipart(path).await.map_err(failed)?, self.part);
        loop {
            let part = next()?;
            if part.is_empty() {
                break;
            }
            upload.wait_for_capacity(2).await.map_err(failed)?;
            upload.put(PutPayload::from(part).into());
        }
        upload.finish().await.map(drop).map_err(failed)
    }
}

/// A file with a new name. A sync or `collect` may be about to delete a file with an old one.
fn new_file(folder: Path, piece: &Piece) -> File {
    let start = piece.sha256.get(..16).unwrap_or(&piece.sha256);
    let path = folder.join(format!("part-{start}-{}.parquet", random())).to_string();
    File { path, rows: piece.rows, bytes: piece.bytes, sha256: piece.sha256.clone() }
}

/// Whether files of one folder have the same content.
fn is_same(a: &File, b: &File) -> bool {
    let folder = |file: &File| file.path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    (folder(a), a.bytes, &a.sha256) == (folder(b), b.bytes, &b.sha256)
}

fn temporary(error: std::io::Error) -> Error {
    Error::with("cannot read a temporary file", error)
}

pub(crate) fn not_read(path: &Path, error: StoreError) -> Error {
    Error::with(format!("cannot read {path}"), error)
}

fn not_written(path: &Path, error: StoreError) -> Error {
    Error::with(format!("cannot write {path}"), error)
}
