//! The cache against every order of events, as far as that goes, and against long random ones.
//!
//! Why this and not `loom` or `shuttle`: all that callers, fetches and refusals share is behind one mutex, and each of them
//! holds it once per step. So the orders that threads can bring about are the orders of these steps, and those are what is
//! tried here, on the real cache. `loom` would try the same orders of a copy, since neither tokio's tasks and clock nor its
//! channels with a waker run in it; `shuttle` some of them, at random.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, yield_now};

use super::*;
use crate::auth::BoxFuture;

/// How long the tokens live.
const LIFE: Duration = Duration::from_secs(1000);

/// An hour is more than any of them.
const LONG: Duration = Duration::from_secs(3600);

/// An attempt that does not replace another token.
const LAST: Phase = Phase::Repeat { rejections: MAX_RENEWALS, renewals: MAX_RENEWALS };

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// A caller wants a header.
    Call,
    /// The caller that has waited longest goes away.
    Cancel,
    /// The fetch under way gets a token.
    Grant,
    /// The fetch under way fails.
    Fail,
    /// The service refuses the token that was given out last.
    Refuse,
    /// It refuses the one before.
    RefuseOlder,
    /// It refuses the token that was given out last in an attempt in which it has refused others.
    Keep,
    /// Time passes until a token is to be refreshed.
    Wait,
    /// Time passes until every token has ended.
    Expire,
}

use Event::*;

const EVENTS: [Event; 9] = [Call, Cancel, Grant, Fail, Refuse, RefuseOlder, Keep, Wait, Expire];

/// An endpoint that does as it is told.
#[derive(Debug)]
struct Endpoint {
    started: AtomicUsize,
    ended: AtomicUsize,
    orders: tokio::sync::Mutex<UnboundedReceiver<bool>>,
}

/// Counts the end of a fetch, that of one which takes too long included.
struct End<'a>(&'a AtomicUsize);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl TokenSource for Endpoint {
    fn name(&self) -> &'static str {
        "model"
    }

    fn fetch<'a>(&'a self, _: &'a TokenClient, _: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
        let number = self.started.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move {
            let _end = End(&self.ended);
            // The orders have one taker, or two fetches are under way.
            let mut orders = self.orders.try_lock().unwrap();
            // What a fetch that took too long has left is none of this one's.
            while orders.try_recv().is_ok() {}
            let granted = orders.recv().await;
            match granted {
                Some(true) => {
                    let text = Secret::new(format!("t{number}"));
                    Ok(Token { text, issued: Instant::now(), lifetime: Some(LIFE) })
                }
                _ => Err(Error::new(ErrorKind::Credential, "refused")),
            }
        })
    }
}

/// A cache, its endpoint, and those who wait.
struct Model {
    endpoint: Arc<Endpoint>,
    orders: UnboundedSender<bool>,
    cache: Arc<TokenCache>,
    callers: Vec<JoinHandle<(Result<HeaderValue, Error>, Instant)>>,
    /// The tokens that were given out, in order, with when they were first.
    given: Vec<(HeaderValue, Instant)>,
    calls: usize,
}

