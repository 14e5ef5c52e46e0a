//! Lists with page numbers, many pages of which are fetched at once, with faults of each kind at every tenth page, with
//! tokens that live for seconds, and with a clock that jumps.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_billing::auth::ServiceAccount;
use atlas_billing::types::OrganizationId;
use atlas_billing::{Client, Error};
use test_support::server::{Reply, Request, Server, json};
use test_support::trace;

use crate::figures::{self, Figure};
use crate::kinds::{KINDS, Kind, Kind::*};

const PAGES: usize = 100;
const PAGE: usize = 5;

const ORGANIZATION: &str = "5f1a2b3c4d5e6f7a8b9c0d1e";

/// The service and its token endpoint.
struct Service {
    /// What some pages meet when they are requested for the first time.
    kind: Option<Kind>,
    /// Of so many pages the last one is such a page.
    every: usize,
    /// Seconds that a token lives.
    lifetime: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many tokens were issued, and how many of them are void.
    tokens: usize,
    void: usize,
    /// How many requests for a page are still to be spoilt, by its number.
    left: HashMap<usize, usize>,
    faults: usize,
}

impl Service {
    fn answer(&self, request: &Request) -> Reply {
        let mut state = self.state.lock().unwrap();
        if request.target().ends_with("/oauth/token") {
            state.tokens += 1;
            let token = format!(r#"{{"access_token":"hush{}","expires_in":{}}}"#, state.tokens, self.lifetime);
            return Reply::Send(json(200, &token));
        }
        let token = request.header("authorization").and_then(|token| token.strip_prefix("Bearer hush"));
        if token.unwrap().parse::<usize>().unwrap() <= state.void {
            return Reply::Send(json(401, "{}"));
        }
        let number = request.target().split_once("pageNum=").map(|(_, rest)| rest.split('&').next().unwrap());
        let number: usize = number.map_or(1, |number| number.parse().unwrap());
        let body = page(number);
        let Some(kind) = self.kind.filter(|_| number.is_multiple_of(self.every)) else {
            return Reply::Send(json(200, &body));
        };
        let left = state.left.entry(number).or_insert(kind.length());
        if *left == 0 {
            return Reply::Send(json(200, &body));
        }
        *left -= 1;
        state.faults += 1;
        if kind == VoidToken {
            state.void = state.tokens;
        }
        kind.spoil(&body)
    }
}

/// A page by its number, from 1.
fn page(number: usize) -> String {
    let invoices = ((number - 1) * PAGE..number * PAGE).filter(|_| number <= PAGES);
    let mut results = String::new();
    for invoice in invoices {
        let comma = if results.is_empty() { "" } else { "," };
        write!(results, r#"{comma}{{"id":"i{invoice}"}}"#).unwrap();
    }
    let next = if number < PAGES { r#",{"rel":"next"}"# } else { "" };
    format!(r#"{{"links":[{{"rel":"self"}}{next}],"results":[{results}],"totalCount":{}}}"#, PAGES * PAGE)
}

async fn start(kind: Option<Kind>, every: usize, lifetime: u64) -> (Arc<Service>, Client) {
    let service = Arc::new(Service { kind, every, lifetime, state: Mutex::default() });
    let answering = Arc::clone(&service);
    let server = Server::start(move |request| answering.answer(request)).await;
    let account = ServiceAccount::new("id", "hush");
    // The waits of all pages are simulated one after the other, and must not end the attempts of other pages.
    let client =
        Client::builder().attempt_timeout(Duration::from_secs(3600)).overall_timeout(Duration::from_secs(7200));
    (service, client.base_url(&server.url).credential(account).build().unwrap())
}

/// Reads the whole list, and lets time pass before each page.
async fn read(client: &Client, prefetch: usize, pause: Duration) -> Result<Vec<String>, Error> {
    let mut ids = Vec::new();
    let mut invoices =
        client.list_invoices(OrganizationId::new(ORGANIZATION)).items_per_page(5).items().prefetch(prefetch);
    while let Some(invoice) = invoices.try_next().await? {
        ids.push(invoice.id.unwrap().to_string());
        if ids.len().is_multiple_of(PAGE) && !pause.is_zero() {
            tokio::time::advance(pause).await;
        }
    }
    Ok(ids)
}

fn assert_whole(ids: &[String], what: &str) {
    let expected: Vec<String> = (0..PAGES * PAGE).map(|invoice| format!("i{invoice}")).collect();
    assert_eq!(ids, expected, "{what}");
}

#[tokio::test]
pub(crate) async fn faults_at_every_tenth_page_with_many_pages_at_once() {
    trace::keep_on();
    let mut by_prefetch = Vec::new();
    for prefetch in [0, 8, 64] {
        let mut faults = 0;
        // Those that a list does not survive by itself are in `lists.rs`.
        for (kind, name) in KINDS.into_iter().filter(|(kind, _)| ![Six503, Stall].contains(kind)) {
            // A call survives two voided tokens, and with so many calls at once each one may see all of them.
            let every = if kind == VoidToken && prefetch == 64 { PAGES / 2 } else { 10 };
            let (service, client) = start(Some(kind), every, 3600).await;
            let (ids, _) = trace::simulate(read(&client, prefetch, Duration::ZERO)).await;
            assert_whole(&ids.unwrap_or_else(|error| panic!("{name}, prefetch {prefetch}: {error}")), name);
            faults += service.state.lock().unwrap().faults;
        }
        figures::add(Figure::Faults, faults);
        figures::add(Figure::Survived, faults);
        by_prefetch.push(format!("{faults} with {prefetch} pages ahead"));
    }
    figures::state(format!("faults in lists with page numbers, all survived: {}", by_prefetch.join(", ")));
}

/// Each page takes a second, so that a token serves two pages at most.
#[tokio::test]
pub(crate) async fn tokens_that_live_two_seconds() {
    for prefetch in [0, 8] {
        let (service, client) = start(None, 1, 2).await;
        let (ids, _) = trace::simulate(read(&client, prefetch, Duration::from_secs(1))).await;
        assert_whole(&ids.unwrap(), "short tokens");
        let tokens = service.state.lock().unwrap().tokens;
        assert!((2..=PAGES + 1).contains(&tokens), "{tokens} tokens");
    }
}

/// The clock jumps by a day before each page, as after a suspension of the machine.
#[tokio::test]
pub(crate) async fn a_clock_that_jumps() {
    let (service, client) = start(None, 1, 3600).await;
    let (ids, _) = trace::simulate(read(&client, 0, Duration::from_secs(24 * 3600))).await;
    assert_whole(&ids.unwrap(), "a clock that jumps");
    assert_eq!(service.state.lock().unwrap().tokens, PAGES);
}
