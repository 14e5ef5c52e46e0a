//! Fetches pages in order, some of them ahead of the consumer.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument;

use super::layout::Found;
use super::{Layout, Paginate, Position};
use crate::client::{Core, Reply};
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::request::Request;
use crate::text::shorten;

/// The most pages that are fetched ahead. More at once would only run into the service's limits.
const MAX_PREFETCH: usize = 64;

/// How much of a cursor an error shows, in characters.
const CURSOR_SHOWN: usize = 200;

/// A call that returns pages, without its types.
pub(super) trait Source: Send + Sync {
    fn operation(&self) -> &'static Operation;
    fn layout(&self) -> Layout;
    fn core(&self) -> &Core;
    fn request_at(&self, position: &Position) -> Request;
    fn page_size(&self) -> Option<u64>;
}

impl<P: Paginate> Source for P {
    fn operation(&self) -> &'static Operation {
        P::OPERATION
    }

    fn layout(&self) -> Layout {
        P::LAYOUT
    }

    fn core(&self) -> &Core {
        Paginate::core(self)
    }

    fn request_at(&self, position: &Position) -> Request {
        Paginate::request_at(self, position)
    }

    fn page_size(&self) -> Option<u64> {
        Paginate::page_size(self)
    }
}

/// A page that has arrived.
pub(super) struct Fetched {
    pub(super) reply: Reply,
    pub(super) position: Position,
    /// The next page, if the page ends with its cursor.
    pub(super) next: Option<Position>,
}

/// A page that is fetched in a task of its own, which is cancelled when this is dropped.
struct Fetch {
    position: Position,
    task: JoinHandle<Result<Fetched, Error>>,
    arrived: Option<Result<Fetched, Error>>,
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The fetches of one list.
pub(super) struct Fetches {
    pub(super) source: Arc<dyn Source>,
    /// Pages under way or arrived, in order.
    ahead: VecDeque<Fetch>,
    /// The next page to fetch; `None` while it is not known, and at the end.
    next: Option<Position>,
    prefetch: usize,
    /// How many requests the service's rate limit leaves room for. The first page is fetched alone.
    room: usize,
    /// Whether a numbered page has said that there is another one. Until then one page is fetched at a time.
    is_numbered: bool,
    seen: Seen,
    /// How often the current page was fetched again.
    retries: u32,
    /// The error after the pages that have arrived.
    failure: Option<Error>,
}

impl Fetches {
    /// Starts at a position; without one, at the end.
    pub(super) fn new(source: Arc<dyn Source>, start: Option<Position>, prefetch: usize) -> Self {
        let mut seen = Seen::default();
        if let Some(start) = &start {
            seen.insert(start);
        }
        let (ahead, room) = (VecDeque::new(), 1);
        Self { source, ahead, next: start, prefetch, room, is_numbered: false, seen, retries: 0, failure: None }
    }

    /// The same from another position. Fetches under way are cancelled.
    pub(super) fn restart(&mut self, start: Option<Position>) {
        *self = Self::new(Arc::clone(&self.source), start, self.prefetch);
    }

    pub(super) fn set_prefetch(&mut self, pages: usize) {
        self.prefetch = pages.min(MAX_PREFETCH);
    }

    /// The next page, or `None` after the last. After an error there is nothing more. The caller says with
    /// [`confirm`](Self::confirm) what comes after the page.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Fetched, Error>>> {
        loop {
            self.start(self.prefetch.saturating_add(1));
            if !self.poll_arrivals(cx) {
                break;
            }
        }
        let Some(first) = self.ahead.front_mut() else { return Poll::Ready(self.failure.take().map(Err)) };
        let Some(outcome) = first.arrived.take() else { return Poll::Pending };
        self.ahead.pop_front();
        match &outcome {
            Ok(_) => self.start(self.prefetch),
            Err(_) => self.stop(),
        }
        Poll::Ready(Some(outcome))
    }

    /// Takes what has arrived. Returns whether anything has.
    fn poll_arrivals(&mut self, cx: &mut Context<'_>) -> bool {
        let mut leads = Vec::new();
        let mut any = false;
        let last = self.ahead.len().saturating_sub(1);
        for (index, fetch) in self.ahead.iter_mut().enumerate().filter(|(_, fetch)| fetch.arrived.is_none()) {
            if let Poll::Ready(joined) = Pin::new(&mut fetch.task).poll(cx) {
                let outcome = joined.unwrap_or_else(|error| Err(ended(self.source.operation(), &error)));
                if let (Ok(page), true) = (&outcome, index == last) {
                    leads.extend(page.next.clone().map(|next| (next, page.reply.remaining())));
                }
                (fetch.arrived, any) = (Some(outcome), true);
            }
        }
        for (next, remaining) in leads {
            self.lead(next, remaining);
        }
        any
    }

    /// Takes what the last page says about the next one before it was read to its end.
    pub(super) fn lead(&mut self, next: Position, remaining: Option<u64>) {
        if !self.seen.contains(&next) && self.ahead.iter().all(|fetch| fetch.position != next) {
            self.expect(next);
        }
        self.note(remaining);
    }

