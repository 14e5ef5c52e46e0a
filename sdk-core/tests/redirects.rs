//! Redirects, cookies, proxies and compression: where a client does not go, and what it does not send.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::io::Write;
use std::process::Command;

use cloud_billing_core::{Core, ErrorKind, Method, Operation, Request};
use flate2::Compression;
use flate2::write::GzEncoder;
use support::{Reply, SERVICE, Server, answer, head, json};

const GET: Operation = Operation::new("get", Method::Get, "/things").accept("application/json");
const POST: Operation = Operation::new("post", Method::Post, "/things").accept("application/json");
const REPORT: Operation = Operation::new("report", Method::Get, "/report").accept("application/vnd.test.preview+gzip");

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = Server::start([json(200, "1")]).await;
    for status in [301, 302, 303, 307, 308] {
        for operation in [&GET, &POST] {
            let across = format!("{}/things?token=hush", elsewhere.url);
            let server = Server::start([answer(status, &[("location", &across)], b"")]).await;
            let error = server.core().json::<u8>(Request::new(operation)).await.unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(status)));
            assert!(!error.is_retryable() && !format!("{error} {error:?}").contains("hush"));
            assert_eq!(error.message().unwrap(), format!("to {}, which is not followed", elsewhere.url));

            let server =
                Server::start([answer(status, &[("location", "/other?token=hush")], b""), json(200, "1")]).await;
            let error = server.core().json::<u8>(Request::new(operation)).await.unwrap_err();
            assert_eq!(error.message(), Some("within the service, which is not followed"));
            assert_eq!(server.received().len(), 1);
        }
    }
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn no_cookie_is_kept() {
    let cookie = [("set-cookie", "session=hush; Path=/"), ("content-type", "application/json")];
    let server = Server::start([answer(200, &cookie, b"1"), json(200, "1")]).await;
    let core = server.core();
    for _ in 0..2 {
        core.json::<u8>(Request::new(&GET)).await.unwrap();
    }
    assert!(server.received().iter().all(|request| request.header("cookie").is_none()));
}

/// A client that uses a proxy from the environment: this test again, in a process with that variable.
#[tokio::test]
async fn a_proxy_from_the_environment_is_used() {
    const CHILD: &str = "SDK_CORE_TEST_PROXY";
    if std::env::var_os(CHILD).is_some() {
        let core = Core::builder(&SERVICE).base_url("http://billing.invalid").allow_plain_http().no_credential();
        assert_eq!(core.build().unwrap().json::<u8>(Request::new(&GET)).await.unwrap().into_inner(), 7);
        return;
    }
    let proxy = Server::start([json(200, "7")]).await;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "a_proxy_from_the_environment_is_used"]).env(CHILD, "1").env("HTTP_PROXY", &proxy.url);
    child.env("http_proxy", &proxy.url).env_remove("NO_PROXY").env_remove("no_proxy");
    let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    let received = proxy.received();
    assert_eq!(received[0].line, "GET http://billing.invalid/things HTTP/1.1");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const GZIPPED: [(&str, &str); 2] = [("content-type", "application/json"), ("content-encoding", "gzip")];

#[tokio::test]
async fn transfers_are_compressed() {
    let server =
        Server::start([answer(200, &GZIPPED, &gzip(b"[1, 2]")), answer(404, &GZIPPED, &gzip(b"{\"code\": 5}"))]);
    let server = server.await;
    assert_eq!(server.core().json::<Vec<u8>>(Request::new(&GET)).await.unwrap().into_inner(), [1, 2]);
    assert_eq!(server.received()[0].header("accept-encoding"), Some("gzip"));
    let error = server.core().json::<Vec<u8>>(Request::new(&GET)).await.unwrap_err();
    assert_eq!(error.code(), Some("5"));
}

#[tokio::test]
async fn limits_hold_for_what_is_unpacked() {
    // 64 MiB in 64 KiB.
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100 * 1024);
    let server = Server::start([answer(200, &GZIPPED, &bomb), answer(500, &GZIPPED, &bomb)]).await;
    let core = server.builder().no_credential().body_limit(1024 * 1024).build().unwrap();
    let error = core.json::<u8>(Request::new(&GET)).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::BodyTooLarge, Some("more than 1048576 bytes")));
    let error = core.json::<u8>(Request::new(&GET)).await.unwrap_err();
    assert_eq!((error.kind(), error.body().unwrap().len()), (ErrorKind::Api, 256 * 1024));
}

#[tokio::test]
async fn a_compressed_body_that_is_cut_is_a_broken_one() {
    let whole = gzip(&b"[1, 2, 3]".repeat(1000));
    let mut bytes = head(200, &GZIPPED, Some(whole.len() - 9));
    bytes.extend_from_slice(&whole[..whole.len() - 9]);
    let server = Server::start([Reply::Send(bytes)]).await;
    let error = server.core().json::<Vec<u8>>(Request::new(&GET)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.is_retryable());
}

/// A service that compresses block by block sends several gzip members. A client that stops after the first one would
/// return a truncated body without an error.
#[tokio::test]
async fn every_member_of_a_compressed_body_counts() {
    let members = [gzip(b"a,b\n"), gzip(b""), gzip(b"1,2\n")].concat();
    let csv = [("content-type", "text/csv"), ("content-encoding", "gzip")];
    let text = [&members[..], b"and more"].concat();
    let server = Server::start([answer(200, &csv, &members), answer(200, &csv, &text)]).await;
    let body = server.core().bytes(Request::new(&GET)).await.unwrap().into_inner();
    assert_eq!(body.text().await.unwrap(), "a,b\n1,2\n");
    let body = server.core().bytes(Request::new(&GET)).await.unwrap().into_inner();
    assert_eq!(body.text().await.unwrap_err().kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn a_coding_that_was_not_asked_for_is_an_error() {
    let server = Server::start([answer(200, &[("content-encoding", "br")], b"\x0b\x02")]).await;
    let error = server.core().bytes(Request::new(&GET)).await.unwrap_err();
    assert_eq!(error.message(), Some("the body is compressed with `br`, which was not asked for"));
}

#[tokio::test]
async fn a_gzip_file_stays_one() {
    let file = gzip(b"a,b\n");
    let server = Server::start([answer(200, &[("content-type", "application/vnd.test.preview+gzip")], &file)]).await;
    let response = server.core().bytes(Request::new(&REPORT)).await.unwrap();
    assert_eq!(response.announced(), Some(file.len() as u64));
    assert_eq!(response.into_inner().bytes(1000).await.unwrap(), file);
    assert_eq!(server.received()[0].header("accept-encoding"), Some("identity"));
}
