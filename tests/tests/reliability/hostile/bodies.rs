//! Bodies that do not end, do not begin, or are not as long as they say.

use std::io::Write as _;
use std::time::Duration;

use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::RetryPolicy;
use flate2::Compression;
use flate2::write::GzEncoder;
use ibm_usage_reports::types::{AccountId, ResourceGroupId};

use super::{BODY_LIMIT, Case, HANG, INVOICE, ORG, assert_table, atlas, invoice, table};
use crate::figures::{self, Figure};
use crate::memory::{self, MB};
use test_support::server::{Reply, Server, answer, head};

const JSON: (&str, &str) = ("content-type", "application/json");
const GZIP: (&str, &str) = ("content-encoding", "gzip");

/// A head without a length, and not chunked either: the body ends with the connection.
fn until_close(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n\r\n").into_bytes()
}

fn announced(length: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

fn chunked(body: &str) -> Vec<u8> {
    let mut bytes = head(200, &[JSON], None);
    bytes.extend_from_slice(body.as_bytes());
    bytes
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A chunk of a chunked body.
pub(super) fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn begin(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[tokio::test]
pub(crate) async fn lengths() {
    const INVOICE: &str = r#"{"id":"1"}"#;
    let table = table(vec![
        Case("a length of a terabyte", Reply::Hang(announced("1099511627776", "{"))),
        Case("a length beyond 64 bits", Reply::Close(announced("18446744073709551616", INVOICE))),
        Case("a length of 2^63 - 1", Reply::Close(announced("9223372036854775807", INVOICE))),
        Case("a negative length", Reply::Close(announced("-1", INVOICE))),
        Case("a length that is no number", Reply::Close(announced("ten", INVOICE))),
        Case("a length with a sign", Reply::Close(announced("+10", INVOICE))),
        Case("an empty length", Reply::Close(announced("", INVOICE))),
        Case("two lengths that differ", Reply::Close(announced("10\r\ncontent-length: 11", INVOICE))),
        Case("two lengths in one field", Reply::Close(announced("10, 11", INVOICE))),
        Case("the same length twice", Reply::Close(announced("10\r\ncontent-length: 10", INVOICE))),
        Case(
            "a length and chunks",
            Reply::Close(announced("3\r\ntransfer-encoding: chunked", "a\r\n{\"id\":\"1\"}\r\n0\r\n\r\n")),
        ),
        Case(
            "a transfer encoding of gzip and chunks",
            Reply::Close(announced("10\r\ntransfer-encoding: gzip, chunked", "a\r\n{\"id\":\"1\"}\r\n0\r\n\r\n")),
        ),
        Case("an unknown transfer encoding", Reply::Close(announced("10\r\ntransfer-encoding: snow", INVOICE))),
        Case("a body longer than announced", Reply::Close(announced("10", r#"{"id":"1"}, and more"#))),
        Case("a body shorter than announced", Reply::Close(announced("11", INVOICE))),
        Case("a length of nothing", Reply::Close(announced("0", ""))),
        Case("no length, and the end of the connection", Reply::Close(begin(&[&until_close(200), INVOICE.as_bytes()]))),
        Case("no length, and the end in mid-body", Reply::Close(begin(&[&until_close(200), br#"{"id":"#]))),
        Case("204 with a body", Reply::Close(begin(&[&head(204, &[], None), INVOICE.as_bytes()]))),
        Case("205 with a body", Reply::Close(answer(205, &[JSON], INVOICE.as_bytes()))),
        Case("304 with a body", Reply::Close(begin(&[&head(304, &[], None), INVOICE.as_bytes()]))),
    ])
    .await;
    assert_table!("lengths", table);
}

#[tokio::test]
pub(crate) async fn chunks() {
    let extension = "x".repeat(1000);
    let table = table(vec![
        Case("a chunk beyond 64 bits", Reply::Close(chunked("fffffffffffffffff\r\n{\"id\":\"1\"}\r\n"))),
        Case("a chunk of 16 exabytes", Reply::Close(chunked("ffffffffffffffff\r\n{\"id\":\"1\"}\r\n"))),
        Case("a chunk of a negative size", Reply::Close(chunked("-a\r\n{\"id\":\"1\"}\r\n0\r\n\r\n"))),
        Case("a chunk whose size is no number", Reply::Close(chunked("snow\r\n{\"id\":\"1\"}\r\n0\r\n\r\n"))),
        Case("a chunk without a size", Reply::Close(chunked("\r\n{\"id\":\"1\"}\r\n0\r\n\r\n"))),
        Case("a chunk that does not end where it says", Reply::Close(chunked("5\r\n{\"id\":\"1\"}\r\n0\r\n\r\n"))),
        Case("a chunk with an extension", Reply::Close(chunked("a;x=\"y\"\r\n{\"id\":\"1\"}\r\n0\r\n\r\n"))),
        Case(
            "a chunk with an extension of a megabyte",
            Reply::Close(chunked(&format!("a;{}\r\n{{\"id\":\"1\"}}\r\n0\r\n\r\n", "x".repeat(1_000_000)))),
        ),
        Case("no last chunk", Reply::Close(chunked("a\r\n{\"id\":\"1\"}\r\n"))),
        Case("trailers", Reply::Close(chunked("a\r\n{\"id\":\"1\"}\r\n0\r\nx-request-id: 2\r\n\r\n"))),
        Case(
            "50,000 trailers",
            Reply::Close(chunked(&format!("a\r\n{{\"id\":\"1\"}}\r\n0\r\n{}\r\n", "x: y\r\n".repeat(50_000)))),
        ),
        Case("extensions without end", Reply::Endless(chunked("a;"), extension.into_bytes(), Duration::ZERO)),
        Case(
            "trailers without end",
            Reply::Endless(chunked("a\r\n{\"id\":\"1\"}\r\n0\r\n"), b"a: b\r\n".repeat(500), Duration::ZERO),
        ),
        Case(
            "one chunk a byte",
            Reply::Close(chunked(&format!("{}0\r\n\r\n", "1\r\n \r\n".repeat(10_000) + "2\r\n{}\r\n"))),
        ),
    ])
    .await;
    assert_table!("chunks", table);
}

#[tokio::test]
pub(crate) async fn compression() {
    let sound = gzip(br#"{"id":"1"}"#);
    let compressed = |bytes: &[u8]| Reply::Close(answer(200, &[JSON, GZIP], bytes));
    let mut flipped = sound.clone();
    flipped[12] ^= 0x40;
    let mut checksum = sound.clone();
    let end = checksum.len() - 6;
    checksum[end] ^= 1;
    let table = table(vec![
        Case("gzip", compressed(&sound)),
        Case("gzip in two members", compressed(&[gzip(br#"{"id":"#), gzip(br#""1"}"#)].concat())),
        Case(
            "10,000 gzip members without content, and one with",
            compressed(&[gzip(b"").repeat(10_000), sound.clone()].concat()),
        ),
        Case("gzip of gzip, said once", compressed(&gzip(&sound))),
        Case(
            "gzip twice, and said so",
            Reply::Close(answer(200, &[JSON, ("content-encoding", "gzip, gzip")], &gzip(&sound))),
        ),
        Case("gzip that is cut", compressed(&sound[..sound.len() - 9])),
        Case("gzip with a flipped bit", compressed(&flipped)),
        Case("gzip with a wrong checksum", compressed(&checksum)),
        Case("gzip with text behind it", compressed(&[&sound[..], b"and more"].concat())),
        Case("gzip with zeros behind it", compressed(&[&sound[..], &[0; 1000]].concat())),
        Case("text that says it is gzip", compressed(br#"{"id":"1"}"#)),
        Case("nothing that says it is gzip", compressed(b"")),
        Case(
            "an encoding that was not asked for",
            Reply::Close(answer(200, &[JSON, ("content-encoding", "br")], br#"{"id":"1"}"#)),
        ),
        Case(
            "gzip members without content, without end",
            Reply::Endless(head(200, &[JSON, GZIP], None), chunk(&gzip(b"").repeat(100)), Duration::ZERO),
        ),
        Case(
            "a gzip header without end",
            Reply::Endless(
                begin(&[&head(200, &[JSON, GZIP], None), &chunk(b"\x1f\x8b\x08\x08\0\0\0\0\0\x03")]),
                chunk(&[b'x'; 4096]),
                Duration::ZERO,
            ),
        ),
    ])
    .await;
    assert_table!("compression", table);
}

#[tokio::test]
pub(crate) async fn drips() {
    let wait = Duration::from_millis(20);
    let table = table(vec![
        Case("a byte of the head at a time", Reply::Endless(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), b"x".to_vec(), wait)),
        Case("a byte of the body at a time", Reply::Endless(head(200, &[JSON], Some(100_000)), b" ".to_vec(), wait)),
        Case(
            "a byte of an error's body at a time",
            Reply::Endless(head(500, &[JSON], Some(100_000)), b" ".to_vec(), wait),
        ),
        Case("empty lines before the answer", Reply::Endless(Vec::new(), b"\r\n".to_vec(), wait)),
        Case("nothing at all", Reply::Hang(Vec::new())),
        Case("a head and nothing more", Reply::Hang(head(200, &[JSON], Some(10)))),
    ])
    .await;
    // How far it came is a matter of the machine.
    let (before, after) = table.split_once("only ").unwrap();
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    assert_table!("drips", format!("{before}only [some]{after}"));
}

/// A server of answers that do not fit into memory, and what a client takes of them.
#[tokio::test]
pub(crate) async fn endless_bodies_take_no_memory() {
    if !memory::alone("hostile::bodies::endless_bodies_take_no_memory") {
        return;
    }
    let filler = || chunk(&vec![b' '; 64 * 1024]);
    // A gigabyte of spaces is a megabyte of gzip.
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]).repeat(16);
    let bombs: Vec<(&str, Reply)> = vec![
        ("chunks without end", Reply::Endless(head(200, &[JSON], None), filler(), Duration::ZERO)),
        ("a body without length and end", Reply::Endless(until_close(200), vec![b' '; 64 * 1024], Duration::ZERO)),
        ("an error's chunks without end", Reply::Endless(head(500, &[JSON], None), filler(), Duration::ZERO)),
        (
            "a redirect's chunks without end",
            Reply::Endless(head(302, &[("location", "/")], None), filler(), Duration::ZERO),
        ),
        ("a 401's chunks without end", Reply::Endless(head(401, &[], None), filler(), Duration::ZERO)),
        (
            "a head without end",
            Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: y\r\n".repeat(1000), Duration::ZERO),
        ),
        (
            "a header without end",
            Reply::Endless(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'y'; 64 * 1024], Duration::ZERO),
        ),
        ("a status line without end", Reply::Endless(b"HTTP/1.1 200 ".to_vec(), vec![b'y'; 64 * 1024], Duration::ZERO)),
        (
            "interim answers without end",
            Reply::Endless(Vec::new(), b"HTTP/1.1 102 X\r\n\r\n".repeat(1000), Duration::ZERO),
        ),
        ("a gigabyte in a megabyte of gzip", Reply::Close(answer(200, &[JSON, GZIP], &bomb))),
        ("the same in an error", Reply::Close(answer(500, &[JSON, GZIP], &bomb))),
        ("gzip without end", Reply::Endless(head(200, &[JSON, GZIP], None), chunk(&bomb[..64 * 1024]), Duration::ZERO)),
    ];
    // What a client takes that has nothing to do with the answers: its trust store above all.
    invoice(Reply::Send(test_support::server::json(200, "{}"))).await;
    let count = bombs.len();
    let mut most = 0;
    for (name, reply) in bombs {
        let before = memory::resident();
        memory::reset_peak();
        let text = invoice(reply).await;
        let taken = memory::peak().saturating_sub(before);
        most = most.max(taken);
        assert!(!text.starts_with("ok"), "{name}: {text}");
        // The limit, what a vector holds while it grows, and what lies in the sockets.
        assert!(taken < BODY_LIMIT as u64 / 1024 * 4 + 8 * MB, "{name} took {taken} kB: {text}");
    }
    figures::add(Figure::Hostile, count);
    figures::say(format!(
        "{count} bodies and heads without end: at most {} MB taken, of a limit of {} MB",
        most / MB,
        BODY_LIMIT / 1024 / 1024
    ));
}

/// A body of 8 MiB that is 8 KiB of gzip: a list of as many empty elements as fit.
fn empty_elements(before: &str, element: &str, after: &str) -> Reply {
    let count = 8 * 1024 * 1024 / (element.len() + 1);
    let list = vec![element; count].join(",");
    Reply::Send(answer(200, &[JSON, GZIP], &gzip(format!("{before}{list}{after}").as_bytes())))
}

/// A small body does not decode to a large value: an empty object takes three bytes, and hundreds once it is decoded.
#[tokio::test]
pub(crate) async fn small_bodies_do_not_decode_to_large_values() {
    if !memory::alone("hostile::bodies::small_bodies_do_not_decode_to_large_values") {
        return;
    }
    let month = || "2026-05".parse().unwrap();
    let bodies = [
        ("/resource_instances/", r#"{"resources":["#, "{}", "]}"),
        ("/summary/", r#"{"offers":["#, "{}", "]}"),
        ("/resource_groups/", r#"{"resources":[{"plans":[{"usage":["#, "{}", "]}]}]}"),
        ("/invoices/", r#"{"lineItems":["#, "{}", "]}"),
        ("/invoices?", r#"{"links":[],"results":["#, "{}", "]}"),
    ];
    let server = Server::start(move |request| {
        let body = bodies.into_iter().find(|(part, ..)| request.target().contains(part));
        let (_, before, element, after) = body.expect("a body for each call");
        empty_elements(before, element, after)
    })
    .await;
    let atlas = atlas_billing::Client::builder().base_url(&server.url).bearer_token("t").build().unwrap();
    let ibm = ibm_usage_reports::Client::builder().base_url(&server.url).bearer_token("t").build().unwrap();
    let before = memory::resident();
    memory::reset_peak();
    let refused = [
        ibm.get_account_summary(AccountId::new("a"), month()).send().await.err(),
        ibm.get_resource_group_usage(AccountId::new("a"), ResourceGroupId::new("g"), month()).send().await.err(),
        ibm.get_resource_usage_account(AccountId::new("a"), month()).pages().next().await.and_then(Result::err),
        atlas.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await.err(),
        atlas.list_invoices(OrganizationId::new(ORG)).pages().next().await.and_then(Result::err),
    ];
    for error in refused {
        let error = error.unwrap();
        assert_eq!(error.kind(), cloud_billing_core::ErrorKind::BodyTooLarge, "{error}");
    }
    // Item by item, the same page is sound.
    let mut items = ibm.get_resource_usage_account(AccountId::new("a"), month()).items();
    let mut count = 0;
    while items.try_next().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 8 * 1024 * 1024 / 3);
    let taken = memory::peak().saturating_sub(before);
    assert!(taken < 200 * MB, "{} MB", taken / MB);
    figures::add(Figure::Hostile, bodies.len());
    figures::say(format!("{} bodies of 8 KiB that unpack to 8 MiB: at most {} MB taken", bodies.len(), taken / MB));
}

/// A body of 15 MB of which all but the ends repeats a part. It is never as large in this process.
fn large(before: &[u8], part: &[u8], after: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(before).unwrap();
    let parts = part.repeat(1000);
    for _ in 0..15_000_000 / parts.len() {
        encoder.write_all(&parts).unwrap();
    }
    encoder.write_all(after).unwrap();
    answer(200, &[JSON, GZIP], &encoder.finish().unwrap())
}

/// A body that is no good is held once, whatever is wrong with it.
#[tokio::test]
pub(crate) async fn a_body_that_is_no_good_is_held_once() {
    const LIMIT: usize = 16 * 1024 * 1024;
    if !memory::alone("hostile::bodies::a_body_that_is_no_good_is_held_once") {
        return;
    }
    let bodies = [
        // What a client takes that has nothing to do with the body.
        ("none", test_support::server::answer(200, &[JSON], b"{}")),
        ("not UTF-8", large(br#"{"id":""#, b"\xff", br#""}"#)),
        ("not UTF-8 where it is skipped", large(br#"{"none":""#, b"\xff", br#""}"#)),
        ("of another type", large(br#"{"lineItems":"#, b" ", b"1}")),
        ("a long key", large(br#"{"lineItems":[{""#, b"x", br#"":{"}]}"#)),
        ("an error in an envelope", large(br#"{"status":400,"content":{"a":["#, b"{},", b"0]}}")),
        ("a bare item", large(br#"{"statusName":"PENDING","none":""#, b"x", br#""}"#)),
        ("a bare item of another type", large(br#"{"statusName":"PENDING","lineItems":"#, b" ", b"1}")),
    ];
    let (mut before, mut most) = (0, 0);
    for (name, reply) in bodies {
        let server = Server::start(move |_| Reply::Send(reply.clone())).await;
        let builder = atlas_billing::Client::builder().base_url(&server.url).bearer_token("t").body_limit(LIMIT);
        let atlas = builder.retry(RetryPolicy::none()).build().unwrap();
        memory::reset_peak();
        let error = match name {
            name if name.contains("bare") => atlas.list_invoice_pending(OrganizationId::new(ORG)).send().await.err(),
            name => atlas
                .get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
                .envelope(name.contains("envelope"))
                .send()
                .await
                .err(),
        };
        if before == 0 {
            before = memory::resident();
        }
        let taken = memory::peak().saturating_sub(before);
        assert!(taken < LIMIT as u64 / 1024 + 8 * MB, "{name} took {} MB: {error:?}", taken / MB);
        most = most.max(taken);
    }
    figures::add(Figure::Hostile, 7);
    figures::say(format!("7 bodies of 15 MB that are no good: at most {} MB taken", most / MB));
}

/// A client that wants no more does not let the server go on.
#[tokio::test]
pub(crate) async fn a_refused_body_is_not_read_on() {
    let part = vec![b' '; 64 * 1024];
    let server = Server::start(move |_| Reply::Endless(head(200, &[JSON], None), chunk(&part), Duration::ZERO)).await;
    let call = atlas(&server).get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send();
    let error = tokio::time::timeout(HANG, call).await.expect("it hangs").unwrap_err();
    assert_eq!(error.kind(), cloud_billing_core::ErrorKind::BodyTooLarge);
    // What the sockets hold comes on top of what was read.
    assert!(server.endless() < 16 * BODY_LIMIT as u64, "{}", server.endless());
}
