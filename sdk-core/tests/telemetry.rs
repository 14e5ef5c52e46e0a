//! The trace events of a call.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::time::Duration;

use cloud_billing_core::paginate::{Layout, Next, Position};
use cloud_billing_core::{Core, Operation, Pages, Paginate, Request, RetryPolicy};
use support::trace::Recorder;
use support::{GET, Reply, Server, answer, json};
use tracing::Instrument;

const AT_ONCE: RetryPolicy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).max_attempts(3);

/// The traces of a call to a server with this script.
async fn traces(script: impl IntoIterator<Item = Reply>) -> String {
    let server = Server::start(script).await;
    let core = server.builder().bearer_token("hush").retry(AT_ONCE).build().unwrap();
    let recorder = Recorder::default();
    let guard = tracing::subscriber::set_default(recorder.clone());
    let mut request = Request::new(&GET);
    request.path("id", "hush").query("token", "hush");
    let _ = core.json::<Vec<u8>>(request).await;
    drop(guard);
    let text = recorder.everything();
    assert!(!text.contains("hush"), "{text}");
    recorder.lines()
}

#[tokio::test]
async fn a_call_that_succeeds() {
    insta::assert_snapshot!(traces([json(200, "[1]")]).await, @r#"
    span call otel.name="getInvoice" otel.kind="internal" sdk.service="test-billing" sdk.operation="getInvoice" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    span attempt otel.name=GET /v2/invoices/{id} otel.kind="client" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    record call http.response.status_code=200
    record call sdk.request_id="req-1"
    record attempt http.response.status_code=200
    record attempt sdk.request_id="req-1"
    event DEBUG message=attempt http.request.resend_count=0 http.response.status_code=200 sdk.request_id="req-1" sdk.attempt_ms=[number]
    "#);
}

#[tokio::test]
async fn a_call_that_is_retried() {
    let script = [json(503, r#"{"detail": "hush"}"#), Reply::Close(Vec::new()), json(200, "[1]")];
    insta::assert_snapshot!(traces(script).await, @r#"
    span call otel.name="getInvoice" otel.kind="internal" sdk.service="test-billing" sdk.operation="getInvoice" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    span attempt otel.name=GET /v2/invoices/{id} otel.kind="client" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    record call http.response.status_code=503
    record call sdk.request_id="req-1"
    record attempt http.response.status_code=503
    record attempt sdk.request_id="req-1"
    record attempt error.type="503"
    record attempt otel.status_code="ERROR"
    event DEBUG message=attempt http.request.resend_count=0 http.response.status_code=503 sdk.request_id="req-1" error.type="503" sdk.attempt_ms=[number]
    event INFO message=retry error.type="503" http.response.status_code=503 http.request.resend_count=1 sdk.wait_ms=0
    span attempt otel.name=GET /v2/invoices/{id} otel.kind="client" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number] http.request.resend_count=1
    record call http.request.resend_count=1
    record attempt error.type="transport"
    record attempt otel.status_code="ERROR"
    event DEBUG message=attempt http.request.resend_count=1 error.type="transport" sdk.attempt_ms=[number]
    event INFO message=retry error.type="transport" http.request.resend_count=2 sdk.wait_ms=0
    span attempt otel.name=GET /v2/invoices/{id} otel.kind="client" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number] http.request.resend_count=2
    record call http.request.resend_count=2
    record call http.response.status_code=200
    record call sdk.request_id="req-1"
    record attempt http.response.status_code=200
    record attempt sdk.request_id="req-1"
    event DEBUG message=attempt http.request.resend_count=2 http.response.status_code=200 sdk.request_id="req-1" sdk.attempt_ms=[number]
    "#);
}

#[tokio::test]
async fn a_call_whose_attempts_run_out() {
    insta::assert_snapshot!(traces((0..3).map(|_| json(500, r#"{"detail": "hush"}"#))).await, @r#"
    span call otel.name="getInvoice" otel.kind="internal" sdk.service="test-billing" sdk.operation="getInvoice" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    span attempt otel.name=GET /v2/invoices/{id} otel.kind="client" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    record call http.response.status_code=500
    record call sdk.request_id="req-1"
    record attempt http.response.status_code=500
    record attempt sdk.request_id="req-1"
    record attempt error.type="500"
    record attempt otel.status_code="ERROR"
    event DEBUG message=attempt http.request.resend_count=0 http.response.status_code=500 sdk.request_id="req-1" error.type="500" sdk.attempt_ms=[number]
    event INFO message=retry error.type="500" http.response.status_code=500 http.request.resend_count=1 sdk.wait_ms=0
    span attempt otel.name=GET /v2/invoices/{id} otel.kind="client" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number] http.request.resend_count=1
    record call http.request.resend_count=1
    record call http.response.status_code=500
    record call sdk.request_id="req-1"
    record attempt http.response.status_code=500
    record attempt sdk.request_id="req-1"
    record attempt error.type="500"
    record attempt otel.status_code="ERROR"
    event DEBUG message=attempt http.request.resend_count=1 http.response.status_code=500 sdk.request_id="req-1" error.type="500" sdk.attempt_ms=[number]
    event INFO message=retry error.type="500" http.response.status_code=500 http.request.resend_count=2 sdk.wait_ms=0
    span attempt otel.name=GET /v2/invoices/{id} otel.kind="client" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number] http.request.resend_count=2
    record call http.request.resend_count=2
    record call http.response.status_code=500
    record call sdk.request_id="req-1"
    record attempt http.response.status_code=500
    record attempt sdk.request_id="req-1"
    record attempt error.type="500"
    record attempt otel.status_code="ERROR"
    event DEBUG message=attempt http.request.resend_count=2 http.response.status_code=500 sdk.request_id="req-1" error.type="500" sdk.attempt_ms=[number]
    event INFO message=no more retries error.type="500" http.response.status_code=500 sdk.reason=no attempts left
    record call error.type="500"
    record call otel.status_code="ERROR"
    "#);
}

#[tokio::test]
async fn a_call_that_fails_for_good() {
    insta::assert_snapshot!(traces([answer(404, &[("set-cookie", "hush")], b"hush")]).await, @r#"
    span call otel.name="getInvoice" otel.kind="internal" sdk.service="test-billing" sdk.operation="getInvoice" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    span attempt otel.name=GET /v2/invoices/{id} otel.kind="client" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    record call http.response.status_code=404
    record attempt http.response.status_code=404
    record attempt error.type="404"
    record attempt otel.status_code="ERROR"
    event DEBUG message=attempt http.request.resend_count=0 http.response.status_code=404 error.type="404" sdk.attempt_ms=[number]
    record call error.type="404"
    record call otel.status_code="ERROR"
    "#);
    insta::assert_snapshot!(traces([json(200, r#"["hush"]"#)]).await, @r#"
    span call otel.name="getInvoice" otel.kind="internal" sdk.service="test-billing" sdk.operation="getInvoice" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    span attempt otel.name=GET /v2/invoices/{id} otel.kind="client" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    record call http.response.status_code=200
    record call sdk.request_id="req-1"
    record attempt http.response.status_code=200
    record attempt sdk.request_id="req-1"
    event DEBUG message=attempt http.request.resend_count=0 http.response.status_code=200 sdk.request_id="req-1" sdk.attempt_ms=[number]
    record call error.type="decode"
    record call otel.status_code="ERROR"
    "#);
}

#[tokio::test]
async fn a_call_that_is_not_sent() {
    let recorder = Recorder::default();
    let core = Server::start([]).await.core();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    core.empty(Request::new(&GET)).await.unwrap_err();
    insta::assert_snapshot!(recorder.lines(), @r#"
    span call otel.name="getInvoice" otel.kind="internal" sdk.service="test-billing" sdk.operation="getInvoice" http.request.method="GET" url.template="/v2/invoices/{id}" server.address="127.0.0.1" server.port=[number]
    record call error.type="invalid_request"
    record call otel.status_code="ERROR"
    "#);
}

/// A list without an end.
#[derive(Clone)]
struct Endless(Core);

impl Paginate for Endless {
    type Page = serde_json::Value;
    type Item = u8;
    fn operation(&self) -> &'static Operation {
        &GET
    }
    fn layout(&self) -> Layout {
        Layout { items: "items", next: Next::Number { links: "links", relations: &["next"], total: "" } }
    }

    fn core(&self) -> &Core {
        &self.0
    }

    fn start(&self) -> Position {
        Position::Number(1)
    }

    fn request_at(&self, _: &Position) -> Request {
        let mut request = Request::new(&GET);
        request.path("id", "7");
        request
    }
}

/// A page that leads on.
const PAGE: &str = r#"{"items":[1],"links":[{"rel":"next"}]}"#;

#[tokio::test]
async fn pages_are_fetched_in_the_span_of_their_consumer() {
    let server = Server::answering(|_| Some(json(200, PAGE))).await;
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let mut pages = Pages::new(Endless(server.core()));
    async {
        for _ in 0..3 {
            pages.next().await.unwrap().unwrap();
        }
    }
    .instrument(tracing::info_span!("list"))
    .await;
    let spans = recorder.spans("call");
    assert!(spans.len() >= 3 && spans.iter().all(|within| *within == Some("list")), "{spans:?}");
}

/// However large the prefetch is: it exceeds what services allow.
#[tokio::test]
async fn so_many_pages_are_fetched_ahead_and_no_more() {
    let server = Server::answering(|_| Some(json(200, PAGE))).await;
    let mut pages = Pages::new(Endless(server.core())).prefetch(usize::MAX);
    pages.next().await.unwrap().unwrap();
    drop(pages);
    let sent = server.received().len();
    assert!((1..=65).contains(&sent), "{sent}");
}
