//! Pages and items that are not what they should be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cloud_billing_core::{ErrorKind, Items, Pages, ResumeToken, RetryPolicy};

use crate::lists::{ByCursor, ByNumber};
use crate::server::Server;

/// Retries without waits.
const AT_ONCE: RetryPolicy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);

/// A list of two pages. The first one comes in these forms, one after another; the last form stays.
async fn two_pages(forms: &'static [&'static str]) -> Server {
    let sent = AtomicUsize::new(0);
    Server::start(move |target| {
        let body = match target {
            "/things" => forms[sent.fetch_add(1, Ordering::SeqCst).min(forms.len() - 1)],
            _ => r#"{"items":[4]}"#,
        };
        (200, body.to_owned())
    })
    .await
}

const SOUND: &str = r#"{"items":[1,2,3],"next":{"offset":"two"}}"#;
const BROKEN_AFTER_2: &str = r#"{"items":[1,2,x],"next":{"offset":"two"}}"#;

#[tokio::test]
async fn an_item_that_does_not_fit_loses_no_other() {
    let server = two_pages(&[r#"{"items":[1,"two",null,3],"next":{"offset":"two"}}"#]).await;
    let mut items = Items::new(ByCursor(server.core()));
    assert_eq!(items.try_next().await.unwrap(), Some(1));
    let error = items.try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.path(), error.status()), (ErrorKind::Decode, Some("items[1]"), Some(200)));
    assert!(error.body().is_some());
    // The token stands after the item that does not fit.
    let token = items.resume_token().unwrap();
    assert_eq!(items.collect_all(10).await.unwrap(), [3, 4]);
    let rest = Items::new(ByCursor(server.core())).resume(token).unwrap();
    assert_eq!(rest.collect_all(10).await.unwrap(), [3, 4]);
}

#[tokio::test]
async fn a_page_that_does_not_fit_loses_no_other() {
    let server = two_pages(&[r#"{"items":[1,"two",3],"next":{"offset":"two"}}"#]).await;
    let mut pages = Pages::new(ByCursor(server.core()));
    let error = pages.try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some("items[1]")));
    assert_eq!(pages.try_next().await.unwrap().unwrap().items.as_slice(), [4]);
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn a_page_that_is_broken_inside_is_fetched_again() {
    let server = two_pages(&[BROKEN_AFTER_2, SOUND]).await;
    let items = Items::new(ByCursor(server.core_with(AT_ONCE))).collect_all(10).await.unwrap();
    assert_eq!(items, [1, 2, 3, 4]);
    let again = server.seen().iter().filter(|target| *target == "/things").count();
    assert_eq!(again, 2);

    let server = two_pages(&[BROKEN_AFTER_2, SOUND]).await;
    let mut pages = Pages::new(ByCursor(server.core_with(AT_ONCE)));
    assert_eq!(pages.try_next().await.unwrap().unwrap().items.as_slice(), [1, 2, 3]);
    assert_eq!(pages.try_next().await.unwrap().unwrap().items.as_slice(), [4]);
}

/// The page that is fetched again has another cursor than the one whose page was fetched ahead.
#[tokio::test]
async fn a_page_fetched_again_says_anew_which_page_comes_next() {
    let sent = AtomicUsize::new(0);
    let server = Server::start(move |target| {
        let body = match (target, sent.fetch_add(1, Ordering::SeqCst)) {
            ("/things", 0) => r#"{"items":[1,x],"next":{"offset":"stale"}}"#,
            ("/things", _) => r#"{"items":[1,2],"next":{"offset":"fresh"}}"#,
            ("/things?_start=stale", _) => r#"{"items":[9]}"#,
            _ => r#"{"items":[3]}"#,
        };
        (200, body.to_owned())
    })
    .await;
    for prefetch in [1, 4] {
        let items = Items::new(ByCursor(server.core_with(AT_ONCE))).prefetch(prefetch);
        assert_eq!(items.collect_all(10).await.unwrap(), [1, 2, 3]);
    }
}

#[tokio::test]
async fn a_page_that_stays_broken_is_an_error_at_its_place() {
    let server = two_pages(&[BROKEN_AFTER_2]).await;
    let mut items = Items::new(ByCursor(server.core_with(AT_ONCE.max_attempts(3))));
    assert_eq!((items.try_next().await.unwrap(), items.try_next().await.unwrap()), (Some(1), Some(2)));
    let error = items.try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.path(), error.attempts()), (ErrorKind::Decode, Some("items[2]"), 3));
    assert!(items.next().await.is_none());
    // Later the page is sound, and goes on behind what was handed out.
    let token = items.resume_token().unwrap();
    let healthy = two_pages(&[SOUND]).await;
    let rest = Items::new(ByCursor(healthy.core())).resume(token).unwrap();
    assert_eq!(rest.collect_all(10).await.unwrap(), [3, 4]);
}

#[tokio::test]
async fn items_that_were_handed_out_are_skipped_only_if_they_are_the_same() {
    for other in [r#"{"items":[9,2,3]}"#, r#"{"items":[1]}"#, r#"{"items":[]}"#, r#"{"items":[1, 2,3]}"#] {
        let sent = AtomicBool::new(false);
        let server = Server::start(move |_| {
            let body = if sent.swap(true, Ordering::SeqCst) { other } else { BROKEN_AFTER_2 };
            (200, body.to_owned())
        })
        .await;
        let mut items = Items::new(ByCursor(server.core_with(AT_ONCE)));
        assert_eq!((items.try_next().await.unwrap(), items.try_next().await.unwrap()), (Some(1), Some(2)));
        let error = items.try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("the first 2 items of the page have changed"), "{error}");
        assert!(items.next().await.is_none());
    }
}

