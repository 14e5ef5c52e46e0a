//! TLS handshakes that do not end, or not as they should, and what a client offers in its own.

use cloud_billing_core::Core;

use super::*;
use crate::support::tls::listen;

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;

/// Reads the record with the client's greeting.
async fn greeting(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    let mut payload = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut payload).await?;
    Ok(payload)
}

fn record(kind: u8, version: u16, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let length = u16::try_from(payload.len()).unwrap();
    [&[kind], &version.to_be_bytes()[..], &length.to_be_bytes(), payload].concat()
}

fn alert(level: u8, what: u8) -> Vec<u8> {
    record(ALERT, 0x0303, [level, what])
}

fn message(kind: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[kind], &length[1..], payload].concat()
}

fn extension(kind: u16, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let length = u16::try_from(payload.len()).unwrap();
    [&kind.to_be_bytes()[..], &length.to_be_bytes(), payload].concat()
}

/// The server's side of an agreement.
#[derive(Clone)]
struct Hello {
    version: u16,
    random: [u8; 32],
    suite: u16,
    compression: u8,
    extensions: Vec<u8>,
}

const TLS_1_2: Hello =
    Hello { version: 0x0303, random: [7; 32], suite: 0xc02b, compression: 0, extensions: Vec::new() };

/// Marks a hello as the request for another one (RFC 8446, section 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

impl Hello {
    fn bytes(&self) -> Vec<u8> {
        let extensions = u16::try_from(self.extensions.len()).unwrap().to_be_bytes();
        let body = [
            &self.version.to_be_bytes()[..],
            &self.random,
            &[0],
            &self.suite.to_be_bytes(),
            &[self.compression],
            &extensions,
            &self.extensions,
        ];
        record(HANDSHAKE, self.version.min(0x0303), message(2, body.concat()))
    }
}

fn hello(change: impl FnOnce(&mut Hello)) -> Vec<u8> {
    let mut hello = TLS_1_2;
    change(&mut hello);
    hello.bytes()
}

/// What a client makes of these bytes after its greeting.
async fn answer(bytes: Vec<u8>, then: Then, stalls: bool) -> String {
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let (bytes, then) = (bytes.clone(), then.clone());
            tokio::spawn(async move {
                greeting(&mut socket).await?;
                play(socket, &bytes, then).await
            });
        }
    });
    let builder = Core::builder(&SERVICE).base_url(url).retry(RetryPolicy::none());
    outcome(if stalls { builder.connect_timeout(STALL) } else { builder }, false).await
}

