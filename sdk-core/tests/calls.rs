//! Successful calls: the bytes on the wire, and the decoded responses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use cloud_billing_core::{Check, Constraint, Decimal, ErrorKind, Method, NullableVec, Operation, Request};
use serde::Serialize;
use support::{GET, Reply, Server, answer, head, json};

#[derive(Debug, PartialEq, Default)]
struct Invoice {
    id: String,
    amount: Decimal,
}

cloud_billing_core::record! {
    Invoice {
        id: "id",
        amount: "amount",
    }
}

#[derive(Debug, Default)]
struct Page {
    results: NullableVec<Invoice>,
}

cloud_billing_core::record! {
    Page {
        results: "results",
    }
}

const INVOICE: &str = r#"{"id": "7", "amount": 12.50, "new": {"field": 1}}"#;

fn get(id: &str) -> Request {
    let mut request = Request::new(&GET);
    request.path("id", id);
    request
}

#[tokio::test]
async fn a_value_with_status_headers_and_request_id() {
    let reply = answer(
        200,
        &[
            ("content-type", "application/vnd.test.2023-01-01+json; charset=utf-8"),
            ("X-Global-Transaction-Id", "tx-9"),
            ("RateLimit-Limit", "500"),
            ("RateLimit-Remaining", "499"),
        ],
        INVOICE.as_bytes(),
    );
    let server = Server::start([reply]).await;
    let response = server.core().json::<Invoice>(get("7")).await.unwrap();
    assert_eq!(response.amount.to_string(), "12.50");
    assert_eq!(response.status(), 200);
    assert_eq!(response.request_id(), Some("tx-9"));
    assert_eq!(response.rate_limit().remaining, Some(499));
    assert_eq!(response.headers()["ratelimit-limit"], "500");
    assert_eq!(response.into_inner().id, "7");
}

#[tokio::test]
async fn calls_can_be_spawned_and_are_small() {
    fn size_of_sent<F: Future + Send>(future: &F) -> usize {
        size_of_val(future)
    }

    let core = Server::start([]).await.core();
    // The inner state is behind a pointer.
    assert!(size_of_sent(&core.json::<Invoice>(get("7"))) < 1024);
    assert!(size_of_sent(&core.bytes(get("7"))) < 1024);
    assert!(size_of_sent(&core.empty(get("7"))) < 1024);
}

