//! Heads that are not HTTP, too long, or say what they should not.

use std::time::Duration;

use atlas_billing::Client;
use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::{ErrorKind, RetryPolicy};

use super::{Case, INVOICE, ORG, assert_table, atlas, table};
use test_support::server::{Reply, Server, answer, head, json};

/// An answer with this in its head.
fn with(header: &str) -> Reply {
    Reply::Close(format!("HTTP/1.1 200 OK\r\n{header}\r\ncontent-length: 10\r\n\r\n{{\"id\":\"1\"}}").into_bytes())
}

fn raw(text: impl Into<Vec<u8>>) -> Reply {
    Reply::Close(text.into())
}

#[tokio::test]
pub(crate) async fn lines() {
    let long = "x".repeat(1_000_000);
    let table = table(vec![
        Case("no HTTP", raw("hello\r\n\r\n")),
        Case("TLS", raw(&b"\x15\x03\x01\x00\x02\x02\x28"[..])),
        Case("a request", raw("GET / HTTP/1.1\r\n\r\n")),
        Case("HTTP/0.9", raw("{\"id\":\"1\"}")),
        Case("HTTP/1.0", raw("HTTP/1.0 200 OK\r\n\r\n{\"id\":\"1\"}")),
        Case("HTTP/1.0, cut", raw("HTTP/1.0 200 OK\r\ncontent-length: 10\r\n\r\n{\"id\":")),
        Case("HTTP/2.0", raw("HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\n{}")),
        Case("ICY", raw("ICY 200 OK\r\ncontent-length: 2\r\n\r\n{}")),
        Case("HTTP/9.9", raw("HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\n{}")),
        Case("the preface of HTTP/2", raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
        Case("a status of two digits", raw("HTTP/1.1 20 OK\r\n\r\n{}")),
        Case("a status of four digits", raw("HTTP/1.1 2000 OK\r\n\r\n{}")),
        Case("status 0", raw("HTTP/1.1 000 OK\r\n\r\n{}")),
        Case("status 099", raw("HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\n{}")),
        Case("status 999", raw("HTTP/1.1 999 OK\r\ncontent-length: 2\r\n\r\n{}")),
        Case(
            "status 101",
            Reply::Hang(b"HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n".to_vec()),
        ),
        Case("status 206", raw("HTTP/1.1 206 X\r\ncontent-length: 2\r\n\r\n{}")),
        Case("line feeds alone", raw("HTTP/1.1 200 OK\ncontent-length: 10\n\n{\"id\":\"1\"}")),
        Case("a header of a megabyte", with(&format!("x: {long}"))),
        Case("101 headers", with("x: y\r\n".repeat(100).trim_end())),
        Case("1000 headers", with("x: y\r\n".repeat(1000).trim_end())),
        Case("a header without a name", with(": x")),
        Case("a header without a colon", with("x")),
        Case("a space before the colon", with("x : y")),
        Case("a header that goes on in the next line", with("x: y\r\n z")),
        Case("NUL in a header", with("x: a\0b")),
        Case("a carriage return in a header", with("x: a\rb: c")),
        Case("an escape of a terminal in a header", with("x-request-id: \u{1b}[31m")),
        Case(
            "bytes beyond ASCII in a header",
            raw(&b"HTTP/1.1 200 OK\r\nx-request-id: \xff\xfe\r\ncontent-length: 10\r\n\r\n{\"id\":\"1\"}"[..]),
        ),
        Case("nothing but the end", raw("\r\n\r\n")),
    ])
    .await;
    assert_table!("lines", table);
}

#[tokio::test]
pub(crate) async fn claims() {
    let error = |status: u16, headers: &[(&str, &str)]| Reply::Close(answer(status, headers, br#"{"errorCode":"X"}"#));
    let table = table(vec![
        Case("a body in another character set", with("content-type: application/json; charset=utf-16")),
        Case("a content type with an escape of a terminal", with("content-type: text/\u{9b}31m")),
        Case("JSON that says it is HTML", with("content-type: text/html")),
        Case("two content types", with("content-type: text/html\r\ncontent-type: application/json")),
        Case("no content type", with("x: y")),
        Case("cookies", with("set-cookie: session=hush; Domain=.example.com")),
        Case("a redirect to itself", error(302, &[("location", "/")])),
        Case("a redirect to another origin", error(307, &[("location", "https://evil.example.com/?token=hush")])),
        Case("a redirect to plain HTTP", error(308, &[("location", "http://evil.example.com/hush")])),
        Case("a redirect to a file", error(302, &[("location", "file:///etc/hush")])),
        Case("a redirect with a user", error(302, &[("location", "https://hush:hush@evil.example.com/")])),
        Case("a redirect nowhere", error(302, &[])),
        Case("a refresh", with("refresh: 0; url=https://evil.example.com/")),
        Case("Retry-After of an eternity", error(429, &[("retry-after", "99999999999999999999")])),
        Case("Retry-After of 2^64 - 1", error(429, &[("retry-after", "18446744073709551615")])),
        Case("a negative Retry-After", error(429, &[("retry-after", "-1")])),
        Case("Retry-After of 1e99", error(429, &[("retry-after", "1e99")])),
        Case("Retry-After in 1970", error(503, &[("retry-after", "Thu, 01 Jan 1970 00:00:00 GMT")])),
        Case("Retry-After in the year 9999", error(503, &[("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")])),
        Case("Retry-After on February 31", error(503, &[("retry-after", "Tue, 31 Feb 2026 00:00:00 GMT")])),
        Case("a quota of nonsense", error(429, &[("ratelimit-remaining", "-5"), ("ratelimit-reset", "soon")])),
        Case(
            "a quota for 2^64 s",
            error(429, &[("ratelimit-remaining", "0"), ("ratelimit-reset", "18446744073709551616")]),
        ),
        Case("a status that needs a proxy", error(407, &[("proxy-authenticate", "Basic realm=hush")])),
        Case("401 with a challenge for a password", error(401, &[("www-authenticate", "Basic realm=\"hush\"")])),
        Case(
            "an early hint",
            Reply::Close([&b"HTTP/1.1 103 X\r\nlink: </hush>\r\n\r\n"[..], &json(200, "{}")].concat()),
        ),
    ])
    .await;
    assert_table!("claims", table);
}

/// Waits that a server asks for are bounded by the policy and by the call, whatever it says.
#[tokio::test]
pub(crate) async fn no_header_makes_a_client_wait_for_ever() {
    for headers in [
        &[("retry-after", "99999999")][..],
        &[("retry-after", "18446744073709551615")],
        &[("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")],
        &[("retry-after", "3000"), ("date", "Thu, 01 Jan 1970 00:00:00 GMT")],
    ] {
        let server = Server::start(|_| Reply::Send(answer(429, headers, b"{}"))).await;
        let client = Client::builder().base_url(&server.url).bearer_token("hush-token").build().unwrap();
        let error = client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await.unwrap_err();
        assert_eq!((error.kind(), error.status(), server.requests()), (ErrorKind::Api, Some(429), 1), "{error}");
    }
    // A quota that is renewed in a year: the next call waits for a minute at most, and not at all beyond its deadline.
    let headers = [("ratelimit-remaining", "0"), ("ratelimit-reset", "31536000"), ("content-type", "application/json")];
    let server = Server::start(move |_| Reply::Send(answer(200, &headers, b"{}"))).await;
    let builder = Client::builder().base_url(&server.url).bearer_token("hush-token");
    let client = builder.overall_timeout(Duration::from_secs(30)).build().unwrap();
    for _ in 0..3 {
        client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await.unwrap();
    }
    assert_eq!(server.requests(), 3);
}

/// An answer that nobody asked for is not the answer to the next request.
#[tokio::test]
pub(crate) async fn an_answer_too_many_is_nobodys() {
    let server = Server::start(|request| {
        let own = json(200, &format!(r#"{{"id":"{}"}}"#, request.number));
        Reply::Send([own, json(200, r#"{"id":"forged"}"#)].concat())
    })
    .await;
    let client = atlas(&server);
    for _ in 0..200 {
        // The connection may be found broken; then it is an error, and not someone else's invoice.
        if let Ok(invoice) = client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await {
            assert_ne!(invoice.id.as_deref(), Some("forged"));
        }
    }
    assert!(server.requests() >= 100, "{}", server.requests());
}

/// No credential follows a redirect, of any kind, with any method, and with retries on.
#[tokio::test]
pub(crate) async fn no_redirect_takes_a_credential_along() {
    let elsewhere = Server::start(|_| Reply::Send(json(200, "{}"))).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/api/atlas/v2/orgs", elsewhere.url);
        let server = Server::start(move |_| Reply::Send(head(status, &[("location", &location)], Some(0)))).await;
        let builder = Client::builder().base_url(&server.url).bearer_token("hush-token");
        let client = builder.retry(RetryPolicy::new()).build().unwrap();
        let error = client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await.unwrap_err();
        assert_eq!((error.kind(), server.requests()), (ErrorKind::Redirect, 1));
        assert!(error.to_string().contains(&elsewhere.url) && !error.to_string().contains("/api/"), "{error}");
        assert!(client.list_invoices(OrganizationId::new(ORG)).pages().next().await.unwrap().is_err());
    }
    assert_eq!(elsewhere.requests(), 0);
}
