//! Fetching the pages of a walk, in order, some of them ahead of the consumer.

use std::collections::VecDeque;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::task::JoinHandle;
use tracing::Instrument;

use super::{Paginate, Position, following};
use crate::error::{Error, ErrorKind};
use crate::response::Response;

/// A page, and where it stands.
pub(super) struct Fetched<P: Paginate> {
    pub(super) page: Response<P::Page>,
    pub(super) position: Position,
    /// Where the next page is; `None` behind the last.
    pub(super) next: Option<Position>,
}

/// The most pages that are fetched ahead: more at once would get nowhere but to the service's limits.
pub(super) const MAX_PREFETCH: usize = 64;

/// What fetching a page ended in.
type Outcome<P> = Result<Fetched<P>, Error>;

/// A task that ends with its handle.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The fetches of one walk.
pub(super) struct Driver<P: Paginate> {
    call: P,
    /// Pages under way or waiting, in order.
    ahead: VecDeque<Task<Outcome<P>>>,
    /// The next page to ask for; `None` while that is not known, and at the end.
    ask: Option<Position>,
    prefetch: usize,
    /// How many pages the service's rate limit leaves room for. Before the first page has come that is not known, nor
    /// whether there is a second page: the first is asked for alone.
    room: usize,
    seen: Seen,
    /// What ends the walk after the pages that have come.
    fault: Option<Error>,
}

impl<P: Paginate> Driver<P> {
    pub(super) fn new(call: P, start: Position, prefetch: usize) -> Self {
        let mut seen = Seen::default();
        seen.insert(&start);
        Self { call, ahead: VecDeque::new(), ask: Some(start), prefetch, room: 1, seen, fault: None }
    }

    /// The same walk from another position. What is under way is cancelled.
    pub(super) fn at(self, position: Position) -> Self {
        Self::new(self.call, position, self.prefetch)
    }

    /// Sets how many pages are fetched ahead of the one that is consumed.
    pub(super) fn set_prefetch(&mut self, pages: usize) {
        self.prefetch = pages.min(MAX_PREFETCH);
    }

    /// The next page, or `None` behind the last. An error is the last thing.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outcome<P>>> {
        // The page that is waited for, whatever the rate limit, and those ahead of it.
        self.start(self.prefetch.saturating_add(1).min(self.room.max(1)));
        let Some(task) = self.ahead.front_mut() else { return Poll::Ready(self.fault.take().map(Err)) };
        let joined = ready!(Pin::new(&mut task.0).poll(cx));
        self.ahead.pop_front();
        let outcome = joined.unwrap_or_else(|error| {
            // It is not cancelled while we hold it. The text of a panic, which may have quoted anything, has gone to the
            // panic hook and does not become part of the error.
            let message = if error.is_panic() {
                "the task that fetched the page panicked"
            } else {
                "fetching the page ended early: the runtime is shutting down"
            };
            Err(Error::new(ErrorKind::Transport, message).with_operation(P::OPERATION.id()))
        });
        match &outcome {
            Ok(fetched) => self.advance(fetched),
            Err(_) => self.stop(),
        }
        Poll::Ready(Some(outcome))
    }

    /// Notes what a page says about the next, and asks for what may be fetched while the page is consumed.
    fn advance(&mut self, fetched: &Fetched<P>) {
        let remaining = fetched.page.rate_limit().remaining;
        self.room = remaining.map_or(usize::MAX, |requests| usize::try_from(requests).unwrap_or(usize::MAX));
        match &fetched.next {
            None => self.stop(),
            Some(position @ Position::Cursor(cursor)) => {
                if self.seen.insert(position) {
                    self.ask = Some(position.clone());
                } else {
                    // The page itself is good; what comes after it is not.
                    let message = format!("the service sent the cursor `{cursor}` a second time");
                    self.fault = Some(Error::new(ErrorKind::Decode, message).with_operation(P::OPERATION.id()));
                }
            }
            // Numbered pages are asked for by number, whether or not the one before has come.
            Some(_) => {}
        }
        self.start(self.prefetch.min(self.room));
    }

    /// Starts fetches until `pages` are under way or nothing more can be asked for.
    fn start(&mut self, pages: usize) {
        while self.ahead.len() < pages {
            let Some(position) = self.ask.take() else { return };
            if let Position::Number(number) = position {
                self.ask = number.checked_add(1).map(Position::Number);
            }
            let call = self.call.clone();
            // In the consumer's span, although in a task of its own.
            let fetch = fetch(call, position).in_current_span();
            self.ahead.push_back(Task(tokio::spawn(fetch)));
        }
    }

    fn stop(&mut self) {
        self.ask = None;
        self.ahead.clear();
    }
}

async fn fetch<P: Paginate>(call: P, position: Position) -> Outcome<P> {
    let request = call.request_at(&position);
    let page: Response<P::Page> = call.core().json(request).await?;
    let next = following(&call, &position, &page);
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
    /// Whether the position is new. Only cursors can repeat.
    fn insert(&mut self, position: &Position) -> bool {
        match position {
            Position::Cursor(cursor) => {
                self.cursors.insert((self.keys.0.hash_one(cursor), self.keys.1.hash_one(cursor)))
            }
            Position::First | Position::Number(_) => true,
        }
    }
}
