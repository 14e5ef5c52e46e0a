use std::collections::VecDeque;
use std::error::Error as _;

use tokio::time::Instant;

use super::*;
use crate::retry::RetryPolicy;
use crate::service::Service;

const SERVICE: Service = Service::new("test", "https://billing.example.com");

const SECOND: Duration = Duration::from_secs(1);

const POLLING: Polling = Polling::new(SECOND, Duration::from_secs(15)).with_deadline(Duration::from_secs(100));

type Step = Result<Polled<u8>, Error>;

fn core(attempts: u32) -> Core {
    Core::builder(&SERVICE).no_credential().retry(RetryPolicy::new().max_attempts(attempts)).build().unwrap()
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "as scripted")
}

fn busy(wait: u64) -> Error {
    error(ErrorKind::Api).with_response(429, None).with_retry_after(Some(Duration::from_secs(wait)))
}

fn pending() -> Step {
    Ok(Polled::Pending(None))
}

/// Polls with scripted results, followed by "not ready" forever. Returns the result and the start of each poll in
/// seconds.
async fn run(polling: Polling, attempts: u32, script: Vec<Step>) -> (Result<u8, Error>, Vec<f64>) {
    let mut script = VecDeque::from(script);
    let mut times = Vec::new();
    let start = Instant::now();
    let result = polling
        .begin()
        .until_ready(&core(attempts), "ticket 7", || {
            times.push(start.elapsed().as_secs_f64());
            std::future::ready(script.pop_front().unwrap_or_else(pending))
        })
        .await;
    (result, times)
}

#[tokio::test(start_paused = true)]
async fn waits_double_and_stop_at_the_longest() {
    let script = [pending(), pending(), pending(), pending(), pending(), pending(), Ok(Polled::Ready(7))];
    let (result, times) = run(POLLING, 1, script.into()).await;
    assert_eq!(result.unwrap(), 7);
    assert_eq!(times[0], 0.0);
    for (pair, wait) in times.windows(2).zip([1.0, 2.0, 4.0, 8.0, 15.0, 15.0]) {
        let waited = pair[1] - pair[0];
        // The clock ticks in milliseconds.
        assert!((wait..=wait * 1.2 + 0.002).contains(&waited), "{waited} for {wait}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_the_waits() {
    let start = Instant::now();
    let (result, times) = run(POLLING, 1, vec![]).await;
    let error = result.unwrap_err();
    assert!(error.is_timeout() && error.source().is_none());
    assert_eq!(error.to_string(), "timed out: no result within the polling timeout of 100s; resume it with ticket 7");
    assert!(start.elapsed() < POLLING.deadline());
    assert!(times.len() >= 8, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_a_poll() {
    let start = Instant::now();
    let mut polls = 0;
    let result: Result<u8, Error> = POLLING
        .begin()
        .until_ready(&core(1), "ticket 7", || {
            polls += 1;
            let first = polls == 1;
            async move {
                if first {
                    Ok(Polled::Pending(Some(error(ErrorKind::Transport))))
                } else {
                    std::future::pending().await
                }
            }
        })
        .await;
    let error = result.unwrap_err();
    assert_eq!(start.elapsed(), POLLING.deadline());
    assert_eq!(error.source().unwrap().to_string(), "connection failed: as scripted");
}

#[tokio::test(start_paused = true)]
async fn the_last_fault_is_kept() {
    let script = vec![
        Ok(Polled::Pending(Some(error(ErrorKind::Timeout)))),
        Ok(Polled::Pending(Some(error(ErrorKind::Transport)))),
        pending(),
    ];
    let (result, _) = run(POLLING, 1, script).await;
    assert_eq!(result.unwrap_err().source().unwrap().to_string(), "connection failed: as scripted");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_ends_the_waits_at_once() {
    for kind in
        [ErrorKind::Credential, ErrorKind::Tls, ErrorKind::Decode, ErrorKind::InvalidRequest, ErrorKind::Redirect]
    {
        let (result, times) = run(POLLING, 5, vec![pending(), Err(error(kind))]).await;
        assert_eq!(result.unwrap_err().kind(), kind);
        assert_eq!(times.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_failures_in_a_row_as_attempts() {
    let fail = || Err(error(ErrorKind::Connect));
    let (result, times) = run(POLLING, 3, vec![fail(), fail(), pending(), fail(), fail(), fail(), pending()]).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), times.len()), (ErrorKind::Connect, 3, 6));

    let (result, times) = run(POLLING, 1, vec![fail()]).await;
    assert_eq!((result.unwrap_err().kind(), times.len()), (ErrorKind::Connect, 1));
}

#[tokio::test(start_paused = true)]
async fn the_service_may_ask_for_a_longer_wait() {
    let (result, times) = run(POLLING, 2, vec![Err(busy(40)), Ok(Polled::Ready(7))]).await;
    assert_eq!(result.unwrap(), 7);
    assert!((40.0..48.1).contains(&times[1]), "{times:?}");

    let not_ready = error(ErrorKind::NotReady).with_retry_after(Some(Duration::from_secs(30)));
    let (result, times) = run(POLLING, 2, vec![Ok(Polled::Pending(Some(not_ready))), Ok(Polled::Ready(7))]).await;
    assert_eq!(result.unwrap(), 7);
    assert!((30.0..36.1).contains(&times[1]), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let start = Instant::now();
    let (result, times) = run(POLLING, 5, vec![Err(busy(101))]).await;
    assert_eq!((result.unwrap_err().status(), times.len()), (Some(429), 1));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn starting_counts() {
    let polls = POLLING.begin();
    let error = polls.start(std::future::pending::<Result<(), Error>>()).await.unwrap_err();
    assert_eq!(error.to_string(), "timed out: the process was not started within the polling timeout of 100s");
    let result: Result<u8, Error> = polls.until_ready(&core(1), "ticket 7", std::future::pending).await;
    assert!(result.unwrap_err().is_timeout());
}

#[tokio::test(start_paused = true)]
async fn extreme_settings() {
    let never = Polling::new(Duration::MAX, Duration::MAX).with_deadline(Duration::MAX);
    let (result, _) = run(never, 1, vec![pending()]).await;
    assert!(result.unwrap_err().is_timeout());
    let zero = Polling::new(Duration::ZERO, Duration::ZERO).with_deadline(Duration::MAX);
    let script = (0..100).map(|_| pending()).chain([Ok(Polled::Ready(7))]).collect();
    assert_eq!(run(zero, 1, script).await.0.unwrap(), 7);
}

#[test]
fn reasons_are_cleaned() {
    assert_eq!(failed("getReport", Some("out\nof rows")).to_string(), "getReport: refused by the service: out of rows");
    assert_eq!(failed("getReport", None).to_string(), "getReport: refused by the service: no reason given");
    assert_eq!(failed("getReport", Some(" ")).message(), Some("no reason given"));
    assert!(!failed("getReport", None).is_retryable());
}
