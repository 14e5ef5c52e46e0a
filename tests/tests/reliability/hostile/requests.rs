//! Values of a caller that try to become another request. Whoever passes an identifier from a web form on must be able to
//! trust that it stays one.

use cloud_billing_core::{ErrorKind, RetryPolicy};
use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client};

use crate::figures::{self, Figure};
use test_support::server::{Reply, Server, json};

const VALUES: [&str; 34] = [
    "..",
    ".",
    "...",
    "../",
    "../../v4/accounts",
    "..\\..\\v4",
    "/",
    "//evil.example.com/",
    "a/b",
    "%2e%2e",
    "%2E%2E%2F",
    "%2e%2e/%2e%2e",
    "%252e%252e%252f",
    "..%00/",
    "..;/",
    "%c0%ae%c0%ae",
    "\u{ff0e}\u{ff0e}\u{2215}",
    "",
    " ",
    "a b",
    "?names=true",
    "a?x=1#y",
    "#",
    "&_limit=1",
    "a\r\nx-injected: hush",
    "a\nx-injected: hush",
    "a\rx-injected: hush",
    "a HTTP/1.1\r\nhost: evil.example.com\r\n\r\nGET /",
    "\0",
    "\u{7f}",
    "\u{202e}",
    "http://evil.example.com",
    "@evil.example.com",
    "{account_id}",
];

fn month() -> BillingMonth {
    "2026-05".parse().unwrap()
}

fn ibm(server: &Server) -> Client {
    let builder = Client::builder().base_url(format!("{}/base", server.url)).bearer_token("hush-token");
    builder.retry(RetryPolicy::none()).build().unwrap()
}

/// The bytes that a percent-encoded text stands for.
fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    out
}

#[tokio::test]
pub(crate) async fn an_identifier_stays_in_its_segment() {
    let server = Server::start(|_| Reply::Send(json(200, "{}"))).await;
    let client = ibm(&server);
    let mut sent = 0;
    for value in VALUES.into_iter().map(str::to_owned).chain(["x".repeat(20_000)]) {
        let result = client.get_account_usage(AccountId::new(&*value), month()).send().await;
        if matches!(&*value, "" | "." | "..") {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidRequest, "{value:?}");
            continue;
        }
        result.unwrap();
        sent += 1;
        let request = server.received().pop().unwrap();
        let segments: Vec<&str> = request.target().split('/').collect();
        let ["", "base", "v4", "accounts", id, "usage", "2026-05"] = segments[..] else { panic!("{}", request.line) };
        assert_eq!(decoded(id), value.as_bytes());
        assert_eq!(request.line.split(' ').count(), 3, "{}", request.line);
        assert!(request.header("x-injected").is_none() && request.header("host").unwrap().starts_with("127.0.0.1"));
    }
    assert_eq!(server.requests(), sent);
    figures::add(Figure::Hostile, VALUES.len() + 1);
    figures::say(format!("{} hostile identifiers: none left its segment", VALUES.len() + 1));
}

#[tokio::test]
pub(crate) async fn a_query_value_stays_a_value() {
    let server = Server::start(|_| Reply::Send(json(200, "{}"))).await;
    let client = ibm(&server);
    for value in VALUES {
        client
            .get_resource_usage_account(AccountId::new("a"), month())
            .start(value)
            .region(value)
            .send()
            .await
            .unwrap();
        let request = server.received().pop().unwrap();
        let (path, query) = request.target().split_once('?').unwrap();
        assert_eq!(path, "/base/v4/accounts/a/resource_instances/usage/2026-05");
        let pairs: Vec<(&str, &str)> = query.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
        assert_eq!(pairs.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["_start", "region"], "{query}");
        assert!(pairs.iter().all(|(_, text)| decoded(text) == value.as_bytes()), "{query}");
        assert!(request.header("x-injected").is_none());
    }
}

#[tokio::test]
pub(crate) async fn a_header_value_stays_a_value() {
    let server = Server::start(|_| Reply::Send(json(200, "{}"))).await;
    let client = ibm(&server);
    for value in VALUES {
        let before = server.requests();
        let result = client.get_account_usage(AccountId::new("a"), month()).accept_language(value).send().await;
        if value.contains(|c: char| c.is_ascii_control()) {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidRequest, "{value:?}");
            assert_eq!(server.requests(), before);
            continue;
        }
        result.unwrap();
        let request = server.received().pop().unwrap();
        assert_eq!(request.header("accept-language").unwrap_or_default().trim(), value.trim());
        assert!(request.header("x-injected").is_none());
    }
}

/// What a service sends as a cursor goes back as a value, and not as a request.
#[tokio::test]
pub(crate) async fn a_cursor_stays_a_value() {
    for value in VALUES.into_iter().filter(|value| !value.is_empty()) {
        let body = serde_json::json!({ "next": { "offset": value }, "resources": [] }).to_string();
        let server = Server::start(move |request| {
            Reply::Send(if request.number == 0 { json(200, &body) } else { json(200, "{}") })
        })
        .await;
        let mut pages = ibm(&server).get_resource_usage_account(AccountId::new("a"), month()).pages();
        while let Some(page) = pages.next().await {
            page.unwrap();
        }
        let second = server.received().pop().unwrap();
        let cursor = second.target().split_once("?_start=").unwrap().1;
        assert_eq!((server.requests(), decoded(cursor)), (2, value.as_bytes().to_vec()), "{}", second.line);
    }
}

/// A cursor that is no cursor: an error, in bounded memory, and not a request of megabytes.
#[tokio::test]
async fn a_gigantic_cursor_is_an_error() {
    let body = serde_json::json!({ "next": { "offset": "x".repeat(4_000_000) }, "resources": [] }).to_string();
    let server = Server::start(move |_| Reply::Send(json(200, &body))).await;
    let mut pages = ibm(&server).get_resource_usage_account(AccountId::new("a"), month()).pages();
    pages.next().await.unwrap().unwrap();
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), server.requests()), (ErrorKind::InvalidRequest, 1), "{error}");
    assert!(error.to_string().len() < 500);
}
