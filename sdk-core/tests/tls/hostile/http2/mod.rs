//! Servers of HTTP/2 that write their frames themselves.

mod floods;
mod frames;
mod heads;
mod streams;

use super::*;
use crate::support::tls::{Authority, accept, listen};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;

const TABLE: &[u8] = b"a,b\n1,2\n";

fn frame(kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A number in HPACK, with the bits above it (RFC 7541, section 5.1).
fn integer(above: u8, bits: u32, value: usize) -> Vec<u8> {
    let most = (1 << bits) - 1;
    if value < most {
        return vec![above | value as u8];
    }
    let (mut out, mut rest) = (vec![above | most as u8], value - most);
    while rest >= 128 {
        out.push((rest % 128) as u8 | 128);
        rest /= 128;
    }
    out.push(rest as u8);
    out
}

/// A header field in HPACK that is not added to the table.
fn field(name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Vec<u8> {
    let (name, value) = (name.as_ref(), value.as_ref());
    [&[0], &integer(0, 7, name.len())[..], name, &integer(0, 7, value.len()), value].concat()
}

/// `:status: 200`.
const OK: &[u8] = &[0x88];

fn fields(more: &[Vec<u8>]) -> Vec<u8> {
    [OK.to_vec(), field("content-type", "text/csv"), more.concat()].concat()
}

fn head(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, fields(&[]))
}

fn head_with(stream: u32, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, fields(&[field(name, value)]))
}

fn half(stream: u32) -> Vec<u8> {
    frame(DATA, 0, stream, &TABLE[..4])
}

fn rest(stream: u32) -> Vec<u8> {
    frame(DATA, END_STREAM, stream, &TABLE[4..])
}

/// A response as it should be.
fn sound(stream: u32) -> Vec<u8> {
    [head(stream), half(stream), rest(stream)].concat()
}

fn settings(values: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> =
        values.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()).collect();
    frame(SETTINGS, 0, 0, payload)
}

fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, code.to_be_bytes())
}

fn goaway(last: u32, code: u32, text: &[u8]) -> Vec<u8> {
    frame(GOAWAY, 0, 0, [&last.to_be_bytes(), &code.to_be_bytes(), text].concat())
}

fn window(stream: u32, by: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, by.to_be_bytes())
}

/// Five attempts, one right after the other.
const AT_ONCE: RetryPolicy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);

type Bytes = Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>;

struct Case {
    name: &'static str,
    stalls: bool,
    then: Then,
    bytes: Bytes,
}

/// The frames that answer the stream with this number. The server sends its SETTINGS before them.
fn case(name: &'static str, then: Then, frames: impl Fn(u32) -> Vec<Vec<u8>> + Send + Sync + 'static) -> Case {
    let bytes = move |stream| [settings(&[]), frames(stream).concat()].concat();
    Case { name, stalls: false, then, bytes: Box::new(bytes) }
}

fn stall(name: &'static str, then: Then, frames: impl Fn(u32) -> Vec<Vec<u8>> + Send + Sync + 'static) -> Case {
    Case { stalls: true, ..case(name, then, frames) }
}

/// Without the server's SETTINGS.
fn raw(name: &'static str, then: Then, bytes: &[u8]) -> Case {
    let bytes = bytes.to_vec();
    Case { name, stalls: false, then, bytes: Box::new(move |_| bytes.clone()) }
}

/// Reads frames up to the next one that begins a stream, and returns its number.
async fn next_stream(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<u32> {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).await?;
        if head[3] == HEADERS {
            return Ok(u32::from_be_bytes([head[5], head[6], head[7], head[8]]));
        }
    }
}

/// What a client makes of a server with these frames, and the number of its requests.
async fn answer(authority: &Authority, case: Case) -> String {
    answer_with(authority, case, RetryPolicy::none(), Request::new(&CSV)).await
}

async fn answer_with(authority: &Authority, case: Case, policy: RetryPolicy, request: Request) -> String {
    let (listener, url) = listen().await;
    let tls = authority.acceptor("localhost", &["h2"]);
    let seen = Arc::new(AtomicUsize::new(0));
    let (count, stalls, case) = (Arc::clone(&seen), case.stalls, Arc::new(case));
    tokio::spawn(async move {
        loop {
            let mut stream = accept(&listener, &tls).await;
            let (count, case) = (Arc::clone(&count), Arc::clone(&case));
            tokio::spawn(async move {
                stream.read_exact(&mut [0; 24]).await?;
                loop {
                    let number = next_stream(&mut stream).await?;
                    count.fetch_add(1, Ordering::SeqCst);
                    let bytes = (case.bytes)(number);
                    match case.then.clone() {
                        Then::Open => stream.write_all(&bytes).await?,
                        then => return play(stream, &bytes, then).await,
                    }
                }
            });
        }
    });
    let builder = Core::builder(&SERVICE).base_url(url).root_certificates(authority.pem());
    let text = outcome_of(builder.retry(policy), stalls, request).await;
    let requests = seen.load(Ordering::SeqCst);
    if requests <= 1 { text } else { format!("{text} [{requests} requests]") }
}

async fn table(cases: Vec<Case>) -> String {
    let authority = Authority::new();
    let mut table = String::new();
    figures::add(Figure::Hostile, cases.len());
    figures::say(format!("{} hostile servers of HTTP/2: each a typed error or correct data", cases.len()));
    for case in cases {
        let name = case.name;
        writeln!(table, "{name}\n    {}", answer(&authority, case).await).unwrap();
    }
    table
}
