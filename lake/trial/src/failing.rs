//! A store whose calls fail.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use cloud_billing_core::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// When the call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before anything is done.
    Before,
    /// After it is done: the answer is lost.
    After,
}

/// Fails one call, by its number.
#[derive(Debug)]
pub struct Failing {
    inner: Arc<dyn ObjectStore>,
    fails: u64,
    when: When,
    calls: Arc<AtomicU64>,
}

impl Failing {
    /// Fails the call of this number, counted from 1; none with 0.
    #[must_use]
    pub fn new(inner: Arc<dyn ObjectStore>, fails: u64, when: When) -> Self {
        Self { inner, fails, when, calls: Arc::default() }
    }

    /// How many calls there were.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Whether this call fails.
    fn fails(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1 == self.fails
    }

    async fn call<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let fails = self.fails();
        if fails && self.when == When::Before {
            return Err(injected());
        }
        let done = work.await;
        if fails { Err(injected()) } else { done }
    }
}

fn injected() -> Error {
    Error::Generic { store: "failing", source: "no space left, made up".into() }
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failing {}", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Failing {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.call(self.inner.put_opts(location, payload, opts)).await
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.call(self.inner.put_multipart_opts(location, opts)).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.call(self.inner.get_opts(location, options)).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.call(self.inner.get_ranges(location, ranges)).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let fails = self.fails();
        if fails && self.when == When::Before {
            return stream::iter([Err(injected())]).boxed();
        }
        let deleted = self.inner.delete_stream(locations);
        if fails { deleted.map(|_| Err(injected())).boxed() } else { deleted }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        if self.fails() { stream::iter([Err(injected())]).boxed() } else { self.inner.list(prefix) }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.call(self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.call(self.inner.copy_opts(from, to, options)).await
    }
}
