//! Counts the calls of a fleet that wait because of a rate limit.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

tokio::task_local! {
    /// The counter of the fleet to which the task belongs.
    static WAITING: Arc<AtomicUsize>;
}

/// Runs a future as a part of the fleet with this counter.
pub(crate) async fn counted<F: Future>(counter: Arc<AtomicUsize>, future: F) -> F::Output {
    WAITING.scope(counter, future).await
}

/// A future to be spawned that belongs to the same fleet as the task that spawns it, if that belongs to one.
pub(crate) fn inherit<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let counter = WAITING.try_with(Arc::clone).ok();
    async move {
        match counter {
            Some(counter) => WAITING.scope(counter, future).await,
            None => future.await,
        }
    }
}

/// Waits because of a rate limit.
pub(super) async fn sleep_for_quota(wait: Duration) {
    let _one = WAITING.try_with(|counter| One::new(Arc::clone(counter))).ok();
    tokio::time::sleep(wait).await;
}

/// One that waits. It no longer does when this is dropped.
struct One(Arc<AtomicUsize>);

impl One {
    fn new(counter: Arc<AtomicUsize>) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(counter)
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
