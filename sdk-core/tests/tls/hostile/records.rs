//! What comes after a sound handshake: bodies that are cut, records that are forged, and messages that nobody asked for.

use cloud_billing_core::Core;
use tokio_rustls::rustls::crypto::cipher::{MessageEncrypter, OutboundChunks, OutboundPlainMessage};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ConnectionTrafficSecrets, ContentType, ProtocolVersion, ServerConnection, SupportedCipherSuite,
    SupportedProtocolVersion,
};

use super::*;
use crate::support::tls::{Authority, SUITES, accept, listen};

/// Encrypts records as the server of a connection would.
struct Sealer {
    encrypter: Box<dyn MessageEncrypter>,
    number: u64,
}

impl Sealer {
    fn new(connection: ServerConnection) -> Self {
        let is_13 = connection.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        let (number, secrets) = connection.dangerous_extract_secrets().unwrap().tx;
        let ConnectionTrafficSecrets::Aes128Gcm { key, iv } = secrets else { panic!("another suite") };
        let suite = SUITES.into_iter().find(|suite| suite.tls13().is_some() == is_13).unwrap();
        let encrypter = match suite {
            SupportedCipherSuite::Tls13(suite) => suite.aead_alg.encrypter(key, iv),
            SupportedCipherSuite::Tls12(suite) => suite.aead_alg.encrypter(key, &iv.as_ref()[..4], &iv.as_ref()[4..]),
        };
        Self { encrypter, number }
    }

    fn seal(&mut self, typ: ContentType, payload: impl AsRef<[u8]>) -> Vec<u8> {
        let payload = OutboundChunks::Single(payload.as_ref());
        let message = OutboundPlainMessage { typ, version: ProtocolVersion::TLSv1_2, payload };
        self.number += 1;
        self.encrypter.encrypt(message, self.number - 1).unwrap().encode()
    }

    fn data(&mut self, text: &str) -> Vec<u8> {
        self.seal(ContentType::ApplicationData, text)
    }

    /// A message of the handshake, without content unless it is given.
    fn message(&mut self, kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        self.seal(ContentType::Handshake, [&[kind, 0, 0, length], content].concat())
    }

    fn alert(&mut self, level: u8, what: u8) -> Vec<u8> {
        self.seal(ContentType::Alert, [level, what])
    }

    /// The head of a response and half of its body.
    fn half(&mut self, framing: &str) -> Vec<u8> {
        self.data(&format!("HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n{framing}\r\n\r\na,b\n"))
    }

    fn rest(&mut self) -> Vec<u8> {
        self.data("1,2\n")
    }
}

/// The body ends with the connection.
const OPEN_END: &str = "x: y";
const LENGTH: &str = "content-length: 8";
const CHUNKED: &str = "transfer-encoding: chunked\r\n\r\n4";

type Bytes = fn(&mut Sealer) -> Vec<u8>;

/// What a client makes of a server that answers with these records.
async fn answer(version: &'static SupportedProtocolVersion, bytes: Bytes, then: Then) -> String {
    let authority = Authority::new();
    let tls = authority.identity("localhost").acceptor(&["http/1.1"], &[version]);
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        let mut stream = accept(&listener, &tls).await;
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await?);
        }
        let (socket, connection) = stream.into_inner();
        play(socket, &bytes(&mut Sealer::new(connection)), then).await
    });
    let builder = Core::builder(&SERVICE).base_url(url).root_certificates(authority.pem());
    outcome(builder.retry(RetryPolicy::none()), false).await
}

async fn table(version: &'static SupportedProtocolVersion, cases: &[(&str, Bytes, Then)]) -> String {
    let mut table = String::new();
    figures::add(Figure::Hostile, cases.len());
    figures::say(format!("{} hostile servers after the handshake: each a typed error or correct data", cases.len()));
    for (name, bytes, then) in cases {
        writeln!(table, "{name}\n    {}", answer(version, *bytes, then.clone()).await).unwrap();
    }
    table
}

