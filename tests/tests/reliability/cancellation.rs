//! Callers that go away: at each point where a call waits, and at random points by the dozen. What they leave behind, in
//! connections, tokens, nonces and files, serves the next caller.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use atlas_billing::Client;
use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::{Credential, Error, RetryPolicy};
use ibm_usage_reports::types::AccountId;
use tokio::task::JoinSet;

use crate::figures::{self, Figure};
use test_support::server::{Reply, Request, Server, answer, json};

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";

/// Polls a future so many times, then drops it. Its output if it came to that.
async fn poll<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// A service with an OAuth token endpoint that takes HTTP Digest as well, and fails every third call.
struct Service {
    tokens: AtomicUsize,
    calls: AtomicUsize,
}

impl Service {
    async fn start() -> (Server, Arc<Self>) {
        let service = Arc::new(Self { tokens: AtomicUsize::new(0), calls: AtomicUsize::new(0) });
        let answering = Arc::clone(&service);
        (Server::start(move |request| answering.answer(request)).await, service)
    }

    fn answer(&self, request: &Request) -> Reply {
        if request.target().starts_with("/api/oauth/token") {
            let number = self.tokens.fetch_add(1, Ordering::SeqCst);
            return Reply::Send(json(200, &format!(r#"{{"access_token":"hush{number}","expires_in":3600}}"#)));
        }
        let known = request
            .header("authorization")
            .is_some_and(|header| header.starts_with("Digest ") || header.starts_with("Bearer "));
        if !known {
            let challenge = [("www-authenticate", "Digest realm=r, nonce=n, qop=auth")];
            return Reply::Send(answer(401, &challenge, b"{}"));
        }
        if self.calls.fetch_add(1, Ordering::SeqCst) % 3 == 2 {
            return Reply::Send(json(503, "{}"));
        }
        if request.target().ends_with("/csv") {
            return Reply::Send(answer(200, &[("content-type", "text/csv")], &b"a,b\n".repeat(5000)));
        }
        let page = request.target().split_once("pageNum=").map_or("1", |(_, rest)| rest.split('&').next().unwrap());
        let body = match page {
            "1" => r#"{"id":"1","results":[{"id":"a"}],"links":[{"rel":"next","href":"x"}]}"#,
            _ => r#"{"id":"2","results":[{"id":"b"}],"links":[]}"#,
        };
        Reply::Send(json(200, body))
    }
}

fn client(server: &Server, credential: impl Credential + 'static) -> Client {
    // Which calls fail is a matter of their order, so one of many can be unlucky for long.
    let at_once = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).budget(u32::MAX).max_attempts(1000);
    Client::builder().base_url(&server.url).credential(credential).retry(at_once).build().unwrap()
}

/// All kinds of work, by number.
async fn work(client: &Client, kind: usize, directory: &std::path::Path) -> Result<(), Error> {
    match kind % 4 {
        0 => assert_eq!(
            client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await?.id.as_deref(),
            Some("1")
        ),
        1 => {
            let ids: Vec<_> = client.list_invoices(OrganizationId::new(ORG)).items().collect_all(10).await?;
            assert_eq!(ids.iter().filter_map(|invoice| invoice.id.as_deref()).collect::<String>(), "ab");
        }
        2 => {
            let path = directory.join("invoice.csv");
            let body =
                client.get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await?.into_inner();
            body.save_to(&path, |_| ()).await?;
            assert_eq!(std::fs::metadata(path).unwrap().len(), 20_000);
        }
        _ => assert!(client.pending_invoices(OrganizationId::new(ORG)).await?.len() <= 1),
    }
    Ok(())
}

/// What is left of a download in the directory.
async fn partial_files(directory: &std::path::Path) -> usize {
    // A file that is being created when its download is dropped is removed as soon as it is there.
    for _ in 0..1000 {
        let names = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
        if names.filter(|name| name.to_string_lossy().ends_with(".partial")).count() == 0 {
            return 0;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    1
}

#[tokio::test]
pub(crate) async fn a_call_can_be_dropped_wherever_it_waits() {
    let directory = tempfile::tempdir().unwrap();
    let mut points = 0;
    for kind in 0..4 {
        for digest in [false, true] {
            let (server, service) = Service::start().await;
            let client = match digest {
                true => client(&server, atlas_billing::auth::ApiKey::new("public", "hush")),
                false => client(&server, atlas_billing::auth::ServiceAccount::new("id", "hush")),
            };
            for polls in 0.. {
                let outcome = poll(work(&client, kind, directory.path()), polls).await;
                // Whoever comes next finds everything in order.
                work(&client, kind, directory.path()).await.unwrap();
                if let Some(outcome) = outcome {
                    outcome.unwrap();
                    break;
                }
                points += 1;
            }
            assert!(service.tokens.load(Ordering::SeqCst) <= 1);
            assert_eq!(partial_files(directory.path()).await, 0);
        }
    }
    figures::add(Figure::Dropped, points);
    figures::say(format!("calls dropped at {points} points where they wait: the next call found everything in order"));
}

#[tokio::test]
pub(crate) async fn callers_dropped_at_random_leave_everything_in_order() {
    const ROUNDS: usize = 60;
    const CALLERS: usize = 20;
    let directory = tempfile::tempdir().unwrap();
    let (server, service) = Service::start().await;
    let client = client(&server, atlas_billing::auth::ServiceAccount::new("id", "hush"));
    let seed = match std::env::var("RELIABILITY_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => fastrand::u64(..),
    };
    figures::say(format!("callers dropped at random: RELIABILITY_SEED={seed} does it again"));
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut dropped, mut done) = (0, 0);
    for round in 0..ROUNDS {
        let mut tasks = JoinSet::new();
        for caller in 0..CALLERS {
            let (client, directory) = (client.clone(), directory.path().to_owned());
            let polls = random.usize(..12);
            // Files have one writer at a time.
            let kind = if caller == 0 { 2 } else { [0, 1, 3][caller % 3] };
            tasks.spawn(async move { poll(work(&client, kind, &directory), polls).await });
        }
        while let Some(outcome) = tasks.join_next().await {
            match outcome.unwrap() {
                Some(outcome) => {
                    outcome.unwrap();
                    done += 1;
                }
                None => dropped += 1,
            }
        }
        work(&client, round, directory.path()).await.unwrap();
    }
    assert!(dropped > 100 && done > 100, "{dropped} dropped, {done} done");
    assert_eq!(service.tokens.load(Ordering::SeqCst), 1);
    assert_eq!(partial_files(directory.path()).await, 0);
    // A list has two pages under way.
    assert!(server.most_open() <= 2 * CALLERS + 10, "{}", server.most_open());
    figures::add(Figure::Dropped, dropped);
    figures::say(format!("{dropped} callers dropped at random among {done}: 1 token, no file left, no call failed"));
    drop(client);
    while server.open() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A large body is decoded on the task of its caller. It starts no thread, which would go on after its caller is gone.
#[test]
pub(crate) fn decoding_starts_no_thread() {
    const ITEMS: usize = 50_000;
    let serving = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let items = vec![format!(r#"{{"id":"{}","amountBilledCents":1}}"#, "x".repeat(200)); ITEMS].join(",");
    let page = format!(r#"{{"results":[{items}],"links":[{{"rel":"self"}}]}}"#);
    let server = serving.block_on(Server::start(move |_| Reply::Send(json(200, &page))));

    let threads = Arc::new(AtomicUsize::new(0));
    let started = Arc::clone(&threads);
    let count = move || {
        started.fetch_add(1, Ordering::SeqCst);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().on_thread_start(count).build().unwrap();
    runtime.block_on(async {
        let client = Client::builder().base_url(&server.url).bearer_token("hush").build().unwrap();
        let invoices = client.list_invoices(OrganizationId::new(ORG));
        assert_eq!(invoices.clone().send().await.unwrap().results.len(), ITEMS);
        assert_eq!(invoices.items().collect_all(ITEMS).await.unwrap().len(), ITEMS);
    });
    assert_eq!(threads.load(Ordering::SeqCst), 0);
}

/// A list goes on where `next` was dropped, wherever it waited: each record comes once and in order.
#[tokio::test]
pub(crate) async fn next_can_be_dropped_wherever_it_waits() {
    const PAGES: usize = 50;
    let server = Server::start(|request| {
        let page = request.target().split_once("_start=").map_or(0, |(_, page)| page.parse().unwrap());
        let next = if page + 1 < PAGES { format!(r#","next":{{"offset":"{}"}}"#, page + 1) } else { String::new() };
        Reply::Send(json(200, &format!(r#"{{"resources":[{{"plan_id":"{page}a"}},{{"plan_id":"{page}b"}}]{next}}}"#)))
    })
    .await;
    let client = ibm_usage_reports::Client::builder().base_url(&server.url).bearer_token("t").build().unwrap();
    let expected: Vec<String> = (0..PAGES).flat_map(|page| [format!("{page}a"), format!("{page}b")]).collect();
    let mut dropped = 0;
    for prefetch in [0, 1, 8] {
        let mut items = client
            .get_resource_usage_account(AccountId::new("a"), "2026-05".parse().unwrap())
            .items()
            .prefetch(prefetch);
        let mut ids = Vec::new();
        for turn in 1.. {
            match poll(items.next(), turn % 3 + 1).await {
                None => dropped += 1,
                Some(None) => break,
                Some(Some(item)) => ids.push(item.unwrap().plan_id.unwrap().to_string()),
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(ids, expected, "{prefetch} pages ahead");
    }
    assert!(dropped > 0);
    figures::add(Figure::Dropped, dropped);
}
