//! Walks over lists in pages, against a server on a loopback socket that is asked what it has seen.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use sdk_core::paginate::{CursorAt, Next, Position, leads_on};
use sdk_core::{
    Continuation, Core, ErrorKind, Items, List, Method, Operation, Pages, Paginate, Request, RetryPolicy, Service,
};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const SERVICE: Service = Service::new("test-billing", "https://billing.example.com");
const BY_CURSOR: Operation = Operation::new("listByCursor", Method::Get, "/things").success(&[200]);
const BY_NUMBER: Operation = Operation::new("listByNumber", Method::Get, "/things").success(&[200]);

#[derive(Clone)]
struct ByCursor(Core);

#[derive(Deserialize)]
struct CursorPage {
    #[serde(default)]
    items: List<u32>,
    #[serde(default)]
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: Option<String>,
    offset: Option<String>,
    rel: Option<String>,
}

impl Paginate for ByCursor {
    type Page = CursorPage;
    type Item = u32;
    const OPERATION: &'static Operation = &BY_CURSOR;
    const CURSOR: Option<CursorAt> =
        Some(CursorAt { parameter: "_start", object: "next", href: "href", token: "offset" });
    fn core(&self) -> &Core {
        &self.0
    }
    fn start(&self) -> Position {
        Position::First
    }
    fn request_at(&self, position: &Position) -> Request {
        let mut request = Request::new(&BY_CURSOR);
        if let Position::Cursor(cursor) = position {
            request.query("_start", cursor);
        }
        request
    }
    fn next(page: &CursorPage) -> Next<'_> {
        let next = page.next.as_ref();
        Next::Cursor {
            parameter: "_start",
            href: next.and_then(|next| next.href.as_deref()),
            token: next.and_then(|next| next.offset.as_deref()),
        }
    }
    fn count(page: &CursorPage) -> usize {
        page.items.len()
    }
    fn items(page: CursorPage) -> Vec<u32> {
        page.items.into_vec()
    }
}

#[derive(Clone)]
struct ByNumber(Core);

#[derive(Deserialize)]
struct NumberPage {
    results: List<String>,
    #[serde(default)]
    links: List<Link>,
}

impl Paginate for ByNumber {
    type Page = NumberPage;
    type Item = String;
    const OPERATION: &'static Operation = &BY_NUMBER;
    fn core(&self) -> &Core {
        &self.0
    }
    fn start(&self) -> Position {
        Position::Number(1)
    }
    fn request_at(&self, position: &Position) -> Request {
        let mut request = Request::new(&BY_NUMBER);
        if let Position::Number(number) = position {
            request.query("page", &i64::try_from(*number).unwrap());
        }
        request
    }
    fn page_size(&self) -> Option<u64> {
        Some(2)
    }
    fn next(page: &NumberPage) -> Next<'_> {
        Next::Link(leads_on(page.links.iter().map(|link| link.rel.as_deref())))
    }
    fn count(page: &NumberPage) -> usize {
        page.results.len()
    }
    fn items(page: NumberPage) -> Vec<String> {
        page.results.into_vec()
    }
    fn id(item: &String) -> Option<&str> {
        Some(item)
    }
}

/// What the server answers to a request target.
type Answer = Arc<dyn Fn(&str) -> (u16, String) + Send + Sync>;

/// A server that answers by a function and can hold answers back until so many requests have come.
struct Server {
    url: String,
    seen: watch::Receiver<Vec<String>>,
    /// How many connections the client has closed in the middle of a request.
    given_up: watch::Receiver<usize>,
}

impl Server {
    async fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::holding(answer, |_| 0).await
    }

    /// `hold` says, by target, how many requests must have come before the answer goes out.
    async fn holding(
        answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
        hold: impl Fn(&str) -> usize + Send + Sync + 'static,
    ) -> Self {
        Self::serve(answer, hold, None).await
    }

    /// `remaining` is what every answer says that the rate limit leaves.
    async fn serve(
        answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
        hold: impl Fn(&str) -> usize + Send + Sync + 'static,
        remaining: Option<u64>,
    ) -> Self {
        let quota = remaining.map(|remaining| format!("ratelimit-remaining: {remaining}\r\n")).unwrap_or_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, seen) = watch::channel(Vec::new());
        let (gone, given_up) = watch::channel(0);
        let (sender, gone, hold) = (Arc::new(sender), Arc::new(gone), Arc::new(hold));
        let answer: Answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (sender, gone, hold, answer) = (sender.clone(), gone.clone(), hold.clone(), answer.clone());
                let quota = quota.clone();
                tokio::spawn(async move {
                    while let Some(target) = read_target(&mut socket).await {
                        sender.send_modify(|seen| seen.push(target.clone()));
                        let enough = hold(&target);
                        let mut seen = sender.subscribe();
                        let held = async { seen.wait_for(|seen| seen.len() >= enough).await.map(drop) };
                        let mut byte = [0];
                        tokio::select! {
                            biased;
                            held = held => held.unwrap(),
                            _ = socket.read(&mut byte) => return gone.send_modify(|count| *count += 1),
                        }
                        let (status, body) = answer(&target);
                        let head = format!(
                            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{quota}content-length: {}\r\n\r\n",
                            body.len()
                        );
                        if socket.write_all(format!("{head}{body}").as_bytes()).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { url, seen, given_up }
    }

    fn core(&self) -> Core {
        Core::builder(&SERVICE).base_url(&self.url).no_credential().retry(RetryPolicy::none()).build().unwrap()
    }

    fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }

    async fn wait_for(&self, requests: usize) {
        self.seen.clone().wait_for(|seen| seen.len() >= requests).await.unwrap();
    }
}

