//! The token cache: one fetch however many callers, and a fresh token before the old one is due.
//!
//! A token goes through three stages, measured from when it was issued:
//!
//! ```text
//! issued ───────────────────── 80 % of its life ─────────────── 10 s before its end
//!   │  served                    │  served, refreshed in          │  not used any more:
//!   │                            │  the background               │  callers wait for a new one
//! ```
//!
//! At any time at most one fetch is under way. It runs in a task of its own, so that it goes on when the caller that
//! started it is cancelled; everybody who needs its outcome waits for it. A failed background refresh leaves the token in
//! place and is tried again after a growing wait; a failed fetch that callers waited for is theirs to hear of, and is
//! forgotten: the next call starts a new one.

mod failure;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument;

use super::BoxFuture;
use super::bearer::bearer;
use super::token_client::TokenClient;
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::retry::Backoff;
use crate::secret::Secret;

/// How long before its end a token is not used any more, so that it does not expire on the way. IBM's clients keep the
/// same distance.
const MARGIN: Duration = Duration::from_secs(10);

/// The longest that a fetch may take: all its exchanges, their attempts and the waits between them.
const FETCH_TIMEOUT: Duration = Duration::from_secs(60);

/// When a fetch that starts now must have ended.
pub(super) fn fetch_end() -> Deadline {
    Deadline::after(FETCH_TIMEOUT, "token")
}

/// The waits between failed background refreshes: a second at most before the first repetition, a minute at most before
/// any.
const REFRESH_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), REFRESH_BACKOFF_LIMIT);
const REFRESH_BACKOFF_LIMIT: Duration = Duration::from_secs(60);

/// How long a token is kept that was refused although it had just replaced a refused one: another would be refused too.
const KEEP_REFUSED: Duration = Duration::from_secs(60);

/// How many fetches one caller sees vanish before it gives up. One vanishes when the runtime that it runs in is shut down.
const MAX_LOST_FETCHES: usize = 3;

/// A token as it was issued.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) text: Secret,
    /// When it was asked for: its life is counted from before the request, to be on the safe side.
    pub(crate) issued: Instant,
    /// How long it lives. `None`: until the service refuses it.
    pub(crate) lifetime: Option<Duration>,
}

/// How a credential gets a token, retries included.
pub(crate) trait Fetch: Send + Sync + fmt::Debug {
    /// The name of the credential in traces.
    fn name(&self) -> &'static str;

    /// Gets a token, or gives up, by `end`.
    fn fetch<'a>(&'a self, http: &'a TokenClient, end: Deadline) -> BoxFuture<'a, Result<Token, Error>>;
}

/// The cache of one credential's token.
pub(crate) struct TokenCache {
    shared: Arc<Shared>,
}

struct Shared {
    fetch: Arc<dyn Fetch>,
    http: TokenClient,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The fetch under way, if there is one.
    flight: Option<watch::Receiver<Option<Outcome>>>,
    /// How many background refreshes have failed in a row.
    failures: u32,
    /// When the next background refresh may be tried, after a failure.
    not_before: Option<Instant>,
}

/// A token in use.
#[derive(Clone)]
struct Held {
    text: Arc<Secret>,
    header: HeaderValue,
    /// When it is refreshed; `None` is never.
    refresh_at: Option<Instant>,
    /// When it is not used any more; `None` is never.
    unusable_at: Option<Instant>,
    /// Until when a refusal is not held against it, see [`KEEP_REFUSED`].
    kept_until: Option<Instant>,
}

type Outcome = Result<Held, Arc<Error>>;

/// What a caller finds.
enum Found {
    Token(HeaderValue),
    Flight(watch::Receiver<Option<Outcome>>),
}

impl TokenCache {
    pub(crate) fn new(fetch: Arc<dyn Fetch>, http: TokenClient) -> Self {
        Self { shared: Arc::new(Shared { fetch, http, state: Mutex::default() }) }
    }

