//! Jobs for many organizations at once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloud_billing_core::fleet::Done;
use cloud_billing_core::{Core, Error, ErrorKind, Fleet, Method, Operation, Request, RetryPolicy, Service};
use serde_json::Value;
use support::{Server, answer, json};
use tokio::time::{Instant, sleep};

/// A failure that may be retried, and one that may not.
async fn failure(url: &str, status: u16) -> Error {
    const GET: Operation = Operation::new("get", Method::Get, "/things");
    const SERVICE: Service = Service::new("test-billing", "https://billing.example.com");
    let builder = Core::builder(&SERVICE).base_url(url).no_credential();
    let core = builder.retry(RetryPolicy::none()).build().unwrap();
    let error = core.json::<Value>(Request::new(&GET)).await.unwrap_err();
    assert_eq!(error.status(), Some(status));
    error
}

async fn refusing(status: u16) -> Server {
    Server::answering(move |_| Some(json(status, "{}"))).await
}

#[tokio::test(start_paused = true)]
async fn so_many_at_once_and_in_the_order_in_which_they_end() {
    static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let mut run = Fleet::new(1_u64..=6).concurrency(2).run(|seconds| async move {
        MOST.fetch_max(UNDER_WAY.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        sleep(Duration::from_secs(10 - seconds)).await;
        UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
        Ok(seconds * 10)
    });
    let mut done = Vec::new();
    while let Some(Done { job, result, .. }) = run.next().await {
        done.push((job, result.unwrap()));
    }
    assert_eq!(done, [(2, 20), (1, 10), (3, 30), (4, 40), (6, 60), (5, 50)]);
    assert_eq!(MOST.load(Ordering::SeqCst), 2);
    assert!(run.next().await.is_none());
    assert_eq!(run.progress().to_string(), "6 done, 0 of them failed; 0 under way, 0 waiting for a quota");
}

#[tokio::test]
async fn a_failure_stands_beside_the_results_and_stops_nothing() {
    let server = refusing(403).await;
    let url = Arc::new(server.url.clone());
    let mut run = Fleet::new(0..20).run(move |number| {
        let url = Arc::clone(&url);
        async move {
            match number % 5 {
                0 => Err(failure(&url, 403).await),
                1 => panic!("the token is hush"),
                _ => Ok(number),
            }
        }
    });
    let mut kinds = HashMap::new();
    while let Some(Done { job, result, .. }) = run.next().await {
        let kind = result.map(|number| assert_eq!(number, job)).map_err(|error| {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hush"), "{shown}");
            error.kind()
        });
        *kinds.entry(kind.err()).or_insert(0) += 1;
    }
    let expected = [(None, 12), (Some(ErrorKind::Api), 4), (Some(ErrorKind::Transport), 4)];
    assert_eq!(kinds, HashMap::from(expected));
    let progress = run.progress();
    assert_eq!((progress.done, progress.failed, progress.under_way), (20, 8, 0));
}

/// A thousand jobs of one organization come before one job of another.
#[tokio::test(start_paused = true)]
async fn scopes_are_served_in_turn() {
    let jobs = (0..200).map(|month| ("large", month)).chain([("small", 0)]);
    let fleet = Fleet::new(jobs).concurrency(8).scope(|(organization, _)| (*organization).to_owned(), 4);
    let large = Arc::new(Mutex::new((0, 0)));
    let counts = Arc::clone(&large);
    let mut run = fleet.run(move |(organization, _)| {
        let counts = Arc::clone(&counts);
        async move {
            let count = |by: isize| {
                let mut counts = counts.lock().unwrap();
                counts.0 += if organization == "large" { by } else { 0 };
                counts.1 = counts.1.max(counts.0);
            };
            count(1);
            sleep(Duration::from_secs(1)).await;
            count(-1);
            Ok(())
        }
    });
    let mut place = None;
    let mut number = 0;
    while let Some(done) = run.next().await {
        if done.job.0 == "small" {
            place = Some(number);
        }
        number += 1;
    }
    assert!(place.unwrap() < 8, "{place:?}");
    assert_eq!((number, large.lock().unwrap().1), (201, 4));
}

#[tokio::test(start_paused = true)]
async fn a_job_has_a_deadline() {
    let started = Instant::now();
    let fleet = Fleet::new([1, 1000]).deadline(Duration::from_secs(60));
    let mut run = fleet.run(|seconds| async move {
        sleep(Duration::from_secs(seconds)).await;
        Ok(())
    });
    assert!(run.next().await.unwrap().result.is_ok());
    let error = run.next().await.unwrap().result.unwrap_err();
    insta::assert_snapshot!(error, @"timed out: the job did not end within the job timeout of 60s");
    assert_eq!(started.elapsed(), Duration::from_secs(60));
}

#[tokio::test]
async fn a_job_is_run_again_only_if_that_may_help() {
    let policy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).max_attempts(3);
    for (status, runs) in [(503, 3), (403, 1)] {
        let server = refusing(status).await;
        let (url, count) = (server.url.clone(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&count);
        let mut run = Fleet::new([()]).retry(policy).run(move |()| {
            counted.fetch_add(1, Ordering::SeqCst);
            let url = url.clone();
            async move { Err::<(), _>(failure(&url, status).await) }
        });
        assert_eq!(run.next().await.unwrap().result.unwrap_err().status(), Some(status));
        assert_eq!(count.load(Ordering::SeqCst), runs, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_run_cancels_its_jobs() {
    struct Guard(Arc<AtomicUsize>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let guards = Arc::clone(&dropped);
    let mut run = Fleet::new(0..100).concurrency(10).run(move |number| {
        let guard = Guard(Arc::clone(&guards));
        async move {
            let _guard = guard;
            sleep(Duration::from_secs(if number == 0 { 1 } else { 1000 })).await;
            Ok(())
        }
    });
    run.next().await.unwrap().result.unwrap();
    drop(run);
    tokio::task::yield_now().await;
    // The first job has ended, and no further one has started.
    assert_eq!(dropped.load(Ordering::SeqCst), 10);
}

/// The iterator is not read to its end before the first job runs.
#[tokio::test]
async fn jobs_are_taken_when_they_are_due() {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let jobs = (0_u64..).inspect(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let mut run = Fleet::new(jobs).run(|number| async move { Ok(number) });
    for _ in 0..10 {
        run.next().await.unwrap().result.unwrap();
    }
    assert!(taken.load(Ordering::SeqCst) < 1000);
}

#[tokio::test]
async fn progress_says_how_many_wait_for_a_quota() {
    const GET: Operation = Operation::new("get", Method::Get, "/orgs/{org}").quota("orgs", "org");
    let server = Server::answering(|request| {
        let later = request.number >= 3;
        let busy = || answer(429, &[("retry-after", "30")], b"{}");
        Some(if later { json(200, "{}") } else { busy() })
    })
    .await;
    let core = Arc::new(server.builder().no_credential().retry(RetryPolicy::new()).build().unwrap());
    let mut run = Fleet::new(["a", "b", "c"]).run(move |organization| {
        let core = Arc::clone(&core);
        async move {
            let mut request = Request::new(&GET);
            request.path("org", organization);
            core.json::<Value>(request).await.map(drop)
        }
    });
    while run.progress().waiting < 3 {
        let next = tokio::time::timeout(Duration::from_millis(1), run.next()).await;
        assert!(next.is_err(), "no job can end yet: {next:?}");
    }
    assert_eq!(run.progress().under_way, 3);
    drop(run);
}