async fn read_target(socket: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(bytes).unwrap().split(' ').nth(1).map(str::to_owned)
}

/// Three pages by cursor, the second empty; the links are of all the kinds that occur.
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
    assert_eq!(pages.continuation(), None);
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
    // The page that sends it is still good.
    for _ in 0..3 {
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
    }
    let error = items.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("the cursor `a` a second time"), "{error}");
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn a_walk_goes_on_from_its_continuation() {
    let server = Server::start(three_pages).await;
    let all = [1, 2, 3, 4, 5, 6];
    for taken in 0..=all.len() {
        let mut first = Items::new(ByCursor(server.core()));
        let mut seen = Vec::new();
        for _ in 0..taken {
            seen.push(first.next().await.unwrap().unwrap());
        }
        let text = first.continuation().map(|continuation| continuation.to_string());
        drop(first);
        // In another process: nothing but the text and the same call.
        if let Some(text) = text {
            let continuation: Continuation = text.parse().unwrap();
            let rest = Items::new(ByCursor(server.core())).resume(continuation).unwrap();
            seen.extend(rest.collect_all(100).await.unwrap());
        }
        assert_eq!(seen, all, "after {taken}");
    }
}

#[tokio::test]
async fn pages_go_on_from_their_continuation() {
    let server = Server::start(three_pages).await;
    let mut first = Pages::new(ByCursor(server.core()));
    first.next().await.unwrap().unwrap();
    first.next().await.unwrap().unwrap();
    let continuation = first.continuation().unwrap();
    let mut rest = Pages::new(ByCursor(server.core())).resume(continuation.clone()).unwrap();
    assert_eq!(rest.next().await.unwrap().unwrap().items.as_slice(), [3, 4, 5]);
    let other = Pages::new(ByNumber(server.core())).resume(continuation).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn after_an_error_the_walk_stands_at_the_page_that_failed() {
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
    let continuation = items.continuation().unwrap();
    assert_eq!(continuation.to_string(), r#"{"operation":"listByCursor","cursor":"last"}"#);
    let healthy = Server::start(three_pages).await;
    let rest = Items::new(ByCursor(healthy.core())).resume(continuation).unwrap();
    assert_eq!(rest.collect_all(10).await.unwrap(), [6]);
}

#[tokio::test]
async fn one_page_is_fetched_ahead_and_no_more() {
    let server = Server::start(three_pages).await;
    let mut pages = Pages::new(ByCursor(server.core()));
    assert!(server.seen().is_empty(), "nothing is sent before the walk is polled");
    for taken in 1..=3 {
        pages.next().await.unwrap().unwrap();
        // The next page is asked for although nobody polls.
        server.wait_for(taken + 1).await;
        assert_eq!(server.seen().len(), taken + 1);
    }
}

#[tokio::test]
async fn without_prefetch_a_page_is_asked_for_when_it_is_wanted() {
    let server = Server::start(three_pages).await;
    let mut pages = Pages::new(ByCursor(server.core())).prefetch(0);
    for taken in 1..=4 {
        pages.next().await.unwrap().unwrap();
        assert_eq!(server.seen().len(), taken);
    }
    assert!(pages.next().await.is_none());
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn dropping_the_walk_cancels_what_is_under_way() {
    let server = Server::holding(three_pages, |target| if target.ends_with("two") { usize::MAX } else { 0 }).await;
    let mut pages = Pages::new(ByCursor(server.core()));
    pages.next().await.unwrap().unwrap();
    server.wait_for(2).await;
    drop(pages);
    server.given_up.clone().wait_for(|count| *count == 1).await.unwrap();
}

/// A page with an item that takes as long to decode as the second page takes to be asked for.
#[derive(Clone)]
struct Slow(Core);

#[derive(Deserialize)]
struct SlowPage {
    #[serde(default)]
    items: List<u32>,
    next: Option<Link>,
    #[serde(rename = "padding")]
    _padding: Option<Waits>,
}

struct Waits;

/// Whether the second page has been asked for.
static ASKED: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

impl<'de> Deserialize<'de> for Waits {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer)?;
        let asked = ASKED.0.lock().unwrap();
        let (asked, _) = ASKED.1.wait_timeout_while(asked, Duration::from_secs(20), |asked| !*asked).unwrap();
        if *asked { Ok(Self) } else { Err(serde::de::Error::custom("the second page was not asked for")) }
    }
}

impl Paginate for Slow {
    type Page = SlowPage;
    type Item = u32;
    const OPERATION: &'static Operation = &BY_CURSOR;
    const CURSOR: Option<CursorAt> = ByCursor::CURSOR;
    fn core(&self) -> &Core {
        &self.0
    }
    fn start(&self) -> Position {
        Position::First
    }
    fn request_at(&self, position: &Position) -> Request {
        ByCursor(self.0.clone()).request_at(position)
    }
    fn next(page: &SlowPage) -> Next<'_> {
        let token = page.next.as_ref().and_then(|next| next.offset.as_deref());
        Next::Cursor { parameter: "_start", href: None, token }
    }
    fn count(page: &SlowPage) -> usize {
        page.items.len()
    }
    fn items(page: SlowPage) -> Vec<u32> {
        page.items.into_vec()
    }
}