    /// The HTTP settings that tokens are fetched with.
    pub(crate) fn http(&self) -> &TokenClient {
        &self.shared.http
    }

    /// The `Authorization` header with a usable token.
    ///
    /// # Errors
    ///
    /// Those of the fetch, if there is no usable token.
    pub(crate) async fn header(&self) -> Result<HeaderValue, Error> {
        for _ in 0..MAX_LOST_FETCHES {
            let mut flight = match self.find()? {
                Found::Token(header) => return Ok(header),
                Found::Flight(flight) => flight,
            };
            if let Ok(outcome) = flight.wait_for(Option::is_some).await
                && let Some(outcome) = &*outcome
            {
                return match outcome {
                    Ok(held) => Ok(held.header.clone()),
                    Err(error) => Err(failure::copy(error)),
                };
            }
        }
        Err(Error::new(ErrorKind::Credential, "the token was being fetched in a tokio runtime that was shut down"))
    }

    /// Gives up the token of a header that the service refused, and no other. Returns whether it is worth asking for a
    /// header again.
    pub(crate) fn invalidate(&self, sent: &HeaderValue) -> bool {
        let mut state = self.shared.lock();
        if let Some(held) = state.held.as_ref().filter(|held| held.header == *sent) {
            if held.kept_until.is_some_and(|until| Instant::now() < until) {
                return false;
            }
            state.held = None;
            drop(state);
            let credential = self.shared.fetch.name();
            tracing::info!(target: "cloud_billing_core", { sdk.credential = credential }, "token refused by the service");
        }
        // Where the token is another one by now, somebody else has seen to it.
        true
    }

    /// Notes that the service refused the token of a header although it had replaced a refused one. It is kept for a while:
    /// otherwise each call to a service that refuses everything would cost a token.
    pub(crate) fn keep(&self, sent: &HeaderValue) {
        let mut state = self.shared.lock();
        if let Some(held) = state.held.as_mut().filter(|held| held.header == *sent) {
            held.kept_until = Instant::now().checked_add(KEEP_REFUSED);
            drop(state);
            let credential = self.shared.fetch.name();
            tracing::warn!(
                target: "cloud_billing_core",
                { sdk.credential = credential },
                "a new token is refused by the service as well"
            );
        }
    }

    /// Takes the token out of the cache.
    pub(crate) fn take(&self) -> Option<Arc<Secret>> {
        self.shared.lock().held.take().map(|held| held.text)
    }

    /// The token, or the fetch to wait for. Starts a fetch where one is due.
    fn find(&self) -> Result<Found, Error> {
        let now = Instant::now();
        let (found, due) = {
            let mut state = self.shared.lock();
            let usable = state.held.as_ref().filter(|held| held.is_usable(now)).map(|held| held.header.clone());
            match usable {
                Some(header) => {
                    let due = state.refresh_is_due(now).then(|| self.take_off(&mut state));
                    (Found::Token(header), due)
                }
                None => match &state.flight {
                    Some(flight) => (Found::Flight(flight.clone()), None),
                    None => {
                        let due = self.take_off(&mut state);
                        (Found::Flight(due.outcome.subscribe()), Some(due))
                    }
                },
            }
        };
        // Not under the lock: a runtime that is shutting down drops the task, and with it the flight, at once.
        if let Some(flight) = due {
            let background = matches!(found, Found::Token(_));
            let runtime = Handle::try_current().map_err(|error| {
                Error::new(ErrorKind::Credential, "a token can only be fetched in a tokio runtime").with_source(error)
            })?;
            runtime.spawn(flight.run(background));
        }
        Ok(found)
    }

