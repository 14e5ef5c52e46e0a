//! Pagination with pages that are not decoded.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cloud_billing_core::{Error, ErrorKind, Items, Pages, RawPages, ResumeToken, RetryPolicy, Stream};
use serde::Deserialize;

use crate::lists::{ByCursor, ByNumber};
use crate::server::Server;
use crate::{numbered, three_pages};

#[derive(Deserialize)]
struct Numbers {
    #[serde(default)]
    items: Vec<i32>,
}

#[derive(Deserialize)]
struct Texts<'a> {
    #[serde(borrow)]
    results: Vec<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

async fn numbers(mut pages: RawPages<ByCursor>) -> Vec<i32> {
    let mut all = Vec::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        assert_eq!(page.status(), 200);
        all.extend(page.view::<Numbers>().unwrap().items);
    }
    assert!(pages.next().await.is_none() && pages.resume_token().is_none());
    all
}

#[tokio::test]
async fn raw_pages_have_the_items_of_typed_ones_for_the_same_requests() {
    for prefetch in [0, 1, 5] {
        let server = Server::start(three_pages).await;
        assert_eq!(numbers(Pages::new(ByCursor(server.core())).prefetch(prefetch).raw()).await, [1, 2, 3, 4, 5, 6]);
        let expected = ["/things", "/things?_start=two", "/things?_start=a%2Fb", "/things?_start=last"];
        assert_eq!(server.seen(), expected);
    }
}