/// On one thread, which the decoding must not take up.
#[tokio::test]
async fn the_next_page_is_asked_for_while_this_one_is_decoded() {
    let server = Server::start(|target| {
        if target == "/things" {
            let padding = "x".repeat(100_000);
            return (200, format!(r#"{{"items":[1],"padding":"{padding}","next":{{"offset":"two"}}}}"#));
        }
        *ASKED.0.lock().unwrap() = true;
        ASKED.1.notify_all();
        (200, r#"{"items":[2]}"#.to_owned())
    })
    .await;
    let items = Items::new(Slow(server.core())).collect_all(10).await.unwrap();
    assert_eq!(items, [1, 2]);
    assert_eq!(server.seen(), ["/things", "/things?_start=two"]);
}

/// A list whose early cursor is not the one that its pages turn out to have.
#[derive(Clone)]
struct Misleading(Core);

impl Paginate for Misleading {
    type Page = CursorPage;
    type Item = u32;
    const OPERATION: &'static Operation = &BY_CURSOR;
    const CURSOR: Option<CursorAt> =
        Some(CursorAt { parameter: "_start", object: "early", href: "href", token: "offset" });
    fn core(&self) -> &Core {
        &self.0
    }
    fn start(&self) -> Position {
        Position::First
    }
    fn request_at(&self, position: &Position) -> Request {
        ByCursor(self.0.clone()).request_at(position)
    }
    fn next(page: &CursorPage) -> Next<'_> {
        ByCursor::next(page)
    }
    fn count(page: &CursorPage) -> usize {
        page.items.len()
    }
    fn items(page: CursorPage) -> Vec<u32> {
        page.items.into_vec()
    }
}

#[tokio::test]
async fn the_decoded_page_has_the_last_word() {
    // The second page seems to be `wrong`, and after the third there seems to be one.
    let server = Server::start(|target| {
        let body = match target {
            "/things" => r#"{"items":[1],"next":{"offset":"two"},"early":{"offset":"wrong"}}"#,
            "/things?_start=two" => r#"{"items":[2],"next":{"offset":"wrong"},"early":{"offset":"wrong"}}"#,
            "/things?_start=wrong" => r#"{"items":[3],"early":{"offset":"four"}}"#,
            _ => return (500, "{}".to_owned()),
        };
        (200, body.to_owned())
    })
    .await;
    for prefetch in [0, 1, 4] {
        let items = Items::new(Misleading(server.core())).prefetch(prefetch).collect_all(100).await.unwrap();
        assert_eq!(items, [1, 2, 3], "prefetch {prefetch}");
    }
}

/// Cursors from 0 on, without an end.
fn endless(target: &str) -> (u16, String) {
    let page: u32 = target.split('=').nth(1).map_or(0, |page| page.parse().unwrap());
    (200, format!(r#"{{"items":[{page}],"next":{{"offset":"{}"}}}}"#, page + 1))
}

#[tokio::test]
async fn pages_by_cursor_are_no_further_ahead_than_was_set() {
    for prefetch in [1, 3] {
        let server = Server::start(endless).await;
        let mut pages = Pages::new(ByCursor(server.core())).prefetch(prefetch);
        for taken in 1..=20 {
            assert_eq!(pages.next().await.unwrap().unwrap().items.as_slice(), [taken - 1]);
            let taken = taken as usize;
            server.wait_for(taken + 1).await;
            assert!(server.seen().len() <= taken + prefetch, "{} after page {taken}", server.seen().len());
        }
    }
}

#[tokio::test]
async fn without_room_a_page_by_cursor_is_asked_for_when_it_is_wanted() {
    let server = Server::serve(endless, |_| 0, Some(0)).await;
    let mut pages = Pages::new(ByCursor(server.core())).prefetch(3);
    for taken in 1..=5 {
        pages.next().await.unwrap().unwrap();
        assert_eq!(server.seen().len(), taken);
    }
}

/// Numbered pages of two, of a list of `items`, with or without links.
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
    // (items, links, requests): a full last page without links takes one more request to find the end.
    for (items, links, requests) in
        [(5, false, 3), (4, false, 3), (0, false, 1), (5, true, 3), (4, true, 2), (0, true, 1)]
    {
        let server = Server::start(numbered(items, links)).await;
        let walked = Items::new(ByNumber(server.core())).prefetch(0).collect_all(100).await.unwrap();
        let expected: Vec<String> = (0..items).map(|item| format!("i{item}")).collect();
        assert_eq!(walked, expected);
        assert_eq!(server.seen().len(), requests, "{items} items, links: {links}");
    }
}

#[tokio::test]
async fn several_numbered_pages_at_once_keep_their_order() {
    // The second page is held until the fifth has been asked for; so four are under way together, and the first is last.
    let hold = |target: &str| if target.ends_with("page=2") { 5 } else { 0 };
    let server = Server::holding(numbered(15, true), hold).await;
    let walked = Items::new(ByNumber(server.core())).prefetch(3).collect_all(100).await.unwrap();
    let expected: Vec<String> = (0..15).map(|item| format!("i{item}")).collect();
    assert_eq!(walked, expected);
}

#[tokio::test]
async fn the_first_numbered_page_is_asked_for_alone() {
    let server = Server::start(numbered(2, true)).await;
    let walked = Items::new(ByNumber(server.core())).prefetch(8).collect_all(100).await.unwrap();
    assert_eq!((walked.len(), server.seen().len()), (2, 1), "a list of one page costs one request");
}

#[tokio::test]
async fn no_more_pages_are_under_way_than_the_rate_limit_leaves() {
    for (remaining, ahead) in [(0, 0), (1, 1), (2, 2), (100, 8)] {
        let server = Server::serve(numbered(40, true), |_| 0, Some(remaining)).await;
        let mut pages = Pages::new(ByNumber(server.core())).prefetch(8);
        for taken in 1..=10 {
            pages.next().await.unwrap().unwrap();
            server.wait_for(taken + ahead).await;
            assert_eq!(server.seen().len(), taken + ahead, "{remaining} remain, after page {taken}");
        }
        drop(pages);
        let walked = Items::new(ByNumber(server.core())).prefetch(8).collect_all(100).await.unwrap();
        assert_eq!(walked.len(), 40, "the limit slows the walk and does not end it");
    }
}

/// A walk whose own code panics, quoting something that nobody should read.
#[derive(Clone)]
struct Panics(Core);

impl Paginate for Panics {
    type Page = CursorPage;
    type Item = u32;
    const OPERATION: &'static Operation = &BY_CURSOR;
    fn core(&self) -> &Core {
        &self.0
    }
    fn start(&self) -> Position {
        Position::First
    }
    fn request_at(&self, _: &Position) -> Request {
        panic!("the token is hush")
    }
    fn next(_: &CursorPage) -> Next<'_> {
        Next::Link(None)
    }
    fn count(page: &CursorPage) -> usize {
        page.items.len()
    }
    fn items(page: CursorPage) -> Vec<u32> {
        page.items.into_vec()
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
async fn items_that_shift_can_be_dropped() {
    let server = Server::start(|target| {
        let results = match target.rsplit('=').next().unwrap() {
            "1" => r#"["a","b"]"#,
            "2" => r#"["b","c"]"#,
            _ => "[]",
        };
        (200, format!(r#"{{"results":{results}}}"#))
    })
    .await;
    let all = Items::new(ByNumber(server.core())).collect_all(10).await.unwrap();
    assert_eq!(all, ["a", "b", "b", "c"]);
    let distinct = Items::new(ByNumber(server.core())).distinct().collect_all(10).await.unwrap();
    assert_eq!(distinct, ["a", "b", "c"]);
}

#[tokio::test]
async fn collecting_has_a_limit() {
    let server = Server::start(three_pages).await;
    let error = Items::new(ByCursor(server.core())).collect_all(5).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    assert_eq!(Items::new(ByCursor(server.core())).collect_all(6).await.unwrap().len(), 6);
}
