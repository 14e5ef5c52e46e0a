//! The effect of retries on a service that is down: 200 clients on simulated time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Budget, Retries, RetryPolicy};
use crate::error::{Error, ErrorKind};

const CLIENTS: u32 = 200;

/// Calls per second of each client. Calls start even while earlier ones are running, like those of independent users.
const RATE: u32 = 2;

const MINUTE: Duration = Duration::from_secs(60);

/// A service that answers 503 in the second of three minutes, and counts requests.
struct Service {
    start: Instant,
    /// Requests in each of the three minutes, and afterwards.
    requests: [AtomicU32; 4],
}

impl Service {
    fn answer(&self) -> Result<(), Error> {
        let minute = (self.start.elapsed().as_secs() / 60).min(3) as usize;
        self.requests[minute].fetch_add(1, Ordering::Relaxed);
        if minute == 1 { Err(Error::new(ErrorKind::Api, "").with_response(503, None)) } else { Ok(()) }
    }

    async fn call(&self, policy: &RetryPolicy, budget: &Budget) -> bool {
        let mut retries = Retries::new(*policy, Some(budget), true, None);
        loop {
            match self.answer() {
                Ok(()) => {
                    retries.succeeded();
                    return true;
                }
                Err(error) => match retries.next(&error) {
                    Ok(wait) => tokio::time::sleep(wait).await,
                    Err(_) => return false,
                },
            }
        }
    }
}

/// Runs the clients with a policy. Returns the requests per minute and the number of failed calls.
async fn three_minutes(policy: RetryPolicy) -> ([u32; 4], u32) {
    let service = Arc::new(Service { start: Instant::now(), requests: Default::default() });
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let service = Arc::clone(&service);
        clients.spawn(async move {
            let budget = Arc::new(Budget::new(policy.budget));
            let mut calls = JoinSet::new();
            // Start the clients at different times.
            tokio::time::sleep(Duration::from_secs_f64(fastrand::f64() / f64::from(RATE))).await;
            while service.start.elapsed() < 3 * MINUTE {
                let (service, budget) = (Arc::clone(&service), Arc::clone(&budget));
                calls.spawn(async move { service.call(&policy, &budget).await });
                tokio::time::sleep(Duration::from_secs(1) / RATE).await;
            }
            calls.join_all().await.into_iter().filter(|success| !success).count() as u32
        });
    }
    let failed = clients.join_all().await.into_iter().sum();
    (service.requests.each_ref().map(|count| count.load(Ordering::Relaxed)), failed)
}

#[tokio::test(start_paused = true)]
async fn an_outage_does_not_multiply_the_load() {
    let calls = CLIENTS * RATE * 60;
    let (requests, failed) = three_minutes(RetryPolicy::new()).await;
    let factor = |minute: usize| f64::from(requests[minute]) / f64::from(calls);

    // One request per call without failures.
    assert!((0.99..1.01).contains(&factor(0)), "{requests:?}");
    // Nothing succeeds, so the bound is the calls plus the capacity of each client: a factor of 1.42 here.
    assert!(requests[1] <= calls + CLIENTS * (super::DEFAULT_RETRY_BUDGET + RATE), "{requests:?}");
    assert!(factor(1) > 1.3, "the savings are used: {requests:?}");
    // No surge when the service is back.
    assert!(factor(2) < 1.05, "{requests:?}");
    // Only calls during the outage fail.
    assert!(failed <= calls, "{failed}");

    // Without a budget, the same outage multiplies the load by the number of attempts.
    let (requests, _) = three_minutes(RetryPolicy::new().budget(u32::MAX)).await;
    assert!(f64::from(requests[1]) / f64::from(calls) > 4.5, "{requests:?}");
}
