//! Retries over real connections: every row of the table in `cloud_billing_core::retry`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::time::{Duration, SystemTime};

use cloud_billing_core::auth::Reaction;
use cloud_billing_core::{BoxFuture, Credential, Error, ErrorKind, Method, Operation, Request, RetryPolicy};
use support::trace::simulate;
use support::{Reply, Server, answer, head, json};
use tokio::time::Instant;

const GET: Operation = Operation::new("get", Method::Get, "/things").success(&[200]);
const PUT: Operation = Operation::new("put", Method::Put, "/things");
const DELETE: Operation = Operation::new("delete", Method::Delete, "/things");
const POST: Operation = Operation::new("post", Method::Post, "/things");
const PATCH: Operation = Operation::new("patch", Method::Patch, "/things");
const SEARCH: Operation = Operation::new("search", Method::Post, "/things:search").idempotent();

const IDEMPOTENT: [&Operation; 4] = [&GET, &PUT, &DELETE, &SEARCH];
const OTHER: [&Operation; 2] = [&POST, &PATCH];

/// Retries without waits.
const AT_ONCE: RetryPolicy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).budget(u32::MAX);

#[derive(Debug, Default)]
struct Things {
    _things: Vec<u32>,
}

cloud_billing_core::record! {
    Things {
        _things: "things",
    }
}

const THINGS: &str = r#"{"things": [1, 2, 3]}"#;

fn things() -> Reply {
    json(200, THINGS)
}

async fn call(server: &Server, policy: RetryPolicy, operation: &'static Operation) -> Result<(), Error> {
    let core = server.builder().no_credential().retry(policy).idle_timeout(Duration::from_millis(50)).build().unwrap();
    core.json::<Things>(Request::new(operation)).await.map(drop)
}

/// Whether a call succeeds if its first attempt gets `reply`.
async fn survives(operation: &'static Operation, reply: Reply) -> bool {
    let server = Server::start([reply, things()]).await;
    let result = call(&server, AT_ONCE, operation).await;
    let sent = server.received().len();
    assert_eq!(sent, if result.is_ok() { 2 } else { 1 }, "{operation:?}");
    if let Err(error) = &result {
        assert_eq!(error.attempts(), 1);
    }
    result.is_ok()
}

async fn assert_row(reply: impl Fn() -> Reply, idempotent: bool, other: bool) {
    for operation in IDEMPOTENT {
        assert_eq!(survives(operation, reply()).await, idempotent, "{}", operation.id());
    }
    for operation in OTHER {
        assert_eq!(survives(operation, reply()).await, other, "{}", operation.id());
    }
}

#[tokio::test]
async fn statuses() {
    for status in [408, 429, 500, 502, 503, 504] {
        assert_row(|| json(status, "{}"), true, false).await;
    }
    for status in [400, 401, 402, 403, 404, 405, 406, 409, 410, 413, 424, 425, 501, 505, 511, 599] {
        assert_row(|| answer(status, &[("retry-after", "0")], b"{}"), false, false).await;
    }
    for status in [429, 503] {
        assert_row(|| answer(status, &[("retry-after", "0")], b"{}"), true, true).await;
    }
    // A gateway timeout may come after the work was done, even with `Retry-After`.
    for status in [408, 500, 502, 504] {
        assert_row(|| answer(status, &[("retry-after", "0")], b"{}"), true, false).await;
    }
    assert_row(|| answer(302, &[("location", "/elsewhere")], b""), false, false).await;
}

#[tokio::test]
async fn connections_lost_before_the_head() {
    assert_row(|| Reply::Close(Vec::new()), true, false).await;
    assert_row(|| Reply::Reset(Vec::new()), true, false).await;
    assert_row(|| Reply::Close(b"HTTP/1.1 200 O".to_vec()), true, false).await;
}

/// The headers of a response and half of its body.
fn half() -> Vec<u8> {
    let mut bytes = head(200, &[("content-type", "application/json")], Some(THINGS.len()));
    bytes.extend_from_slice(&THINGS.as_bytes()[..THINGS.len() / 2]);
    bytes
}

