//! Pages of lists that lead in circles, nowhere, or on without end.

use std::fmt::Write as _;

use atlas_billing::types::OrganizationId;
use cloud_billing_core::{Error, RetryPolicy};
use ibm_usage_reports::types::AccountId;

use super::{HANG, ORG, assert_table, figures};
use crate::figures::Figure;
use crate::memory::{self, MB};
use test_support::server::{Reply, Server, json};

/// Of a list that goes on so many records are read.
const ENOUGH: usize = 9;

/// A page by its number, from 0.
type Page = Box<dyn Fn(usize) -> String + Send + Sync>;

struct Case(&'static str, Page);

/// The same fields beside one item on each page.
fn fields(name: &'static str, fields: &'static str) -> Case {
    Case(name, Box::new(move |number| cursor_page(number, fields)))
}

/// A page of a list with cursors.
fn cursor_page(number: usize, fields: &str) -> String {
    format!(r#"{{"resources":[{{"resource_instance_id":"r{number}"}}],{fields}}}"#)
}

/// A list whose cursors are these, in turn.
fn cursors(name: &'static str, cursors: &'static [&'static str]) -> Case {
    let next = move |number: usize| format!(r#""next":{{"offset":"{}"}}"#, cursors[number % cursors.len()]);
    Case(name, Box::new(move |number| cursor_page(number, &next(number))))
}

/// The same fields beside one item on each page of a list with page numbers.
fn numbered(name: &'static str, fields: &'static str) -> Case {
    Case(name, Box::new(move |number| format!(r#"{{"results":[{{"id":"i{number}"}}],{fields}}}"#)))
}

async fn serve(page: Page) -> Server {
    Server::start(move |request| Reply::Send(json(200, &page(request.number)))).await
}

/// How far a list was read, and how it ended.
async fn ended(mut next: impl AsyncFnMut() -> Option<Result<(), Error>>, server: &Server) -> String {
    let reading = async {
        for count in 0..ENOUGH {
            match next().await {
                Some(Ok(())) => {}
                Some(Err(error)) => return format!("{count} records, then {:?}: {error}", error.kind()),
                None => return format!("{count} records, and the end"),
            }
        }
        format!("{ENOUGH} records, and on")
    };
    let text = tokio::time::timeout(HANG, reading).await.expect("it hangs");
    assert!(!text.contains(char::is_control), "{text}");
    text.replace(&server.url, "[service]")
}

fn ibm(server: &Server) -> ibm_usage_reports::Client {
    let builder = ibm_usage_reports::Client::builder().base_url(&server.url).bearer_token("hush-token");
    builder.retry(RetryPolicy::none()).build().unwrap()
}

#[tokio::test]
pub(crate) async fn cursors_of_all_kinds() {
    let cases = vec![
        cursors("the same cursor again and again", &["a"]),
        cursors("two cursors in turn", &["a", "b"]),
        cursors("three cursors in turn", &["a", "b", "c"]),
        Case("a new cursor for ever", Box::new(|n| cursor_page(n, &format!(r#""next":{{"offset":"{n}"}}"#)))),
        Case(
            "a cursor that grows for ever",
            Box::new(|n| cursor_page(n, &format!(r#""next":{{"offset":"{}"}}"#, "x".repeat(2000 * (n + 1))))),
        ),
        fields("an empty cursor", r#""next":{"offset":""}"#),
        fields("a number for a cursor", r#""next":{"offset":7}"#),
        fields("a list for a cursor", r#""next":{"offset":["a"]}"#),
        fields("a text for the next page", r#""next":"a""#),
        fields("a list for the next page", r#""next":[{"offset":"a"}]"#),
        fields("null for the next page", r#""next":null"#),
        fields("two next pages", r#""next":{"offset":"a"},"next":{"offset":"b"}"#),
        fields("two cursors of one page", r#""next":{"offset":"a","offset":"b"}"#),
        fields("a link alone", r#""next":{"href":"/v4/x?_start=a"}"#),
        fields("a link to another host", r#""next":{"href":"https://evil.example.com/?_start=a"}"#),
        fields("a link to a file", r#""next":{"href":"file:///etc/passwd?_start=a"}"#),
        fields("a link without a cursor", r#""next":{"href":"https://evil.example.com/"}"#),
        fields("a link that is none", r#""next":{"href":"\u0000\u001b[31m"}"#),
        fields("a link that leads elsewhere than the cursor", r#""next":{"href":"/?_start=a","offset":"b"}"#),
        fields("a cursor with a line break", r#""next":{"offset":"a\r\nx-injected: 1"}"#),
        fields("a next page within a record", r#""extra":[{"next":{"offset":"a"}}]"#),
        fields("a next page within a text", r#""extra":"\"next\":{\"offset\":\"a\"}""#),
        fields("a negative count", r#""count":-1,"rows_count":-1"#),
        fields("a count of 2^70", r#""count":1180591620717411303424,"limit":1e300"#),
        Case("text for the records", Box::new(|_| r#"{"resources":"r","next":{"offset":"a"}}"#.to_owned())),
        Case("null for the records", Box::new(|_| r#"{"resources":null,"next":{"offset":"a"}}"#.to_owned())),
        Case("records twice", Box::new(|n| cursor_page(n, r#""resources":[{"resource_instance_id":"x"}]"#))),
        Case("no records, and a next page", Box::new(|n| format!(r#"{{"next":{{"offset":"{}"}}}}"#, n % 3))),
    ];
    let mut table = String::new();
    figures(cases.len());
    for Case(name, page) in cases {
        let server = serve(page).await;
        let mut items = ibm(&server)
            .get_resource_usage_account(AccountId::new("a"), "2026-05".parse().unwrap())
            .items()
            .prefetch(0);
        let text = ended(async || items.next().await.map(|item| item.map(drop)), &server).await;
        writeln!(table, "{name}\n    {text}").unwrap();
    }
    assert_table!("cursors", table);
}

#[tokio::test]
pub(crate) async fn numbered_pages_of_all_kinds() {
    let cases = vec![
        numbered("a next page for ever", r#""links":[{"rel":"next"}]"#),
        numbered("a next page for ever, with a total of one", r#""links":[{"rel":"next"}],"totalCount":1"#),
        numbered("a total of -1", r#""links":[],"totalCount":-1"#),
        numbered("a total of 2^70", r#""links":[{"rel":"self"}],"totalCount":1180591620717411303424"#),
        numbered("a total of 1e300", r#""links":[{"rel":"self"}],"totalCount":1e300"#),
        numbered("a total in words", r#""links":[{"rel":"self"}],"totalCount":"many""#),
        numbered("text for the links", r#""links":"next""#),
        numbered("a list of text for the links", r#""links":["next"]"#),
        numbered("an object for the links", r#""links":{"rel":"next"}"#),
        numbered("a number for a relation", r#""links":[{"rel":7}]"#),
        numbered("links twice", r#""links":[],"links":[{"rel":"next"}]"#),
        numbered("a link to another host", r#""links":[{"rel":"next","href":"https://evil.example.com/"}]"#),
        Case(
            "the same record for ever",
            Box::new(|_| r#"{"results":[{"id":"i"}],"links":[{"rel":"next"}]}"#.to_owned()),
        ),
        Case(
            "no records, and a next page for ever",
            Box::new(|_| r#"{"results":[],"links":[{"rel":"next"}]}"#.to_owned()),
        ),
        Case("null for the records", Box::new(|_| r#"{"results":null,"links":[{"rel":"next"}]}"#.to_owned())),
    ];
    let mut table = String::new();
    figures(cases.len());
    for Case(name, page) in cases {
        let server = serve(page).await;
        let builder = atlas_billing::Client::builder().base_url(&server.url).bearer_token("hush-token");
        let client = builder.retry(RetryPolicy::none()).build().unwrap();
        let mut items = client.list_invoices(OrganizationId::new(ORG)).items().prefetch(0);
        let text = ended(async || items.next().await.map(|item| item.map(drop)), &server).await;
        writeln!(table, "{name}\n    {text}").unwrap();
    }
    assert_table!("numbered", table);
}

/// The items of a page are found by their name, and not by trying every list in it.
#[tokio::test]
pub(crate) async fn a_page_of_a_hundred_thousand_lists() {
    let lists: String = (0..100_000).map(|number| format!(r#""a{number}":[0],"#)).collect();
    let server = serve(Box::new(move |_| format!(r#"{{{lists}"links":[],"results":[{{"id":"i"}}]}}"#))).await;
    let client = atlas_billing::Client::builder().base_url(&server.url).bearer_token("hush-token").build().unwrap();
    let mut pages = client.list_invoices(OrganizationId::new(ORG)).pages().raw();
    let page = tokio::time::timeout(HANG, pages.next()).await.expect("it hangs");
    assert_eq!(page.unwrap().unwrap().json().len(), 1_288_925);
    figures::add(Figure::Hostile, 1);
}

/// A list without end takes a few bytes a page, for the cursors that must not come again.
#[tokio::test]
pub(crate) async fn a_list_without_end_takes_little_memory() {
    const PAGES: usize = 20_000;
    if !memory::alone("hostile::pages::a_list_without_end_takes_little_memory") {
        return;
    }
    let server = serve(Box::new(|n| cursor_page(n, &format!(r#""next":{{"offset":"cursor-{n}"}}"#)))).await;
    let mut items = ibm(&server).get_resource_usage_account(AccountId::new("a"), "2026-05".parse().unwrap()).items();
    let mut before = 0;
    for count in 0..PAGES {
        // The server keeps a thousand requests.
        if count == PAGES / 10 {
            before = memory::resident();
        }
        items.next().await.unwrap().unwrap();
    }
    let grown = memory::resident().saturating_sub(before);
    assert!(grown < 6 * MB, "{grown} kB");
    figures::say(format!("a list of {PAGES} pages: {} bytes a page", grown * 1024 / (PAGES as u64 * 9 / 10)));
    figures::add(Figure::Hostile, 1);
}
