//! One question to each organization or account, many at once.

use std::future::Future;

use cloud_billing_core::{Error, Fleet};

use super::problems::Problems;
use super::progress;
use crate::context::Context;

/// Asks for all, and returns the answers and the failures in the order of the questions. `whose` says whose failure it is.
pub(super) async fn each<J, T, R>(
    jobs: Vec<J>,
    what: &'static str,
    whose: impl Fn(&J) -> String,
    read: impl Fn(J) -> R + Send + Sync + 'static,
    context: &Context,
) -> (Vec<(J, T)>, Problems)
where
    J: Clone + Send + 'static,
    T: Send + 'static,
    R: Future<Output = Result<T, Error>> + Send + 'static,
{
    let bar = progress::bar(context, what, jobs.len());
    let mut run = Fleet::new(jobs.into_iter().enumerate().collect::<Vec<_>>()).run(move |(_, job)| read(job));
    let mut ended = Vec::new();
    while let Some(done) = run.next().await {
        bar.inc(1);
        let (index, job) = done.job;
        ended.push((index, job, done.result));
    }
    bar.finish_and_clear();
    ended.sort_by_key(|(index, ..)| *index);
    let (mut found, mut problems) = (Vec::new(), Problems::default());
    for (_, job, result) in ended {
        match result {
            Ok(answer) => found.push((job, answer)),
            Err(error) => problems.add(&whose(&job), error),
        }
    }
    (found, problems)
}
