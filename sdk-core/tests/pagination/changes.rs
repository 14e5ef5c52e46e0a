//! Numbered pages of a list that changes while it is read.

use std::sync::Mutex;

use cloud_billing_core::{Error, ErrorKind, Items, Pages};

use crate::lists::ByNumber;
use crate::server::Server;

/// A list of two items per page, with its total. It changes, by what `change` does to it, after each request whose number is
/// given, from 1.
async fn changing(requests: &'static [usize], change: fn(&mut Vec<&'static str>)) -> Server {
    let state = Mutex::new((0, vec!["a", "b", "c", "d", "e"]));
    Server::start(move |target| {
        let (count, list) = &mut *state.lock().unwrap();
        let page: usize = target.rsplit('=').next().unwrap().parse().unwrap();
        let here: Vec<_> = list.iter().skip((page - 1) * 2).take(2).map(|item| format!("\"{item}\"")).collect();
        let body = format!(r#"{{"results":[{}],"total":{}}}"#, here.join(","), list.len());
        *count += 1;
        if requests.contains(count) {
            change(list);
        }
        (200, body)
    })
    .await
}

fn drop_first(list: &mut Vec<&'static str>) {
    list.remove(0);
}

/// All items, and the error after them.
async fn read(mut items: Items<ByNumber>) -> (String, Option<Error>) {
    let (mut all, mut last) = (String::new(), None);
    while let Some(item) = items.next().await {
        assert!(last.is_none(), "the error comes after the last item");
        match item {
            Ok(item) => all.push_str(&item),
            Err(error) => last = Some(error),
        }
    }
    assert_eq!(items.resume_token(), None);
    (all, last)
}

fn items(server: &Server) -> Items<ByNumber> {
    Items::new(ByNumber(server.core())).prefetch(0)
}

#[tokio::test]
async fn a_list_that_stays_is_read_without_an_error() {
    for prefetch in [0, 1, 8] {
        let server = changing(&[], |_| ()).await;
        let (all, error) = read(items(&server).prefetch(prefetch)).await;
        assert_eq!((all.as_str(), error.is_none()), ("abcde", true));
    }
}

#[tokio::test]
async fn an_item_that_goes_away_is_noticed() {
    let server = changing(&[1], drop_first).await;
    let (all, error) = read(items(&server)).await;
    assert_eq!(all, "abde", "c moved to the first page, which had been read");
    insta::assert_snapshot!(
        error.unwrap(),
        @"listByNumber: list changed: it had 5 items on the first page and 4 on a later one: items may be missing or have come twice; read the list again"
    );
}

#[tokio::test]
async fn an_item_that_comes_again_is_noticed_without_a_total() {
    let change = |list: &mut Vec<_>| {
        list.insert(0, "x");
        list.pop();
    };
    for distinct in [false, true] {
        let server = changing(&[1], change).await;
        let list = if distinct { items(&server).distinct() } else { items(&server) };
        let (all, error) = read(list).await;
        assert_eq!(all, if distinct { "abcd" } else { "abbcd" });
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::ListChanged);
        assert!(error.to_string().contains("an item came again"), "{error}");
    }
}

#[tokio::test]
async fn pages_notice_another_total() {
    let server = changing(&[1, 4], drop_first).await;
    let mut pages = Pages::new(ByNumber(server.core())).prefetch(0);
    let mut raw = Pages::new(ByNumber(server.core())).prefetch(0).raw();
    for _ in 0..3 {
        pages.next().await.unwrap().unwrap();
    }
    assert_eq!(pages.next().await.unwrap().unwrap_err().kind(), ErrorKind::ListChanged);
    assert!(pages.next().await.is_none());
    for _ in 0..2 {
        raw.next().await.unwrap().unwrap();
    }
    assert_eq!(raw.next().await.unwrap().unwrap_err().kind(), ErrorKind::ListChanged);
}

#[tokio::test]
async fn collecting_reads_again_until_the_list_stays() {
    let server = changing(&[1], drop_first).await;
    assert_eq!(items(&server).collect_all(10).await.unwrap(), ["b", "c", "d", "e"]);

    let server = changing(&[1, 4, 7, 10, 13, 16], |list| list.push("z")).await;
    let error = items(&server).collect_all(100).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ListChanged);
}

/// Items that were taken before do not come again.
#[tokio::test]
async fn collecting_reads_again_from_where_it_began() {
    let server = changing(&[2], |list| list.push("f")).await;
    let mut items = items(&server);
    assert_eq!(items.try_next().await.unwrap().unwrap(), "a");
    assert_eq!(items.collect_all(10).await.unwrap(), ["b", "c", "d", "e", "f"]);
}

#[tokio::test]
async fn a_list_that_fails_does_not_say_that_it_changed() {
    let state = Mutex::new(0);
    let server = Server::start(move |_| {
        let mut count = state.lock().unwrap();
        *count += 1;
        if *count == 3 { (400, "{}".into()) } else { (200, format!(r#"{{"results":["a","b"],"total":{count}}}"#)) }
    });
    let mut items = items(&server.await);
    let error = loop {
        if let Err(error) = items.next().await.unwrap() {
            break error;
        }
    };
    assert_eq!(error.status(), Some(400));
    assert!(items.next().await.is_none());
}
