//! The items of a list.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::driver::Driver;
use super::form::Typed;
use super::{Continuation, DEFAULT_PREFETCH, Paginate, Position};
use crate::error::{Error, ErrorKind};

/// The items of a list, one by one. See the [module](super) for the rules of a walk.
#[must_use = "a walk does nothing until it is polled"]
pub struct Items<P: Paginate> {
    driver: Driver<P, Typed>,
    /// What is left of the current page.
    items: std::vec::IntoIter<P::Item>,
    /// The current page, or the first one to fetch.
    position: Position,
    /// How many items of that page were taken, or are to be skipped.
    taken: u64,
    /// Items to skip on the next page that comes.
    skip: u64,
    /// Where the page after the current one is; `None` if it is the last.
    next: Option<Position>,
    /// Whether a page has been fetched at all.
    begun: bool,
    /// The identifiers seen, if duplicates are to be dropped.
    seen: Option<HashSet<String>>,
}

impl<P: Paginate> Items<P> {
    /// The items of a call, from where it starts.
    pub fn new(call: P) -> Self {
        let start = call.start();
        Self {
            driver: Driver::new(call, Some(start.clone()), DEFAULT_PREFETCH),
            items: Vec::new().into_iter(),
            position: start,
            taken: 0,
            skip: 0,
            next: None,
            begun: false,
            seen: None,
        }
    }

    /// Sets how many pages are fetched ahead; see [`Pages::prefetch`](super::Pages::prefetch).
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.driver.set_prefetch(pages);
        self
    }

    /// Drops an item whose identifier was seen before on this walk, which numbered pages can bring about. It keeps every
    /// identifier in memory, and a walk that is resumed begins to remember anew. Items without an identifier all stay.
    pub fn distinct(mut self) -> Self {
        self.seen = Some(HashSet::new());
        self
    }

    /// Goes on where another walk stood, with the first item that it did not yield.
    ///
    /// # Errors
    ///
    /// Of kind [`InvalidRequest`](ErrorKind::InvalidRequest), if the continuation is of another operation.
    pub fn resume(self, continuation: Continuation) -> Result<Self, Error> {
        let Continuation { position, taken, .. } = continuation.of(P::OPERATION.id())?;
        let driver = self.driver.at(Some(position.clone()));
        Ok(Self { driver, position, taken, skip: taken, ..self })
    }

    /// Where the walk stands: behind the last item that was yielded. `None` when all items have been yielded.
    pub fn continuation(&self) -> Option<Continuation> {
        let operation = P::OPERATION.id().to_owned();
        if self.begun && self.items.len() == 0 {
            let position = self.next.clone()?;
            return Some(Continuation { operation, position, taken: 0 });
        }
        Some(Continuation { operation, position: self.position.clone(), taken: self.taken })
    }

    /// The next item, or `None` behind the last.
    ///
    /// # Errors
    ///
    /// Those of a call; after one the walk has ended.
    pub async fn next(&mut self) -> Option<Result<P::Item, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The next item, or `Ok(None)` behind the last.
    ///
    /// # Errors
    ///
    /// Those of a call; after one the walk has ended.
    pub async fn try_next(&mut self) -> Result<Option<P::Item>, Error> {
        self.next().await.transpose()
    }

    /// All items, if there are at most `limit`. For lists that are known to be small.
    ///
    /// # Errors
    ///
    /// Those of a call, and one of kind [`BodyTooLarge`](ErrorKind::BodyTooLarge) if there are more than `limit` items.
    pub async fn collect_all(mut self, limit: usize) -> Result<Vec<P::Item>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.try_next().await? {
            if all.len() == limit {
                let message = format!("the list has more than {limit} items; walk it with `next` instead");
                return Err(Error::new(ErrorKind::BodyTooLarge, message).with_operation(P::OPERATION.id()));
            }
            all.push(item);
        }
        Ok(all)
    }

    /// Whether an item is to be yielded: it is, unless duplicates are dropped and it is one.
    fn is_new(&mut self, item: &P::Item) -> bool {
        match (&mut self.seen, P::id(item)) {
            (Some(seen), Some(id)) => seen.insert(id.to_owned()),
            _ => true,
        }
    }
}

impl<P: Paginate> Stream for Items<P> {
    type Item = Result<P::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            while let Some(item) = self.items.next() {
                self.taken += 1;
                if self.is_new(&item) {
                    return Poll::Ready(Some(Ok(item)));
                }
            }
            let Some(outcome) = ready!(self.driver.poll_next(cx)) else { return Poll::Ready(None) };
            match outcome {
                Err(error) => {
                    // The walk stands at the page that failed.
                    if let (true, Some(next)) = (self.begun, self.next.take()) {
                        self.position = next;
                        self.taken = 0;
                        self.begun = false;
                    }
                    return Poll::Ready(Some(Err(error)));
                }
                Ok(fetched) => {
                    let skip = usize::try_from(std::mem::take(&mut self.skip)).unwrap_or(usize::MAX);
                    let mut items = P::items(fetched.page.into_inner()).into_iter();
                    let skipped = items.by_ref().take(skip).count();
                    self.items = items;
                    self.position = fetched.position;
                    self.next = fetched.next;
                    self.taken = skipped as u64;
                    self.begun = true;
                }
            }
        }
    }
}

// Nothing in it is pinned.
impl<P: Paginate> Unpin for Items<P> {}

impl<P: Paginate> fmt::Debug for Items<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("operation", &P::OPERATION.id()).finish_non_exhaustive()
    }
}