    /// Takes what a page says about the next one, and fetches ahead. `None` is the last page.
    pub(super) fn confirm(&mut self, page: &Reply, next: Option<Position>) {
        self.retries = 0;
        let Some(next) = next else { return self.stop() };
        if self.ahead.front().is_some_and(|fetch| fetch.position != next) {
            // The page was not what it seemed to be.
            self.stop();
        }
        match &next {
            Position::Cursor(cursor) if !self.seen.insert(&next) => {
                let cursor = shorten(cursor, CURSOR_SHOWN);
                self.fail(page.undecodable(&format!("the service sent the cursor `{cursor}` a second time")));
            }
            _ if self.ahead.is_empty() => self.expect(next),
            _ => {}
        }
        // A page after it that has arrived knows better.
        if self.ahead.iter().all(|fetch| fetch.arrived.is_none()) {
            self.note(page.remaining());
        }
        self.start(self.prefetch);
    }

    /// Ends pagination with an error, after the page that was handed out.
    pub(super) fn fail(&mut self, error: Error) {
        self.stop();
        self.failure = Some(error);
    }

    /// Fetches a page again that turned out to be broken.
    ///
    /// # Errors
    ///
    /// The error itself, if the retry policy says so.
    pub(super) fn retry(&mut self, position: &Position, error: Error) -> Result<(), Error> {
        match self.source.core().retry_wait(self.source.operation(), &error, self.retries) {
            Some(wait) => {
                self.retries += 1;
                self.ahead.push_front(self.fetch(position.clone(), wait));
                Ok(())
            }
            None => {
                self.stop();
                Err(error.with_attempts(self.retries + 1))
            }
        }
    }

    fn expect(&mut self, next: Position) {
        let first = !std::mem::replace(&mut self.is_numbered, matches!(next, Position::Number(_)));
        if first || !self.is_numbered {
            self.next = Some(next);
        }
    }

    fn note(&mut self, remaining: Option<u64>) {
        self.room = remaining.map_or(usize::MAX, |requests| usize::try_from(requests).unwrap_or(usize::MAX));
    }

    /// Starts fetches until so many pages are ahead, the rate limit leaves no room for more, or no more are known. Without
    /// any ahead, one is fetched whatever the rate limit.
    fn start(&mut self, pages: usize) {
        while self.ahead.len() < pages {
            // The service has counted the requests of pages that have arrived.
            let under_way = self.ahead.iter().filter(|fetch| fetch.arrived.is_none()).count();
            if under_way >= self.room && !self.ahead.is_empty() {
                return;
            }
            let Some(position) = self.next.take() else { return };
            if let (Position::Number(number), true) = (&position, self.is_numbered) {
                self.next = number.checked_add(1).map(Position::Number);
            }
            let fetch = self.fetch(position, Duration::ZERO);
            self.ahead.push_back(fetch);
        }
    }

    fn fetch(&self, position: Position, wait: Duration) -> Fetch {
        let task = fetch(Arc::clone(&self.source), position.clone(), wait);
        // In the consumer's span, although in a task of its own.
        Fetch { position, task: tokio::spawn(task.in_current_span()), arrived: None }
    }

    fn stop(&mut self) {
        self.next = None;
        self.ahead.clear();
    }
}

async fn fetch(source: Arc<dyn Source>, position: Position, wait: Duration) -> Result<Fetched, Error> {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let reply = source.core().page(source.request_at(&position)).await?;
    let found = Found::at_end(source.layout().next, reply.json());
    let next = found.and_then(|found| found.position(&position, 0, None).ok().flatten());
    Ok(Fetched { reply, position, next })
}

/// The error of a task that did not end by itself. It was not cancelled, since we hold it. The message of a panic, which may
/// quote anything, has gone to the panic hook and does not become part of the error.
fn ended(operation: &'static Operation, error: &JoinError) -> Error {
    let message = if error.is_panic() {
        "the task that fetched the page panicked"
    } else {
        "fetching the page ended early: the runtime is shutting down"
    };
    Error::new(ErrorKind::Transport, message).with_operation(operation.id())
}

/// The cursors of a list, as 64-bit hashes under a random key, so that a list of any length takes little memory.
#[derive(Default)]
struct Seen {
    key: RandomState,
    cursors: HashSet<u64>,
}

impl Seen {
    /// Adds a position. Returns whether it is new. Only cursors can repeat.
    fn insert(&mut self, position: &Position) -> bool {
        self.hash(position).is_none_or(|hash| self.cursors.insert(hash))
    }

    fn contains(&self, position: &Position) -> bool {
        self.hash(position).is_some_and(|hash| self.cursors.contains(&hash))
    }

    fn hash(&self, position: &Position) -> Option<u64> {
        match position {
            Position::Cursor(cursor) => Some(self.key.hash_one(cursor)),
            Position::First | Position::Number(_) => None,
        }
    }
}