#[tokio::test]
async fn bodies_that_break_off() {
    assert_row(|| Reply::Close(half()), true, false).await;
    assert_row(|| Reply::Reset(half()), true, false).await;
    assert_row(|| Reply::Hang(half()), true, false).await;
    let chunked = || {
        let mut bytes = head(200, &[("content-type", "application/json")], None);
        bytes.extend_from_slice(b"5\r\n{\"thi\r\n");
        Reply::Close(bytes)
    };
    assert_row(chunked, true, false).await;
}

#[tokio::test]
async fn json_cut_short_within_a_sound_body() {
    for end in 1..THINGS.len() {
        assert!(survives(&GET, json(200, &THINGS[..end])).await, "{}", &THINGS[..end]);
    }
    assert!(!survives(&POST, json(200, &THINGS[..9])).await);
}

#[tokio::test]
async fn what_would_be_the_same_again() {
    for body in [r#"{"things": [1, "two"]}"#, "[]", "{]", r#"{"things": []} x"#, ""] {
        assert_row(|| json(200, body), false, false).await;
    }
    assert_row(|| answer(200, &[("content-type", "text/html")], b"<html>"), false, false).await;
    // A wrong type before the truncation.
    assert!(!survives(&GET, json(200, r#"{"things": ["two", "#)).await);
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_whatever_the_method() {
    support::trace::keep_on();
    let (_socket, address) = support::refused();
    for operation in IDEMPOTENT.into_iter().chain(OTHER) {
        let core = cloud_billing_core::Core::builder(&support::SERVICE)
            .base_url(format!("http://{address}"))
            .no_credential()
            .retry(AT_ONCE)
            .build()
            .unwrap();
        let error = core.empty(Request::new(operation)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 5));
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn the_last_error_is_the_services() {
    let replies = (1..=9).map(|n| json(503, &format!(r#"{{"errorCode": "BUSY_{n}"}}"#)));
    let server = Server::start(replies).await;
    let error = call(&server, AT_ONCE, &GET).await.unwrap_err();
    assert_eq!((error.status(), error.code(), error.attempts()), (Some(503), Some("BUSY_5"), 5));
    insta::assert_snapshot!(error, @"get: 503 Service Unavailable: BUSY_5 (request id req-1, 5 attempts)");
    let error = call(&server, RetryPolicy::none(), &GET).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("BUSY_6"), 1));
}

#[tokio::test]
async fn an_error_in_an_envelope_counts() {
    const ENVELOPED: Operation =
        Operation::new("get", Method::Get, "/things").envelope("envelope", "status", "content");
    let server = Server::start([
        json(200, r#"{"status": 503, "content": {"errorCode": "BUSY"}}"#),
        json(200, r#"{"status": 200, "content": {"things": []}}"#),
        json(200, r#"{"status": 404, "content": {"errorCode": "GONE"}}"#),
    ])
    .await;
    let core = server.builder().no_credential().retry(AT_ONCE).build().unwrap();
    let request = || {
        let mut request = Request::new(&ENVELOPED);
        request.query("envelope", &true);
        request
    };
    core.json::<Things>(request()).await.unwrap();
    let error = core.json::<Things>(request()).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("GONE"), 1));
}

#[tokio::test]
async fn of_a_stream_only_the_head() {
    let server = Server::start([json(503, "{}"), Reply::Close(Vec::new()), Reply::Close(half())]).await;
    let core = server.builder().no_credential().retry(AT_ONCE).build().unwrap();
    let response = core.bytes(Request::new(&GET)).await.unwrap();
    let error = response.into_inner().text().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 3));
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn retry_after_in_seconds_is_waited_for() {
    let server = Server::start([answer(429, &[("retry-after", "20")], b""), things()]).await;
    let (result, waits) = simulate(call(&server, AT_ONCE, &POST)).await;
    result.unwrap();
    let [wait] = waits[..] else { panic!("{waits:?}") };
    assert!((20_000..=24_000).contains(&wait.as_millis()), "{wait:?}");
}

#[tokio::test]
async fn retry_after_as_a_date_is_waited_for() {
    let now = SystemTime::now();
    let date = |seconds| httpdate::fmt_http_date(now + Duration::from_secs(seconds));
    // Measured by the service's own clock, which is an hour ahead.
    let headers = [("date", &*date(3600)), ("retry-after", &*date(3630))];
    let server = Server::start([answer(503, &headers, b""), things()]).await;
    let (result, waits) = simulate(call(&server, AT_ONCE, &GET)).await;
    result.unwrap();
    let [wait] = waits[..] else { panic!("{waits:?}") };
    assert!((30_000..=36_000).contains(&wait.as_millis()), "{wait:?}");
}

#[tokio::test]
async fn a_retry_after_beyond_patience_ends_the_call_at_once() {
    let server = Server::start([answer(429, &[("retry-after", "61")], b"")]).await;
    let (result, waits) = simulate(call(&server, AT_ONCE, &GET)).await;
    let error = result.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(429), 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
    assert!(waits.is_empty());
}

#[tokio::test]
async fn a_wait_beyond_the_overall_timeout_ends_the_call_at_once() {
    let server = Server::start([json(503, "{}"), answer(429, &[("retry-after", "45")], b"")]).await;
    let core = server.builder().no_credential().retry(AT_ONCE).overall_timeout(Duration::from_secs(10));
    let core = core.build().unwrap();
    let start = std::time::Instant::now();
    let error = core.json::<Things>(Request::new(&GET)).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(429), 2));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn waits_without_retry_after_are_within_the_backoff() {
    let server = Server::start((0..4).map(|_| json(500, "{}")).chain([things()])).await;
    let start = Instant::now();
    let (result, waits) = simulate(call(&server, RetryPolicy::new(), &GET)).await;
    result.unwrap();
    for (wait, ceiling) in waits.iter().zip([500, 1000, 2000, 4000]) {
        assert!(wait.as_millis() <= ceiling, "{waits:?}");
    }
    assert_eq!(waits.len(), 4);
    assert!(start.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn a_spent_quota_is_given_a_second() {
    let spent = || answer(429, &[("ratelimit-remaining", "0")], b"");
    let server = Server::start([spent(), things()]).await;
    let (result, waits) = simulate(call(&server, AT_ONCE, &GET)).await;
    result.unwrap();
    assert_eq!(waits, [Duration::from_secs(1)]);
    let server = Server::start([spent()]).await;
    let error = call(&server, RetryPolicy::none(), &GET).await.unwrap_err();
    assert_eq!(error.rate_limit().remaining, Some(0));
}

#[tokio::test]
async fn all_calls_of_a_client_share_a_budget() {
    let server = Server::start((0..6).map(|_| json(503, "{}"))).await;
    let core = server.builder().no_credential().retry(AT_ONCE.budget(3)).build().unwrap();
    for attempts in [4, 1] {
        let error = core.clone().json::<Things>(Request::new(&GET)).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(503), attempts));
    }
    // Another client has its own budget.
    assert_eq!(call(&server, AT_ONCE.budget(0), &GET).await.unwrap_err().attempts(), 1);
}

/// A credential that expects another request after each 401.
#[derive(Debug)]
struct Renewing;

impl Credential for Renewing {
    fn authorization<'a>(
        &'a self,
        _: cloud_billing_core::auth::Target<'a>,
    ) -> BoxFuture<'a, Result<Option<http::HeaderValue>, Error>> {
        Box::pin(async { Ok(Some(http::HeaderValue::from_static("Bearer token"))) })
    }

    fn rejected<'a>(
        &'a self,
        _: cloud_billing_core::auth::Target<'a>,
        _: cloud_billing_core::auth::Rejection<'a>,
    ) -> BoxFuture<'a, Result<Reaction, Error>> {
        Box::pin(async { Ok(Reaction::Renewed) })
    }
}

#[tokio::test]
async fn a_renewed_credential_uses_up_no_attempt() {
    let script = || [json(503, "{}"), json(401, "{}"), json(503, "{}"), things()];
    let server = Server::start(script()).await;
    let policy = AT_ONCE.max_attempts(3).budget(2);
    let core = server.builder().credential(Renewing).retry(policy).build().unwrap();
    core.json::<Things>(Request::new(&GET)).await.unwrap();
    assert_eq!(server.received().len(), 4);

    let server = Server::start(script()).await;
    let core = server.builder().credential(Renewing).retry(policy.max_attempts(2)).build().unwrap();
    let error = core.json::<Things>(Request::new(&GET)).await.unwrap_err();
    // Three requests in two attempts.
    assert_eq!((error.status(), error.attempts()), (Some(503), 3));

    // The credential decides after each 401.
    let server = Server::start([json(401, "{}"), json(401, "{}"), json(503, "{}"), json(401, "{}"), things()]).await;
    let core = server.builder().credential(Renewing).retry(policy).build().unwrap();
    core.json::<Things>(Request::new(&GET)).await.unwrap();

    // But not forever.
    let server = Server::answering(|_| Some(json(401, "{}"))).await;
    let core = server.builder().credential(Renewing).retry(policy).build().unwrap();
    let error = core.json::<Things>(Request::new(&GET)).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(401), 11));
}

