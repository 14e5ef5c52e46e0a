//! Clients that keep a connection without making use of it. A limit of a tenth of a second stands for the real one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cloud_billing_sandbox::{Builder, Estate, Sandbox};

use crate::client::{V2023, atlas};

const ORGS: &str = "/api/atlas/v2/orgs";

/// After this long a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

fn impatient() -> Builder {
    Sandbox::builder().client_timeout(Duration::from_millis(100))
}

fn connect(sandbox: &Sandbox) -> TcpStream {
    let stream = TcpStream::connect(sandbox.atlas_url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn request(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nAccept: {V2023}\r\n\r\n")
}

/// Everything that arrives until the sandbox closes the connection.
fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Reads a response whose body is a JSON object without objects in it.
fn error(stream: &mut TcpStream) {
    let mut byte = [0];
    while byte != *b"}" {
        stream.read_exact(&mut byte).unwrap();
    }
}

#[tokio::test]
async fn half_open_connections_end() {
    let sandbox = impatient().start().await.unwrap();
    let mut streams: Vec<_> = (0..100).map(|_| connect(&sandbox)).collect();
    for (index, stream) in streams.iter_mut().enumerate() {
        stream.write_all(if index % 2 == 0 { b"" } else { b"GET / HTTP/1.1\r\nHost:" }).unwrap();
    }
    for stream in &mut streams {
        assert_eq!(rest(stream), "");
    }
    assert_eq!(atlas(&sandbox, ORGS).send().await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_ends_the_connection() {
    let sandbox = impatient().start().await.unwrap();
    let mut stream = connect(&sandbox);
    stream.write_all(request(ORGS).replace("Host", "Content-Length: 10\r\nHost").as_bytes()).unwrap();
    stream.write_all(b"half").unwrap();
    assert_eq!(rest(&mut stream), "");
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn idle_connections_end() {
    let sandbox = impatient().start().await.unwrap();
    let mut stream = connect(&sandbox);
    stream.write_all(request(ORGS).repeat(2).as_bytes()).unwrap();
    let text = rest(&mut stream);
    assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{text}");
    assert!(!text.contains("connection: close"), "{text}");
}

#[tokio::test]
async fn a_response_that_is_not_read_ends_the_connection() {
    let estate = Estate::new().months(1).line_items(40_000);
    let sandbox = impatient().connections(1).estate(estate).start().await.unwrap();
    let organization = sandbox.estate().unwrap().atlas_organizations().next().unwrap();
    let invoice = sandbox.estate().unwrap().atlas_invoices(&organization).pop().unwrap().id;
    let mut stream = connect(&sandbox);
    stream.write_all(request(&format!("{ORGS}/{organization}/invoices/{invoice}")).as_bytes()).unwrap();
    // There is one connection, so the next request is answered when the first one has ended.
    let next = tokio::time::timeout(PATIENCE, atlas(&sandbox, ORGS).send()).await;
    assert_eq!(next.expect("the first connection stays").status, 200);
    assert_eq!(sandbox.requests().len(), 2);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let sandbox = Sandbox::builder().connections(1).start().await.unwrap();
    let (mut first, mut second) = (connect(&sandbox), connect(&sandbox));
    second.write_all(request("/second").as_bytes()).unwrap();
    // They are sent later than the second connection's request, and answered earlier.
    for _ in 0..20 {
        first.write_all(request("/first").as_bytes()).unwrap();
        error(&mut first);
    }
    drop(first);
    error(&mut second);
    let targets: Vec<_> = sandbox.requests().into_iter().map(|request| request.target).collect();
    assert_eq!((targets.len(), &targets[19], &targets[20]), (21, &"/first".to_owned(), &"/second".to_owned()));
}