#[tokio::test]
async fn a_token_within_a_page_notices_that_its_items_have_changed() {
    let server = two_pages(&[SOUND]).await;
    let mut items = Items::new(ByCursor(server.core()));
    items.try_next().await.unwrap();
    let token: ResumeToken = items.resume_token().unwrap().to_string().parse().unwrap();
    let other = two_pages(&[r#"{"items":[7,2,3]}"#]).await;
    let error = Items::new(ByCursor(other.core())).resume(token).unwrap().try_next().await.unwrap_err();
    assert!(error.to_string().contains("the first 1 items of the page have changed"), "{error}");
}

#[tokio::test]
async fn a_token_after_the_last_item_of_a_page_leads_to_the_next() {
    let server = two_pages(&[SOUND]).await;
    let mut items = Items::new(ByCursor(server.core()));
    for _ in 0..3 {
        items.try_next().await.unwrap();
    }
    let token = items.resume_token().unwrap().to_string();
    assert_eq!(token, r#"{"version":2,"operation":"listByCursor","cursor":"two"}"#);
}

#[tokio::test]
async fn an_odd_cursor_is_an_error_after_the_items_of_its_page() {
    for odd in ["7", "{}", r#"["a"]"#, "true"] {
        let body = format!(r#"{{"items":[1,2],"next":{{"offset":{odd}}}}}"#);
        let server = Server::start(move |_| (200, body.clone())).await;
        let mut items = Items::new(ByCursor(server.core()));
        assert_eq!((items.try_next().await.unwrap(), items.try_next().await.unwrap()), (Some(1), Some(2)));
        let error = items.try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("the cursor `next.offset` is not a text"), "{error}");
        assert!(items.next().await.is_none());
        let token = items.resume_token().unwrap().to_string();
        assert!(token.contains(r#""taken":2"#), "{token}");
    }
}

#[tokio::test]
async fn a_second_list_of_items_is_not_lost_in_silence() {
    for body in [
        r#"{"items":[1],"items":[2]}"#,
        r#"{"items":[1],"items":[2],"next":{"offset":"two"}}"#,
        r#"{"items":null,"items":[2]}"#,
    ] {
        let server = Server::start(move |_| (200, body.to_owned())).await;
        let mut items = Items::new(ByCursor(server.core()));
        let error = loop {
            match items.next().await.unwrap() {
                Ok(item) => assert_eq!(item, 1),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert!(items.next().await.is_none(), "{body}");
        let mut pages = Pages::new(ByCursor(server.core()));
        assert_eq!(pages.next().await.unwrap().unwrap_err().kind(), ErrorKind::Decode, "{body}");
    }
}

/// Items at hand do not keep other tasks of the thread from running.
#[tokio::test]
async fn a_consumer_of_many_items_lets_other_tasks_run() {
    const ITEMS: usize = 10_000;
    let list = vec!["\"x\""; ITEMS].join(",");
    let server = Server::start(move |_| (200, format!(r#"{{"results":[{list}],"links":[{{"rel":"self"}}]}}"#))).await;
    let mut items = Items::new(ByNumber(server.core()));
    items.try_next().await.unwrap();
    let turns = Arc::new(AtomicUsize::new(0));
    let counter = tokio::spawn({
        let turns = Arc::clone(&turns);
        async move {
            loop {
                turns.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }
    });
    let mut count = 1;
    while items.try_next().await.unwrap().is_some() {
        count += 1;
    }
    counter.abort();
    assert_eq!(count, ITEMS);
    assert!(turns.load(Ordering::SeqCst) > 10, "{turns:?}");
}

/// Nor do items at hand that are dropped.
#[tokio::test]
async fn items_that_are_dropped_let_other_tasks_run() {
    let list = vec!["\"x\""; 10_000].join(",");
    let server = Server::start(move |_| (200, format!(r#"{{"results":[{list}],"links":[{{"rel":"self"}}]}}"#))).await;
    let mut items = Items::new(ByNumber(server.core())).distinct();
    assert_eq!(items.try_next().await.unwrap().unwrap(), "x");
    assert!(tokio::time::timeout(Duration::ZERO, items.try_next()).await.is_err(), "the timeout had no turn");
    assert!(items.try_next().await.unwrap().is_none());
}

/// Each error has its place, and finding it does not take longer the more there are: as many as fit on a page can be read.
#[tokio::test]
async fn a_page_of_items_that_do_not_fit_is_read_to_its_end() {
    const ITEMS: usize = 100_000;
    let list = vec!["[{\"a\":1},\n{}]"; ITEMS].join(",null,");
    let server = Server::start(move |_| (200, format!(r#"{{"results":[{list}],"links":[{{"rel":"self"}}]}}"#))).await;
    let mut items = Items::new(ByNumber(server.core()));
    for index in 0..ITEMS {
        let error = items.next().await.unwrap().unwrap_err();
        assert_eq!(error.path(), Some(format!("results[{}]", 2 * index).as_str()));
        let column = if index == 0 { 13 } else { 10 };
        assert!(error.message().unwrap().ends_with(&format!("at line {} column {column}", index + 1)), "{error}");
    }
    assert!(items.next().await.is_none());
}
