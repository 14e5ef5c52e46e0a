//! Pagination against a server on a loopback socket that records requests.
#![allow(clippy::unwrap_used, missing_docs)]

mod broken;
mod changes;
mod lists;
mod prefetch;
mod raw;
mod server;

use cloud_billing_core::paginate::{Layout, Position};
use cloud_billing_core::{Core, ErrorKind, Items, Operation, Pages, Paginate, Request, ResumeToken};

use lists::{BY_CURSOR, ByCursor, ByNumber, CursorPage};
use server::Server;

/// Three pages with cursors, the second one empty. The links have all known forms.
fn three_pages(target: &str) -> (u16, String) {
    let body = match target {
        "/things" => r#"{"count":99,"items":[1,2],"next":{"href":"/v4/things?_limit=2&_start=two"}}"#,
        "/things?_start=two" => r#"{"items":[],"next":{"href":"http://127.0.0.1:1/never?_start=a%2Fb","offset":"no"}}"#,
        "/things?_start=a%2Fb" => r#"{"items":[3,4,5],"next":{"href":"/v4/things?_limit=2","offset":"last"}}"#,
        "/things?_start=last" => r#"{"items":[6],"next":null}"#,
        _ => return (404, "{}".to_owned()),
    };
    (200, body.to_owned())
}

#[tokio::test]
async fn cursors_come_from_links_or_beside_them() {
    for prefetch in [0, 1, 5] {
        let server = Server::start(three_pages).await;
        let items = Items::new(ByCursor(server.core())).prefetch(prefetch).collect_all(100).await.unwrap();
        assert_eq!(items, [1, 2, 3, 4, 5, 6]);
        let expected = ["/things", "/things?_start=two", "/things?_start=a%2Fb", "/things?_start=last"];
        assert_eq!(server.seen(), expected);
    }
}

#[tokio::test]
async fn pages_show_the_empty_one() {
    let server = Server::start(three_pages).await;
    let mut pages = Pages::new(ByCursor(server.core()));
    let mut counts = Vec::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        assert_eq!(page.status(), 200);
        counts.push(page.items.len());
    }
    assert_eq!(counts, [2, 0, 3, 1]);
    assert_eq!(pages.resume_token(), None);
    assert!(pages.next().await.is_none(), "the end stays the end");
}