    /// Registers a fetch.
    fn take_off(&self, state: &mut State) -> Flight {
        let (outcome, flight) = watch::channel(None);
        state.flight = Some(flight);
        Flight { shared: Arc::clone(&self.shared), outcome, landed: false }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code can panic while it holds the lock, and each change of the state is complete in itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refresh_is_due(&self, now: Instant) -> bool {
        self.flight.is_none()
            && self.held.as_ref().is_some_and(|held| held.refresh_at.is_some_and(|at| at <= now))
            && self.not_before.is_none_or(|at| at <= now)
    }

    /// Notes a failed fetch.
    fn failed(&mut self, error: &Error) {
        let asked = error.retry_after().unwrap_or_default().min(REFRESH_BACKOFF_LIMIT);
        self.not_before = Instant::now().checked_add(REFRESH_BACKOFF.delay(self.failures).max(asked));
        self.failures = self.failures.saturating_add(1);
    }
}

impl Held {
    fn new(token: Token) -> Result<Self, Error> {
        let (refresh_at, unusable_at) = match token.lifetime {
            Some(lifetime) => {
                let (refresh, unusable) = stages(lifetime);
                (token.issued.checked_add(refresh), token.issued.checked_add(unusable))
            }
            None => (None, None),
        };
        Ok(Self { header: bearer(&token.text)?, text: Arc::new(token.text), refresh_at, unusable_at, kept_until: None })
    }

    fn is_usable(&self, now: Instant) -> bool {
        self.unusable_at.is_none_or(|at| now < at)
    }
}

/// At what ages a token is refreshed and not used any more.
///
/// The margin takes at most half of a short life. If it begins before 80 % of it, the refresh comes at 80 % of what is
/// left, so that it still is in the background.
fn stages(lifetime: Duration) -> (Duration, Duration) {
    let unusable = lifetime - MARGIN.min(lifetime / 2);
    let refresh = lifetime / 5 * 4;
    (if refresh < unusable { refresh } else { unusable / 5 * 4 }, unusable)
}

/// A fetch under way.
struct Flight {
    shared: Arc<Shared>,
    outcome: watch::Sender<Option<Outcome>>,
    landed: bool,
}

impl Flight {
    fn run(self, background: bool) -> impl Future<Output = ()> + Send + 'static {
        let credential = self.shared.fetch.name();
        let span = tracing::info_span!(
            target: "cloud_billing_core",
            "token",
            sdk.credential = credential,
            sdk.background = background,
        );
        let run = async move {
            let shared = Arc::clone(&self.shared);
            let end = fetch_end();
            // The exchanges end by themselves, with what they know.
            let fetch = end.limit("no token", shared.fetch.fetch(&shared.http, end)).await;
            let outcome = fetch.unwrap_or_else(|late| {
                let message = late.message().unwrap_or_default();
                Err(Error::new(ErrorKind::Credential, message).with_connect_timeout())
            });
            self.land(outcome.and_then(|token| {
                let lifetime = token.lifetime.map(|lifetime| lifetime.as_secs());
                let held = Held::new(token)?;
                tracing::debug!(target: "cloud_billing_core", { sdk.lifetime_s = lifetime }, "token fetched");
                Ok(held)
            }));
        };
        run.instrument(span)
    }

    /// Publishes the outcome.
    fn land(mut self, outcome: Result<Held, Error>) {
        let mut state = self.shared.lock();
        match &outcome {
            Ok(held) => *state = State { held: Some(held.clone()), ..State::default() },
            Err(error) => {
                state.failed(error);
                state.flight = None;
                let kept = state.held.is_some();
                // The service's words are not repeated, as in the span of a call.
                tracing::warn!(
                    target: "cloud_billing_core",
                    {
                        http.response.status_code = error.status(),
                        sdk.attempts = error.attempts(),
                        sdk.kept = kept
                    },
                    "no token",
                );
            }
        }
        drop(state);
        self.landed = true;
        self.outcome.send_replace(Some(outcome.map_err(Arc::new)));
    }
}

impl Drop for Flight {
    /// A fetch that does not end must not be waited for. Those who already wait learn it from the closed channel.
    fn drop(&mut self) {
        if !self.landed {
            self.shared.lock().flight = None;
        }
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("fetch", &self.shared.fetch).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod model;