/// The cursor is found wherever it is in the JSON, and similar text is not mistaken for it.
#[tokio::test]
async fn a_cursor_far_from_the_end_of_the_page_is_found() {
    let server = Server::start(|target| {
        let padding = "x".repeat(100_000);
        let body = match target {
            "/things" => format!(r#"{{"next":{{"offset":"two"}},"padding":"{padding}","items":[1]}}"#),
            "/things?_start=two" => {
                format!(r#"{{"n\u0065xt":{{"offset":"three"}},"items":[2],"padding":["{padding}"]}}"#)
            }
            _ => r#"{"items":[3],"last":{"next":{"offset":"no"}}}"#.to_owned(),
        };
        (200, body)
    })
    .await;
    assert_eq!(numbers(Pages::new(ByCursor(server.core())).raw()).await, [1, 2, 3]);
    assert_eq!(server.seen(), ["/things", "/things?_start=two", "/things?_start=three"]);
}

#[tokio::test]
async fn raw_numbered_pages_end_where_typed_ones_do() {
    for (items, links) in [(5, false), (4, false), (0, false), (1, false), (5, true), (4, true), (0, true), (1, true)] {
        let server = Server::start(numbered(items, links)).await;
        let mut typed = Pages::new(ByNumber(server.core())).prefetch(0);
        while typed.try_next().await.unwrap().is_some() {}
        let requests = server.seen();
        let mut pages = Pages::new(ByNumber(server.core())).prefetch(0).raw();
        let mut all = Vec::new();
        while let Some(page) = pages.try_next().await.unwrap() {
            let page: Texts<'_> = page.view().unwrap();
            all.extend(page.results.into_iter().map(|text| text.0.into_owned()));
        }
        let expected: Vec<String> = (0..items).map(|item| format!("i{item}")).collect();
        assert_eq!(all, expected);
        assert_eq!(server.seen(), [requests.clone(), requests].concat(), "{items} items, links: {links}");
    }
}

/// `null` among the items does not count, and neither do other arrays.
#[tokio::test]
async fn the_items_of_a_raw_page_are_counted_as_the_list_does() {
    for (results, requests) in [(r#"[null,"a",null]"#, 1), (r#"["a",null,"b"]"#, 2), ("null", 1), ("[null,null]", 1)] {
        let server = Server::start(move |target| {
            let results = if target.ends_with("page=1") { results } else { "[]" };
            (200, format!(r#"{{"longer":["one","two","three","four"],"results":{results},"other":[]}}"#))
        })
        .await;
        let mut pages = Pages::new(ByNumber(server.core())).prefetch(0).raw();
        while pages.try_next().await.unwrap().is_some() {}
        assert_eq!(server.seen().len(), requests, "{results}");
    }
}

#[tokio::test]
async fn a_repeated_cursor_ends_pagination_of_raw_pages() {
    let server = Server::start(|target| {
        let next = if target.ends_with("=a") { "b" } else { "a" };
        (200, format!(r#"{{"items":[1],"next":{{"offset":"{next}"}}}}"#))
    })
    .await;
    let mut pages = Pages::new(ByCursor(server.core())).raw();
    for _ in 0..3 {
        pages.next().await.unwrap().unwrap();
    }
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("the cursor `a` a second time"), "{error}");
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn raw_and_decoded_pages_go_on_where_the_other_stood() {
    let server = Server::start(three_pages).await;
    let mut typed = Pages::new(ByCursor(server.core()));
    typed.next().await.unwrap().unwrap();
    let text = typed.resume_token().unwrap().to_string();
    // In the same process, and in another one.
    assert_eq!(numbers(typed.raw()).await, [3, 4, 5, 6]);
    let mut raw = Pages::new(ByCursor(server.core())).raw().resume(text.parse::<ResumeToken>().unwrap()).unwrap();
    raw.next().await.unwrap().unwrap();
    let mut rest = Pages::new(ByCursor(server.core())).resume(raw.resume_token().unwrap()).unwrap();
    assert_eq!(rest.next().await.unwrap().unwrap().items.as_slice(), [3, 4, 5]);
    let other = Pages::new(ByNumber(server.core())).raw().resume(raw.resume_token().unwrap()).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::InvalidRequest);
    // After the end there are no items.
    let mut ended = Pages::new(ByCursor(server.core()));
    while ended.try_next().await.unwrap().is_some() {}
    assert!(ended.raw().next().await.is_none());
}

/// JSON that is truncated within a complete body: before the cursor, within it and after it.
#[tokio::test]
async fn a_raw_page_that_is_cut_off_is_fetched_again() {
    let whole = r#"{"next":{"offset":"early"},"items":[1,2],"next_url":"no"}"#;
    let last = r#"{"items":[3]}"#;
    for cut in [1, 10, 27, whole.len() - 1] {
        let struck = AtomicUsize::new(0);
        let server = Server::start(move |target| {
            let body = if target == "/things" { whole } else { last };
            let cut = if struck.fetch_add(1, Ordering::SeqCst) == 0 { cut } else { body.len() };
            (200, body[..cut].to_owned())
        })
        .await;
        let core = server.core_with(RetryPolicy::default());
        assert_eq!(numbers(Pages::new(ByCursor(core)).raw()).await, [1, 2, 3], "cut at {cut}");
        assert_eq!(server.seen(), ["/things", "/things", "/things?_start=early"]);
    }
}

#[tokio::test]
async fn a_view_that_does_not_fit_is_an_error_and_pagination_goes_on() {
    #[derive(Debug, Deserialize)]
    struct Page<'a> {
        #[serde(borrow)]
        results: Vec<&'a str>,
    }

    let second = AtomicBool::new(false);
    let server = Server::start(move |_| {
        let body =
            if second.fetch_or(true, Ordering::SeqCst) { r#"{"results":["c"]}"# } else { r#"{"results":["a","\"b"]}"# };
        (200, body.to_owned())
    })
    .await;
    let mut pages = Pages::new(ByNumber(server.core())).raw();
    let page = pages.next().await.unwrap().unwrap();
    // An escaped string cannot be borrowed, but copied.
    let error = page.view::<Page<'_>>().unwrap_err();
    assert_eq!((error.kind(), error.status(), error.operation()), (ErrorKind::Decode, Some(200), Some("listByNumber")));
    assert_eq!(error.path(), Some("results[1]"));
    assert_eq!(error.body().map(|body| &body[..]), Some(page.json().as_bytes()));
    let texts: Texts<'_> = page.view().unwrap();
    assert!(matches!(&texts.results[..], [Text(Cow::Borrowed("a")), Text(Cow::Owned(text))] if text == "\"b"));
    let page = pages.next().await.unwrap().unwrap();
    assert_eq!(page.view::<Page<'_>>().unwrap().results, ["c"]);
    assert!(pages.next().await.is_none());
}

/// A page without a list, or that is not JSON, is an error of the stream, as with decoded pages.
#[tokio::test]
async fn what_is_no_page_is_an_error_of_the_stream() {
    for (body, path) in [("[1]", None), (r#"{"items":7}"#, Some("items")), (r#"{"items":[1]}}"#, None)] {
        let server = Server::start(move |_| (200, body.to_owned())).await;
        let mut pages = Pages::new(ByCursor(server.core())).raw();
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, path), "{body}: {error}");
        assert!(error.body().is_some() && pages.next().await.is_none());
        assert!(pages.resume_token().is_some());
    }
}

#[tokio::test]
async fn a_page_with_an_odd_cursor_is_handed_out_before_the_error() {
    let server = Server::start(|_| (200, r#"{"items":[1],"next":{"offset":7}}"#.to_owned())).await;
    let mut pages = Pages::new(ByCursor(server.core())).raw();
    assert_eq!(pages.next().await.unwrap().unwrap().view::<Numbers>().unwrap().items, [1]);
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("the cursor `next.offset` is not a text"), "{error}");
    assert!(pages.next().await.is_none() && pages.resume_token().is_some());
}

/// What leads to the next page is there once, in whatever form the page is read.
#[tokio::test]
async fn two_next_pages_are_an_error_in_every_form() {
    let padding = format!(r#""padding":"{}""#, "x".repeat(20_000));
    let by_cursor = [
        r#"{"items":[1],"next":{"offset":"a"},"next":{"offset":"b"}}"#.to_owned(),
        r#"{"next":{"offset":"a"},"items":[1],"next":{"offset":"b"}}"#.to_owned(),
        r#"{"n\u0065xt":{"offset":"a"},"items":[1],"next":{"offset":"b"}}"#.to_owned(),
        r#"{"next":{"offset":"a"},"items":[1],"n\u0065xt":{"offset":"b"}}"#.to_owned(),
        format!(r#"{{"next":{{"offset":"a"}},{padding},"items":[1],"next":{{"offset":"b"}}}}"#),
        format!(r#"{{"next":{{"offset":"a"}},"items":[1],"next":{{"offset":"b"}},{padding}}}"#),
    ];
    for body in by_cursor {
        let page = body.clone();
        let server = Server::start(move |_| (200, page.clone())).await;
        let core = || server.core();
        let errors = [
            first_error(Items::new(ByCursor(core())).prefetch(0)).await,
            first_error(Pages::new(ByCursor(core())).prefetch(0)).await,
            first_error(Pages::new(ByCursor(core())).prefetch(0).raw()).await,
        ];
        assert_twice(&errors, &body);
    }
    for body in [
        r#"{"links":[{"rel":"next"}],"results":["a"],"links":[]}"#,
        r#"{"results":["a","b"],"links":[],"links":[{"rel":"next"}]}"#,
    ] {
        let server = Server::start(move |_| (200, body.to_owned())).await;
        let core = || server.core();
        let errors = [
            first_error(Items::new(ByNumber(core())).prefetch(0)).await,
            first_error(Pages::new(ByNumber(core())).prefetch(0)).await,
            first_error(Pages::new(ByNumber(core())).prefetch(0).raw()).await,
        ];
        assert_twice(&errors, body);
    }
}

/// The first error of the first few entries of a stream.
async fn first_error<T>(stream: impl Stream<Item = Result<T, Error>> + Unpin) -> Error {
    let mut stream = stream;
    for _ in 0..3 {
        match std::future::poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
            Some(Ok(_)) => {}
            Some(Err(error)) => return error,
            None => break,
        }
    }
    Error::new(ErrorKind::Io, "no error")
}

fn assert_twice(errors: &[Error], body: &str) {
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}: {}", &body[..60]);
        assert!(error.message().unwrap().contains("twice"), "{error}");
        assert!(error.body().is_some());
    }
}
