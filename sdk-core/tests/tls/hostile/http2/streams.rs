//! Streams that end too early, too late, or for a stated reason.

use super::*;

#[tokio::test]
async fn streams_that_end() {
    use Then::{Close, End, Open};
    let codes = [
        ("NO_ERROR", 0),
        ("PROTOCOL_ERROR", 1),
        ("INTERNAL_ERROR", 2),
        ("REFUSED_STREAM", 7),
        ("CANCEL", 8),
        ("ENHANCE_YOUR_CALM", 11),
        ("HTTP_1_1_REQUIRED", 13),
        ("an unknown code", 0xdead_beef),
    ];
    let mut cases = vec![
        case("a sound response", Open, |s| vec![head(s), half(s), rest(s)]),
        case("a head alone", Open, |s| vec![frame(HEADERS, END_HEADERS | END_STREAM, s, fields(&[]))]),
        case("no body in spite of its length", Open, |s| {
            vec![frame(HEADERS, END_HEADERS | END_STREAM, s, fields(&[field("content-length", "8")]))]
        }),
        case("a body shorter than announced", Open, |s| vec![head_with(s, "content-length", "9"), half(s), rest(s)]),
        case("a body longer than announced", Open, |s| vec![head_with(s, "content-length", "7"), half(s), rest(s)]),
        stall("no answer", Open, |_| vec![]),
        case("a body that stalls", Open, |s| vec![head(s), half(s)]),
        case("closed before the head", Close, |_| vec![]),
        case("closed in the body", Close, |s| vec![head(s), half(s)]),
        case("closed in the body, and said so", End, |s| vec![head(s), half(s)]),
        case("closed after the body", Close, |s| vec![head(s), half(s), rest(s)]),
        case("data before the head", Open, |s| vec![half(s), rest(s)]),
        case("data after the end", Open, |s| vec![head(s), half(s), rest(s), rest(s)]),
        case("data of a stream that was never opened", Open, |s| vec![half(s + 2)]),
        case("data of no stream", Open, |_| vec![half(0)]),
        case("data of an even stream", Open, |_| vec![half(2)]),
        case("a head for a stream that was never opened", Open, |s| vec![head(s + 2)]),
        case("a second head after the end", Open, |s| vec![head(s), half(s), rest(s), head(s)]),
        case("a second head in the body", Open, |s| vec![head(s), half(s), head(s), rest(s)]),
        case("trailers", Open, |s| {
            vec![head(s), half(s), frame(HEADERS, END_HEADERS | END_STREAM, s, field("x-more", "1"))]
        }),
        case("trailers with a status", Open, |s| {
            vec![head(s), half(s), frame(HEADERS, END_HEADERS | END_STREAM, s, OK)]
        }),
        case("padding", Open, |s| vec![head(s), frame(DATA, PADDED | END_STREAM, s, b"\x02a,b\n\0\0")]),
        case("more padding than data", Open, |s| vec![head(s), frame(DATA, PADDED | END_STREAM, s, b"\x09a,b\n")]),
        case("GOAWAY that spares the stream", Open, |s| vec![goaway(s, 0, b""), head(s), half(s), rest(s)]),
        case("GOAWAY that spares the stream, and the end", Close, |s| vec![goaway(s, 0, b""), head(s), half(s)]),
        case("GOAWAY before the head, the stream unseen", Open, |_| vec![goaway(0, 0, b"")]),
        case("GOAWAY in the body, as if the stream were unseen", Open, |s| vec![head(s), half(s), goaway(0, 0, b"")]),
        case("GOAWAY for an error in the body", Open, |s| vec![head(s), half(s), goaway(s, 2, b"hush")]),
        case("GOAWAY whose last stream grows", Open, |s| vec![goaway(s, 0, b""), goaway(s + 2, 0, b"")]),
        case("GOAWAY with 16 KB of text", Open, |_| vec![goaway(0, 11, &[b'x'; 16_000])]),
        case("GOAWAY on a stream", Open, |s| vec![frame(GOAWAY, 0, s, [0; 8])]),
    ];
    for (name, code) in codes {
        cases.push(case(leak("reset before the head", name), Open, move |s| vec![reset(s, code)]));
        cases.push(case(leak("reset in the body", name), Open, move |s| vec![head(s), half(s), reset(s, code)]));
    }
    assert_table("streams", &table(cases).await);
}

fn leak(what: &str, of: &str) -> &'static str {
    Box::leak(format!("{what}: {of}").into_boxed_str())
}
