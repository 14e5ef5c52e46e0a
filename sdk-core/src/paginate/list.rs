//! A list whose pages are fetched in order, some of them ahead of the consumer.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::task::JoinHandle;
use tracing::Instrument;

use super::page::{PageReader, following};
use super::seen::Seen;
use super::token::{ResumeToken, Taken};
use super::{DEFAULT_PREFETCH, Layout, Paginate, Position};
use crate::client::{Core, Reply};
use crate::error::{Error, ErrorKind};
use crate::executor::{ended, inherit};
use crate::json::JsonError;
use crate::operation::Operation;
use crate::request::Request;
use crate::text::shown;

/// The most pages that are fetched ahead. More at once would only run into the service's limits.
const MAX_PREFETCH: usize = 64;

/// What is needed to fetch any page of a list, without the types of its call.
pub(super) struct Source {
    pub(super) operation: &'static Operation,
    pub(super) layout: Layout,
    core: Core,
    page_size: Option<u64>,
    request_at: Box<dyn Fn(&Position) -> Request + Send + Sync>,
    /// How many requests the service's rate limit left room for when it was last heard of.
    room: AtomicUsize,
}

/// A page that has arrived.
pub(super) struct Page {
    pub(super) reply: Reply,
    /// The next page; `None` after the last. The error says why the cursor cannot be used; it ends pagination after this page.
    pub(super) next: Result<Option<Position>, String>,
    /// The number of items of the whole list, if the page has it.
    pub(super) total: Option<u64>,
}

/// A page that is fetched in a task of its own, which is cancelled when this is dropped.
struct Fetch(JoinHandle<Result<Page, Error>>);

impl Drop for Fetch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A list, and where its pagination stands.
pub(super) struct List {
    pub(super) source: Arc<Source>,
    /// The page at which pagination stands; `None` after the last.
    pub(super) position: Option<Position>,
    /// The items of that page that were taken. Kept up to date while no page is open.
    pub(super) taken: Taken,
    /// That page, while its items are taken.
    pub(super) open: Option<(Page, PageReader)>,
    /// Pages under way or arrived, in order.
    ahead: VecDeque<Fetch>,
    /// The next page to fetch; `None` while it is not known, and at the end.
    next: Option<Position>,
    prefetch: usize,
    /// How often the current page was fetched again.
    retries: u32,
    pub(super) seen: Seen,
    /// The error that comes next, and ends pagination.
    failure: Option<Error>,
}

impl List {
    pub(super) fn new<P: Paginate>(call: P) -> Self {
        let (start, core, page_size) = (call.start(), call.core().clone(), call.page_size());
        let (operation, layout, room) = (call.operation(), call.layout(), AtomicUsize::new(usize::MAX));
        let request_at = Box::new(move |position: &Position| call.request_at(position));
        let source = Source { operation, layout, core, page_size, request_at, room };
        Self::at(Arc::new(source), (start, Taken::default()), DEFAULT_PREFETCH)
    }

    fn at(source: Arc<Source>, (position, taken): (Position, Taken), prefetch: usize) -> Self {
        let (ahead, mut seen) = (VecDeque::new(), Seen::default());
        if let Position::Cursor(cursor) = &position {
            seen.cursor(cursor);
        }
        let (next, position) = (Some(position.clone()), Some(position));
        Self { source, position, taken, open: None, ahead, next, prefetch, retries: 0, seen, failure: None }
    }

    /// The list from where a token stands. Fetches under way are cancelled.
    pub(super) fn resume(self, token: ResumeToken) -> Result<Self, Error> {
        let place = token.place(self.source.operation.id(), self.source.layout.next)?;
        Ok(Self::at(self.source, place, self.prefetch))
    }

    pub(super) fn token(&self, position: Option<&Position>, taken: Taken) -> Option<ResumeToken> {
        position.map(|position| ResumeToken::new(self.source.operation.id(), position.clone(), taken))
    }

    pub(super) fn set_prefetch(&mut self, pages: usize) {
        self.prefetch = pages.min(MAX_PREFETCH);
    }

