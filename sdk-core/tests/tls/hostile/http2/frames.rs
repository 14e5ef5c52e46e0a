//! Frames out of order, of the wrong size, and windows that are games.

use super::*;

#[tokio::test]
async fn frames_out_of_order() {
    use Then::{Close, Open};
    let cases = vec![
        raw("HTTP/1.1", Close, b"HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: 8\r\n\r\na,b\n1,2\n"),
        raw("the preface of a client", Close, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        raw("nothing", Close, b""),
        raw("half a frame", Close, &settings(&[])[..5]),
        raw("an answer without a hello", Close, &sound(1)),
        case("a frame of 16 MB", Close, |s| vec![head(s), frame(DATA, 0, s, vec![b' '; 0xff_ffff])]),
        case("a frame of 16,385 bytes", Close, |s| vec![head(s), frame(DATA, 0, s, vec![b' '; 16_385])]),
        case("a frame that announces 16 MB", Close, |s| vec![head(s), vec![0xff, 0xff, 0xff, DATA, 0, 0, 0, 0, 1]]),
        case("frames of unknown kinds", Open, |s| {
            vec![frame(0x0a, 0, s, "hush"), frame(0x0c, 0, 0, ""), frame(0xff, 0xff, s, [0; 100]), sound(s)]
        }),
        case("unknown flags", Open, |s| vec![frame(HEADERS, 0xd2 | END_HEADERS, s, fields(&[])), half(s), rest(s)]),
        case("PUSH_PROMISE", Open, |s| {
            vec![frame(PUSH_PROMISE, END_HEADERS, s, [&2u32.to_be_bytes(), OK].concat()), sound(s)]
        }),
        case("PRIORITY of a stream on itself", Open, |s| {
            vec![frame(PRIORITY, 0, s, [&s.to_be_bytes()[..], &[0]].concat()), sound(s)]
        }),
        case("PRIORITY of 4 bytes", Open, |s| vec![frame(PRIORITY, 0, s, [0; 4]), sound(s)]),
        case("PING of 7 bytes", Open, |s| vec![frame(PING, 0, 0, [0; 7]), sound(s)]),
        case("PING on a stream", Open, |s| vec![frame(PING, 0, s, [0; 8]), sound(s)]),
        case("an answer to no PING", Open, |s| vec![frame(PING, ACK, 0, [7; 8]), sound(s)]),
        case("RST_STREAM of 3 bytes", Open, |s| vec![frame(RST_STREAM, 0, s, [0; 3]), sound(s)]),
        case("RST_STREAM of no stream", Open, |s| vec![reset(0, 8), sound(s)]),
        case("RST_STREAM of a stream that was never opened", Open, |s| vec![reset(s + 2, 8), sound(s)]),
        case("an answer to no SETTINGS", Open, |s| {
            vec![frame(SETTINGS, ACK, 0, ""), frame(SETTINGS, ACK, 0, ""), sound(s)]
        }),
        case("an answer to SETTINGS with values", Open, |s| vec![frame(SETTINGS, ACK, 0, [0; 6]), sound(s)]),
        case("SETTINGS on a stream", Open, |s| vec![frame(SETTINGS, 0, s, ""), sound(s)]),
        case("SETTINGS of 5 bytes", Open, |s| vec![frame(SETTINGS, 0, 0, [0; 5]), sound(s)]),
        case("SETTINGS of unknown kinds", Open, |s| vec![settings(&[(0x99, 7), (0xffff, u32::MAX)]), sound(s)]),
        case("SETTINGS that let the client push", Open, |s| vec![settings(&[(2, 1)]), sound(s)]),
        case("SETTINGS with a flag of 2", Open, |s| vec![settings(&[(2, 2)]), sound(s)]),
        case("SETTINGS with frames of a byte", Open, |s| vec![settings(&[(5, 1)]), sound(s)]),
        case("SETTINGS with frames of 4 GB", Open, |s| vec![settings(&[(5, u32::MAX)]), sound(s)]),
        case("SETTINGS with a table of 4 GB", Open, |s| vec![settings(&[(1, u32::MAX)]), sound(s)]),
        case("SETTINGS with heads of a byte", Open, |s| vec![settings(&[(6, 1)]), sound(s)]),
        case("SETTINGS without streams", Open, |s| vec![settings(&[(3, 0)]), sound(s)]),
    ];
    assert_table("frames", &table(cases).await);
}

#[tokio::test]
async fn windows() {
    use Then::Open;
    const MOST: u32 = 0x7fff_ffff;
    let cases = vec![
        case("a window of nothing", Open, |s| vec![settings(&[(4, 0)]), sound(s)]),
        case("a window of 2^31", Open, |s| vec![settings(&[(4, MOST + 1)]), sound(s)]),
        case("a window of the greatest size", Open, |s| vec![settings(&[(4, MOST)]), sound(s)]),
        case("the window of the connection grows beyond 2^31", Open, |s| vec![window(0, MOST), sound(s)]),
        case("the window of the stream grows beyond 2^31", Open, |s| vec![window(s, MOST), sound(s)]),
        case("a setting makes the window of the stream too large", Open, |s| {
            vec![window(s, MOST - 100_000), settings(&[(4, MOST)]), sound(s)]
        }),
        case("the window of the connection grows by nothing", Open, |s| vec![window(0, 0), sound(s)]),
        case("the window of the stream grows by nothing", Open, |s| vec![window(s, 0), sound(s)]),
        case("the window of a stream that was never opened", Open, |s| vec![window(s + 2, 1), sound(s)]),
        case("the window of the stream, once it has ended", Open, |s| vec![sound(s), window(s, MOST)]),
        case("WINDOW_UPDATE of 3 bytes", Open, |s| vec![frame(WINDOW_UPDATE, 0, s, [0; 3]), sound(s)]),
        case("more padding than the window", Open, |s| {
            let padding = [&[255][..], &[0; 255]].concat();
            vec![head(s), frame(DATA, PADDED, s, padding).repeat(30_000), rest(s)]
        }),
    ];
    assert_table("windows", &table(cases).await);
}

/// A request that does not fit into the window waits for it, and no longer than its attempt. It may have had its effect.
#[tokio::test]
async fn windows_for_a_request() {
    const POST: Operation = Operation::new("post", Method::Post, "/things");
    let authority = Authority::new();
    let opened = [window(0, 1), window(1, 1)].concat();
    for then in [Then::Open, Then::Endless(opened)] {
        let case = stall("", then, |_| vec![settings(&[(4, 0)])]);
        let mut request = Request::new(&POST);
        request.json(&serde_json::Value::from("x".repeat(300_000)));
        let text = answer_with(&authority, case, AT_ONCE, request).await;
        assert_eq!(text, "Timeout: post: timed out: no answer within the attempt timeout of 500ms");
        figures::add(Figure::Hostile, 1);
    }
}