/// Those of both versions.
fn common() -> Vec<(&'static str, Bytes, Then)> {
    use Then::{Close, Open};
    const WARNING: u8 = 1;
    const FATAL: u8 = 2;
    vec![
        ("a sound response", |s| [s.half(LENGTH), s.rest()].concat(), Open),
        ("a sound one, and the end", |s| [s.half(LENGTH), s.rest()].concat(), Close),
        ("a length, and the end in the body", |s| s.half(LENGTH), Close),
        ("a length, and the end in the body, as said", |s| [s.half(LENGTH), s.alert(WARNING, 0)].concat(), Close),
        ("chunks, and the end in the body", |s| s.half(CHUNKED), Close),
        ("chunks, and the end in the body, as said", |s| [s.half(CHUNKED), s.alert(WARNING, 0)].concat(), Close),
        ("an open end, as said", |s| [s.half(OPEN_END), s.rest(), s.alert(WARNING, 0)].concat(), Close),
        ("an open end, not said", |s| s.half(OPEN_END), Close),
        ("an open end, said in plain text", |s| [s.half(OPEN_END), vec![21, 3, 3, 0, 2, WARNING, 0]].concat(), Close),
        ("an open end in the head", |s| s.data("HTTP/1.1 200 OK\r\ncontent-type: te"), Close),
        ("nothing, and the end", |_| vec![], Close),
        ("nothing, and the end, as said", |s| s.alert(WARNING, 0), Close),
        ("data after the end was said", |s| [s.half(LENGTH), s.alert(WARNING, 0), s.rest()].concat(), Close),
        ("half a record", |s| [s.half(LENGTH), s.rest()[..15].to_vec()].concat(), Close),
        ("the body in plain text", |s| [s.half(LENGTH), b"1,2\n".to_vec()].concat(), Open),
        ("a record of plain text", |s| [s.half(LENGTH), b"\x17\x03\x03\0\x041,2\n".to_vec()].concat(), Open),
        (
            "a flipped bit",
            |s| {
                let mut bytes = [s.half(LENGTH), s.rest()].concat();
                *bytes.last_mut().unwrap() ^= 1;
                bytes
            },
            Open,
        ),
        ("a record again", |s| s.half(LENGTH).repeat(2), Open),
        (
            "a record that is missing",
            |s| {
                let first = s.half(LENGTH);
                s.data("0,0\n");
                [first, s.rest()].concat()
            },
            Open,
        ),
        (
            "records out of order",
            |s| {
                let (first, second) = (s.half(LENGTH), s.rest());
                [second, first].concat()
            },
            Open,
        ),
        (
            "records of no bytes",
            |s| {
                let none: Vec<u8> = (0..30).flat_map(|_| s.data("")).collect();
                [none, s.half(LENGTH), s.rest()].concat()
            },
            Open,
        ),
        (
            "a record of an unknown kind",
            |s| [s.half(LENGTH), s.seal(ContentType::Unknown(99), "hush"), s.rest()].concat(),
            Open,
        ),
        (
            "a change of ciphers",
            |s| [s.half(LENGTH), s.seal(ContentType::ChangeCipherSpec, [1]), s.rest()].concat(),
            Open,
        ),
        ("alert: an internal error", |s| [s.half(LENGTH), s.alert(FATAL, 80), s.rest()].concat(), Open),
        ("alert: of an unknown level and kind", |s| [s.half(LENGTH), s.alert(77, 255), s.rest()].concat(), Open),
        ("alert: of three bytes", |s| [s.half(LENGTH), s.seal(ContentType::Alert, [1, 0, 0]), s.rest()].concat(), Open),
        ("another agreement", |s| [s.half(LENGTH), s.message(2, &[3; 38]), s.rest()].concat(), Open),
        ("another end of the handshake", |s| [s.half(LENGTH), s.message(20, &[0; 12]), s.rest()].concat(), Open),
        (
            "a message that announces 16 MB",
            |s| [s.half(LENGTH), s.seal(ContentType::Handshake, [4, 0xff, 0xff, 0xff, 0]), s.rest()].concat(),
            Open,
        ),
    ]
}

#[tokio::test]
async fn records_of_tls_1_2() {
    use Then::Open;
    let mut cases = common();
    cases.extend([
        ("a wish to renegotiate", (|s| [s.half(LENGTH), s.message(0, &[]), s.rest()].concat()) as Bytes, Open),
        (
            "100 wishes to renegotiate",
            |s| {
                let wishes: Vec<u8> = (0..100).flat_map(|_| s.message(0, &[])).collect();
                [wishes, s.half(LENGTH), s.rest()].concat()
            },
            Open,
        ),
        (
            "100 warnings",
            |s| {
                let warnings: Vec<u8> = (0..100).flat_map(|_| s.alert(1, 90)).collect();
                [warnings, s.half(LENGTH), s.rest()].concat()
            },
            Open,
        ),
    ]);
    assert_table_of_library("records-tls12", &table(&TLS12, &cases).await);
}

#[tokio::test]
async fn records_of_tls_1_3() {
    use Then::Open;
    let mut cases = common();
    cases.extend([
        ("new keys that are not used", (|s| [s.half(LENGTH), s.message(24, &[0]), s.rest()].concat()) as Bytes, Open),
        ("new keys of no kind", |s| [s.half(LENGTH), s.message(24, &[7]), s.rest()].concat(), Open),
        ("a wish for a certificate", |s| [s.half(LENGTH), s.message(13, &[0; 3]), s.rest()].concat(), Open),
        (
            "100 tickets",
            |s| {
                let ticket = [&[0, 0, 14, 16][..], &[7; 4], &[1, 1, 0, 2, 7, 7, 0, 0]].concat();
                let tickets: Vec<u8> = (0..100).flat_map(|_| s.message(4, &ticket)).collect();
                [tickets, s.half(LENGTH), s.rest()].concat()
            },
            Open,
        ),
        ("a ticket that is cut", |s| [s.half(LENGTH), s.message(4, &[0, 0]), s.rest()].concat(), Open),
    ]);
    assert_table_of_library("records-tls13", &table(&TLS13, &cases).await);
}
