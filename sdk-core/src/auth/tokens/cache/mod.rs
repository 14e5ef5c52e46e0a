//! The token cache: one token request however many callers, and a new token before the old one expires.
//!
//! A token has three stages, measured from when it was requested:
//!
//! ```text
//! issued ───────────────────── 80 % of its lifetime ─────────── 10 s before its end
//!   │  sent                      │  sent, refreshed in            │  not sent:
//!   │                            │  the background                │  callers wait for a new one
//! ```
//!
//! One fetch is in flight at a time. It is a task, so it continues when the caller that started it is cancelled. Every
//! second the task reports that it is alive, since its runtime may stand still: a `current_thread` runtime does so between two
//! calls of `block_on`. A fetch that is silent for [`SILENCE`] is replaced by the next caller that needs it, in
//! that caller's runtime.
//!
//! A failed background refresh keeps the old token and is repeated after a growing wait. A failed fetch that callers waited
//! for is returned to them and not remembered.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http::HeaderValue;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::Instrument;
use tracing::field::Empty;

use super::client::TokenClient;
use super::{Token, TokenSource};
use crate::auth::bearer::bearer;
use crate::auth::{Phase, Reaction};
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::intercept::TokenFetch;
use crate::lock::lock;
use crate::retry::Backoff;
use crate::secret::Secret;
use crate::telemetry;

/// A token this close to its end is not sent, so that it does not expire on the way. IBM's clients have the same margin.
const MARGIN: Duration = Duration::from_secs(10);

/// The longest that a fetch may take: all its token requests with their attempts and waits.
const FETCH_TIMEOUT: Duration = Duration::from_secs(60);

/// The deadline of a fetch that starts now.
pub(in crate::auth) fn fetch_end() -> Deadline {
    Deadline::after(FETCH_TIMEOUT, "token")
}

/// How often a fetch reports that it is alive, and after which silence it is replaced.
const BEAT: Duration = Duration::from_secs(1);
const SILENCE: Duration = Duration::from_secs(3);

/// How long a silent fetch is given before it is replaced: the whole process may have stood still.
const GRACE: Duration = Duration::from_millis(100);

/// The waits between failed background refreshes, and how long a refused token is kept.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), BACKOFF_LIMIT);
const BACKOFF_LIMIT: Duration = Duration::from_secs(60);

/// How many refused tokens an attempt replaces. If the next one is refused too, the token is not the cause.
const MAX_RENEWALS: u32 = 2;

/// How many fetches may end without an outcome, because their runtimes were shut down, before a caller gives up.
const MAX_LOST_FETCHES: usize = 3;

/// The cache of one credential's token.
pub(in crate::auth) struct TokenCache {
    shared: Arc<Shared>,
}

struct Shared {
    source: Arc<dyn TokenSource>,
    client: TokenClient,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<CachedToken>,
    in_flight: Option<InFlight>,
    /// The number of fetches so far.
    fetches: u64,
    /// The number of background refreshes that failed in a row, and when the next one may start.
    failures: u32,
    refresh_from: Option<Instant>,
    /// How often a refused token was kept, and until when refusals replace no token.
    kept: u32,
    kept_until: Option<Instant>,
}

#[derive(Clone)]
struct CachedToken {
    text: Arc<Secret>,
    header: HeaderValue,
    /// When it is refreshed; `None` is never.
    refresh_at: Option<Instant>,
    /// From when it is not sent; `None` is never.
    unusable_at: Option<Instant>,
}

type Outcome = Result<CachedToken, Arc<Error>>;

/// A fetch as its waiters see it.
struct InFlight {
    id: u64,
    outcome: watch::Receiver<Option<Outcome>>,
    /// When it last reported that it is alive.
    seen: Instant,
}

/// What a caller finds.
enum Found {
    Token(HeaderValue),
    /// A fetch, and whether it is silent.
    Fetch(watch::Receiver<Option<Outcome>>, bool),
}

impl TokenCache {
    pub(super) fn new(source: Arc<dyn TokenSource>, client: TokenClient) -> Self {
        Self { shared: Arc::new(Shared { source, client, state: Mutex::default() }) }
    }

    /// The HTTP client for token requests.
    pub(in crate::auth) fn client(&self) -> &TokenClient {
        &self.shared.client
    }

