//! Clients that send what is no request, too much, or nested without end. The sandbox refuses them and serves the next one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cloud_billing_sandbox::Sandbox;

use crate::client::{V2023, atlas};

const ORGS: &str = "/api/atlas/v2/orgs";
const EXPLORER: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/billing/costExplorer/usage";

/// The status of the response to these bytes; `None` if the connection ends without one.
fn send(sandbox: &Sandbox, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(sandbox.atlas_url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // It may be closed before all of it is written.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    // A reset loses nothing of what was read before.
    let _ = stream.read_to_end(&mut answer).map_err(|error| assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock));
    let text = String::from_utf8_lossy(&answer).into_owned();
    text.strip_prefix("HTTP/1.1 ").map(|rest| rest[..3].parse().unwrap())
}

fn with(header: &str) -> Vec<u8> {
    format!("GET {ORGS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n").into_bytes()
}

fn post(body: &str) -> Vec<u8> {
    let head = format!("POST {EXPLORER} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nAccept: {V2023}\r\n");
    format!("{head}Content-Type: {V2023}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// A name, the bytes, and the statuses that they may get.
type Case = (&'static str, Vec<u8>, Vec<Option<u16>>);

/// Requests and the statuses that they get, if any. Whether a head that is too long gets one is a matter of time.
fn cases() -> Vec<Case> {
    let refused = vec![Some(400)];
    let too_long = vec![Some(431), None];
    let deep = |open: &str, close: &str| post(&format!("{}1{}", open.repeat(100_000), close.repeat(100_000)));
    vec![
        ("nothing", Vec::new(), vec![None]),
        ("a hello of TLS", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03".to_vec(), refused.clone()),
        ("a hello of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), vec![Some(400), None]),
        ("no HTTP", b"hello\r\n\r\n".to_vec(), refused.clone()),
        ("HTTP/0.9", b"GET /\r\n\r\n".to_vec(), refused.clone()),
        ("HTTP/9.9", b"GET / HTTP/9.9\r\n\r\n".to_vec(), refused.clone()),
        ("NUL in a target", b"GET /\0 HTTP/1.1\r\n\r\n".to_vec(), refused.clone()),
        ("a response", b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), refused.clone()),
        ("a space before the colon", with("x : y"), refused.clone()),
        ("a header without a colon", with("x"), refused.clone()),
        ("a line that goes on", with("x: y\r\n z"), refused.clone()),
        ("NUL in a header", with("x: a\0b"), refused.clone()),
        ("two lengths", with("content-length: 1\r\ncontent-length: 2"), refused.clone()),
        ("a length beyond 64 bits", with("content-length: 18446744073709551616"), refused.clone()),
        ("a negative length", with("content-length: -1"), refused.clone()),
        ("an unknown transfer encoding", with("transfer-encoding: snow"), vec![Some(400), Some(501)]),
        (
            "a chunk beyond 64 bits",
            with("transfer-encoding: chunked\r\n\r\nfffffffffffffffff"),
            vec![Some(400), Some(401), None],
        ),
        ("a length of 2 GiB", with("content-length: 2147483648"), vec![Some(401), None]),
        ("10,000 headers", with(&"x: y\r\n".repeat(10_000)), too_long.clone()),
        ("a header of 5 MiB", with(&format!("x: {}", "y".repeat(5 * 1024 * 1024))), too_long.clone()),
        (
            "a target of 1 MiB",
            format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1024 * 1024)).into_bytes(),
            vec![Some(414), Some(431), None],
        ),
        ("100,000 lists", deep("[", "]"), refused.clone()),
        ("100,000 objects", deep(r#"{"a":"#, "}"), refused.clone()),
        ("a body of 2 MiB", post(&" ".repeat(2 * 1024 * 1024)), vec![Some(413), None]),
        (
            "a body that is not UTF-8",
            post("12").into_iter().map(|b| if b == b'1' { 0xff } else { b }).collect(),
            refused,
        ),
    ]
}

#[tokio::test]
async fn hostile_requests_are_refused() {
    let sandbox = Sandbox::builder().client_timeout(Duration::from_millis(200)).start().await.unwrap();
    for (name, bytes, expected) in cases() {
        let status = send(&sandbox, &bytes);
        assert!(expected.contains(&status), "{name}: {status:?}");
    }
    assert_eq!(atlas(&sandbox, ORGS).send().await.status, 200);
}
