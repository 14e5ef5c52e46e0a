//! A list whose pages are fetched in order, some of them ahead of the consumer.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument;

use super::changes::Changes;
use super::page::{Following, unreadable};
use super::token::{ResumeToken, Taken};
use super::{DEFAULT_PREFETCH, Layout, Next, Paginate, Position};
use crate::client::{Core, Reply};
use crate::error::{Error, ErrorKind};
use crate::executor::inherit;
use crate::json::JsonError;
use crate::operation::Operation;
use crate::request::Request;
use crate::text::shown;

/// The most pages that are fetched ahead. More at once would only run into the service's limits.
const MAX_PREFETCH: usize = 64;

/// What is needed to fetch any page of a list, without the types of its call.
struct Source {
    operation: &'static Operation,
    layout: Layout,
    core: Core,
    page_size: Option<u64>,
    request_at: Box<dyn Fn(&Position) -> Request + Send + Sync>,
}

/// A page that has arrived.
pub(super) struct Fetched {
    pub(super) reply: Reply,
    pub(super) following: Following,
}

/// A page that is fetched in a task of its own, which is cancelled when this is dropped.
struct Fetch {
    task: JoinHandle<Result<Fetched, Error>>,
    arrived: Option<Result<Fetched, Error>>,
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A list, and where its pagination stands.
pub(super) struct List {
    source: Arc<Source>,
    /// Where it began.
    begin: (Option<Position>, Taken),
    /// The page at which pagination stands; `None` after the last.
    pub(super) position: Option<Position>,
    /// The items of that page that were taken. Kept up to date while no page is open.
    pub(super) taken: Taken,
    /// Pages under way or arrived, in order.
    ahead: VecDeque<Fetch>,
    /// The next page to fetch; `None` while it is not known, and at the end.
    next: Option<Position>,
    prefetch: usize,
    /// How many requests the service's rate limit leaves room for.
    room: usize,
    /// The cursors so far, as 64-bit hashes under a random key, so that a list of any length takes little memory.
    cursors: HashSet<u64>,
    key: RandomState,
    /// How often the current page was fetched again.
    retries: u32,
    pub(super) changes: Changes,
}

impl List {
    pub(super) fn new<P: Paginate>(call: P) -> Self {
        let (start, core, page_size) = (call.start(), call.core().clone(), call.page_size());
        let (operation, layout) = (call.operation(), call.layout());
        let request_at = Box::new(move |position: &Position| call.request_at(position));
        let source = Source { operation, layout, core, page_size, request_at };
        Self::at(Arc::new(source), (Some(start), Taken::default()), DEFAULT_PREFETCH)
    }

    fn at(source: Arc<Source>, begin: (Option<Position>, Taken), prefetch: usize) -> Self {
        let (position, taken) = begin.clone();
        let (next, ahead, room, changes) = (position.clone(), VecDeque::new(), usize::MAX, Changes::default());
        let (mut cursors, key) = (HashSet::new(), RandomState::new());
        if let Some(Position::Cursor(cursor)) = &position {
            cursors.insert(key.hash_one(cursor));
        }
        Self { source, begin, position, taken, ahead, next, prefetch, room, cursors, key, retries: 0, changes }
    }

    /// The list from where it began. Fetches under way are cancelled.
    pub(super) fn restart(self) -> Self {
        Self::at(self.source, self.begin, self.prefetch)
    }

    pub(super) fn resume(self, token: ResumeToken) -> Result<Self, Error> {
        let (position, taken) = token.of(self.source.operation.id())?;
        let (is_number, by_number) =
            (matches!(position, Position::Number(_)), matches!(self.source.layout.next, Next::Number { .. }));
        if is_number != by_number {
            let wants = if by_number { "page numbers, and it has none" } else { "cursors, and it has a page number" };
            let message =
                format!("the resume token cannot be used: the pages of `{}` have {wants}", self.operation().id());
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        Ok(Self::at(self.source, (Some(position), taken), self.prefetch))
    }

    pub(super) fn token(&self, position: Position, taken: Taken) -> ResumeToken {
        ResumeToken::new(self.source.operation.id(), position, taken)
    }

    pub(super) fn operation(&self) -> &'static Operation {
        self.source.operation
    }

    pub(super) fn layout(&self) -> Layout {
        self.source.layout
    }

    pub(super) fn set_prefetch(&mut self, pages: usize) {
        self.prefetch = pages.min(MAX_PREFETCH);
    }

    /// The next page, or `None` after the last. After an error there is none. After the last page there is an error if the
    /// list has changed.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Fetched, Error>>> {
        loop {
            self.start(self.prefetch.saturating_add(1));
            if !self.poll_arrivals(cx) {
                break;
            }
        }
        let Some(first) = self.ahead.front_mut() else { return Poll::Ready(self.changed().map(Err)) };
        let Some(outcome) = first.arrived.take() else { return Poll::Pending };
        self.ahead.pop_front();
        match &outcome {
            Ok(Fetched { following: Following { next: Ok(Some(_)), .. }, .. }) => self.start(self.prefetch),
            _ => self.stop(),
        }
        Poll::Ready(Some(outcome))
    }