    /// Returns the `Authorization` header with a usable token.
    ///
    /// # Errors
    ///
    /// Returns the error of the fetch if there is no usable token.
    pub(super) async fn header(&self) -> Result<HeaderValue, Error> {
        let (mut lost, mut was_silent) = (0, false);
        while lost < MAX_LOST_FETCHES {
            let (mut fetch, silent) = match self.find(was_silent)? {
                Found::Token(header) => return Ok(header),
                Found::Fetch(fetch, silent) => (fetch, silent),
            };
            let patience = if silent { GRACE } else { SILENCE };
            let outcome = timeout(patience, fetch.wait_for(Option::is_some)).await;
            match outcome.map(|outcome| outcome.map(|outcome| outcome.clone())) {
                Ok(Ok(Some(Ok(token)))) => return Ok(token.header),
                Ok(Ok(Some(Err(error)))) => return Err(error.copy()),
                Ok(_) => lost += 1,
                Err(_) => was_silent = silent,
            }
        }
        Err(Error::new(ErrorKind::Credential, "the token was being fetched in a tokio runtime that was shut down"))
    }

    /// Handles a refused header. The token of this header is replaced, unless the attempt has replaced too many: then it is
    /// kept for a while, because otherwise every call to a service that refuses everything would cost a token.
    pub(super) fn rejected(&self, sent: &HeaderValue, phase: Phase) -> Reaction {
        let credential = self.shared.source.name();
        let mut state = self.shared.lock();
        if state.token.as_ref().is_none_or(|token| token.header != *sent) {
            return Reaction::Superseded;
        }
        let now = Instant::now();
        if state.kept_until.is_some_and(|until| now < until) {
            return Reaction::GiveUp;
        }
        if state.keeps(now, phase) {
            drop(state);
            tracing::warn!(
                target: "cloud_billing_core",
                { sdk.credential = credential },
                "a new token is refused by the service as well"
            );
            return Reaction::GiveUp;
        }
        state.token = None;
        drop(state);
        tracing::info!(target: "cloud_billing_core", { sdk.credential = credential }, "token refused by the service");
        Reaction::Renewed
    }

    /// Removes the token from the cache.
    pub(in crate::auth) fn evict(&self) -> Option<Arc<Secret>> {
        self.shared.lock().token.take().map(|token| token.text)
    }

    /// Returns the token, or the fetch to wait for. Starts a fetch if one is due, and with `replace` also if the one in
    /// flight is silent.
    fn find(&self, replace: bool) -> Result<Found, Error> {
        let now = Instant::now();
        let (found, due) = {
            let mut state = self.shared.lock();
            match state.usable(now) {
                Some(header) => {
                    let due = state.refresh_is_due(now).then(|| self.start(&mut state));
                    (Found::Token(header), due)
                }
                None => match state.in_flight.as_ref().map(|fetch| (fetch, fetch.is_silent(now))) {
                    Some((fetch, silent)) if !(silent && replace) => {
                        (Found::Fetch(fetch.outcome.clone(), silent), None)
                    }
                    _ => {
                        let due = self.start(&mut state);
                        (Found::Fetch(due.outcome.subscribe(), false), Some(due))
                    }
                },
            }
        };
        // Without the lock: a runtime that is shutting down drops the task at once.
        if let Some(fetch) = due {
            let background = matches!(found, Found::Token(_));
            let runtime = Handle::try_current().map_err(|error| {
                Error::new(ErrorKind::Credential, "a token can only be fetched in a tokio runtime").with_source(error)
            })?;
            runtime.spawn(fetch.run(background));
        }
        Ok(found)
    }

    /// Registers a fetch, in place of one that is silent.
    fn start(&self, state: &mut State) -> Fetch {
        let (sender, outcome) = watch::channel(None);
        state.fetches += 1;
        state.in_flight = Some(InFlight { id: state.fetches, outcome, seen: Instant::now() });
        Fetch { shared: Arc::clone(&self.shared), id: state.fetches, outcome: sender }
    }
}

