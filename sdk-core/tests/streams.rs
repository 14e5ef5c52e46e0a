//! Bodies as streams.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::time::Duration;

use cloud_billing_core::{ByteStream, Error, ErrorKind, Method, Operation, Request, Response};
use support::{Reply, Server, answer, head, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt};

const CSV: Operation = Operation::new("getCsv", Method::Get, "/csv").accept("text/csv").success(&[200]);

async fn open(reply: Reply) -> Response<ByteStream> {
    let server = Server::start([reply]).await;
    server.core().bytes(Request::new(&CSV)).await.unwrap()
}

fn chunks(parts: &[&str], end: &str) -> Vec<u8> {
    let mut bytes = head(200, &[("content-type", "text/csv"), ("x-request-id", "req-1")], None);
    for part in parts {
        bytes.extend_from_slice(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes());
    }
    bytes.extend_from_slice(end.as_bytes());
    bytes
}

#[tokio::test]
async fn a_stream_counts_its_bytes() {
    let mut response = open(answer(200, &[("content-type", "text/csv")], b"a,b\n1,2\n")).await;
    assert_eq!((response.status(), response.announced(), response.received()), (200, Some(8), 0));
    let mut all = Vec::new();
    while let Some(chunk) = response.next().await {
        all.extend_from_slice(&chunk.unwrap());
    }
    assert_eq!(all, b"a,b\n1,2\n");
    assert_eq!(response.received(), 8);
    assert!(response.next().await.is_none());
    assert!(!format!("{response:?}").contains("1,2"));
}

#[tokio::test]
async fn a_stream_is_collected_within_a_limit() {
    let parts = chunks(&["abc", "def", "ghi"], "0\r\n\r\n");
    let collect = |limit| {
        let reply = Reply::Send(parts.clone());
        async move { open(reply).await.into_inner().bytes(limit).await }
    };
    assert_eq!(collect(9).await.unwrap(), "abcdefghi");
    assert_eq!(collect(8).await.unwrap_err().kind(), ErrorKind::BodyTooLarge);
    assert_eq!(open(answer(200, &[], b"")).await.into_inner().bytes(0).await.unwrap(), "");
    let error = open(answer(200, &[], b"abcd")).await.into_inner().bytes(3).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::BodyTooLarge, Some("getCsv")));
}

#[tokio::test]
async fn a_stream_as_text() {
    assert_eq!(open(answer(200, &[], "ä,b".as_bytes())).await.into_inner().text().await.unwrap(), "ä,b");
    let error = open(answer(200, &[], b"ab\xff")).await.into_inner().text().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.body().unwrap(), &b"ab\xff"[..]);
    insta::assert_snapshot!(error, @"getCsv: unexpected response: the body is not UTF-8 at byte 2 (status 200)");
}

#[tokio::test]
async fn a_stream_cut_short_ends_in_an_error() {
    let mut response = open(Reply::Close(chunks(&["abc", "def"], ""))).await;
    let mut error = None;
    while let Some(chunk) = response.next().await {
        error = chunk.err();
    }
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(response.received(), 6);
    insta::assert_snapshot!(
        error,
        @"getCsv: connection failed: the body ended after 6 bytes (status 200, request id req-1)"
    );
    // The collecting methods return an error too.
    let stream = open(Reply::Close(chunks(&["abc"], ""))).await.into_inner();
    assert_eq!(stream.text().await.unwrap_err().kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn a_stream_that_stalls_times_out() {
    let server = Server::start([Reply::Hang(chunks(&["abc"], ""))]).await;
    let core = server.builder().no_credential().idle_timeout(Duration::from_millis(100)).build().unwrap();
    let mut response = core.bytes(Request::new(&CSV)).await.unwrap();
    assert_eq!(response.next().await.unwrap().unwrap(), "abc");
    let error = response.next().await.unwrap().unwrap_err();
    assert!(error.is_timeout());
    assert!(response.next().await.is_none());
}

#[tokio::test]
async fn an_error_status_is_not_streamed() {
    let server = Server::start([json(404, r#"{"errorCode": "INVOICE_NOT_FOUND"}"#)]).await;
    let error = server.core().bytes(Request::new(&CSV)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("INVOICE_NOT_FOUND")));
}

#[tokio::test]
async fn a_body_is_read_as_bytes_and_lines() {
    let reply = || Reply::Send(chunks(&["a,b\n1", ",2\n", "3,4"], "0\r\n\r\n"));
    let mut file = Vec::new();
    tokio::io::copy(&mut open(reply()).await.into_inner().into_async_read(), &mut file).await.unwrap();
    assert_eq!(file, b"a,b\n1,2\n3,4");
    let mut lines = open(reply()).await.into_inner().into_async_read().lines();
    let mut all = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        all.push(line);
    }
    assert_eq!(all, ["a,b", "1,2", "3,4"]);
}

#[tokio::test]
async fn a_reader_of_a_body_cut_short_fails_with_the_error_inside() {
    let mut reader = open(Reply::Close(chunks(&["abc"], ""))).await.into_inner().into_async_read();
    let mut all = Vec::new();
    let error = reader.read_to_end(&mut all).await.unwrap_err();
    assert_eq!((error.kind(), all.as_slice()), (std::io::ErrorKind::ConnectionAborted, b"abc".as_slice()));
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).unwrap();
    assert_eq!((inner.kind(), inner.request_id()), (ErrorKind::Transport, Some("req-1")));
}
