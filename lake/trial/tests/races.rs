//! Two at one lake, one of them in the middle of a call of the other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use cloud_billing_lake::{Lake, Service, Unit};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use lake_trial::fake::{Fake, accounts, noon, stopped, time};
use lake_trial::reader::Seen;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// Lets a whole sync run before the first file is deleted.
#[derive(Debug)]
struct Late {
    inner: Arc<dyn ObjectStore>,
    is_first: AtomicBool,
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("late")
    }
}

#[async_trait]
impl ObjectStore for Late {
    async fn put_opts(&self, to: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.inner.put_opts(to, payload, options).await
    }

    async fn put_multipart_opts(&self, to: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(to, options).await
    }

    async fn get_opts(&self, from: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(from, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let inner = Arc::clone(&self.inner);
        if !self.is_first.swap(false, Ordering::Relaxed) {
            return inner.delete_stream(paths);
        }
        let deleted = async move {
            let report = Fake::new(1).sync(&Lake::new(Arc::clone(&inner)), stopped(noon())).await.unwrap();
            assert_eq!((report.replaced, report.failed.len()), (1, 0), "{report}");
            inner.delete_stream(paths)
        };
        stream::once(deleted).flatten().boxed()
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

#[tokio::test]
async fn what_is_collected_is_not_what_a_sync_has_just_written() {
    let inner: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let lake = Lake::new(Arc::clone(&inner));
    Fake::new(1).sync(&lake, stopped(noon())).await.unwrap();
    // As after a sync that was killed before it put the manifest of a unit.
    let unit = Unit::new(Service::Atlas, &accounts()[0], "2026-06".parse().unwrap()).unwrap();
    lake.store().delete(&unit.manifest()).await.unwrap();

    let late = Lake::new(Arc::new(Late { inner, is_first: AtomicBool::new(true) }));
    assert!(late.collect(time("2200-01-01T00:00:00Z")).await.unwrap() > 0);
    Seen::default().look(&lake).await.unwrap();
    assert!(lake.load(&unit).await.unwrap().is_some());
}