impl Shared {
    /// Tells the interceptors what came of a fetch.
    fn report(&self, background: bool, duration: Duration, error: Option<&Error>) {
        let (client, credential) = (&self.client, self.source.name());
        client.interceptors.token(&TokenFetch { service: client.service, credential, background, duration, error });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn usable(&self, now: Instant) -> Option<HeaderValue> {
        let token = self.token.as_ref().filter(|token| token.unusable_at.is_none_or(|at| now < at))?;
        Some(token.header.clone())
    }

    fn refresh_is_due(&self, now: Instant) -> bool {
        self.in_flight.is_none()
            && self.token.as_ref().is_some_and(|token| token.refresh_at.is_some_and(|at| at <= now))
            && self.refresh_from.is_none_or(|at| at <= now)
    }

    /// Whether a refused token is kept. Each time it is kept for longer. This starts over once none was kept for a minute.
    fn keeps(&mut self, now: Instant, phase: Phase) -> bool {
        if self.kept_until.is_some_and(|until| now.duration_since(until) > BACKOFF_LIMIT) {
            (self.kept, self.kept_until) = (0, None);
        }
        let keeps = if self.kept == 0 { phase.renewals() >= MAX_RENEWALS } else { phase.rejections() > 0 };
        if keeps {
            self.kept_until = now.checked_add(BACKOFF.ceiling(self.kept));
            self.kept = self.kept.saturating_add(1);
        }
        keeps
    }

    /// Records a failed fetch.
    fn failed(&mut self, error: &Error) {
        let asked = error.retry_after().unwrap_or_default().min(BACKOFF_LIMIT);
        self.refresh_from = Instant::now().checked_add(BACKOFF.delay(self.failures, None).max(asked));
        self.failures = self.failures.saturating_add(1);
    }
}

impl InFlight {
    fn is_silent(&self, now: Instant) -> bool {
        now.duration_since(self.seen) >= SILENCE
    }
}

impl CachedToken {
    fn new(token: Token) -> Result<Self, Error> {
        let stages = token.lifetime.map(stages);
        let at = |age: Option<Duration>| age.and_then(|age| token.issued.checked_add(age));
        let (refresh_at, unusable_at) = (at(stages.map(|(refresh, _)| refresh)), at(stages.map(|(_, end)| end)));
        Ok(Self { header: bearer(&token.text)?, text: Arc::new(token.text), refresh_at, unusable_at })
    }
}

/// The ages at which a token is refreshed, and from which it is not sent.
///
/// The margin takes at most half of a short lifetime. If it begins before 80 % of the lifetime, the refresh comes at 80 % of
/// the rest, so that it is still in the background.
fn stages(lifetime: Duration) -> (Duration, Duration) {
    let unusable = lifetime - MARGIN.min(lifetime / 2);
    let refresh = lifetime / 5 * 4;
    (if refresh < unusable { refresh } else { unusable / 5 * 4 }, unusable)
}

/// The task of a fetch.
struct Fetch {
    shared: Arc<Shared>,
    id: u64,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Fetch {
    fn run(self, background: bool) -> impl Future<Output = ()> + Send + 'static {
        let span = tracing::info_span!(
            target: "cloud_billing_core",
            "token",
            sdk.credential = self.shared.source.name(),
            sdk.background = background,
            otel.status_code = Empty,
            "error.type" = Empty,
        );
        let own = span.clone();
        let run = async move {
            let started = Instant::now();
            let outcome = self.fetch().await.and_then(|token| {
                let lifetime = token.lifetime.map(|lifetime| lifetime.as_secs());
                let token = CachedToken::new(token)?;
                tracing::debug!(target: "cloud_billing_core", { sdk.lifetime_s = lifetime }, "token fetched");
                Ok(token)
            });
            if let Err(error) = &outcome {
                telemetry::record_error(&own, error);
            }
            self.shared.report(background, started.elapsed(), outcome.as_ref().err());
            self.complete(outcome);
        };
        run.instrument(span)
    }

    async fn fetch(&self) -> Result<Token, Error> {
        let end = fetch_end();
        // Token requests end by themselves, with a better error.
        let mut fetch = std::pin::pin!(end.limit("no token", self.shared.source.fetch(&self.shared.client, end)));
        loop {
            match timeout(BEAT, fetch.as_mut()).await {
                Ok(Ok(outcome)) => return outcome,
                Ok(Err(late)) => {
                    let message = late.message().unwrap_or_default();
                    return Err(Error::new(ErrorKind::Credential, message).with_connect_timeout());
                }
                Err(_) => self.beat(),
            }
        }
    }

    /// Reports that the fetch is alive.
    fn beat(&self) {
        if let Some(fetch) = self.shared.lock().in_flight.as_mut().filter(|fetch| fetch.id == self.id) {
            fetch.seen = Instant::now();
        }
    }

    /// Publishes the outcome. The one of a fetch that was replaced is only for those who wait for it.
    fn complete(self, outcome: Result<CachedToken, Error>) {
        let mut state = self.shared.lock();
        let current = state.in_flight.take_if(|fetch| fetch.id == self.id).is_some();
        match &outcome {
            _ if !current => {}
            Ok(token) => {
                state.token = Some(token.clone());
                (state.failures, state.refresh_from) = (0, None);
            }
            Err(error) => state.failed(error),
        }
        let kept = state.token.is_some();
        drop(state);
        if let Err(error) = &outcome {
            // Without the message, which comes from the service.
            tracing::warn!(
                target: "cloud_billing_core",
                { http.response.status_code = error.status(), sdk.attempts = error.attempts(), sdk.kept = kept },
                "no token",
            );
        }
        self.outcome.send_replace(Some(outcome.map_err(Arc::new)));
    }
}

impl Drop for Fetch {
    /// A fetch that was dropped is not waited for. Its waiters notice the closed channel.
    fn drop(&mut self) {
        self.shared.lock().in_flight.take_if(|fetch| fetch.id == self.id);
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("source", &self.shared.source.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod model;
