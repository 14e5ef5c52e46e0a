//! Answers that do not arrive as HTTP would have them, seen from the socket.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cloud_billing_sandbox::{Cut, Fault, NotReady, Sandbox};

use crate::client::{V2023, atlas};

const ORGS: &str = "/api/atlas/v2/orgs";
const QUERY: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/billing/costExplorer/usage";

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Closed,
    Reset,
    /// It is still there.
    Silent,
}

/// Sends a `GET`, and reads whatever comes.
fn exchange(sandbox: &Sandbox, target: &str) -> (String, Ended) {
    let mut stream = TcpStream::connect(sandbox.atlas_url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nAccept: {V2023}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    let ended = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break Ended::Closed,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break Ended::Reset,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break Ended::Silent,
            Err(error) => panic!("{error}"),
        }
    };
    (String::from_utf8(bytes).unwrap(), ended)
}

/// A body without bytes cannot be cut, and the next answer on the connection is none of the fault's business.
#[tokio::test]
async fn a_cut_in_an_empty_body_ends_with_its_answer() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::stall(Cut::Body)).unwrap();
    let mut stream = TcpStream::connect(sandbox.ibm_url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let delete = "DELETE /v1/billing-reports-snapshot-config?account_id=a HTTP/1.1\r\nHost: x\r\n";
    for _ in 0..2 {
        stream.write_all(format!("{delete}Authorization: Bearer t\r\n\r\n").as_bytes()).unwrap();
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).unwrap();
        assert!(buffer[..read].starts_with(b"HTTP/1.1 204"), "{}", String::from_utf8_lossy(&buffer[..read]));
    }
    assert_eq!(sandbox.requests()[0].faults, ["stalled within the body"]);
}

#[tokio::test]
async fn connections_end_where_they_are_told_to() {
    let sandbox = Sandbox::start().await.unwrap();
    let whole = exchange(&sandbox, ORGS).0;
    let (_, body) = whole.split_once("\r\n\r\n").unwrap();
    type Make = fn(Cut) -> Fault;
    let ends: [(Make, Ended); 3] =
        [(Fault::reset, Ended::Reset), (Fault::close, Ended::Closed), (Fault::stall, Ended::Silent)];
    for (make, expected) in ends {
        for cut in [Cut::Start, Cut::Headers, Cut::Body] {
            sandbox.inject(make(cut)).unwrap();
            let (text, ended) = exchange(&sandbox, ORGS);
            assert_eq!(ended, expected, "{cut:?}");
            match cut {
                Cut::Start => assert_eq!(text, ""),
                Cut::Headers => assert_eq!(text, "HTTP/1.1 200 OK\r\nco"),
                Cut::Body => {
                    let (head, half) = text.split_once("\r\n\r\n").unwrap();
                    assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
                    assert_eq!(half, &body[..body.len() / 2]);
                }
            }
            let recorded = sandbox.requests().pop().unwrap();
            assert_eq!((recorded.status, recorded.faults.len()), (200, 1));
        }
    }
    assert_eq!(exchange(&sandbox, ORGS).0.len(), whole.len());
}

#[tokio::test]
async fn a_client_notices() {
    let sandbox = Sandbox::builder()
        .fault(Fault::reset(Cut::Start).nth(1))
        .fault(Fault::close(Cut::Headers).nth(2))
        .fault(Fault::close(Cut::Body).nth(3))
        .fault(Fault::reset(Cut::Body).nth(4))
        .start()
        .await
        .unwrap();
    for part in ["head: ", "head: ", "body: ", "body: "] {
        let problem = atlas(&sandbox, ORGS).try_send().await.unwrap_err();
        assert!(problem.starts_with(part), "{problem}");
    }
    assert_eq!(atlas(&sandbox, ORGS).send().await.status, 200);
}

#[tokio::test]
async fn interim_answers_on_the_wire() {
    let interim = "HTTP/1.1 102 Processing\r\n\r\n";
    let with_body = "HTTP/1.1 102 Processing\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n\
                     {\"status\":102}";
    for (form, text, ended) in [
        (NotReady::Interim102ThenClose, interim, Ended::Closed),
        (NotReady::Interim102ThenHold, interim, Ended::Silent),
        (NotReady::Interim102ThenBody, with_body, Ended::Closed),
    ] {
        let sandbox = Sandbox::builder().cost_explorer_polls(1).not_ready(form).start().await.unwrap();
        let target = format!("{QUERY}/{}", "a".repeat(64));
        assert_eq!(exchange(&sandbox, &target), (text.to_owned(), ended), "{form:?}");
        assert_eq!(sandbox.requests()[0].status, 102);
        assert_eq!(atlas(&sandbox, &target).send().await.status, 200);
    }
    let builder = Sandbox::builder().cost_explorer_polls(1).not_ready(NotReady::Interim102ThenResult);
    let sandbox = builder.start().await.unwrap();
    let target = format!("{QUERY}/{}", "a".repeat(64));
    let (text, ended) = exchange(&sandbox, &target);
    assert_eq!(ended, Ended::Silent, "the connection can be used again");
    assert!(text.starts_with(&format!("{interim}HTTP/1.1 200 OK\r\n")), "{text}");
    assert!(!exchange(&sandbox, &target).0.contains("102 Processing"));
}

#[tokio::test]
async fn a_held_connection_does_not_keep_the_sandbox() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::stall(Cut::Body)).unwrap();
    let request = tokio::spawn(atlas(&sandbox, ORGS).try_send());
    while sandbox.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sandbox.shutdown().await;
    assert!(request.await.unwrap().is_err());
}
