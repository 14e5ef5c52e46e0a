use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio::time::{advance, timeout};

use super::*;
use crate::auth::BoxFuture;

const HOUR: Duration = Duration::from_secs(3600);

/// A token endpoint that answers when it is let to, with the tokens `t1`, `t2` and so on.
#[derive(Debug)]
struct Endpoint {
    fetches: AtomicUsize,
    gate: Semaphore,
    lifetime: Option<Duration>,
    /// Failures to come; `None` is a success.
    failures: Mutex<VecDeque<Option<Error>>>,
}

impl TokenSource for Endpoint {
    fn name(&self) -> &'static str {
        "test"
    }

    fn fetch<'a>(&'a self, _: &'a TokenClient, _: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
        let number = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        let issued = Instant::now();
        Box::pin(async move {
            self.gate.acquire().await.unwrap().forget();
            match self.failures.lock().unwrap().pop_front().flatten() {
                Some(error) => Err(error),
                None => Ok(Token { text: Secret::new(format!("t{number}")), issued, lifetime: self.lifetime }),
            }
        })
    }
}

struct Fixture {
    endpoint: Arc<Endpoint>,
    cache: Arc<TokenCache>,
}

impl Fixture {
    /// A cache whose endpoint answers at once.
    fn open(lifetime: Option<Duration>) -> Self {
        let this = Self::closed(lifetime);
        this.endpoint.gate.add_permits(1_000_000);
        this
    }

    /// A cache whose endpoint answers as often as `let_through` says.
    fn closed(lifetime: Option<Duration>) -> Self {
        let (fetches, gate, failures) = (AtomicUsize::new(0), Semaphore::new(0), Mutex::default());
        let endpoint = Arc::new(Endpoint { fetches, gate, lifetime, failures });
        let cache = Arc::new(TokenCache::new(Arc::clone(&endpoint) as Arc<dyn TokenSource>, TokenClient::default()));
        Self { endpoint, cache }
    }

    fn let_through(&self, fetches: usize) {
        self.endpoint.gate.add_permits(fetches);
    }

    fn fail_next(&self, error: Error) {
        self.endpoint.failures.lock().unwrap().push_back(Some(error));
    }

    fn fetches(&self) -> usize {
        self.endpoint.fetches.load(Ordering::SeqCst)
    }

    async fn token(&self) -> Result<String, Error> {
        self.cache.header().await.map(|header| header.to_str().unwrap().replace("Bearer ", ""))
    }

    /// The token, which must be there without waiting.
    async fn token_now(&self) -> String {
        timeout(Duration::ZERO, self.token()).await.unwrap().unwrap()
    }

    /// The service refuses a token, as in the first 401 of an attempt.
    fn refuse(&self, token: &str) -> Reaction {
        self.refuse_after(0, token)
    }

    /// It refuses a token after this many 401s of the same attempt.
    fn refuse_after(&self, rejections: u32, token: &str) -> Reaction {
        let phase = if rejections == 0 { Phase::First } else { Phase::Repeat { rejections, renewals: rejections } };
        self.cache.rejected(&HeaderValue::try_from(format!("Bearer {token}")).unwrap(), phase)
    }
}

/// Lets the tasks in the background run until they wait for something.
async fn idle() {
    for _ in 0..20 {
        yield_now().await;
    }
}

fn failure() -> Error {
    Error::new(ErrorKind::Credential, "refused")
        .with_response(400, Some("id-1".to_owned()))
        .with_attempts(3)
        .with_source("the cause")
}