/// A service whose first answer says that the quota is used up for half a minute.
async fn spending() -> Server {
    let headers = [("content-type", "application/json"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "30")];
    let mut first = Some(answer(200, &headers, THINGS.as_bytes()));
    let reply = std::sync::Mutex::new(move || first.take().unwrap_or_else(things));
    Server::answering(move |_| Some(reply.lock().unwrap()())).await
}

/// The quota is counted for the value of a path parameter, over all operations of its set.
#[tokio::test]
async fn a_spent_quota_holds_the_calls_of_its_set_and_scope_and_no_others() {
    const LIST: Operation = Operation::new("list", Method::Get, "/orgs/{org}/things").quota("things", "org");
    const SEARCH: Operation = Operation::new("find", Method::Get, "/orgs/{org}/found").quota("things", "org");
    const COUNT: Operation = Operation::new("count", Method::Get, "/orgs/{org}/count").quota("counts", "org");
    const MINE: Operation = Operation::new("mine", Method::Get, "/mine").quota("things", "");
    let (a, b) = ("a".to_owned(), "b".to_owned());
    for (operation, organization, held) in
        [(&LIST, &a, true), (&SEARCH, &a, true), (&LIST, &b, false), (&COUNT, &a, false), (&MINE, &a, false)]
    {
        let server = spending().await;
        let core = server.builder().no_credential().retry(AT_ONCE).build().unwrap();
        let call = async |operation: &'static Operation, organization: &String| {
            let mut request = Request::new(operation);
            request.path("org", organization);
            core.json::<Things>(request).await.map(drop)
        };
        call(&LIST, &a).await.unwrap();
        let (result, waits) = simulate(call(operation, organization)).await;
        result.unwrap();
        assert_eq!(waits.len(), usize::from(held), "{} of {organization}: {waits:?}", operation.id());
    }
}