impl Model {
    fn new() -> Self {
        let (orders, receiver) = unbounded_channel();
        let (started, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let endpoint = Arc::new(Endpoint { started, ended, orders: receiver.into() });
        let cache = Arc::new(TokenCache::new(Arc::clone(&endpoint) as Arc<dyn TokenSource>, TokenClient::default()));
        Self { endpoint, orders, cache, callers: Vec::new(), given: Vec::new(), calls: 0 }
    }

    fn under_way(&self) -> usize {
        self.endpoint.started.load(Ordering::SeqCst) - self.endpoint.ended.load(Ordering::SeqCst)
    }

    /// Lets all tasks run until they wait.
    async fn run_tasks(&mut self) {
        for _ in 0..8 {
            yield_now().await;
        }
        assert!(self.under_way() <= 1, "two fetches at once");
        // Each fetch was started for a caller.
        assert!(self.endpoint.started.load(Ordering::SeqCst) <= self.calls);
        let (done, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.callers).into_iter().partition(JoinHandle::is_finished);
        self.callers = waiting;
        for caller in done {
            let Ok((outcome, at)) = caller.await else { continue };
            let Ok(header) = outcome else { continue };
            match self.given.iter().find(|(given, _)| *given == header) {
                // What is given out is no older than it may be.
                Some((_, since)) => assert!(at.duration_since(*since) < LIFE - MARGIN, "an old token"),
                None => self.given.push((header, at)),
            }
        }
        // Nobody waits for nothing.
        assert!(self.callers.is_empty() || self.under_way() == 1, "{} wait for nothing", self.callers.len());
    }

    async fn apply(&mut self, event: Event) {
        match event {
            Call => {
                self.calls += 1;
                let cache = Arc::clone(&self.cache);
                self.callers.push(tokio::spawn(async move { (cache.header().await, Instant::now()) }));
            }
            Cancel if !self.callers.is_empty() => self.callers.remove(0).abort(),
            Grant | Fail if self.under_way() == 1 => self.orders.send(event == Grant).unwrap(),
            Refuse => {
                if let Some((header, _)) = self.given.last() {
                    self.cache.rejected(header, Phase::First);
                }
            }
            RefuseOlder => {
                if let [.., (older, _), _] = self.given.as_slice() {
                    let held =
                        |cache: &TokenCache| cache.shared.lock().token.as_ref().map(|token| token.header.clone());
                    let before = held(&self.cache);
                    assert_eq!(self.cache.rejected(older, LAST), Reaction::Superseded);
                    assert_eq!(held(&self.cache), before, "another token was given up");
                }
            }
            Keep => {
                if let Some((header, _)) = self.given.last() {
                    self.cache.rejected(header, LAST);
                }
            }
            Wait => tokio::time::advance(LIFE / 5 * 4).await,
            Expire => tokio::time::advance(LONG).await,
            Cancel | Grant | Fail => {}
        }
    }

    /// After any events, a new caller gets a token once the endpoint gives one, and so does each caller that waits.
    async fn end(mut self) {
        self.run_tasks().await;
        tokio::time::advance(LONG).await;
        self.apply(Call).await;
        self.run_tasks().await;
        assert_eq!(self.under_way(), 1, "a failure was remembered");
        for _ in 0..2 {
            self.apply(Grant).await;
            self.run_tasks().await;
        }
        assert_eq!((self.callers.len(), self.under_way()), (0, 0), "somebody is left waiting");
        let started = self.endpoint.started.load(Ordering::SeqCst);
        self.apply(Call).await;
        self.run_tasks().await;
        assert!(
            self.callers.is_empty() && self.endpoint.started.load(Ordering::SeqCst) == started,
            "no token was kept"
        );
    }
}

/// Applies events. All tasks run before the next event if the event stands alone; otherwise the next one follows at once.
async fn run(events: impl IntoIterator<Item = (Event, bool)>) {
    let mut model = Model::new();
    for (event, alone) in events {
        model.apply(event).await;
        if alone {
            model.run_tasks().await;
        }
    }
    model.end().await;
}

#[tokio::test(start_paused = true)]
async fn every_order_of_four_events() {
    let count = EVENTS.len();
    for number in 0..count.pow(4) {
        let events: Vec<Event> = (0..4).map(|place| EVENTS[number / count.pow(place) % count]).collect();
        // Behind a token and a caller, so that there is something for each to happen to.
        let begin = [(Call, true), (Grant, true)];
        run(events.iter().map(|event| (*event, true))).await;
        run(begin.into_iter().chain(events.iter().map(|event| (*event, false)))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn long_random_orders() {
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..2000 {
        let events: Vec<_> = (0..30).map(|_| (EVENTS[random.usize(..EVENTS.len())], random.bool())).collect();
        run(events).await;
    }
}
