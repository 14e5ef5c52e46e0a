//! Heads in HPACK.

use super::*;

#[tokio::test]
async fn heads() {
    use Then::{Close, Open};
    fn one(name: &'static str, fields: Vec<u8>) -> Case {
        case(name, Open, move |s| vec![frame(HEADERS, END_HEADERS, s, &fields), half(s), rest(s)])
    }
    // In the table of the connection, and then mentioned again and again.
    let kept = |value: &[u8]| [&[0x40][..], &integer(0, 7, 1), b"x", &integer(0, 7, value.len()), value].concat();
    let cases = vec![
        one("no status", field("content-type", "text/csv")),
        one("two statuses", [OK, OK].concat()),
        one("a status of no number", field(":status", "ok")),
        one("a status of two digits", field(":status", "20")),
        one("a status of 1000", field(":status", "1000")),
        one("status 101", field(":status", "101")),
        one("an empty status", field(":status", "")),
        one("a path", fields(&[field(":path", "/hush")])),
        one("a status after the fields", [field("content-type", "text/csv"), OK.to_vec()].concat()),
        one("a pseudo-header of no standard", fields(&[field(":hush", "1")])),
        one("a name in capitals", fields(&[field("X-Hush", "1")])),
        one("a name with a space", fields(&[field("x hush", "1")])),
        one("an empty name", fields(&[field("", "1")])),
        one("a line break in a value", fields(&[field("x-hush", "1\r\nx-request-id: forged")])),
        one("NUL in a value", fields(&[field("x-hush", "1\0")])),
        one("bytes beyond ASCII in a value", fields(&[field("x-request-id", b"\xff\xfe")])),
        one("a transfer encoding", fields(&[field("transfer-encoding", "chunked")])),
        one("a header of HTTP/1.1 connections", fields(&[field("connection", "close")])),
        one("two lengths that differ", fields(&[field("content-length", "8"), field("content-length", "9")])),
        one("a length beyond 64 bits", fields(&[field("content-length", "18446744073709551616")])),
        one("a negative length", fields(&[field("content-length", "-1")])),
        one("an encoding that was not asked for", fields(&[field("content-encoding", "br")])),
        one("a header of 15 KB", fields(&[field("x", [b'y'; 15_000])])),
        one("1000 headers", fields(&[field("x", "y").repeat(1000)])),
        one("10,000 mentions of one header of 4 KB", fields(&[kept(&[b'y'; 4000]), vec![0xbe; 10_000]])),
        one("a mention of a header that was not kept", fields(&[vec![0xbe]])),
        one("a mention of header 0", fields(&[vec![0x80]])),
        one("a number without end", fields(&[vec![0xff; 1000]])),
        one("a table of 4 GB", [integer(0x20, 5, u32::MAX as usize), fields(&[])].concat()),
        one("a table that changes after the fields", fields(&[vec![0x20]])),
        one("Huffman codes of nothing", fields(&[[&[0x00, 0x84][..], &[0xff; 4], &[0x01, b'y']].concat()])),
        one("a text longer than the head", fields(&[vec![0x00, 0x7f, 0xff, 0x01, b'x']])),
        one("a head of no fields", vec![]),
        case("a head in 2000 parts", Open, |s| {
            let bytes = fields(&[field("x", [b'y'; 2000])]);
            let parts: Vec<Vec<u8>> = bytes.iter().map(|byte| frame(CONTINUATION, 0, s, [*byte])).collect();
            let end = frame(CONTINUATION, END_HEADERS, s, "");
            vec![frame(HEADERS, 0, s, ""), parts.concat(), end, half(s), rest(s)]
        }),
        case("a head in 3 parts", Open, |s| {
            let bytes = fields(&[]);
            let (first, last) = bytes.split_at(5);
            let middle = frame(CONTINUATION, 0, s, "");
            vec![frame(HEADERS, 0, s, first), middle, frame(CONTINUATION, END_HEADERS, s, last), half(s), rest(s)]
        }),
        case("a head of 10 MB in parts", Open, |s| {
            let part = frame(CONTINUATION, 0, s, field("x", [b'y'; 16_000]));
            vec![frame(HEADERS, 0, s, OK), part.repeat(640), frame(CONTINUATION, END_HEADERS, s, ""), half(s), rest(s)]
        }),
        case("a part of a head without a head", Open, |s| vec![frame(CONTINUATION, END_HEADERS, s, OK)]),
        case("a part of another stream's head", Open, |s| {
            vec![frame(HEADERS, 0, s, OK), frame(CONTINUATION, END_HEADERS, s + 2, "")]
        }),
        case("data between the parts of a head", Open, |s| vec![frame(HEADERS, 0, s, OK), half(s)]),
        case("the end between the parts of a head", Close, |s| vec![frame(HEADERS, 0, s, OK)]),
        case("1000 early hints", Open, |s| {
            vec![frame(HEADERS, END_HEADERS, s, field(":status", "103")).repeat(1000), head(s), half(s), rest(s)]
        }),
        case("an early hint that is the end", Open, |s| {
            vec![frame(HEADERS, END_HEADERS | END_STREAM, s, field(":status", "103"))]
        }),
        case("204 with a body", Open, |s| vec![frame(HEADERS, END_HEADERS, s, [0x89]), half(s), rest(s)]),
        case("a redirect", Open, |s| {
            let to = field("location", "https://evil.example.com/?token=hush");
            vec![frame(HEADERS, END_HEADERS | END_STREAM, s, [field(":status", "302"), to].concat())]
        }),
        case("a head that depends on its own stream", Open, |s| {
            let priority = [&s.to_be_bytes()[..], &[0], &fields(&[])].concat();
            vec![frame(HEADERS, 0x20 | END_HEADERS, s, priority), half(s), rest(s)]
        }),
    ];
    assert_table("heads", &table(cases).await);
}
