//! Calls that fail: every kind of error, and its text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::error::Error as _;
use std::time::Duration;

use cloud_billing_core::{Decimal, Error, ErrorKind, Method, Operation, Request, RetryPolicy};
use support::{GET, Reply, Server, answer, head, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

#[derive(Debug, Default)]
struct Invoice {
    line_items: Vec<LineItem>,
}

cloud_billing_core::record! {
    Invoice {
        line_items: "lineItems",
    }
}

#[derive(Debug, Default)]
struct LineItem {
    price: Decimal,
}

cloud_billing_core::record! {
    LineItem {
        price: "price",
    }
}

/// A request with secrets in its path and query, which no error may show.
fn request(operation: &'static Operation) -> Request {
    let mut request = Request::new(operation);
    request.path("id", "7").query("token", "hush-query");
    request
}

/// Makes one call and returns its error, after checking it for secrets.
async fn error(reply: Reply) -> Error {
    let server = Server::start([reply]).await;
    let result = server.core().json::<Invoice>(request(&GET)).await;
    let total = result.map(|invoice| invoice.line_items.iter().map(|item| &item.price).sum::<Decimal>());
    let error = total.unwrap_err();
    assert_redacted(&error);
    error
}

/// Asserts that neither the error nor its causes show the credential or a query value.
fn assert_redacted(error: &Error) {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        shown.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    assert!(!shown.contains("hush"), "{shown}");
}

#[tokio::test]
async fn an_api_error_has_everything_the_service_said() {
    let reply = answer(
        429,
        &[("content-type", "application/json"), ("x-request-id", "req-1"), ("retry-after", "55")],
        br#"{"error": 429, "errorCode": "RATE_LIMITED", "detail": "Slow down.", "parameters": ["a", 55]}"#,
    );
    let error = error(reply).await;
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!((error.status(), error.code(), error.message()), (Some(429), Some("RATE_LIMITED"), Some("Slow down.")));
    assert_eq!((error.request_id(), error.attempts()), (Some("req-1"), 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(55)));
    assert!(error.is_retryable() && !error.is_auth() && !error.is_timeout());
    assert_eq!(error.vendor::<serde_json::Value>().unwrap()["parameters"][1], 55);
    insta::assert_snapshot!(error, @"getInvoice: 429 Too Many Requests: RATE_LIMITED: Slow down. (request id req-1)");
}

#[tokio::test]
async fn error_bodies_of_other_shapes() {
    let error_of = |content_type: &'static str, body: &'static str| async move {
        error(answer(500, &[("content-type", content_type)], body.as_bytes())).await.to_string()
    };
    let lines = [
        error_of("application/json", r#"{"errors": [{"code": "not_found", "message": "No account"}]}"#).await,
        error_of("application/json", r#"{"error": "invalid_client", "error_description": "Unknown"}"#).await,
        error_of("application/json;charset=ISO-8859-1", "{\"errorMessage\": \"Oops\"}").await,
        error_of("text/html", "<html><head><title>Proxy Error</title></head></html>").await,
        error_of("text/plain", "upstream\r\nreset").await,
        error_of("application/json", "").await,
    ];
    insta::assert_snapshot!(lines.join("\n"), @"
    getInvoice: 500 Internal Server Error: not_found: No account
    getInvoice: 500 Internal Server Error: invalid_client: Unknown
    getInvoice: 500 Internal Server Error: Oops
    getInvoice: 500 Internal Server Error: Proxy Error
    getInvoice: 500 Internal Server Error: upstream reset
    getInvoice: 500 Internal Server Error
    ");
}

#[tokio::test]
async fn a_broken_error_body_is_still_the_error() {
    let mut bytes = head(503, &[("content-type", "text/plain")], Some(1000));
    bytes.extend_from_slice(b"busy");
    let error = error(Reply::Close(bytes)).await;
    assert_eq!((error.kind(), error.status(), error.message()), (ErrorKind::Api, Some(503), Some("busy")));
}

#[tokio::test]
async fn a_huge_error_body_is_cut() {
    let error = error(answer(500, &[("content-type", "text/plain")], &vec![b'x'; 300 * 1024])).await;
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.body().unwrap().len(), 256 * 1024);
}

#[tokio::test]
async fn what_does_not_decode_names_the_place_and_keeps_the_bytes() {
    let body = r#"{"lineItems": [{"price": 1}, {"price": "NaN"}]}"#;
    let error = error(json(200, body)).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.path(), Some("lineItems[1].price"));
    assert_eq!(error.body().unwrap(), body);
    insta::assert_snapshot!(
        error,
        @r#"getInvoice: unexpected response at lineItems[1].price: "NaN" is not a decimal number at line 1 column 40 (status 200, request id req-1)"#
    );
}

#[tokio::test]
async fn broken_json_and_trailing_text() {
    insta::assert_snapshot!(
        error(json(200, r#"{"lineItems": ["#)).await,
        @"getInvoice: unexpected response at lineItems[0]: expected a value, found the end of the text at line 1 column 16 (status 200, request id req-1)"
    );
    insta::assert_snapshot!(
        error(json(200, r#"{"lineItems": []} x"#)).await,
        @"getInvoice: unexpected response: expected the end of the text at line 1 column 19 (status 200, request id req-1)"
    );
}

#[tokio::test]
async fn a_success_that_is_not_json_is_an_error() {
    let page = "<html>Please log in</html>";
    let error = error(answer(200, &[("content-type", "text/html; charset=utf-8")], page.as_bytes())).await;
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.body().unwrap(), page);
    insta::assert_snapshot!(
        error,
        @"getInvoice: unexpected response: the content type is `text/html; charset=utf-8` and not JSON (status 200)"
    );
}

#[tokio::test]
async fn a_success_without_a_body_is_an_error() {
    assert_eq!(error(answer(204, &[], b"")).await.kind(), ErrorKind::Empty);
    let error = error(answer(200, &[("content-type", "application/json")], b"")).await;
    insta::assert_snapshot!(error, @"getInvoice: response without a body: the operation should return one (status 200)");
}

#[tokio::test]
async fn a_processing_status_is_not_ready() {
    const POLL: Operation = Operation::new("poll", Method::Get, "/poll").success(&[200]).processing(&[102, 202]);
    let server = Server::start([answer(202, &[("retry-after", "5")], b"{}")]).await;
    let error = server.core().json::<Invoice>(Request::new(&POLL)).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotReady, Some(202)));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = Server::start([json(200, "{}")]).await;
    let location = format!("{}/login?state=hush", target.url);
    let redirect = error(answer(302, &[("location", &location)], b"")).await;
    assert_eq!(redirect.kind(), ErrorKind::Redirect);
    assert_eq!(redirect.message().unwrap(), format!("to {}, which is not followed", target.url));
    assert!(target.received().is_empty());

    let redirect = error(answer(301, &[("location", "/elsewhere?state=hush")], b"")).await;
    insta::assert_snapshot!(
        redirect,
        @"getInvoice: redirected: within the service, which is not followed (status 301)"
    );
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused() {
    let body = format!("[{}]", "1,".repeat(1000));
    let mut chunked = head(200, &[("content-type", "application/json")], None);
    chunked.extend_from_slice(format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).as_bytes());
    // The limit applies whether the size is announced or not.
    let server = Server::start([json(200, &body), Reply::Send(chunked), json(200, "[1]")]).await;
    let core = server.builder().bearer_token("hush-token").body_limit(1024).build().unwrap();
    for _ in 0..2 {
        let error = core.json::<serde_json::Value>(request(&GET)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
        assert_eq!(error.message(), Some("more than 1024 bytes"));
        assert_redacted(&error);
    }
    core.json::<serde_json::Value>(request(&GET)).await.unwrap();
}

#[tokio::test]
async fn a_refused_connection_was_never_sent() {
    let (_socket, address) = support::refused();
    let core = cloud_billing_core::Core::builder(&support::SERVICE)
        .base_url(format!("http://{address}"))
        .bearer_token("hush-token")
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let error = core.json::<Invoice>(request(&GET)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(error.to_string(), "getInvoice: could not connect: host 127.0.0.1");
    assert!(error.is_retryable() && !error.is_timeout() && error.source().is_some());
    assert_redacted(&error);
}

#[tokio::test]
async fn a_failed_handshake_was_never_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(b"HTTP/1.1 400 This is no TLS\r\n\r\n").await.unwrap();
    });
    let core =
        cloud_billing_core::Core::builder(&support::SERVICE).base_url(url).bearer_token("hush-token").build().unwrap();
    let error = core.json::<Invoice>(request(&GET)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Tls, 1));
    assert_eq!(error.to_string(), "getInvoice: no trusted TLS connection: host 127.0.0.1");
    assert!(!error.is_retryable() && error.source().is_some());
    assert_redacted(&error);
}

#[tokio::test]
async fn a_handshake_that_breaks_off_was_never_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        drop(listener.accept().await.unwrap());
    });
    let builder = cloud_billing_core::Core::builder(&support::SERVICE).base_url(url).bearer_token("hush-token");
    let core = builder.retry(RetryPolicy::none()).build().unwrap();
    let error = core.json::<Invoice>(request(&GET)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.is_retryable());
    assert_redacted(&error);
}

#[tokio::test]
async fn a_connection_closed_without_an_answer() {
    let error = error(Reply::Close(Vec::new())).await;
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1));
    insta::assert_snapshot!(error, @"getInvoice: connection failed: no complete answer");
}

#[tokio::test]
async fn a_body_that_ends_early() {
    let mut bytes = head(200, &[("content-type", "application/json")], Some(100));
    bytes.extend_from_slice(br#"{"lineItems": ["#);
    let error = error(Reply::Close(bytes)).await;
    assert_eq!(error.kind(), ErrorKind::Transport);
    insta::assert_snapshot!(
        error,
        @"getInvoice: connection failed: the body ended after 15 of 100 bytes (status 200)"
    );
}
