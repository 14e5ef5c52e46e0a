//! A folder as an object store.
//!
//! What `object_store` lacks for a folder: a conditional put, and files that are on the disk before they have their names. Files
//! are written in `.tmp` and renamed, so that no reader of the other folders ever sees a part of one.

use std::fmt;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

/// The folder of files that are being written.
pub(crate) const TEMPORARY: &str = ".tmp";

/// Locked while a manifest is compared and replaced.
const LOCK: &str = "lock";

/// A folder. See the [module](self).
#[derive(Debug)]
pub struct Folder {
    inner: LocalFileSystem,
    root: PathBuf,
}

impl Folder {
    /// Opens a folder, and creates it if it is not there.
    ///
    /// # Errors
    ///
    /// If it cannot be created or is no folder.
    pub fn open(root: impl AsRef<FilePath>) -> Result<Self> {
        let root = root.as_ref();
        create_folder(&root.join(TEMPORARY)).map_err(|error| generic("create", root, error))?;
        Ok(Self { inner: LocalFileSystem::new_with_prefix(root)?, root: root.to_owned() })
    }

    /// Begins a file. Its own name has no `#` as those of `object_store` have, which its lists hide: `Lake::collect` finds it.
    async fn upload(&self, part: &Path, to: &Path) -> Result<Upload> {
        let path = self.inner.path_to_filesystem(part)?;
        let create = path.clone();
        let file = blocking(&path, move || File::options().write(true).create_new(true).open(create)).await?;
        let folder = Self { inner: LocalFileSystem::new_with_prefix(&self.root)?, root: self.root.clone() };
        Ok(Upload { file: Arc::new(Mutex::new(file)), end: 0, path, folder, part: part.clone(), to: to.clone() })
    }

    /// Gives a file that is written its place. `part` is in `.tmp`.
    async fn publish(&self, part: &Path, to: &Path, mode: PutMode) -> Result<PutResult> {
        let published = self.try_publish(part, to, mode).await;
        if published.is_err() {
            // Best effort: what stays is removed by `Lake::collect`.
            let _ = self.inner.delete(part).await;
        }
        published
    }

    async fn try_publish(&self, part: &Path, to: &Path, mode: PutMode) -> Result<PutResult> {
        let (from, target) = (self.inner.path_to_filesystem(part)?, self.inner.path_to_filesystem(to)?);
        let (part_file, parent) = (from.clone(), target.parent().map(FilePath::to_owned));
        blocking(&target, move || {
            File::open(&part_file)?.sync_all()?;
            parent.map_or(Ok(()), |parent| create_folder(&parent))
        })
        .await?;
        // A rename keeps what the tag is made of.
        let e_tag = self.inner.head(part).await?.e_tag;
        let create = matches!(mode, PutMode::Create);
        let _lock = match mode {
            PutMode::Update(version) => {
                let lock = self.lock().await?;
                let current = self.inner.head(to).await.map(|meta| meta.e_tag);
                if !matches!(&current, Ok(tag) if *tag == version.e_tag) {
                    let source = "the file has changed".into();
                    return Err(Error::Precondition { path: to.to_string(), source });
                }
                Some(lock)
            }
            PutMode::Create | PutMode::Overwrite => None,
        };
        let path = target.clone();
        let placed = blocking(&target, move || {
            let placed = if create { fs::hard_link(&from, &path) } else { fs::rename(&from, &path) };
            placed.and_then(|()| if create { fs::remove_file(&from) } else { Ok(()) })?;
            path.parent().map_or(Ok(()), sync_folder)
        });
        placed.await?;
        Ok(PutResult { e_tag, version: None })
    }

    /// Other processes and other tasks of this one wait. The system unlocks it with the process that ends.
    async fn lock(&self) -> Result<File> {
        let path = self.root.join(TEMPORARY).join(LOCK);
        let file = path.clone();
        blocking(&path, move || {
            let file = File::options().create(true).truncate(false).write(true).open(file)?;
            file.lock()?;
            Ok(file)
        })
        .await
    }
}

fn temporary() -> Path {
    // The standard library's keys, which the operating system chooses at random.
    Path::from(format!("{TEMPORARY}/{:016x}", RandomState::new().hash_one(std::process::id())))
}

async fn blocking<T: Send + 'static>(
    path: &FilePath,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(|error| generic("write", path, error))
}

fn generic(what: &str, path: &FilePath, error: io::Error) -> Error {
    let shown = path.display().to_string();
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Error::AlreadyExists { path: shown, source: error.into() };
    }
    Error::Generic { store: "folder", source: format!("cannot {what} {shown}: {error}").into() }
}

/// Creates a folder with those that it is in, all on the disk.
fn create_folder(path: &FilePath) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create_folder(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        other => other?,
    }
    path.parent().map_or(Ok(()), sync_folder)
}

/// Puts the names in a folder on the disk, where the system can.
fn sync_folder(path: &FilePath) -> io::Result<()> {
    if cfg!(unix) && !path.as_os_str().is_empty() { File::open(path)?.sync_all() } else { Ok(()) }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root.display())
    }
}

#[async_trait]
impl ObjectStore for Folder {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let part = temporary();
        let mut upload = self.upload(&part, location).await?;
        match upload.put_part(payload).await {
            Ok(()) => self.publish(&part, location, opts.mode).await,
            Err(error) => {
                // Best effort, as in `publish`.
                let _ = self.inner.delete(&part).await;
                Err(error)
            }
        }
    }

    async fn put_multipart_opts(&self, location: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(self.upload(&temporary(), location).await?))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<cloud_billing_core::Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// A file that is being written.
#[derive(Debug)]
struct Upload {
    file: Arc<Mutex<File>>,
    /// Where the next part begins.
    end: u64,
    path: PathBuf,
    folder: Folder,
    part: Path,
    to: Path,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (file, path, start) = (Arc::clone(&self.file), self.path.clone(), self.end);
        self.end = self.end.saturating_add(data.content_length() as u64);
        Box::pin(async move {
            blocking(&path, move || {
                // A panic in between would leave a part unwritten, and the upload with an error.
                let mut file = file.lock().map_err(|_| io::Error::other("a part was not written"))?;
                file.seek(SeekFrom::Start(start))?;
                data.iter().try_for_each(|chunk| file.write_all(chunk))
            })
            .await
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.folder.publish(&self.part, &self.to, PutMode::Overwrite).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.folder.inner.delete(&self.part).await
    }
}