#[tokio::test]
async fn a_success_that_spends_the_quota_holds_the_next_call_of_its_operation() {
    let spent = || {
        let headers = [("content-type", "application/json"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "30")];
        answer(200, &headers, THINGS.as_bytes())
    };
    const OTHER: Operation = Operation::new("other", Method::Get, "/others");
    let call =
        async |core: &cloud_billing_core::Core, operation| core.json::<Things>(Request::new(operation)).await.map(drop);

    let server = Server::start([spent(), things(), things(), things()]).await;
    let core = server.builder().no_credential().retry(AT_ONCE).build().unwrap();
    let (result, waits) = simulate(async {
        call(&core, &GET).await?;
        // Another operation may have another quota.
        call(&core, &OTHER).await?;
        call(&core, &GET).await?;
        call(&core, &GET).await
    })
    .await;
    result.unwrap();
    let [wait] = waits[..] else { panic!("{waits:?}") };
    assert!((29_000..=36_000).contains(&wait.as_millis()), "{wait:?}");

    // No wait beyond the deadline, and none if waiting is switched off.
    for (policy, overall) in [(AT_ONCE, 20), (AT_ONCE.wait_for_quota(false), 300), (RetryPolicy::none(), 300)] {
        let server = Server::start([spent(), things()]).await;
        let builder = server.builder().no_credential().retry(policy).overall_timeout(Duration::from_secs(overall));
        let core = builder.build().unwrap();
        call(&core, &GET).await.unwrap();
        let (result, waits) = simulate(call(&core, &GET)).await;
        result.unwrap();
        assert!(waits.is_empty(), "{waits:?}");
    }
}
