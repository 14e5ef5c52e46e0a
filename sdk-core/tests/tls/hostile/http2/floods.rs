//! Frames without end, and streams that are reset without end.

use cloud_billing_core::ErrorKind;
use test_support::memory::{self, MB};
use tokio::task::JoinSet;

use super::*;

/// A flood: bytes that come again and again after the first ones.
struct Flood {
    name: &'static str,
    begin: fn(u32) -> Vec<u8>,
    part: Vec<u8>,
    /// Whether only the time limit ends it.
    lasts: bool,
}

/// A flood that a client ends.
fn flood(name: &'static str, begin: fn(u32) -> Vec<u8>, part: impl AsRef<[u8]>) -> Flood {
    let part = part.as_ref();
    let times = 64 * 1024 / part.len() + 1;
    Flood { name, begin, part: part.repeat(times), lasts: false }
}

/// A flood that says nothing of the request, for as long as it may.
fn lasting(name: &'static str, part: impl AsRef<[u8]>) -> Flood {
    Flood { lasts: true, ..flood(name, |_| vec![], part) }
}

/// The first request of a connection has stream 1.
fn floods() -> Vec<Flood> {
    let open = |stream| frame(HEADERS, 0, stream, OK);
    let part = |payload: &[u8]| frame(CONTINUATION, 0, 1, payload);
    let hint = |more: Vec<u8>| frame(HEADERS, END_HEADERS, 1, [field(":status", "103"), more].concat());
    let data = || frame(DATA, 0, 1, [b' '; 16_384]);
    vec![
        lasting("PING", frame(PING, 0, 0, [7; 8])),
        lasting("answers to no PING", frame(PING, ACK, 0, [7; 8])),
        lasting("SETTINGS", settings(&[])),
        lasting("SETTINGS with a window each", [settings(&[(4, 0)]), settings(&[(4, 65_535)])].concat()),
        lasting("SETTINGS with a table each", [settings(&[(1, 0)]), settings(&[(1, 65_535)])].concat()),
        lasting("PRIORITY", frame(PRIORITY, 0, 3, [0; 5])),
        lasting("frames of an unknown kind", frame(0xbe, 0, 1, [0; 1000])),
        lasting("WINDOW_UPDATE of the connection", window(0, 1)),
        lasting("WINDOW_UPDATE of the stream", window(1, 1)),
        lasting("GOAWAY", goaway(1, 0, &[b'x'; 1000])),
        lasting("early hints", hint(vec![])),
        lasting("early hints of 10 KB", hint(field("x", [b'y'; 10_000]))),
        flood("RST_STREAM", |stream| reset(stream, 8), reset(1, 8)),
        flood("PUSH_PROMISE", head, frame(PUSH_PROMISE, END_HEADERS, 1, [&2u32.to_be_bytes(), OK].concat())),
        flood("parts of a head", open, part(&field("x", [b'y'; 16_000]))),
        flood("parts of a head without content", open, part(b"")),
        flood("parts of a head with one header", open, part(&[0x88; 16_000])),
        flood("heads after the head", head, head(1)),
        flood("trailers", sound, frame(HEADERS, END_HEADERS | END_STREAM, 1, field("x", "y"))),
        flood("data", head, data()),
        flood("data of a byte", head, frame(DATA, 0, 1, b" ")),
        flood("data of no byte", head, frame(DATA, 0, 1, b"")),
        flood("padding", head, frame(DATA, PADDED, 1, [&[255][..], &[0; 255]].concat())),
        flood("data of an error", |stream| frame(HEADERS, END_HEADERS, stream, [0x8e]), data()),
        flood("data of a stream that was reset", |stream| [head(stream), reset(stream, 8)].concat(), data()),
    ]
}

/// What came of a flood by a server that reads what the client says, or does not.
async fn drown(authority: &Authority, flood: &Flood, reads: bool) -> String {
    let part = flood.part.clone();
    let then = if reads { Then::Endless(part) } else { Then::Deaf(part) };
    let begin = flood.begin;
    let bytes = Box::new(move |stream| [settings(&[]), begin(stream)].concat());
    let text = answer(authority, Case { name: flood.name, stalls: flood.lasts, then, bytes }).await;
    match text.split(':').next().unwrap() {
        // Whether the window or the body limit ends it first is a matter of the machine.
        "Transport" | "BodyTooLarge" if flood.name.starts_with("data") => "Transport or BodyTooLarge".to_owned(),
        kind => kind.to_owned(),
    }
}

#[tokio::test]
async fn floods_take_no_memory() {
    if !memory::alone("hostile::http2::floods::floods_take_no_memory") {
        return;
    }
    let authority = Authority::new();
    // What a client takes that has nothing to do with the answers: its trust store above all.
    answer(&authority, case("a sound response", Then::Open, |s| vec![sound(s)])).await;
    let (mut most, mut table) = (0, String::new());
    for flood in floods() {
        let before = memory::resident();
        memory::reset_peak();
        let (read, unread) = (drown(&authority, &flood, true).await, drown(&authority, &flood, false).await);
        let taken = memory::peak().saturating_sub(before);
        most = most.max(taken);
        assert!(taken < BODY_LIMIT as u64 / 1024 * 4 + 8 * MB, "{} took {taken} kB: {read}", flood.name);
        writeln!(table, "{}\n    {read}; from a server that does not read: {unread}", flood.name).unwrap();
        figures::add(Figure::Hostile, 2);
    }
    figures::say(format!("{} floods of frames: at most {} MB taken", 2 * floods().len(), most / MB));
    assert_table("floods", &table);
}

/// Resets each stream at once, up to this number, and answers the others.
async fn resetting(authority: &Authority, resets: usize) -> Core {
    let tls = authority.acceptor("localhost", &["h2"]);
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        let mut stream = accept(&listener, &tls).await;
        stream.read_exact(&mut [0; 24]).await?;
        stream.write_all(&settings(&[])).await?;
        for count in 0.. {
            let number = next_stream(&mut stream).await?;
            let bytes = if count < resets { reset(number, 8) } else { sound(number) };
            stream.write_all(&bytes).await?;
        }
        Ok::<_, std::io::Error>(())
    });
    let builder = Core::builder(&SERVICE).base_url(url).root_certificates(authority.pem());
    builder.no_credential().retry(RetryPolicy::none()).build().unwrap()
}

/// A server that resets streams as fast as they come costs the calls, and neither the connection nor memory.
#[tokio::test]
async fn streams_reset_at_once() {
    const RESETS: usize = 2000;
    let core = resetting(&Authority::new(), RESETS).await;
    let call = |core: Core| async move { core.bytes(Request::new(&CSV)).await?.into_inner().bytes(BODY_LIMIT).await };
    let mut calls = JoinSet::new();
    for _ in 0..RESETS {
        calls.spawn(call(core.clone()));
    }
    for result in calls.join_all().await {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Transport);
    }
    assert_eq!(call(core).await.unwrap(), TABLE);
    figures::add(Figure::Hostile, 1);
}

/// A service that shuts down each connection before it looks at a request.
#[tokio::test]
async fn a_storm_of_shutdowns_is_bounded() {
    let storm = case("", Then::Open, |_| vec![goaway(0, 0, b"")]);
    let text = answer_with(&Authority::new(), storm, AT_ONCE, Request::new(&CSV)).await;
    // Five attempts, each of which the HTTP client repeats twice.
    assert_eq!(text, "Transport: getCsv: connection failed: no complete answer (5 attempts) [15 requests]");
    figures::add(Figure::Hostile, 1);
}