#[test]
fn the_stages_of_a_life() {
    let of = |seconds| {
        let (refresh, unusable) = stages(Duration::from_secs(seconds));
        (refresh.as_secs(), unusable.as_secs())
    };
    assert_eq!(of(3600), (2880, 3590));
    assert_eq!(of(100), (80, 90));
    // 80 % of the life would come with the margin or later.
    assert_eq!(of(50), (32, 40));
    assert_eq!(of(20), (8, 10));
    assert_eq!(of(10), (4, 5));
    assert_eq!(of(0), (0, 0));
    let (refresh, unusable) = stages(Duration::MAX);
    assert!(refresh < unusable && unusable < Duration::MAX);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_fetched_once_and_refreshed_in_the_background() {
    let fixture = Fixture::closed(Some(HOUR));
    fixture.let_through(1);
    assert_eq!(fixture.token().await.unwrap(), "t1");
    advance(Duration::from_secs(2879)).await;
    assert_eq!(fixture.token_now().await, "t1");
    idle().await;
    assert_eq!(fixture.fetches(), 1);

    // From 80 % of its life on. The old one serves as long as it takes, and nobody else starts a refresh.
    advance(Duration::from_secs(1)).await;
    for _ in 0..3 {
        assert_eq!(fixture.token_now().await, "t1");
        idle().await;
        assert_eq!(fixture.fetches(), 2);
    }
    fixture.let_through(1);
    idle().await;
    assert_eq!(fixture.token_now().await, "t2");
    assert_eq!(fixture.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_not_used_in_its_last_ten_seconds() {
    let fixture = Fixture::open(Some(HOUR));
    fixture.token().await.unwrap();
    // Nobody calls while it could be refreshed.
    advance(Duration::from_millis(3_589_999)).await;
    assert_eq!(fixture.token_now().await, "t1");
    idle().await;
    assert_eq!(fixture.token_now().await, "t2");

    advance(Duration::from_secs(3590)).await;
    assert!(timeout(Duration::ZERO, fixture.token()).await.is_err());
    assert_eq!(fixture.token().await.unwrap(), "t3");
}

#[tokio::test(start_paused = true)]
async fn a_token_without_a_lifetime_is_kept() {
    let fixture = Fixture::open(None);
    fixture.token().await.unwrap();
    advance(1000 * HOUR).await;
    assert_eq!(fixture.token_now().await, "t1");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_born_dead_serves_those_who_waited() {
    let fixture = Fixture::open(Some(Duration::ZERO));
    assert_eq!(fixture.token().await.unwrap(), "t1");
    assert_eq!(fixture.token().await.unwrap(), "t2");
}

#[tokio::test(start_paused = true)]
async fn a_failed_refresh_keeps_the_token_and_is_repeated_ever_later() {
    let fixture = Fixture::open(Some(HOUR));
    fixture.token().await.unwrap();
    advance(Duration::from_secs(2880)).await;
    let mut waits = Vec::new();
    for round in 0..8 {
        fixture.fail_next(failure());
        let due = Instant::now();
        while fixture.fetches() < 2 + round {
            assert_eq!(fixture.token_now().await, "t1");
            idle().await;
            advance(Duration::from_millis(50)).await;
        }
        waits.push(due.elapsed());
    }
    // The first wait in the list is that for the first refresh, the second that after the first failure.
    assert!(waits[1] <= Duration::from_millis(1100), "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= Duration::from_millis(60_100)), "{waits:?}");

    // And then it works.
    while fixture.token_now().await == "t1" {
        idle().await;
        advance(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_waits_as_long_as_the_endpoint_asks() {
    let fixture = Fixture::open(Some(HOUR));
    fixture.token().await.unwrap();
    advance(Duration::from_secs(2880)).await;
    fixture.fail_next(failure().with_retry_after(Some(Duration::from_secs(30))));
    fixture.token_now().await;
    idle().await;
    advance(Duration::from_secs(29)).await;
    fixture.token_now().await;
    idle().await;
    assert_eq!(fixture.fetches(), 2);
    advance(Duration::from_secs(1)).await;
    fixture.token_now().await;
    idle().await;
    assert_eq!(fixture.token_now().await, "t3");
}

#[tokio::test(start_paused = true)]
async fn a_failure_goes_to_all_who_wait_and_is_not_kept() {
    let fixture = Fixture::closed(Some(HOUR));
    fixture.fail_next(failure());
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let cache = Arc::clone(&fixture.cache);
            tokio::spawn(async move { cache.header().await })
        })
        .collect();
    idle().await;
    fixture.let_through(1);
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Credential, Some(400), 3));
        assert_eq!((error.message(), error.request_id()), (Some("refused"), Some("id-1")));
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the cause");
        assert!(error.is_auth());
    }
    assert_eq!(fixture.fetches(), 1);
    // At once, without a wait.
    fixture.let_through(1);
    assert_eq!(fixture.token().await.unwrap(), "t2");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_does_not_take_longer_than_a_minute() {
    let fixture = Fixture::closed(Some(HOUR));
    let started = Instant::now();
    let error = fixture.token().await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(60));
    assert_eq!((error.kind(), error.is_timeout(), error.is_auth()), (ErrorKind::Credential, true, true));
}

#[tokio::test(start_paused = true)]
async fn only_the_very_token_that_was_refused_is_given_up() {
    let fixture = Fixture::open(Some(HOUR));
    assert_eq!(fixture.token().await.unwrap(), "t1");
    // A burst of refusals of calls that were sent with the same token.
    assert_eq!(fixture.refuse("t1"), Reaction::Renewed);
    for _ in 0..100 {
        assert_eq!(fixture.refuse("t1"), Reaction::Superseded);
    }
    assert_eq!(fixture.token().await.unwrap(), "t2");
    // And one that comes late.
    assert_eq!(fixture.refuse("t1"), Reaction::Superseded);
    assert_eq!(fixture.token_now().await, "t2");
    assert_eq!(fixture.fetches(), 2);
}

/// Seconds from one refusal until the next token, for a service that refuses every token in every call.
#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_everything_gets_ever_fewer_tokens() {
    let fixture = Fixture::open(Some(HOUR));
    let mut waits = Vec::new();
    for _ in 0..9 {
        let refused = Instant::now();
        let fetches = fixture.fetches();
        // Calls, one after the other.
        while fixture.fetches() == fetches || waits.is_empty() && fixture.fetches() < 3 {
            for rejections in 0.. {
                let token = fixture.token().await.unwrap();
                if fixture.refuse_after(rejections, &token) == Reaction::GiveUp {
                    break;
                }
            }
            advance(Duration::from_millis(100)).await;
        }
        waits.push(refused.elapsed().as_secs());
    }
    // The first call replaces two tokens, which could have been voided one after the other.
    assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(fixture.fetches(), 3 + 8);
}

#[tokio::test(start_paused = true)]
async fn a_kept_token_stays_in_use_and_is_forgiven() {
    let fixture = Fixture::open(Some(HOUR));
    assert_eq!(fixture.token().await.unwrap(), "t1");
    assert_eq!(fixture.refuse_after(2, "t1"), Reaction::GiveUp);
    assert_eq!(fixture.refuse("t1"), Reaction::GiveUp);
    assert_eq!(fixture.token_now().await, "t1");
    advance(Duration::from_secs(1)).await;
    assert_eq!(fixture.refuse("t1"), Reaction::Renewed);
    assert_eq!(fixture.token().await.unwrap(), "t2");
    // Soon afterwards, an attempt replaces one token only, and the next one is kept for longer.
    assert_eq!(fixture.refuse_after(1, "t2"), Reaction::GiveUp);
    advance(Duration::from_millis(1999)).await;
    assert_eq!(fixture.refuse("t2"), Reaction::GiveUp);
    // After a minute without trouble it is as at the beginning.
    advance(Duration::from_secs(62)).await;
    assert_eq!(fixture.refuse_after(1, "t2"), Reaction::Renewed);
}

/// The attempt tries a token that another call has fetched, however many it has discarded.
#[tokio::test(start_paused = true)]
async fn a_token_that_another_call_fetched_is_tried() {
    let fixture = Fixture::open(Some(HOUR));
    fixture.token().await.unwrap();
    fixture.refuse("t1");
    assert_eq!(fixture.token().await.unwrap(), "t2");
    for rejections in 0..9 {
        assert_eq!(fixture.refuse_after(rejections, "t1"), Reaction::Superseded);
    }
    assert_eq!((fixture.token_now().await.as_str(), fixture.fetches()), ("t2", 2));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_not_waited_for_twice() {
    let fixture = Fixture::closed(Some(HOUR));
    fixture.let_through(1);
    fixture.token().await.unwrap();
    advance(Duration::from_secs(3000)).await;
    // The refresh is under way already when the token is refused.
    fixture.token_now().await;
    idle().await;
    fixture.refuse("t1");
    fixture.let_through(1);
    assert_eq!(fixture.token().await.unwrap(), "t2");
    assert_eq!(fixture.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_caller_strands_nobody() {
    let fixture = Fixture::closed(Some(HOUR));
    // It starts the fetch, and goes away.
    assert!(timeout(Duration::from_secs(1), fixture.token()).await.is_err());
    let waiter = tokio::spawn({
        let cache = Arc::clone(&fixture.cache);
        async move { cache.header().await }
    });
    idle().await;
    fixture.let_through(1);
    assert_eq!(waiter.await.unwrap().unwrap().as_bytes(), b"Bearer t1");
    assert_eq!(fixture.fetches(), 1);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

#[test]
fn a_runtime_that_ends_takes_its_fetch_along_and_no_more() {
    let fixture = Fixture::closed(Some(HOUR));
    let first = runtime();
    assert!(first.block_on(async { timeout(Duration::from_millis(10), fixture.token()).await }).is_err());
    drop(first);
    fixture.let_through(1);
    assert_eq!(runtime().block_on(fixture.token()).unwrap(), "t2");
}

/// The runtime exists but does not run, so its tasks and timers stand still.
#[test]
fn a_fetch_in_an_idle_runtime_is_replaced() {
    let fixture = Fixture::closed(Some(HOUR));
    let idle = runtime();
    assert!(idle.block_on(async { timeout(Duration::from_millis(10), fixture.token()).await }).is_err());
    // The endpoint answers both.
    fixture.let_through(2);
    assert_eq!(runtime().block_on(fixture.token()).unwrap(), "t2");
    // When the first runtime goes on, its fetch changes nothing.
    assert_eq!(idle.block_on(async { (self::idle().await, fixture.token_now().await) }).1, "t2");
    assert_eq!(fixture.fetches(), 2);
}

#[test]
fn a_background_refresh_in_an_idle_runtime_is_replaced() {
    let fixture = Fixture::closed(Some(Duration::from_millis(500)));
    fixture.let_through(1);
    let idle = runtime();
    assert_eq!(idle.block_on(fixture.token()).unwrap(), "t1");
    // The token is due for a refresh at 200 ms; from 250 ms on it is not sent.
    idle.block_on(async {
        while fixture.fetches() < 2 {
            let _ = timeout(Duration::from_millis(1), fixture.token()).await;
        }
    });
    fixture.let_through(2);
    assert_eq!(runtime().block_on(fixture.token()).unwrap(), "t3");
}

/// A slow fetch is not a lost one.
#[tokio::test(start_paused = true)]
async fn a_slow_fetch_is_waited_for() {
    let fixture = Fixture::closed(Some(HOUR));
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let cache = Arc::clone(&fixture.cache);
            tokio::spawn(async move { cache.header().await })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(50)).await;
    fixture.let_through(1);
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), "Bearer t1");
    }
    assert_eq!(fixture.fetches(), 1);
}

#[test]
fn without_a_runtime_it_is_an_error_and_no_panic() {
    let fixture = Fixture::open(Some(HOUR));
    let mut call = std::pin::pin!(fixture.token());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(result) = call.as_mut().poll(&mut context) else { panic!("it waits") };
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Credential);
}

/// A token with a line break cannot be put into a header.
#[tokio::test(start_paused = true)]
async fn an_unusable_token_is_a_failed_fetch() {
    #[derive(Debug)]
    struct Broken;

    impl TokenSource for Broken {
        fn name(&self) -> &'static str {
            "test"
        }

        fn fetch<'a>(&'a self, _: &'a TokenClient, _: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
            let token = Token { text: Secret::new("hush\r\n"), issued: Instant::now(), lifetime: None };
            Box::pin(std::future::ready(Ok(token)))
        }
    }

    let cache = TokenCache::new(Arc::new(Broken), TokenClient::default());
    let error = cache.header().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Credential && !format!("{error:?}").contains("hush"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_on_several_threads_fetch_once() {
    let fixture = Fixture::open(Some(HOUR));
    let together = Arc::new(tokio::sync::Barrier::new(1000));
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let (cache, together) = (Arc::clone(&fixture.cache), Arc::clone(&together));
            tokio::spawn(async move {
                together.wait().await;
                let first = cache.header().await.unwrap();
                // All have it; then all are refused.
                together.wait().await;
                cache.rejected(&first, Phase::First);
                (first, cache.header().await.unwrap())
            })
        })
        .collect();
    for call in calls {
        let (first, second) = call.await.unwrap();
        assert!(first == "Bearer t1" && second == "Bearer t2");
    }
    assert_eq!(fixture.fetches(), 2);
}
