//! Ten thousand operations, a hundred at a time, with faults among the answers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cloud_billing_core::{ErrorKind, RetryPolicy};
use ibm_usage_reports::types::{AccountId, UpdateReportsSnapshotConfigRequest};
use ibm_usage_reports::{BillingMonth, Client};
use tokio::task::JoinSet;

use crate::figures::{self, Figure};
use crate::memory::{self, MB};
use test_support::server::{Reply, Request, Server, answer, head, json};

const OPERATIONS: usize = 10_000;
const CONCURRENT: usize = 100;

/// Of so many requests one is spoilt: five in a hundred.
const FAULTY: usize = 20;

/// How much longer a token is used after it is due: half of the life of 2.5 s is the margin, and 80 % of the rest is 1 s.
const LIFE: Duration = Duration::from_millis(2500);
const REFRESH: Duration = Duration::from_secs(1);

/// What the retries that are saved up come to, unless set otherwise, and what a success adds.
const SAVED: usize = 50;

#[derive(Default)]
struct Counts {
    tokens: AtomicUsize,
    calls: AtomicUsize,
    faults: AtomicUsize,
    /// Faults that cost the connection.
    broken: AtomicUsize,
    /// When the last token was issued.
    issued: Mutex<Option<Instant>>,
    /// Requests with a token whose life is over.
    expired: AtomicUsize,
    /// Writes that may have had their effect: all but those that were refused with a wait.
    writes: AtomicUsize,
}

