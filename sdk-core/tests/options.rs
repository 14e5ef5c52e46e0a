//! Settings of single calls.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::time::Duration;

use cloud_billing_core::{CallOptions, Core, Error, ErrorKind, Method, Operation, Request, Response, RetryPolicy};
use support::{GET, Reply, Server, answer, json};

const POST: Operation = Operation::new("create", Method::Post, "/things").success(&[200]);
const AT_ONCE: RetryPolicy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);

async fn post(core: &Core) -> Result<Response<Vec<u8>>, Error> {
    core.json(Request::new(&POST)).await
}

#[tokio::test]
async fn retries_are_those_of_the_call() {
    let server = Server::start([json(500, "{}"), json(200, "[1]"), json(500, "{}")]).await;
    let core = server.builder().no_credential().build().unwrap();
    let mut request = Request::new(&GET);
    request.path("id", "7");
    core.with_options(CallOptions::new().retry(AT_ONCE)).json::<Vec<u8>>(request).await.unwrap();
    let mut request = Request::new(&GET);
    request.path("id", "7");
    // The client's own calls are as before.
    core.json::<Vec<u8>>(request).await.unwrap_err();
}

#[tokio::test]
async fn only_the_program_knows_what_a_second_post_does() {
    let server = Server::start([json(500, "{}"), json(500, "{}"), json(200, "[1]")]).await;
    let core = server.builder().no_credential().retry(AT_ONCE).build().unwrap();
    assert_eq!(post(&core).await.unwrap_err().attempts(), 1);
    post(&core.with_options(CallOptions::new().idempotent(true))).await.unwrap();
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn timeouts_are_those_of_the_call() {
    let server = Server::answering(|_| Some(Reply::Hang(Vec::new()))).await;
    let core = server.builder().no_credential().retry(AT_ONCE).build().unwrap();
    let short = Duration::from_millis(20);
    let error = post(&core.with_options(CallOptions::new().attempt_timeout(short))).await.unwrap_err();
    assert!(error.to_string().contains("attempt timeout of 20ms"), "{error}");
    let error = post(&core.with_options(CallOptions::new().overall_timeout(short))).await.unwrap_err();
    assert!(error.to_string().contains("overall timeout of 20ms"), "{error}");
}

#[tokio::test]
async fn a_header_is_sent_with_each_attempt_and_shown_nowhere() {
    let server = Server::start([json(500, "{}"), json(200, "[1]")]).await;
    let core = server.builder().no_credential().retry(AT_ONCE).build().unwrap();
    let options = CallOptions::new().header("X-Gateway-Key", "hush").idempotent(true);
    assert!(!format!("{options:?}").contains("hush"), "{options:?}");
    let core = core.with_options(options);
    assert!(!format!("{core:?}").contains("hush"), "{core:?}");
    post(&core).await.unwrap();
    let received = server.received();
    assert!(received.len() == 2 && received.iter().all(|request| request.header("x-gateway-key") == Some("hush")));
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_refused() {
    let server = Server::start([]).await;
    let core = server.core();
    for (name, value, problem) in [
        ("authorization", "hush", "`authorization` is set by the client itself"),
        ("User-Agent", "hush", "`user-agent` is set by the client itself"),
        ("x-key", "hush\r\nx: y", "the value of `x-key` has a character"),
        ("not a name", "hush", "\"not a name\" is not the name of a header"),
    ] {
        let error = post(&core.with_options(CallOptions::new().header(name, value))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(problem) && !format!("{error:?}").contains("hush"), "{error:?}");
    }
    assert!(server.received().is_empty());
}

/// The address of a download belongs to another service.
#[tokio::test]
async fn a_download_has_no_header_of_the_call() {
    let server = Server::start([answer(200, &[], b"file")]).await;
    let core = server.core().with_options(CallOptions::new().header("x-gateway-key", "hush"));
    let file = core.download(&format!("{}/file", server.url).into()).await.unwrap();
    assert_eq!(file.into_inner().text().await.unwrap(), "file");
    assert_eq!(server.received()[0].header("x-gateway-key"), None);
}

#[tokio::test]
async fn a_raw_response_is_the_body_as_it_arrived() {
    let text = r#"{"amount": 12.50, "later": {"new": true}}"#;
    let server = Server::start([json(200, text), json(404, "{}"), answer(200, &[], b"")]).await;
    let core = server.core();
    let raw = core.raw(Request::new(&POST)).await.unwrap();
    assert_eq!((raw.status(), raw.request_id()), (200, Some("req-1")));
    assert_eq!((raw.json(), raw.bytes()), (text, text.as_bytes()));
    let view: std::collections::BTreeMap<&str, &serde_json::value::RawValue> = raw.view().unwrap();
    assert_eq!(view["amount"].get(), "12.50");
    assert_eq!(raw.view::<Vec<u8>>().unwrap_err().kind(), ErrorKind::Decode);
    // What is not a success is an error all the same.
    assert_eq!(core.raw(Request::new(&POST)).await.unwrap_err().status(), Some(404));
    assert_eq!(core.raw(Request::new(&POST)).await.unwrap_err().kind(), ErrorKind::Empty);
}
