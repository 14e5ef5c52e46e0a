//! The jobs of a fleet under way.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use tokio::task::{Id, JoinSet};
use tracing::{Instrument, Span};

use super::Limits;
use crate::auth::BoxFuture;
use crate::deadline::Deadline;
use crate::error::Error;
use crate::executor::{Executor, counted, ended};
use crate::retry::RetryPolicy;

/// How many jobs are taken from their iterator before they are due, so that a fair one can be chosen among them.
const AHEAD: usize = 256;

/// The function that runs one job.
type JobFn<T, R> = Arc<dyn Fn(T) -> BoxFuture<'static, Result<R, Error>> + Send + Sync>;

/// A job that has ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Done<T, R> {
    /// The job, such as the id of an organization.
    pub job: T,
    /// What came of it.
    pub result: Result<R, Error>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Jobs that have ended, the failed ones included, and whose result has been taken.
    pub done: usize,
    /// Those of them that have failed.
    pub failed: usize,
    /// Jobs that have started and whose result has not been taken.
    pub under_way: usize,
    /// Calls of these jobs that wait because of a rate limit.
    pub waiting: usize,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, failed, under_way, waiting } = self;
        write!(f, "{done} done, {failed} of them failed; {under_way} under way, {waiting} waiting for a quota")
    }
}

/// The jobs of a [`Fleet`](super::Fleet) under way: a stream of their results in the order in which they end. Dropping it
/// cancels the jobs.
#[must_use = "a run does nothing until it is polled"]
pub struct Run<T, R> {
    jobs: Box<dyn Iterator<Item = T> + Send>,
    limits: Limits<T>,
    work: JobFn<T, R>,
    /// Jobs that have not started, with their scope.
    ahead: VecDeque<(String, T)>,
    tasks: JoinSet<Result<R, Error>>,
    /// The jobs of the tasks, with their scope.
    started: HashMap<Id, (String, T)>,
    /// How many jobs of a scope are under way.
    scopes: HashMap<String, usize>,
    progress: Progress,
    waiting: Arc<AtomicUsize>,
}

impl<T: Clone + Send + 'static, R: Send + 'static> Run<T, R> {
    pub(super) fn new(jobs: Box<dyn Iterator<Item = T> + Send>, limits: Limits<T>, work: JobFn<T, R>) -> Self {
        let (ahead, tasks, started, scopes) = (VecDeque::new(), JoinSet::new(), HashMap::new(), HashMap::new());
        let (progress, waiting) = (Progress::default(), Arc::default());
        Self { jobs, limits, work, ahead, tasks, started, scopes, progress, waiting }
    }

    /// The next result, or `None` when all jobs have ended.
    ///
    /// Cancelling it loses nothing: the next call returns the result.
    pub async fn next(&mut self) -> Option<Done<T, R>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// How far the run has come.
    pub fn progress(&self) -> Progress {
        Progress { under_way: self.tasks.len(), waiting: self.waiting.load(Ordering::Relaxed), ..self.progress }
    }

    /// Starts jobs, up to the limits.
    fn start(&mut self) {
        while self.tasks.len() < self.limits.concurrency {
            self.look_ahead();
            let Some((scope, job)) = self.fairest().and_then(|index| self.ahead.remove(index)) else { return };
            *self.scopes.entry(scope.clone()).or_default() += 1;
            let task = run(Arc::clone(&self.work), job.clone(), self.limits.deadline, self.limits.retry);
            let task = counted(Arc::clone(&self.waiting), task).in_current_span();
            let id = self.tasks.spawn(task).id();
            self.started.insert(id, (scope, job));
        }
    }

    fn look_ahead(&mut self) {
        while self.ahead.len() < AHEAD
            && let Some(job) = self.jobs.next()
        {
            self.ahead.push_back(((self.limits.scope)(&job), job));
        }
    }

    /// The first job ahead whose scope has the fewest jobs under way, if its limit allows one more.
    fn fairest(&self) -> Option<usize> {
        let jobs = self.ahead.iter().map(|(scope, _)| self.scopes.get(scope).copied().unwrap_or_default());
        let (index, under_way) = jobs.enumerate().min_by_key(|(_, under_way)| *under_way)?;
        (under_way < self.limits.per_scope).then_some(index)
    }

    fn leave(&mut self, scope: &str) {
        if let Some(count) = self.scopes.get_mut(scope) {
            *count -= 1;
            if *count == 0 {
                self.scopes.remove(scope);
            }
        }
    }
}

/// Runs a job until it succeeds, or as often as the policy allows.
async fn run<T: Clone, R>(work: JobFn<T, R>, job: T, limit: Duration, policy: RetryPolicy) -> Result<R, Error> {
    let deadline = Deadline::after(limit, "job");
    let mut executor = Executor::new(Span::current(), deadline, policy, None, true);
    loop {
        let Some(result) = executor.attempt(work(job.clone())).await else {
            return Err(executor.expired(format!("the job did not end {}", deadline.phrase())));
        };
        match result {
            Ok(result) => return Ok(result),
            Err(error) => executor.retry(error).await?,
        }
    }
}

impl<T: Clone + Send + 'static, R: Send + 'static> Stream for Run<T, R> {
    type Item = Done<T, R>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.start();
        let Some(joined) = ready!(self.tasks.poll_join_next_with_id(cx)) else { return Poll::Ready(None) };
        let (id, result) = match joined {
            Ok((id, result)) => (id, result),
            Err(error) => (error.id(), Err(ended("the job", &error))),
        };
        // Each task is among those that were started.
        let Some((scope, job)) = self.started.remove(&id) else { return self.poll_next(cx) };
        self.leave(&scope);
        self.progress.done += 1;
        self.progress.failed += usize::from(result.is_err());
        Poll::Ready(Some(Done { job, result }))
    }
}

// Nothing in it is pinned.
impl<T, R> Unpin for Run<T, R> {}

impl<T, R> fmt::Debug for Run<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("progress", &self.progress).finish_non_exhaustive()
    }
}
