//! Fetching the pages of a walk, in order, some of them ahead of the consumer.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument;

use super::form::{Form, Read};
use super::{CursorAt, Paginate, Position};
use crate::client::{AnyValue, Core, Reply, Work, typed};
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::request::Request;
use crate::response::Response;
use crate::text::shorten;

/// How much of a cursor an error shows, in characters.
const CURSOR_SHOWN: usize = 200;

/// A page, and where it stands.
pub(super) struct Fetched<T> {
    pub(super) page: Response<T>,
    pub(super) position: Position,
    /// Where the next page is; `None` behind the last.
    pub(super) next: Option<Position>,
}

/// The most pages that are fetched ahead: more at once would get nowhere but to the service's limits.
pub(super) const MAX_PREFETCH: usize = 64;

/// What fetching a page ended in.
type Outcome<T> = Result<Fetched<T>, Error>;

/// A page that is fetched in a task of its own, which ends with this.
struct Fetch {
    position: Position,
    task: JoinHandle<Outcome<AnyValue>>,
    /// What the page says as soon as it has arrived, once. `None` for numbered pages.
    early: Option<oneshot::Receiver<Early>>,
}

/// What a page says before it is decoded.
struct Early {
    /// The page after it.
    next: Position,
    /// What is left of the request quota.
    remaining: Option<u64>,
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What is asked for the pages, without its types.
trait Ask: Send + Sync {
    fn core(&self) -> &Core;
    fn request(&self, position: &Position) -> Request;
    /// The work that makes a [`Read`] of the answer.
    fn work(&self, position: &Position, reply: &Reply) -> Work;
}

/// A call whose pages are read in a form.
struct InForm<P, F> {
    call: P,
    form: PhantomData<fn() -> F>,
}

impl<P: Paginate, F: Form<P>> Ask for InForm<P, F> {
    fn core(&self) -> &Core {
        self.call.core()
    }

    fn request(&self, position: &Position) -> Request {
        self.call.request_at(position)
    }

    fn work(&self, position: &Position, reply: &Reply) -> Work {
        F::work(&self.call, position, reply)
    }
}

/// A walk: what is called, and the fetches.
pub(super) struct Driver<P, F> {
    call: P,
    fetches: Fetches,
    form: PhantomData<fn() -> F>,
}

impl<P: Paginate, F: Form<P>> Driver<P, F> {
    /// A walk from a position, or one that is at its end.
    pub(super) fn new(call: P, start: Option<Position>, prefetch: usize) -> Self {
        let pages = Arc::new(InForm::<P, F> { call: call.clone(), form: PhantomData });
        Self { call, fetches: Fetches::new(pages, P::OPERATION, P::CURSOR, start, prefetch), form: PhantomData }
    }

    /// The same walk from another position, perhaps in another form. What is under way is cancelled.
    pub(super) fn at<G: Form<P>>(self, position: Option<Position>) -> Driver<P, G> {
        Driver::new(self.call, position, self.fetches.prefetch)
    }

    /// Sets how many pages are fetched ahead of the one that is consumed.
    pub(super) fn set_prefetch(&mut self, pages: usize) {
        self.fetches.prefetch = pages.min(MAX_PREFETCH);
    }

    /// The next page, or `None` behind the last. An error is the last thing.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outcome<F::Page>>> {
        let fetched = ready!(self.fetches.poll_next(cx));
        Poll::Ready(fetched.map(|outcome| {
            outcome.map(|Fetched { page, position, next }| Fetched { page: page.map(typed), position, next })
        }))
    }
}

/// The fetches of one walk. They know nothing of its types, and are compiled once for all.
struct Fetches {
    pages: Arc<dyn Ask>,
    operation: &'static Operation,
    /// Where pages have their cursor, if they have one.
    cursor: Option<CursorAt>,
    /// Pages under way or waiting, in order.
    ahead: VecDeque<Fetch>,
    /// The next page to ask for; `None` while that is not known, and at the end.
    ask: Option<Position>,
    prefetch: usize,
    /// How many requests the service's rate limit leaves room for. Before the first page has come that is not known, nor
    /// whether there is a second page: the first is asked for alone.
    room: usize,
    seen: Seen,
    /// What ends the walk after the pages that have come.
    fault: Option<Error>,
}

