use std::error::Error as _;

use super::*;

/// An error with all details of a response.
fn full(kind: ErrorKind, message: &str) -> Error {
    Error::new(kind, message)
        .with_operation("listInvoices")
        .with_response(200, Some("req-7".to_owned()))
        .with_attempts(1)
}

fn api(status: u16, content_type: &str, body: &'static str) -> Error {
    full(ErrorKind::Api, "")
        .with_response(status, Some("req-7".to_owned()))
        .with_details(Details::read(Some(content_type), body.as_bytes()))
        .with_body(Bytes::from_static(body.as_bytes()))
}

/// At least one error of each kind.
fn all() -> Vec<Error> {
    let before = |kind, message| Error::new(kind, message).with_operation("listInvoices");
    vec![
        before(ErrorKind::InvalidRequest, "`orgId` must match ^[a-f0-9]{24}$, found \"x\""),
        Error::new(ErrorKind::Configuration, "the base URL is not a URL"),
        before(ErrorKind::Credential, "the token endpoint answered 400"),
        before(ErrorKind::Connect, "host billing.example.com").with_attempts(3),
        before(ErrorKind::Tls, "host billing.example.com").with_attempts(1),
        before(ErrorKind::Transport, "no complete answer").with_attempts(1),
        full(ErrorKind::Transport, "the body ended after 17 of 100 bytes"),
        before(ErrorKind::Timeout, "no answer within 60s").with_attempts(2),
        full(ErrorKind::Redirect, "to https://login.example.com, which is not followed").with_response(302, None),
        api(404, "application/json", r#"{"error":404,"errorCode":"INVOICE_NOT_FOUND","detail":"No such invoice."}"#),
        api(401, "application/json", r#"{"error":"invalid_client"}"#).with_attempts(2),
        api(502, "text/html", "<html><title>Bad gateway</title></html>"),
        api(503, "text/plain", ""),
        api(599, "text/plain", "strange"),
        full(ErrorKind::NotReady, "the service is still working on it").with_response(202, None),
        full(ErrorKind::Decode, "invalid type: string \"x\", expected i64 at line 1 column 20")
            .with_path(Some("results[3].quantity".to_owned())),
        full(ErrorKind::Decode, "the content type is `text/html` and not JSON"),
        full(ErrorKind::BodyTooLarge, "more than 1024 bytes"),
        full(ErrorKind::Empty, "the operation should return one").with_response(204, None),
        before(ErrorKind::Io, "cannot write report.csv"),
    ]
}

#[test]
fn display_of_every_kind() {
    let lines: Vec<String> = all().iter().map(Error::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    listInvoices: invalid request: `orgId` must match ^[a-f0-9]{24}$, found "x"
    invalid configuration: the base URL is not a URL
    listInvoices: no usable credential: the token endpoint answered 400
    listInvoices: could not connect: host billing.example.com (3 attempts)
    listInvoices: no trusted TLS connection: host billing.example.com
    listInvoices: connection failed: no complete answer
    listInvoices: connection failed: the body ended after 17 of 100 bytes (status 200, request id req-7)
    listInvoices: timed out: no answer within 60s (2 attempts)
    listInvoices: redirected: to https://login.example.com, which is not followed (status 302)
    listInvoices: 404 Not Found: INVOICE_NOT_FOUND: No such invoice. (request id req-7)
    listInvoices: 401 Unauthorized: invalid_client (request id req-7, 2 attempts)
    listInvoices: 502 Bad Gateway: Bad gateway (request id req-7)
    listInvoices: 503 Service Unavailable (request id req-7)
    listInvoices: 599: strange (request id req-7)
    listInvoices: not ready yet: the service is still working on it (status 202)
    listInvoices: unexpected response at results[3].quantity: invalid type: string "x", expected i64 at line 1 column 20 (status 200, request id req-7)
    listInvoices: unexpected response: the content type is `text/html` and not JSON (status 200, request id req-7)
    listInvoices: response too large: more than 1024 bytes (status 200, request id req-7)
    listInvoices: response without a body: the operation should return one (status 204)
    listInvoices: file error: cannot write report.csv
    "#);
}

#[test]
fn debug_of_every_kind() {
    for error in all() {
        assert_eq!(format!("{error:?}"), error.to_string());
    }
    // All details, here on one line each.
    let one_line = |error: &Error| format!("{error:#?}").split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = all().iter().map(one_line).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    Error { kind: InvalidRequest, operation: "listInvoices", message: "`orgId` must match ^[a-f0-9]{24}$, found \"x\"", attempts: 0, }
    Error { kind: Configuration, message: "the base URL is not a URL", attempts: 0, }
    Error { kind: Credential, operation: "listInvoices", message: "the token endpoint answered 400", attempts: 0, }
    Error { kind: Connect, operation: "listInvoices", message: "host billing.example.com", attempts: 3, }
    Error { kind: Tls, operation: "listInvoices", message: "host billing.example.com", attempts: 1, }
    Error { kind: Transport, operation: "listInvoices", message: "no complete answer", attempts: 1, }
    Error { kind: Transport, operation: "listInvoices", status: 200, message: "the body ended after 17 of 100 bytes", request_id: "req-7", attempts: 1, }
    Error { kind: Timeout, operation: "listInvoices", message: "no answer within 60s", attempts: 2, }
    Error { kind: Redirect, operation: "listInvoices", status: 302, message: "to https://login.example.com, which is not followed", attempts: 1, }
    Error { kind: Api, operation: "listInvoices", status: 404, code: "INVOICE_NOT_FOUND", message: "No such invoice.", request_id: "req-7", body_bytes: 73, attempts: 1, }
    Error { kind: Api, operation: "listInvoices", status: 401, code: "invalid_client", request_id: "req-7", body_bytes: 26, attempts: 2, }
    Error { kind: Api, operation: "listInvoices", status: 502, message: "Bad gateway", request_id: "req-7", body_bytes: 39, attempts: 1, }
    Error { kind: Api, operation: "listInvoices", status: 503, request_id: "req-7", body_bytes: 0, attempts: 1, }
    Error { kind: Api, operation: "listInvoices", status: 599, message: "strange", request_id: "req-7", body_bytes: 7, attempts: 1, }
    Error { kind: NotReady, operation: "listInvoices", status: 202, message: "the service is still working on it", attempts: 1, }
    Error { kind: Decode, operation: "listInvoices", status: 200, message: "invalid type: string \"x\", expected i64 at line 1 column 20", path: "results[3].quantity", request_id: "req-7", attempts: 1, }
    Error { kind: Decode, operation: "listInvoices", status: 200, message: "the content type is `text/html` and not JSON", request_id: "req-7", attempts: 1, }
    Error { kind: BodyTooLarge, operation: "listInvoices", status: 200, message: "more than 1024 bytes", request_id: "req-7", attempts: 1, }
    Error { kind: Empty, operation: "listInvoices", status: 204, message: "the operation should return one", attempts: 1, }
    Error { kind: Io, operation: "listInvoices", message: "cannot write report.csv", attempts: 0, }
    "#);
}

#[test]
fn debug_shows_the_length_of_the_body_only() {
    let error = api(500, "application/json", r#"{"message":"m","secret":"hush"}"#)
        .with_retry_after(Some(Duration::from_secs(5)))
        .with_rate_limit(RateLimit { limit: Some(500), remaining: Some(0), reset: None })
        .with_source("inner");
    insta::assert_snapshot!(format!("{error:#?}"), @r#"
    Error {
        kind: Api,
        operation: "listInvoices",
        status: 500,
        message: "m",
        request_id: "req-7",
        retry_after: 5s,
        rate_limit_remaining: 0,
        body_bytes: 31,
        source: "inner",
        attempts: 1,
    }
    "#);
}

#[test]
fn it_is_one_pointer_and_crosses_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Error>();
    assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
}

#[test]
fn questions() {
    let of = |kind| Error::new(kind, "");
    assert!(of(ErrorKind::Timeout).is_timeout() && of(ErrorKind::Connect).with_connect_timeout().is_timeout());
    assert!(!of(ErrorKind::Connect).is_timeout());
    assert!(of(ErrorKind::Credential).is_auth());
    assert!(api(401, "", "").is_auth() && api(403, "", "").is_auth() && !api(404, "", "").is_auth());
    for retryable in [ErrorKind::Connect, ErrorKind::Transport, ErrorKind::Timeout, ErrorKind::NotReady] {
        assert!(of(retryable).is_retryable(), "{retryable}");
    }
    for final_kind in [ErrorKind::InvalidRequest, ErrorKind::Decode, ErrorKind::BodyTooLarge, ErrorKind::Credential] {
        assert!(!of(final_kind).is_retryable(), "{final_kind}");
    }
    for (status, retryable) in [(400, false), (404, false), (429, true), (500, true), (501, false), (503, true)] {
        assert_eq!(api(status, "", "").is_retryable(), retryable, "{status}");
    }
}

#[test]
fn retryable_is_what_the_table_says() {
    for error in all() {
        let tabled = verdict(&error) != Verdict::Never;
        assert_eq!(error.is_retryable(), tabled || error.kind() == ErrorKind::NotReady, "{error}");
    }
    assert!(full(ErrorKind::Decode, "").with_truncated(true).is_retryable());
}

#[test]
fn the_vendor_type_is_read_from_the_body() {
    #[derive(Default)]
    struct ApiError {
        parameters: Vec<serde_json::Value>,
    }
    crate::record! { ApiError { parameters: "parameters", } }

    let error = api(429, "application/json", r#"{"error":429,"parameters":["api/atlas/v2/orgs",55]}"#);
    assert_eq!(error.vendor::<ApiError>().unwrap().parameters[1], 55);
    assert!(api(429, "text/plain", "busy").vendor::<ApiError>().is_none());
    assert!(Error::new(ErrorKind::Connect, "").vendor::<ApiError>().is_none());
}

#[test]
fn causes_are_in_the_chain_and_not_in_display() {
    let error = Error::new(ErrorKind::Connect, "host h").with_source("tcp connect error");
    assert_eq!(error.source().unwrap().to_string(), "tcp connect error");
    assert!(!error.to_string().contains("tcp"));
}

/// A `main` that returns an error prints it with `Debug`.
#[test]
fn what_a_main_returns_is_one_line_with_its_causes() {
    let tcp = std::io::Error::other("refused\nby the host");
    let error = full(ErrorKind::Connect, "host h").with_source(Error::new(ErrorKind::Io, "tcp").with_source(tcp));
    let line =
        "listInvoices: could not connect: host h (status 200, request id req-7): file error: tcp: refused by the host";
    assert_eq!(format!("{error:?}"), line);
    assert_eq!(format!("{:?}", Box::<dyn std::error::Error>::from(error)), line);
}

#[test]
fn readers_of_bytes_get_the_error_inside_theirs() {
    use std::io;

    for (kind, expected) in [
        (ErrorKind::Timeout, io::ErrorKind::TimedOut),
        (ErrorKind::Transport, io::ErrorKind::ConnectionAborted),
        (ErrorKind::Decode, io::ErrorKind::InvalidData),
        (ErrorKind::Api, io::ErrorKind::Other),
    ] {
        let error = io::Error::from(full(kind, "why"));
        assert_eq!(error.kind(), expected, "{kind:?}");
        assert_eq!(error.get_ref().unwrap().downcast_ref::<Error>().unwrap().kind(), kind);
    }
    let file = Error::new(ErrorKind::Io, "f").with_source(io::Error::from(io::ErrorKind::NotFound));
    assert_eq!(io::Error::from(file).kind(), io::ErrorKind::NotFound);
}