#[tokio::test]
async fn handshakes() {
    use Then::{Close, Open};
    let downgraded =
        |mark: u8| hello(|hello| hello.random[24..].copy_from_slice(&[b'D', b'O', b'W', b'N', b'G', b'R', b'D', mark]));
    let tls13 = |extensions: &[Vec<u8>]| {
        hello(|hello| {
            hello.suite = 0x1301;
            hello.extensions = [extension(43, [3, 4]), extensions.concat()].concat();
        })
    };
    let again = |group: u16| {
        hello(|hello| {
            (hello.suite, hello.random) = (0x1301, RETRY);
            hello.extensions = [extension(43, [3, 4]), extension(51, group.to_be_bytes())].concat();
        })
    };
    let cases = [
        ("nothing, and the end", vec![], Close),
        ("HTTP", b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".to_vec(), Close),
        ("another protocol", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), Close),
        ("zeros", vec![0; 1000], Close),
        ("a record of an unknown kind", record(99, 0x0303, [0; 10]), Close),
        ("a record of an unknown version", record(HANDSHAKE, 0x7f7f, message(2, [0; 40])), Close),
        ("a record of 65,535 bytes", record(HANDSHAKE, 0x0303, vec![0; 65_535]), Close),
        ("a record that is cut", TLS_1_2.bytes()[..20].to_vec(), Close),
        ("data", record(DATA, 0x0303, "HTTP/1.1 200 OK\r\n\r\n"), Close),
        ("a message of an unknown kind", record(HANDSHAKE, 0x0303, message(99, [0; 10])), Close),
        ("a message that announces 16 MB", record(HANDSHAKE, 0x0303, [2, 0xff, 0xff, 0xff, 3, 3]), Close),
        ("the greeting of a client", record(HANDSHAKE, 0x0303, message(1, [3; 80])), Close),
        ("the end of a handshake", record(HANDSHAKE, 0x0303, message(20, [0; 12])), Close),
        ("a certificate before anything", record(HANDSHAKE, 0x0303, message(11, [0; 40])), Close),
        ("a change of ciphers before anything", record(20, 0x0303, [1]), Close),
        ("alert: the handshake failed", alert(2, 40), Close),
        ("alert: another version", alert(2, 70), Close),
        ("alert: an internal error", alert(2, 80), Close),
        ("alert: an unknown name", alert(1, 112), Close),
        ("alert: the end", alert(1, 0), Close),
        ("alert: of an unknown level and kind", alert(77, 255), Close),
        ("alert: of three bytes", record(ALERT, 0x0303, [2, 40, 0]), Close),
        ("SSL 3.0", hello(|hello| hello.version = 0x0300), Close),
        ("TLS 1.0", hello(|hello| (hello.version, hello.suite) = (0x0301, 0xc009)), Close),
        ("TLS 1.1", hello(|hello| (hello.version, hello.suite) = (0x0302, 0xc009)), Close),
        ("TLS 1.2 where 1.3 could be had", downgraded(1), Close),
        ("TLS 1.2 that says it is a downgrade to 1.1", downgraded(0), Close),
        ("a version of the future", hello(|hello| hello.version = 0x0399), Close),
        ("ciphers that encrypt nothing", hello(|hello| hello.suite = 0x0001), Close),
        ("RC4", hello(|hello| hello.suite = 0x0005), Close),
        ("ciphers of TLS 1.3 for TLS 1.2", hello(|hello| hello.suite = 0x1301), Close),
        ("compression", hello(|hello| hello.compression = 1), Close),
        ("a protocol that was not offered", hello(|hello| hello.extensions = extension(16, b"\0\x05\x04hush")), Close),
        ("an extension that was not offered", hello(|hello| hello.extensions = extension(0xfefe, "hush")), Close),
        ("an extension twice", hello(|hello| hello.extensions = extension(23, "").repeat(2)), Close),
        ("TLS 1.3 without a key", tls13(&[]), Close),
        ("TLS 1.3 with a key of a group that was not offered", tls13(&[extension(51, [0xff, 0xfe, 0, 1, 7])]), Close),
        ("TLS 1.3 with a key of zeros", tls13(&[extension(51, [&[0, 29, 0, 32][..], &[0; 32]].concat())]), Close),
        ("a request for a group that was not offered", again(0xfffe), Close),
        ("a request for the group that is there", again(29), Close),
        ("two requests for another group", again(23).repeat(2), Close),
    ];
    let stalls = [
        ("nothing", vec![]),
        ("half a record", TLS_1_2.bytes()[..20].to_vec()),
        ("a sound beginning, and nothing more", TLS_1_2.bytes()),
    ];
    let mut table = String::new();
    figures::add(Figure::Hostile, cases.len() + stalls.len());
    figures::say(format!("{} handshakes that fail: each a typed error", cases.len() + stalls.len()));
    for (name, bytes, then) in cases {
        writeln!(table, "{name}\n    {}", answer(bytes, then, false).await).unwrap();
    }
    for (name, bytes) in stalls {
        writeln!(table, "{name}\n    {}", answer(bytes, Open, true).await).unwrap();
    }
    assert_table_of_library("handshakes", &table);
}

/// The payloads of the extensions of a client's greeting, by their kinds.
fn extensions(greeting: &[u8]) -> Vec<(u16, &[u8])> {
    fn split<'a>(bytes: &mut &'a [u8], width: usize) -> &'a [u8] {
        let (length, rest) = bytes.split_at(width);
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let (field, rest) = rest.split_at(length);
        *bytes = rest;
        field
    }
    // Kind and length of the message, version, random.
    let mut rest = &greeting[4 + 2 + 32..];
    // Session, suites, compressions.
    for width in [1, 2, 1] {
        split(&mut rest, width);
    }
    let mut all = split(&mut rest, 2);
    let mut out = Vec::new();
    while let [high, low, rest @ ..] = all {
        all = rest;
        out.push((u16::from_be_bytes([*high, *low]), split(&mut all, 2)));
    }
    out
}

#[tokio::test]
async fn a_client_offers_tls_1_2_and_1_3_and_both_versions_of_http() {
    let (listener, url) = listen().await;
    let client = tokio::spawn(outcome(Core::builder(&SERVICE).base_url(url).retry(RetryPolicy::none()), false));
    let (mut socket, _) = listener.accept().await.unwrap();
    let greeting = greeting(&mut socket).await.unwrap();
    let extensions = extensions(&greeting);
    let payload = |kind| extensions.iter().find(|(found, _)| *found == kind).map(|(_, payload)| *payload).unwrap();
    assert_eq!(payload(0), b"\0\x0c\0\0\x09localhost");
    assert_eq!(payload(16), b"\0\x0c\x02h2\x08http/1.1");
    let mut versions: Vec<&[u8]> = payload(43)[1..].chunks(2).collect();
    versions.sort_unstable();
    assert_eq!(versions, [[3, 3], [3, 4]]);
    drop(socket);
    assert!(client.await.unwrap().starts_with("Connect"));
}