impl Counts {
    fn answer(&self, request: &Request) -> Reply {
        if request.target() == "/identity/token" {
            let number = self.tokens.fetch_add(1, Ordering::SeqCst);
            *self.issued.lock().unwrap() = Some(Instant::now());
            let token = format!(r#"{{"access_token":"hush{number}","expires_in":{}}}"#, LIFE.as_secs_f64());
            return Reply::Send(json(200, &token));
        }
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let issued = self.issued.lock().unwrap().expect("a token");
        self.expired.fetch_add(usize::from(issued.elapsed() > LIFE), Ordering::SeqCst);
        if request.line.starts_with("PATCH") {
            self.writes.fetch_add(1, Ordering::SeqCst);
        }
        let body = format!(r#"{{"account_id":"{}","resources":[{{"billable_cost":1.10}}]}}"#, "x".repeat(2000));
        if !call.is_multiple_of(FAULTY) {
            return Reply::Send(json(200, &body));
        }
        let fault = self.faults.fetch_add(1, Ordering::SeqCst);
        let half = || {
            let mut bytes = head(200, &[("content-type", "application/json")], Some(body.len()));
            bytes.extend_from_slice(&body.as_bytes()[..body.len() / 2]);
            bytes
        };
        let broken = |reply| {
            self.broken.fetch_add(1, Ordering::SeqCst);
            reply
        };
        match fault % 7 {
            0 => Reply::Send(json(503, "{}")),
            1 => broken(Reply::Reset(Vec::new())),
            2 => broken(Reply::Close(half())),
            3 => Reply::Send(json(200, &body[..body.len() / 2])),
            4 => {
                self.writes.fetch_sub(usize::from(request.line.starts_with("PATCH")), Ordering::SeqCst);
                Reply::Send(answer(429, &[("retry-after", "0")], b"{}"))
            }
            5 => Reply::Send(json(500, "{}")),
            _ => broken(Reply::Reset(half())),
        }
    }
}

/// One operation of a mix; whether it succeeded. A read survives every fault, and a write ends in a typed error.
async fn operate(client: Client, number: usize) -> bool {
    let month: BillingMonth = "2026-05".parse().unwrap();
    if number % 10 < 8 {
        let usage = client.get_account_usage(AccountId::new("a"), month).send().await.unwrap();
        assert_eq!(usage.resources[0].billable_cost.as_ref().unwrap().to_string(), "1.10");
        return true;
    }
    let config = client
        .update_reports_snapshot_config(UpdateReportsSnapshotConfigRequest::new(AccountId::new("a")))
        .send()
        .await;
    match config.map(drop) {
        Ok(()) => true,
        Err(error) => {
            let kind = error.kind();
            assert!(matches!(kind, ErrorKind::Api | ErrorKind::Transport | ErrorKind::Decode), "{error}");
            false
        }
    }
}

/// So many operations, so many at a time. How many succeeded.
async fn run(client: &Client, operations: usize) -> usize {
    let mut tasks = JoinSet::new();
    let mut succeeded = 0;
    for number in 0..operations {
        if tasks.len() == CONCURRENT {
            succeeded += usize::from(tasks.join_next().await.unwrap().unwrap());
        }
        tasks.spawn(operate(client.clone(), number));
    }
    while let Some(result) = tasks.join_next().await {
        succeeded += usize::from(result.unwrap());
    }
    succeeded
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn ten_thousand_operations() {
    if !memory::alone("load::ten_thousand_operations") {
        return;
    }
    let counts = Arc::<Counts>::default();
    let answering = Arc::clone(&counts);
    let server = Server::start(move |request| answering.answer(request)).await;
    let key = ibm_usage_reports::auth::ApiKey::new("hush").url(&server.url);
    let quick = RetryPolicy::new().backoff(Duration::from_millis(1), Duration::from_millis(4));
    let client = Client::builder().base_url(&server.url).credential(key).retry(quick).build().unwrap();

    // Until buffers, connections and threads have their size.
    let start = Instant::now();
    let mut succeeded = run(&client, OPERATIONS / 5).await;
    let before = memory::resident();
    succeeded += run(&client, OPERATIONS).await;
    let grown = memory::resident().saturating_sub(before);
    let elapsed = start.elapsed();

    let total = OPERATIONS / 5 + OPERATIONS;
    let load = |count: &AtomicUsize| count.load(Ordering::SeqCst);
    let (calls, faults, tokens) = (load(&counts.calls), load(&counts.faults), load(&counts.tokens));
    let retries = calls - total;
    figures::add(Figure::Faults, faults);
    figures::add(Figure::Survived, faults - (total - succeeded));
    figures::add(Figure::Operations, total);
    figures::say(format!(
        "{total} operations, {CONCURRENT} at a time: {faults} faults, {retries} retries, {} typed errors of writes, \
         {tokens} tokens, {} connections at most, {grown} kB more resident after {OPERATIONS} than before",
        total - succeeded,
        server.most_open()
    ));
    // What a leak of 100 bytes an operation would come to is a megabyte; allocators keep some to themselves.
    assert!(grown < 4 * MB, "{grown} kB");
    // The pool opens a connection for a request that finds none idle, and keeps it for later if another is free sooner: so
    // there can be two for each request under way, and for each that broke.
    assert!(server.most_open() <= 2 * CONCURRENT, "{}", server.most_open());
    let broken = load(&counts.broken);
    assert!(server.connections() <= 2 * (CONCURRENT + broken), "{} for {broken} broken", server.connections());
    assert!(faults >= total / FAULTY && retries <= SAVED + succeeded / 2, "{retries}");
    // No write was sent a second time after one that may have had its effect.
    assert_eq!(load(&counts.writes), total / 5);
    // A token is fetched when one is due, which is when it has had its second, and not before; and when one is due it is
    // fetched: no token is used beyond its life, but by what was under way when the machine stood still.
    let due = elapsed.as_secs_f64() / REFRESH.as_secs_f64();
    assert!(tokens >= 1 && tokens as f64 <= 1.0 + due, "{tokens} tokens in {elapsed:?}");
    assert!(load(&counts.expired) <= CONCURRENT, "{} in {elapsed:?}", load(&counts.expired));
    // With the client its connections go.
    drop(client);
    while server.open() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A program that makes a client for each request leaks neither memory nor connections.
#[tokio::test]
pub(crate) async fn clients_that_come_and_go() {
    const CLIENTS: usize = 60;
    if !memory::alone("load::clients_that_come_and_go") {
        return;
    }
    let server = Server::start(|request| match request.target() {
        "/identity/token" => Reply::Send(json(200, r#"{"access_token":"hush","expires_in":3600}"#)),
        _ => Reply::Send(json(200, "{}")),
    })
    .await;
    let mut before = 0;
    for number in 0..CLIENTS {
        // Until buffers and the trust store have their size.
        if number == CLIENTS / 3 {
            before = memory::resident();
        }
        let key = ibm_usage_reports::auth::ApiKey::new("hush").url(&server.url);
        let client = Client::builder().base_url(&server.url).credential(key).build().unwrap();
        client.get_account_usage(AccountId::new("a"), "2026-05".parse().unwrap()).send().await.unwrap();
    }
    let grown = memory::resident().saturating_sub(before);
    assert!(grown < 2 * MB, "{grown} kB for {} clients", CLIENTS * 2 / 3);
    assert!(server.most_open() <= 8, "{}", server.most_open());
    figures::say(format!("{CLIENTS} clients that come and go: {grown} kB more resident"));
}

/// How many records a list has whose pages have one each.
async fn length(client: Client) -> usize {
    let mut items = client.get_resource_usage_account(AccountId::new("a"), "2026-05".parse().unwrap()).items();
    let mut count = 0;
    while items.try_next().await.unwrap().is_some() {
        count += 1;
    }
    count
}

/// Thousands of lists at once, in one runtime, and in as many runtimes as there are threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn thousands_of_lists_at_once() {
    const LISTS: usize = 2000;
    const THREADS: usize = 200;
    let server = Server::start(|request| match request.target() {
        "/identity/token" => Reply::Send(json(200, r#"{"access_token":"hush","expires_in":3600}"#)),
        target if target.ends_with("_start=3") => Reply::Send(json(200, r#"{"resources":[{}]}"#)),
        target => {
            let next = target.split_once("_start=").map_or(2, |_| 3);
            Reply::Send(json(200, &format!(r#"{{"resources":[{{}}],"next":{{"offset":"{next}"}}}}"#)))
        }
    })
    .await;
    let key = ibm_usage_reports::auth::ApiKey::new("hush").url(&server.url);
    let client = Client::builder().base_url(&server.url).credential(key).build().unwrap();
    let in_a_runtime = |client: Client| {
        std::thread::spawn(|| {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(length(client))
        })
    };
    let threads: Vec<_> = (0..THREADS).map(|_| in_a_runtime(client.clone())).collect();
    let lists: JoinSet<usize> = (0..LISTS).map(|_| length(client.clone())).collect();
    let all = lists.join_all().await;
    assert!(all.len() == LISTS && all.iter().all(|length| *length == 3));
    for thread in threads {
        assert_eq!(tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap(), 3);
    }
    let tokens = server.received().iter().filter(|request| request.target() == "/identity/token").count();
    assert!(tokens <= 1, "{tokens}");
    figures::add(Figure::Operations, 3 * (LISTS + THREADS));
}
