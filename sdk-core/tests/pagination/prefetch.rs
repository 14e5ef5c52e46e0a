//! Prefetch: how far, when, and what is cancelled.

use cloud_billing_core::{Items, Pages};

use crate::lists::{ByCursor, ByNumber};
use crate::server::Server;
use crate::{numbered, three_pages};

#[tokio::test]
async fn one_page_is_fetched_ahead_and_no_more() {
    let server = Server::start(three_pages).await;
    let mut pages = Pages::new(ByCursor(server.core()));
    assert!(server.seen().is_empty(), "nothing is sent before the stream is polled");
    for taken in 1..=3 {
        pages.next().await.unwrap().unwrap();
        // The next page is requested although the consumer does not poll.
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
async fn dropping_the_stream_cancels_what_is_under_way() {
    let server = Server::holding(three_pages, |target| if target.ends_with("two") { usize::MAX } else { 0 }).await;
    let mut pages = Pages::new(ByCursor(server.core()));
    pages.next().await.unwrap().unwrap();
    server.wait_for(2).await;
    drop(pages);
    server.given_up.clone().wait_for(|count| *count == 1).await.unwrap();
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

#[tokio::test]
async fn several_numbered_pages_at_once_keep_their_order() {
    // The second page is held back until the fifth is requested. So four are in flight together, and the first arrives
    // last.
    let hold = |target: &str| if target.ends_with("page=2") { 5 } else { 0 };
    let server = Server::holding(numbered(15, true), hold).await;
    let listed = Items::new(ByNumber(server.core())).prefetch(3).collect_all(100).await.unwrap();
    let expected: Vec<String> = (0..15).map(|item| format!("i{item}")).collect();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn the_first_numbered_page_is_asked_for_alone() {
    let server = Server::start(numbered(2, true)).await;
    let listed = Items::new(ByNumber(server.core())).prefetch(8).collect_all(100).await.unwrap();
    assert_eq!((listed.len(), server.seen().len()), (2, 1), "a list of one page costs one request");
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
        let listed = Items::new(ByNumber(server.core())).prefetch(8).collect_all(100).await.unwrap();
        assert_eq!(listed.len(), 40, "the limit slows pagination and does not end it");
    }
}