impl Fetches {
    fn new(
        pages: Arc<dyn Ask>,
        operation: &'static Operation,
        cursor: Option<CursorAt>,
        start: Option<Position>,
        prefetch: usize,
    ) -> Self {
        let mut seen = Seen::default();
        if let Some(start) = &start {
            seen.insert(start);
        }
        Self { pages, operation, cursor, ahead: VecDeque::new(), ask: start, prefetch, room: 1, seen, fault: None }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outcome<AnyValue>>> {
        // The page that is waited for, and those ahead of it.
        let pages = self.prefetch.saturating_add(1);
        self.start(pages, true);
        while self.poll_early(cx) {
            self.start(pages, true);
        }
        let Some(fetch) = self.ahead.front_mut() else { return Poll::Ready(self.fault.take().map(Err)) };
        let joined = ready!(Pin::new(&mut fetch.task).poll(cx));
        self.ahead.pop_front();
        let outcome = joined.unwrap_or_else(|error| Err(ended(self.operation, &error)));
        match &outcome {
            Ok(fetched) => self.advance(fetched),
            Err(_) => self.stop(),
        }
        Poll::Ready(Some(outcome))
    }

    /// Takes what the last page under way says about the next one, if it has arrived. Returns whether there is news.
    fn poll_early(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(fetch) = self.ahead.back_mut() else { return false };
        let Some(receiver) = &mut fetch.early else { return false };
        let Poll::Ready(received) = Pin::new(receiver).poll(cx) else { return false };
        fetch.early = None;
        let Ok(Early { next, remaining }) = received else { return false };
        // That a cursor repeats is for the decoded page to say.
        if !self.seen.contains(&next) && self.ahead.iter().all(|fetch| fetch.position != next) {
            self.ask = Some(next);
        }
        self.note(remaining);
        true
    }

    /// Notes what a page says about the next, and asks for what may be fetched while the page is consumed.
    fn advance(&mut self, fetched: &Fetched<AnyValue>) {
        // A page after it that has arrived knows better.
        if self.arrived() == 0 {
            self.note(fetched.page.rate_limit().remaining);
        }
        match &fetched.next {
            None => self.stop(),
            Some(position @ Position::Cursor(cursor)) => {
                if self.ahead.front().is_some_and(|fetch| fetch.position != *position) {
                    // The page was not what it seemed to be before it was decoded.
                    self.stop();
                }
                if !self.seen.insert(position) {
                    // The page itself is good; what comes after it is not.
                    self.stop();
                    let message =
                        format!("the service sent the cursor `{}` a second time", shorten(cursor, CURSOR_SHOWN));
                    self.fault = Some(Error::new(ErrorKind::Decode, message).with_operation(self.operation.id()));
                } else if self.ahead.is_empty() {
                    self.ask = Some(position.clone());
                }
            }
            // Numbered pages are asked for by number, whether or not the one before has come.
            Some(_) => {}
        }
        self.start(self.prefetch, false);
    }

    fn note(&mut self, remaining: Option<u64>) {
        self.room = remaining.map_or(usize::MAX, |requests| usize::try_from(requests).unwrap_or(usize::MAX));
    }

    /// Starts fetches until so many pages are ahead, the rate limit leaves no room for more, or nothing more can be asked
    /// for. A page that is `wanted` is asked for whatever the rate limit.
    fn start(&mut self, pages: usize, wanted: bool) {
        while self.ahead.len() < pages {
            // The service has counted the requests of pages that have arrived.
            let under_way = self.ahead.len() - self.arrived();
            if under_way >= self.room && !(wanted && self.ahead.is_empty()) {
                return;
            }
            let Some(position) = self.ask.take() else { return };
            if let Position::Number(number) = position {
                self.ask = number.checked_add(1).map(Position::Number);
            }
            // Nobody asks early where nothing is fetched ahead.
            let at = self.cursor.filter(|_| self.prefetch > 0);
            let (announce, early) = at
                .map(|at| {
                    let (sender, receiver) = oneshot::channel();
                    (Announce { at, sender }, receiver)
                })
                .unzip();
            // In the consumer's span, although in a task of its own.
            let fetch = fetch(Arc::clone(&self.pages), position.clone(), announce).in_current_span();
            self.ahead.push_back(Fetch { position, task: tokio::spawn(fetch), early });
        }
    }

    /// How many of the pages ahead are known to have arrived.
    fn arrived(&self) -> usize {
        if self.cursor.is_none() { 0 } else { self.ahead.iter().filter(|fetch| fetch.early.is_none()).count() }
    }

    fn stop(&mut self) {
        self.ask = None;
        self.ahead.clear();
    }
}

/// The error of a task that did not come to its end. It was not cancelled: we hold it. The text of a panic, which may have
/// quoted anything, has gone to the panic hook and does not become part of the error.
fn ended(operation: &'static Operation, error: &JoinError) -> Error {
    let message = if error.is_panic() {
        "the task that fetched the page panicked"
    } else {
        "fetching the page ended early: the runtime is shutting down"
    };
    Error::new(ErrorKind::Transport, message).with_operation(operation.id())
}

/// Where a page's cursor stands, and whom to tell.
struct Announce {
    at: CursorAt,
    sender: oneshot::Sender<Early>,
}

impl Announce {
    /// Says what a page that has just arrived says of the next one.
    fn read(self, page: &Reply) {
        if let Some(cursor) = self.at.read(page.json()) {
            let early = Early { next: Position::Cursor(cursor), remaining: page.rate_limit().remaining };
            // A walk that has ended does not listen.
            let _ = self.sender.send(early);
        }
    }
}

async fn fetch(pages: Arc<dyn Ask>, position: Position, mut announce: Option<Announce>) -> Outcome<AnyValue> {
    let mut work = |reply: &Reply| {
        if let Some(announce) = announce.take() {
            announce.read(reply);
        }
        pages.work(&position, reply)
    };
    let (page, next): Read = typed(pages.core().read(pages.request(&position), &mut work).await?);
    Ok(Fetched { page, position, next })
}

/// The cursors of a walk, as two 64-bit hashes under random keys each: a walk of any length stays small, and two different
/// cursors are not taken for one.
#[derive(Default)]
struct Seen {
    keys: (RandomState, RandomState),
    cursors: std::collections::HashSet<(u64, u64)>,
}

impl Seen {
    /// Notes a position. Returns whether it is new. Only cursors can repeat.
    fn insert(&mut self, position: &Position) -> bool {
        self.hash(position).is_none_or(|hash| self.cursors.insert(hash))
    }

    fn contains(&self, position: &Position) -> bool {
        self.hash(position).is_some_and(|hash| self.cursors.contains(&hash))
    }

    fn hash(&self, position: &Position) -> Option<(u64, u64)> {
        match position {
            Position::Cursor(cursor) => Some((self.keys.0.hash_one(cursor), self.keys.1.hash_one(cursor))),
            Position::First | Position::Number(_) => None,
        }
    }
}