#[tokio::test]
async fn the_request_as_it_arrives() {
    #[derive(Serialize)]
    struct Filter {
        ids: Vec<&'static str>,
    }
    impl Check for Filter {}

    const SEARCH: Operation = Operation::new("search", Method::Get, "/v2/orgs/{orgId}/items:search")
        .accept("application/vnd.test+json")
        .content_type("application/vnd.test+json");

    let server = Server::start([json(200, "{}")]).await;
    let mut request = Request::new(&SEARCH);
    request.path("orgId", "us:1/2").query("statusNames", &vec!["PAID", "A B"]).query("pageNum", &1);
    request.header("Accept-Language", "de").json(&Filter { ids: vec!["a"] });
    let core = server.builder().bearer_token("hush-token").user_agent_suffix("app/2").build().unwrap();
    core.json::<serde_json::Value>(request).await.unwrap();

    let received = &server.received()[0];
    assert_eq!(
        received.line,
        "GET /v2/orgs/us%3A1%2F2/items:search?statusNames=PAID&statusNames=A%20B&pageNum=1 HTTP/1.1"
    );
    assert_eq!(received.body, br#"{"ids":["a"]}"#);
    for (name, value) in [
        ("accept", "application/vnd.test+json"),
        ("content-type", "application/vnd.test+json"),
        ("accept-language", "de"),
        ("authorization", "Bearer hush-token"),
        ("user-agent", &format!("test-billing/1.0 ({}; {}) app/2", std::env::consts::OS, std::env::consts::ARCH)),
    ] {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_base_path_is_kept_and_no_credential_sends_none() {
    let server = Server::start([json(200, INVOICE)]).await;
    let core = server.builder().base_url(format!("{}/proxy/", server.url)).no_credential().build().unwrap();
    core.json::<Invoice>(get("7")).await.unwrap();
    assert_eq!(server.received()[0].line, "GET /proxy/v2/invoices/7 HTTP/1.1");
    assert_eq!(server.received()[0].header("authorization"), None);
}

#[tokio::test]
async fn an_invalid_request_is_not_sent() {
    let server = Server::start([]).await;
    let mut request = get("..");
    request.check("id", "..", &[Constraint::Length { min: 24, max: 24 }]).header("X-Note", "a\r\nX-Admin: 1");
    let error = server.core().json::<Invoice>(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!((error.operation(), error.attempts()), (Some("getInvoice"), 0));
    insta::assert_snapshot!(
        error,
        @r#"getInvoice: invalid request: `id` must not be a dot segment; `id` must have 24 characters, found ".."; `X-Note` has a character that cannot stand in a header"#
    );
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn chunked_bodies_are_put_together() {
    let mut bytes = head(200, &[("content-type", "text/json")], None);
    for part in [&INVOICE[..5], &INVOICE[5..6], &INVOICE[6..]] {
        bytes.extend_from_slice(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes());
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let server = Server::start([Reply::Send(bytes)]).await;
    assert_eq!(server.core().json::<Invoice>(get("7")).await.unwrap().id, "7");
}

#[tokio::test]
async fn connections_are_reused() {
    let server = Server::start([json(200, INVOICE), json(404, "{}"), json(200, INVOICE)]).await;
    let core = server.core();
    core.json::<Invoice>(get("1")).await.unwrap();
    core.json::<Invoice>(get("2")).await.unwrap_err();
    core.json::<Invoice>(get("3")).await.unwrap();
    assert_eq!(server.received().iter().map(|request| request.connection).collect::<Vec<_>>(), [0, 0, 0]);
}

#[tokio::test]
async fn an_operation_without_a_body() {
    const DELETE: Operation = Operation::new("deleteThing", Method::Delete, "/thing").success(&[204]);
    let server = Server::start([answer(204, &[], b""), json(200, "{}"), json(409, r#"{"message": "busy"}"#)]).await;
    let core = server.core();
    assert_eq!(core.empty(Request::new(&DELETE)).await.unwrap().status(), 204);
    assert_eq!(core.empty(Request::new(&DELETE)).await.unwrap().status(), 200);
    let error = core.empty(Request::new(&DELETE)).await.unwrap_err();
    insta::assert_snapshot!(error, @"deleteThing: 409 Conflict: busy (request id req-1)");
    assert!(server.received()[0].line.starts_with("DELETE /thing "));
}

mod envelope {
    use super::*;

    const ENVELOPED: Operation = Operation::new("getInvoice", Method::Get, "/invoice")
        .processing(&[102])
        .envelope("wrapped", "status", "content");

    async fn call<T: cloud_billing_core::json::Decode>(
        asked: bool,
        body: &str,
    ) -> Result<cloud_billing_core::Response<T>, cloud_billing_core::Error> {
        let server = Server::start([json(200, body)]).await;
        let mut request = Request::new(&ENVELOPED);
        request.query("wrapped", &asked).query("envelope", &true);
        server.core().json(request).await
    }

    #[tokio::test]
    async fn is_unwrapped_only_when_asked_for() {
        let body = format!(r#"{{"status": 200, "content": {INVOICE}}}"#);
        assert_eq!(call::<Invoice>(true, &body).await.unwrap().id, "7");
        assert_eq!(call::<serde_json::Value>(false, &body).await.unwrap()["status"], 200);
    }

    #[tokio::test]
    async fn lists_have_no_content() {
        let page = call::<Page>(true, &format!(r#"{{"status": 200, "results": [{INVOICE}]}}"#)).await.unwrap();
        assert_eq!(page.results.len(), 1);
    }

    #[tokio::test]
    async fn an_error_inside_is_an_error() {
        let body = r#"{"status": 404, "content": {"error": 404, "errorCode": "INVOICE_NOT_FOUND", "detail": "None."}}"#;
        let error = call::<Invoice>(true, body).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status(), error.code()),
            (ErrorKind::Api, Some(404), Some("INVOICE_NOT_FOUND"))
        );
        assert_eq!(error.vendor::<serde_json::Value>().unwrap()["detail"], "None.");

        let error = call::<Invoice>(true, r#"{"status": 503}"#).await.unwrap_err();
        assert!(error.status() == Some(503) && error.is_retryable());
    }

    #[tokio::test]
    async fn a_processing_status_inside_is_not_ready() {
        let error = call::<Invoice>(true, r#"{"status": 102, "content": null}"#).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::NotReady, Some(102)));
    }

    #[tokio::test]
    async fn no_content_is_empty() {
        let error = call::<Invoice>(true, r#"{"status": 200, "content": null}"#).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Empty);
    }
}

#[tokio::test]
async fn a_bare_item_is_a_list_of_one() {
    const LIST: Operation =
        Operation::new("listPending", Method::Get, "/pending").bare_item("results", &["amount", "lineItems"]);
    let list = format!(r#"{{"results": [{INVOICE}, {INVOICE}]}}"#);
    let server =
        Server::start([json(200, INVOICE), json(200, &list), json(200, "{}"), json(200, r#"{"amount": true}"#)]).await;
    let core = server.core();
    for expected in [1, 2, 0] {
        assert_eq!(core.json::<Page>(Request::new(&LIST)).await.unwrap().results.len(), expected);
    }
    let error = core.json::<Page>(Request::new(&LIST)).await.unwrap_err();
    assert_eq!(error.path(), Some("results[0].amount"));
    assert_eq!(error.body().unwrap(), r#"{"amount": true}"#);
}

/// The task that drives a connection stands still with its runtime.
#[test]
fn a_connection_of_an_idle_runtime_is_left_alone() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = servers.block_on(Server::answering(|_| Some(json(200, INVOICE))));
    let core = server.core();
    let (one, other) = (runtime(), runtime());
    for runtime in [&one, &one, &other, &other, &one] {
        runtime.block_on(core.json::<Invoice>(get("7"))).unwrap();
    }
    let connections: Vec<_> = server.received().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 0, 1, 1, 0]);
}