#[tokio::test]
async fn a_repeated_cursor_is_an_error_that_names_it() {
    let server = Server::start(|target| {
        let next = if target.ends_with("=a") { "b" } else { "a" };
        (200, format!(r#"{{"items":[1],"next":{{"offset":"{next}"}}}}"#))
    })
    .await;
    let mut items = Items::new(ByCursor(server.core()));
    // The page with the repeated cursor is still returned.
    for _ in 0..3 {
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
    }
    let error = items.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("the cursor `a` a second time"), "{error}");
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn pagination_goes_on_from_its_resume_token() {
    let server = Server::start(three_pages).await;
    let all = [1, 2, 3, 4, 5, 6];
    for taken in 0..=all.len() {
        let mut first = Items::new(ByCursor(server.core()));
        let mut seen = Vec::new();
        for _ in 0..taken {
            seen.push(first.next().await.unwrap().unwrap());
        }
        let text = first.resume_token().map(|token| token.to_string());
        drop(first);
        // In another process: only the text and the same call.
        if let Some(text) = text {
            let token: ResumeToken = text.parse().unwrap();
            let rest = Items::new(ByCursor(server.core())).resume(token).unwrap();
            seen.extend(rest.collect_all(100).await.unwrap());
        }
        assert_eq!(seen, all, "after {taken}");
    }
}

#[tokio::test]
async fn pages_go_on_from_their_resume_token() {
    let server = Server::start(three_pages).await;
    let mut first = Pages::new(ByCursor(server.core()));
    first.next().await.unwrap().unwrap();
    first.next().await.unwrap().unwrap();
    let token = first.resume_token().unwrap();
    let mut rest = Pages::new(ByCursor(server.core())).resume(token.clone()).unwrap();
    assert_eq!(rest.next().await.unwrap().unwrap().items.as_slice(), [3, 4, 5]);
    let other = Pages::new(ByNumber(server.core())).resume(token).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::InvalidRequest);
}

/// A token says where its pages go on, in the way of the list.
#[tokio::test]
async fn a_token_of_another_style_of_pages_is_refused() {
    let server = Server::start(three_pages).await;
    let token = |operation: &str, position: &str| -> ResumeToken {
        format!(r#"{{"version":2,"operation":"{operation}"{position}}}"#).parse().unwrap()
    };
    let by_number = |position| Items::new(ByNumber(server.core())).resume(token("listByNumber", position)).map(drop);
    let by_cursor = |position| Items::new(ByCursor(server.core())).resume(token("listByCursor", position)).map(drop);
    assert!(by_number(r#","page":2"#).is_ok() && by_cursor(r#","cursor":"a""#).is_ok() && by_cursor("").is_ok());
    for refused in [by_number(r#","cursor":"a""#), by_number(""), by_cursor(r#","page":2"#)] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains("the resume token cannot be used: the pages of `listBy"), "{error}");
    }
    let pages = Pages::new(ByNumber(server.core())).resume(token("listByNumber", "")).unwrap_err();
    assert_eq!(pages.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn after_an_error_pagination_stands_at_the_page_that_failed() {
    let server =
        Server::start(|target| if target.ends_with("=last") { (400, "{}".into()) } else { three_pages(target) });
    let server = server.await;
    let mut items = Items::new(ByCursor(server.core()));
    let mut seen = Vec::new();
    let error = loop {
        match items.next().await.unwrap() {
            Ok(item) => seen.push(item),
            Err(error) => break error,
        }
    };
    assert_eq!((error.status(), seen.as_slice()), (Some(400), [1, 2, 3, 4, 5].as_slice()));
    assert!(items.next().await.is_none());
    let token = items.resume_token().unwrap();
    assert_eq!(token.to_string(), r#"{"version":2,"operation":"listByCursor","cursor":"last"}"#);
    let healthy = Server::start(three_pages).await;
    let rest = Items::new(ByCursor(healthy.core())).resume(token).unwrap();
    assert_eq!(rest.collect_all(10).await.unwrap(), [6]);
}

/// Page numbers: two items per page of a list of `items`, with or without links.
fn numbered(items: usize, links: bool) -> impl Fn(&str) -> (u16, String) + Send + Sync + 'static {
    move |target| {
        let page: usize = target.rsplit('=').next().unwrap().parse().unwrap();
        let all: Vec<String> = (0..items).map(|item| format!("\"i{item}\"")).collect();
        let here: Vec<String> = all.iter().skip((page - 1) * 2).take(2).cloned().collect();
        let next = if page * 2 < items { r#",{"rel":"http://mms.mongodb.com/next"}"# } else { "" };
        let links = if links { format!(r#","links":[{{"rel":"self"}}{next}]"#) } else { String::new() };
        (200, format!(r#"{{"results":[{}]{links}}}"#, here.join(",")))
    }
}

#[tokio::test]
async fn numbered_pages_end_without_links_and_with() {
    // (items, links, requests): without links, a full last page requires one more request to find the end.
    for (items, links, requests) in
        [(5, false, 3), (4, false, 3), (0, false, 1), (5, true, 3), (4, true, 2), (0, true, 1)]
    {
        let server = Server::start(numbered(items, links)).await;
        let listed = Items::new(ByNumber(server.core())).prefetch(0).collect_all(100).await.unwrap();
        let expected: Vec<String> = (0..items).map(|item| format!("i{item}")).collect();
        assert_eq!(listed, expected);
        assert_eq!(server.seen().len(), requests, "{items} items, links: {links}");
    }
}

/// A list whose own code panics with a secret in its message.
#[derive(Clone)]
struct Panics(Core);

impl Paginate for Panics {
    type Page = CursorPage;
    type Item = i32;
    fn operation(&self) -> &'static Operation {
        &BY_CURSOR
    }
    fn layout(&self) -> Layout {
        ByCursor(self.0.clone()).layout()
    }
    fn core(&self) -> &Core {
        &self.0
    }
    fn start(&self) -> Position {
        Position::First
    }
    fn request_at(&self, _: &Position) -> Request {
        panic!("the token is hush")
    }
}

#[tokio::test]
async fn a_panic_while_a_page_is_fetched_is_an_error_without_its_text() {
    let server = Server::start(three_pages).await;
    let mut pages = Pages::new(Panics(server.core()));
    let error = pages.next().await.unwrap().err().unwrap();
    let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    assert!(shown.contains("panicked") && shown.contains("listByCursor") && !shown.contains("hush"), "{shown}");
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn collecting_has_a_limit() {
    let server = Server::start(three_pages).await;
    let error = Items::new(ByCursor(server.core())).collect_all(5).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    assert_eq!(Items::new(ByCursor(server.core())).collect_all(6).await.unwrap().len(), 6);
}
