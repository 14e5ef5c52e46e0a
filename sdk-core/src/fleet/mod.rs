//! One job for each of many organizations or accounts.
//!
//! A [`Fleet`] has the jobs and the limits, [`Run`] is a stream of what came of them:
//!
//! ```
//! use std::time::Duration;
//!
//! use cloud_billing_core::{Error, Fleet};
//!
//! # async fn last_bill(organization: String) -> Result<u32, Error> { Ok(organization.len() as u32) }
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let organizations = ["east", "west"].map(String::from);
//! let fleet = Fleet::new(organizations).concurrency(16).deadline(Duration::from_secs(300));
//! let mut bills = fleet.run(last_bill);
//! while let Some(done) = bills.next().await {
//!     match done.result {
//!         Ok(bill) => println!("{}: {bill}", done.job),
//!         Err(error) => eprintln!("{}: {error}", done.job),
//!     }
//! }
//! assert_eq!(bills.progress().done, 2);
//! # }
//! ```
//!
//! # Rules
//!
//! * **Order.** Results come in the order in which jobs end, each with its job. A job that fails is a result like any other:
//!   it stops no other job.
//! * **Concurrency.** So many jobs are under way at once as [`concurrency`](Fleet::concurrency) says. The next one starts when
//!   the consumer takes a result. Jobs are taken from their iterator when they are due, 256 ahead, so that it can be long.
//! * **Fairness.** Jobs of one [scope](Fleet::scope), such as the months of one organization, have a limit of their own.
//!   Among the next 256, the one whose scope has the fewest jobs under way starts first.
//! * **Time.** Each job has a [deadline](Fleet::deadline), which covers its retries. The calls in it have their own timeouts
//!   and [retries](crate::retry); [`Fleet::retry`] runs a whole job again.
//! * **Cancellation.** Dropping the run cancels the jobs under way. A job that panics has an error without its message.
//!
//! A fleet needs a tokio runtime, on which it spawns each job.

mod run;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

pub use run::{Done, Progress, Run};

use crate::error::Error;
use crate::retry::RetryPolicy;

/// How many jobs are under way at once, unless set otherwise.
pub const DEFAULT_CONCURRENCY: usize = 16;

/// Jobs for many organizations or accounts, and the limits within which they run. See the [module](self).
#[must_use = "a fleet does nothing until it is run"]
pub struct Fleet<T> {
    jobs: Box<dyn Iterator<Item = T> + Send>,
    limits: Limits<T>,
}

struct Limits<T> {
    concurrency: usize,
    scope: Box<dyn Fn(&T) -> String + Send>,
    per_scope: usize,
    deadline: Duration,
    retry: RetryPolicy,
}

impl<T: Clone + Send + 'static> Fleet<T> {
    /// One job for each item, such as the id of an organization.
    pub fn new<I>(jobs: I) -> Self
    where
        I: IntoIterator<Item = T>,
        I::IntoIter: Send + 'static,
    {
        let limits = Limits {
            concurrency: DEFAULT_CONCURRENCY,
            scope: Box::new(|_| String::new()),
            per_scope: usize::MAX,
            deadline: Duration::MAX,
            retry: RetryPolicy::none(),
        };
        Self { jobs: Box::new(jobs.into_iter().fuse()), limits }
    }

    /// Sets how many jobs are under way at once, at least 1. The default is 16 ([`DEFAULT_CONCURRENCY`]).
    pub fn concurrency(mut self, jobs: usize) -> Self {
        self.limits.concurrency = jobs.max(1);
        self
    }

    /// Sets what a job belongs to, such as its organization, and how many jobs of one are under way at once, at least 1. By
    /// default all jobs belong together, without a limit.
    pub fn scope(mut self, scope: impl Fn(&T) -> String + Send + 'static, jobs: usize) -> Self {
        (self.limits.scope, self.limits.per_scope) = (Box::new(scope), jobs.max(1));
        self
    }

    /// Sets the time limit of each job, its retries included. By default there is none, besides the timeouts of calls.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.deadline = limit;
        self
    }

    /// Sets how a whole job is run again after a failure that is [retryable](Error::is_retryable). The default is
    /// [`RetryPolicy::none`], since calls are retried themselves. A job that is run again must be idempotent.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.limits.retry = policy;
        self
    }

    /// Runs the jobs. Nothing starts before the run is polled.
    pub fn run<R, F, W>(self, work: F) -> Run<T, R>
    where
        R: Send + 'static,
        F: Fn(T) -> W + Send + Sync + 'static,
        W: Future<Output = Result<R, Error>> + Send + 'static,
    {
        Run::new(self.jobs, self.limits, Arc::new(move |job| Box::pin(work(job))))
    }
}

impl<T> fmt::Debug for Fleet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("concurrency", &self.limits.concurrency).finish_non_exhaustive()
    }
}
