//! A folder as an object store.
//!
//! What `object_store` lacks for a folder: a conditional put, and files that are on the disk before they have their names. Files
//! are written in `.tmp` and renamed, so that no reader of the other folders ever sees a part of one. Below the folder no link is
//! followed, and no file is opened that is not regular.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use walkdir::WalkDir;

use crate::random;

/// The folder of files that are being written.
pub(crate) const TEMPORARY: &str = ".tmp";

/// How many files of a list are read at once.
const LISTED: usize = 1_000;

/// Locked while a manifest is compared and replaced.
const LOCK: &str = "lock";

/// Whether a path is that of a file that is being written.
pub(crate) fn is_temporary(path: &Path) -> bool {
    let name = path.as_ref().strip_prefix(TEMPORARY).and_then(|path| path.strip_prefix('/'));
    name.is_some_and(|name| name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A folder. See the [module](self).
#[derive(Debug)]
pub struct Folder {
    inner: LocalFileSystem,
    root: PathBuf,
}

impl Folder {
    /// Opens a folder, and creates it if it is not there. In it nothing is written before the first file.
    ///
    /// # Errors
    ///
    /// If it cannot be created or is no folder.
    pub fn open(root: impl AsRef<FilePath>) -> Result<Self> {
        let root = root.as_ref();
        create_folder(root).map_err(|error| generic("create", root, error))?;
        Ok(Self { inner: LocalFileSystem::new_with_prefix(root)?, root: root.to_owned() })
    }

    /// Begins a file. Its own name has no `#` as those of `object_store` have, which its lists hide: `Lake::collect` finds it.
    async fn upload(&self, part: &Path, to: &Path) -> Result<Upload> {
        check_file(&self.root, part).await?;
        let path = self.inner.path_to_filesystem(part)?;
        let create = path.clone();
        let file = blocking(&path, move || {
            create.parent().map_or(Ok(()), create_folder)?;
            File::options().write(true).create_new(true).open(create)
        });
        let file = file.await?;
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
        check_file(&self.root, to).await?;
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
        check_file(&self.root, &Path::from_iter([TEMPORARY, LOCK])).await?;
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
    Path::from(format!("{TEMPORARY}/{}", random()))
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

/// Refuses a path below the root that is a link, is behind one, or is something else than a regular file.
async fn check_file(root: &FilePath, location: &Path) -> Result<()> {
    let (root, location) = (root.to_owned(), location.clone());
    let file = reading(move || no_link(&root, &location)).await?;
    match file {
        Some((path, file)) if !file.is_file() => {
            Err(Error::Generic { store: "folder", source: format!("{} is no regular file", path.display()).into() })
        }
        _ => Ok(()),
    }
}

async fn reading<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    done.map_err(|error| Error::Generic { store: "folder", source: error.into() })
}

/// What is at a path below the root, if it is there. A link on the way is an error.
fn no_link(root: &FilePath, location: &Path) -> io::Result<Option<(PathBuf, Metadata)>> {
    let mut path = root.to_owned();
    let mut found = None;
    for part in location.parts() {
        path.push(part.as_ref());
        found = match fs::symlink_metadata(&path) {
            Ok(link) if link.is_symlink() => {
                return Err(io::Error::other(format!("{} is a link, and a lake has none in it", path.display())));
            }
            Ok(metadata) => Some((path.clone(), metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
    }
    Ok(found)
}

/// The regular files below a folder.
struct Listing {
    root: PathBuf,
    entries: walkdir::IntoIter,
}

impl Listing {
    fn begin(root: PathBuf, prefix: &Path) -> io::Result<Self> {
        no_link(&root, prefix)?;
        let entries = WalkDir::new(root.join(prefix.as_ref())).min_depth(1).into_iter();
        Ok(Self { root, entries })
    }

    /// The next files, or none at the end. A lake may have millions, which are never all in memory.
    fn next(&mut self) -> io::Result<Vec<ObjectMeta>> {
        let mut files = Vec::new();
        while files.len() < LISTED
            && let Some(entry) = self.entries.next()
        {
            match entry.and_then(|entry| entry.metadata().map(|metadata| (entry, metadata))) {
                Ok((entry, metadata)) if metadata.is_file() => {
                    files.extend(listed(&self.root, entry.path(), &metadata)?);
                }
                Ok(_) => {}
                Err(error) => match error.into_io_error() {
                    // It was deleted meanwhile, or was never there.
                    Some(error) if error.kind() == io::ErrorKind::NotFound => {}
                    error => return Err(error.unwrap_or_else(|| io::Error::other("a folder that is in itself"))),
                },
            }
        }
        Ok(files)
    }
}

/// The next files of a listing as a stream.
async fn part(mut listing: Listing) -> Result<Option<(BoxStream<'static, Result<ObjectMeta>>, Listing)>> {
    let (files, listing) = reading(move || listing.next().map(|files| (files, listing))).await?;
    Ok((!files.is_empty()).then(|| (stream::iter(files.into_iter().map(Ok)).boxed(), listing)))
}

/// A file as a list has it. `None` if its name is none that a lake gives.
fn listed(root: &FilePath, file: &FilePath, metadata: &Metadata) -> io::Result<Option<ObjectMeta>> {
    let parts = file.strip_prefix(root).ok().into_iter().flatten().map(|part| part.to_str());
    let path = parts.collect::<Option<Vec<_>>>().and_then(|parts| Path::parse(parts.join("/")).ok());
    let Some(location) = path else { return Ok(None) };
    let last_modified = metadata.modified()?.into();
    Ok(Some(ObjectMeta { location, last_modified, size: metadata.len(), e_tag: None, version: None }))
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
        check_file(&self.root, location).await?;
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<cloud_billing_core::Bytes>> {
        check_file(&self.root, location).await?;
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let root = self.root.clone();
        let checked = locations.and_then(move |location| {
            let root = root.clone();
            async move { check_file(&root, &location).await.map(|()| location) }
        });
        self.inner.delete_stream(checked.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (root, prefix) = (self.root.clone(), prefix.cloned().unwrap_or_default());
        let begun = stream::once(reading(move || Listing::begin(root, &prefix)));
        begun.map_ok(|listing| stream::try_unfold(listing, part)).try_flatten().try_flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        check_file(&self.root, from).await?;
        check_file(&self.root, to).await?;
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
