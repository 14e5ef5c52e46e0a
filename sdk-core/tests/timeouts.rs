//! Timeouts: what each covers, its error, and its consequence. The table is in `cloud_billing_core::client`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::error::Error as _;
use std::time::Duration;

use cloud_billing_core::auth::Target;
use cloud_billing_core::{
    BoxFuture, ClientBuilder, Core, Credential, Error, ErrorKind, Method, Operation, Request, RetryPolicy,
};
use http::HeaderValue;
use support::{Reply, SERVICE, Server, head, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

const GET: Operation = Operation::new("get", Method::Get, "/things");

/// A timeout that passes during a test.
const SHORT: Duration = Duration::from_millis(100);

/// A timeout that does not pass.
const LONG: Duration = Duration::from_secs(600);

const AT_ONCE: RetryPolicy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).max_attempts(2);

/// A client with long timeouts.
fn builder(server: &Server) -> ClientBuilder {
    let builder = server.builder().no_credential().retry(AT_ONCE);
    builder.connect_timeout(LONG).attempt_timeout(LONG).idle_timeout(LONG).overall_timeout(LONG)
}

async fn fails(builder: ClientBuilder) -> Error {
    let core = builder.build().unwrap();
    let error = core.json::<serde_json::Value>(Request::new(&GET)).await.unwrap_err();
    assert!(error.is_timeout() && error.is_retryable());
    error
}

fn silence() -> Reply {
    Reply::Hang(Vec::new())
}

/// A response that stops in its body.
fn stall() -> Reply {
    let mut bytes = head(200, &[("content-type", "application/json")], Some(10));
    bytes.extend_from_slice(b"[1, ");
    Reply::Hang(bytes)
}

#[tokio::test]
async fn connecting_covers_tls() {
    // It accepts connections and sends nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let error = fails(
        Core::builder(&SERVICE)
            .base_url(url)
            .no_credential()
            .connect_timeout(SHORT)
            .retry(AT_ONCE)
            .overall_timeout(LONG),
    )
    .await;
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 2));
    insta::assert_snapshot!(error, @"get: could not connect: host 127.0.0.1 (2 attempts)");
}

#[tokio::test]
async fn an_attempt_covers_the_wait_for_the_head() {
    let server = Server::start([silence(), silence()]).await;
    let error = fails(builder(&server).attempt_timeout(SHORT)).await;
    insta::assert_snapshot!(error, @"get: timed out: no answer within the attempt timeout of 100ms (2 attempts)");
    // The next attempt may succeed.
    let server = Server::start([silence(), json(200, "1")]).await;
    let core = builder(&server).attempt_timeout(Duration::from_millis(500)).build().unwrap();
    core.json::<u8>(Request::new(&GET)).await.unwrap();
}

#[tokio::test]
async fn an_attempt_covers_a_buffered_body() {
    let server = Server::start([stall(), stall()]).await;
    let error = fails(builder(&server).attempt_timeout(SHORT)).await;
    insta::assert_snapshot!(
        error,
        @"get: timed out: the body was not complete within the attempt timeout of 100ms, only 4 of 10 bytes (status 200, 2 attempts)"
    );
}

#[tokio::test]
async fn a_stalled_body_is_noticed_before_the_attempt_ends() {
    let server = Server::start([stall(), stall()]).await;
    let error = fails(builder(&server).idle_timeout(SHORT)).await;
    insta::assert_snapshot!(
        error,
        @"get: timed out: nothing more of the body within 100ms after 4 of 10 bytes (status 200, 2 attempts)"
    );
}

#[tokio::test]
async fn an_idle_timeout_does_not_cover_the_wait_for_the_head() {
    let server = Server::start([silence()]).await;
    let error = fails(builder(&server).idle_timeout(Duration::ZERO).attempt_timeout(SHORT).retry(RetryPolicy::none()));
    assert!(error.await.to_string().contains("no answer within the attempt timeout"));
}

#[tokio::test]
async fn the_overall_timeout_covers_all_attempts() {
    let server = Server::start([json(503, r#"{"errorCode": "BUSY"}"#), silence()]).await;
    let error = fails(builder(&server).overall_timeout(Duration::from_millis(300))).await;
    insta::assert_snapshot!(error, @"get: timed out: no answer within the overall timeout of 300ms (2 attempts)");
    // The earlier failure is kept as the source.
    insta::assert_snapshot!(error.source().unwrap(), @"get: 503 Service Unavailable: BUSY (request id req-1)");
    // There is no third attempt, although the policy would allow one.
    let server = Server::start([silence()]).await;
    let error = fails(builder(&server).overall_timeout(SHORT)).await;
    assert_eq!((error.attempts(), error.source().is_some()), (1, false));
}

#[tokio::test]
async fn the_overall_timeout_covers_the_credential() {
    #[derive(Debug)]
    struct Never;

    impl Credential for Never {
        fn authorization<'a>(&'a self, _: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
            Box::pin(std::future::pending())
        }
    }

    let server = Server::start([]).await;
    tokio::time::pause();
    let start = Instant::now();
    let error = fails(builder(&server).credential(Never)).await;
    insta::assert_snapshot!(error, @"get: timed out: no credential within the overall timeout of 600s");
    assert!(error.attempts() == 0 && start.elapsed() >= LONG);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn of_a_stream_only_the_idle_timeout_covers_the_body() {
    let server = Server::start([stall()]).await;
    let core = builder(&server).attempt_timeout(SHORT).overall_timeout(SHORT).idle_timeout(SHORT * 5).build().unwrap();
    let mut stream = core.bytes(Request::new(&GET)).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), "[1, ");
    let error = stream.next().await.unwrap().unwrap_err();
    insta::assert_snapshot!(
        error,
        @"get: timed out: nothing more of the body within 500ms after 4 of 10 bytes (status 200)"
    );
    // Before the response headers, the other timeouts apply.
    let server = Server::start([silence()]).await;
    let core = builder(&server).overall_timeout(SHORT).build().unwrap();
    assert!(core.bytes(Request::new(&GET)).await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn the_longest_durations_are_no_limit() {
    let server = Server::start([json(200, "1")]).await;
    let builder = builder(&server).attempt_timeout(Duration::MAX).idle_timeout(Duration::MAX);
    let core = builder.overall_timeout(Duration::MAX).build().unwrap();
    core.json::<u8>(Request::new(&GET)).await.unwrap();
}