    /// The next page, or `None` after the last. After an error there is none.
    pub(super) fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page, Error>>> {
        if let Some(error) = self.failure.take() {
            return Poll::Ready(Some(Err(error)));
        }
        self.start(self.prefetch + 1);
        let Some(Fetch(task)) = self.ahead.front_mut() else { return Poll::Ready(None) };
        let joined = ready!(Pin::new(task).poll(cx));
        self.ahead.pop_front();
        let outcome = joined.unwrap_or_else(|error| {
            Err(ended("the task that fetched the page", &error).with_operation(self.source.operation.id()))
        });
        match &outcome {
            Ok(Page { next: Ok(Some(next)), .. }) => {
                if self.ahead.is_empty() {
                    self.next = Some(next.clone());
                }
                self.start(self.prefetch);
            }
            _ => self.stop(),
        }
        Poll::Ready(Some(outcome))
    }

    /// Goes on to the page after one whose content has been taken. Returns whether it does; otherwise pagination stands at
    /// the end of the page, and the error comes next.
    pub(super) fn advance(&mut self, page: &Page) -> bool {
        match &page.next {
            Ok(Some(Position::Cursor(cursor))) if !self.seen.cursor(cursor) => {
                let message = format!("the service sent the cursor `{}` a second time", shown(cursor));
                self.end(page.reply.undecodable(&message));
            }
            Ok(next) => {
                (self.position, self.taken, self.retries) = (next.clone(), Taken::default(), 0);
                self.seen.end_of_page(page.total);
                self.failure = self.changed();
                return true;
            }
            Err(message) => self.end(page.reply.undecodable(message)),
        }
        false
    }

    /// The error if the list has changed, once all pages have been taken.
    fn changed(&mut self) -> Option<Error> {
        let sign = self.seen.sign.take_if(|_| self.position.is_none())?;
        let message = format!("{sign}: items may be missing or have come twice; read the list again");
        Some(Error::new(ErrorKind::ListChanged, message).with_operation(self.source.operation.id()))
    }

    /// Fetches the current page again if it is broken. If it is not, or the retry policy allows no retry, the error comes next.
    pub(super) fn fetch_again(&mut self, page: &Reply, error: &JsonError) {
        self.retries += 1;
        let failure = unreadable(page, error).with_attempts(self.retries);
        let wait = self.source.core.retry_wait(self.source.operation, &failure, self.retries - 1);
        // The pages ahead follow the page as it was.
        self.stop();
        match (wait, self.position.clone()) {
            (Some(wait), Some(position)) => self.fetch(position, wait),
            _ => self.failure = Some(failure),
        }
    }

    /// Ends pagination with an error.
    pub(super) fn end(&mut self, error: Error) {
        self.stop();
        self.failure = Some(error);
    }

    fn stop(&mut self) {
        self.next = None;
        self.ahead.clear();
    }

    /// Starts fetches until so many pages are ahead, the rate limit leaves no room for more, or no more are known. The rate
    /// limit does not hold back the only one.
    fn start(&mut self, pages: usize) {
        while self.ahead.len() < pages && (self.ahead.is_empty() || self.has_room()) {
            let Some(position) = self.next.take() else { return };
            // The page at which pagination stands is fetched alone, since it says whether there are more.
            if let Position::Number(number) = &position
                && self.position.as_ref() != Some(&position)
            {
                self.next = number.checked_add(1).map(Position::Number);
            }
            self.fetch(position, Duration::ZERO);
        }
    }

    /// Whether the rate limit leaves room for another request. The service has counted those of pages that have arrived.
    fn has_room(&self) -> bool {
        let under_way = self.ahead.iter().filter(|fetch| !fetch.0.is_finished()).count();
        under_way < self.source.room.load(Ordering::Relaxed)
    }

    fn fetch(&mut self, position: Position, wait: Duration) {
        let task = fetch(Arc::clone(&self.source), position, wait);
        // In the consumer's span, although in a task of its own.
        self.ahead.push_back(Fetch(tokio::spawn(inherit(task).in_current_span())));
    }
}

async fn fetch(source: Arc<Source>, position: Position, wait: Duration) -> Result<Page, Error> {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let read = |page: &Reply| {
        following(page.json(), source.layout, &position, source.page_size).map_err(|error| unreadable(page, &error))
    };
    let (reply, (next, total)) = source.core.read((source.request_at)(&position), read).await?;
    let room = reply.remaining().and_then(|left| usize::try_from(left).ok());
    source.room.store(room.unwrap_or(usize::MAX), Ordering::Relaxed);
    Ok(Page { reply, next, total })
}

/// The error for a page that is not JSON or has no list. A page that is not JSON counts as truncated, so that it is fetched
/// again.
fn unreadable(page: &Reply, error: &JsonError) -> Error {
    page.error(error).with_truncated(error.is_broken())
}
