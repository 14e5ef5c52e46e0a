//! Clients without sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloud_billing_core::auth::iam::ApiKey;
use cloud_billing_core::mock::{MockRequest, MockResponse};
use cloud_billing_core::{Core, ErrorKind, HttpClient, Method, Operation, Request, RetryPolicy};
use serde_json::{Value, json};
use support::SERVICE;

const POST: Operation = Operation::new("create", Method::Post, "/v2/{name}/things");
const AT_ONCE: RetryPolicy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);

fn core(answer: impl Fn(&MockRequest<'_>) -> MockResponse + Send + Sync + 'static) -> Core {
    let builder = Core::builder(&SERVICE).http_client(HttpClient::mock(answer)).retry(AT_ONCE);
    builder.credential(ApiKey::new("hush")).build().unwrap()
}

/// A request arrives whole, with the token that was fetched for it.
#[tokio::test]
async fn the_mock_sees_tokens_and_requests() {
    let core = core(|request| match request.path() {
        "/identity/token" => {
            assert_eq!((request.host(), request.method()), ("iam.cloud.ibm.com", "POST"));
            let form = String::from_utf8_lossy(request.body());
            assert!(form.contains("apikey=hush"), "{form}");
            MockResponse::json(200, r#"{"access_token": "t1", "expires_in": 3600}"#)
        }
        _ => {
            assert_eq!(request.target(), "/v2/a%2Fb/things?q=x%20y");
            assert_eq!((request.query("q").as_deref(), request.query("p")), (Some("x y"), None));
            assert_eq!(request.header("Authorization"), Some("Bearer t1"));
            MockResponse::json(201, request.body().to_vec()).header("x-request-id", "r1")
        }
    });
    let mut request = Request::new(&POST);
    request.path("name", "a/b").query("q", "x y").json(&json!({"a": 1}));
    let response = core.json::<Value>(request).await.unwrap();
    assert_eq!((response.status(), response.request_id()), (201, Some("r1")));
    assert_eq!(*response, json!({"a": 1}));
}

/// Failures are those of a service: classified, and retried.
#[tokio::test]
async fn failures_are_retried_as_those_of_a_service() {
    const GET: Operation = Operation::new("get", Method::Get, "/things");
    let count = AtomicUsize::new(0);
    let http = HttpClient::mock(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => MockResponse::failure(ErrorKind::Connect),
        1 => MockResponse::failure(ErrorKind::Transport),
        2 => MockResponse::new(503),
        3 => MockResponse::json(200, "[1"),
        4 => MockResponse::json(200, "[1]"),
        _ => MockResponse::json(403, r#"{"errors": [{"code": "forbidden", "message": "no"}]}"#),
    });
    let builder = Core::builder(&SERVICE).http_client(http).no_credential();
    let core = builder.retry(AT_ONCE).build().unwrap();
    let list = core.json::<Vec<u32>>(Request::new(&GET)).await.unwrap().into_inner();
    assert_eq!(list, [1]);
    let error = core.json::<Value>(Request::new(&GET)).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.code()), (ErrorKind::Api, Some(403), Some("forbidden")));
}

#[tokio::test]
async fn an_impossible_answer_is_an_error() {
    for response in
        [MockResponse::new(1000), MockResponse::new(200).header("a b", "c"), MockResponse::new(200).header("a", "\n")]
    {
        let http = HttpClient::mock(move |_| response.clone());
        let core = Core::builder(&SERVICE).http_client(http).no_credential().build().unwrap();
        let mut request = Request::new(&POST);
        request.path("name", "a");
        let error = core.json::<Value>(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}