    /// Takes what has arrived, and what it says about the next page. Returns whether anything has.
    fn poll_arrivals(&mut self, cx: &mut Context<'_>) -> bool {
        let mut any = false;
        let last = self.ahead.len().saturating_sub(1);
        for (index, fetch) in self.ahead.iter_mut().enumerate().filter(|(_, fetch)| fetch.arrived.is_none()) {
            let Poll::Ready(joined) = Pin::new(&mut fetch.task).poll(cx) else { continue };
            let outcome = joined.unwrap_or_else(|error| Err(ended(self.source.operation, &error)));
            if let Ok(page) = &outcome {
                self.room =
                    page.reply.remaining().map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
                if let (Ok(Some(next)), None, true) = (&page.following.next, &self.next, index == last) {
                    self.next = Some(next.clone());
                }
            }
            (fetch.arrived, any) = (Some(outcome), true);
        }
        any
    }

    /// Fetches the current page again if it is broken.
    ///
    /// # Errors
    ///
    /// The error for the caller, if the page is not broken or the retry policy allows no retry. Pagination has then ended.
    pub(super) fn fail(&mut self, page: &Reply, error: &JsonError) -> Result<(), Error> {
        self.retries += 1;
        let failure = unreadable(page, error).with_attempts(self.retries);
        // The pages ahead follow the page as it was.
        self.stop();
        let wait = self.source.core.retry_wait(self.source.operation, &failure, self.retries - 1);
        if let (Some(wait), Some(position)) = (wait, &self.position) {
            self.ahead.push_back(self.fetch(position.clone(), wait));
            return Ok(());
        }
        Err(failure)
    }

    /// Goes on to the page after one whose content has been taken.
    ///
    /// # Errors
    ///
    /// If there is none that can be fetched. Pagination then stands at the end of the page.
    pub(super) fn advance(&mut self, page: &Reply, following: Following) -> Result<(), Error> {
        let Following { next, total } = following;
        self.retries = 0;
        self.changes.total(total);
        self.changes.next_page();
        if let Ok(Some(Position::Cursor(cursor))) = &next
            && !self.cursors.insert(self.key.hash_one(cursor))
        {
            self.stop();
            let cursor = shown(cursor);
            return Err(page.undecodable(&format!("the service sent the cursor `{cursor}` a second time")));
        }
        (self.position, self.taken) = (next.map_err(|message| page.undecodable(&message))?, Taken::default());
        Ok(())
    }

    /// The error if the list has changed, once all pages have been taken.
    fn changed(&mut self) -> Option<Error> {
        let sign = self.changes.take_sign().filter(|_| self.position.is_none())?;
        let message = format!("{sign}: items may be missing or have come twice; read the list again");
        Some(Error::new(ErrorKind::ListChanged, message).with_operation(self.source.operation.id()))
    }

    /// Starts fetches until so many pages are ahead, the rate limit leaves no room for more, or no more are known. The rate
    /// limit does not hold back the only one.
    fn start(&mut self, pages: usize) {
        while self.ahead.len() < pages {
            // The service has counted the requests of pages that have arrived.
            let under_way = self.ahead.iter().filter(|fetch| fetch.arrived.is_none()).count();
            if under_way >= self.room && !self.ahead.is_empty() {
                return;
            }
            let Some(position) = self.next.take() else { return };
            // The page at which pagination stands is fetched alone, since it says whether there are more.
            if let (Position::Number(number), true) = (&position, self.position.as_ref() != Some(&position)) {
                self.next = number.checked_add(1).map(Position::Number);
            }
            let fetch = self.fetch(position, Duration::ZERO);
            self.ahead.push_back(fetch);
        }
    }

    fn fetch(&self, position: Position, wait: Duration) -> Fetch {
        let task = fetch(Arc::clone(&self.source), position, wait);
        // In the consumer's span, although in a task of its own.
        Fetch { task: tokio::spawn(inherit(task).in_current_span()), arrived: None }
    }

    pub(super) fn stop(&mut self) {
        self.next = None;
        self.ahead.clear();
    }
}

async fn fetch(source: Arc<Source>, position: Position, wait: Duration) -> Result<Fetched, Error> {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let following = |page: &Reply| {
        let read = Following::read(page.json(), source.layout, &position, source.page_size);
        read.map_err(|error| unreadable(page, &error))
    };
    let (reply, following) = source.core.read((source.request_at)(&position), following).await?;
    Ok(Fetched { reply, following })
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
