//! The items of a list.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::fetch::{Fetched, Fetches};
use super::page::PageReader;
use super::resume::{ResumeToken, Taken};
use super::{DEFAULT_PREFETCH, Paginate, Position};
use crate::client::Reply;
use crate::error::{Error, ErrorKind};
use crate::json::{Decode, JsonError};

/// The items of a list, one by one. Each is decoded when it is taken. See the [module](super) for the rules of pagination.
#[must_use = "pagination does nothing until it is polled"]
pub struct Items<P: Paginate> {
    reading: Reading,
    /// The identifiers seen, if duplicates are to be dropped.
    seen: Option<HashSet<String>>,
    call: PhantomData<fn() -> P>,
}

/// A list, and how far its items have been taken.
struct Reading {
    fetches: Fetches,
    /// The page whose items are being taken.
    page: Option<(Reply, PageReader)>,
    /// That page, or the one that comes next; `None` after the last.
    position: Option<Position>,
    /// The items of that page that are to be skipped, because they were taken before.
    skip: Taken,
}

impl<P: Paginate> Items<P> {
    /// The items of a call, from its start.
    pub fn new(call: P) -> Self {
        let start = call.start();
        let fetches = Fetches::new(Arc::new(call), Some(start.clone()), DEFAULT_PREFETCH);
        let reading = Reading { fetches, page: None, position: Some(start), skip: Taken::default() };
        Self { reading, seen: None, call: PhantomData }
    }

    /// Sets how many pages are fetched ahead; see [`Pages::prefetch`](super::Pages::prefetch).
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.reading.fetches.set_prefetch(pages);
        self
    }

    /// Drops an item whose identifier was seen before, which numbered pages can bring about. It keeps every identifier in
    /// memory, and does not know those from before a resume token. Items without an identifier all stay.
    pub fn distinct(mut self) -> Self {
        self.seen = Some(HashSet::new());
        self
    }

    /// Goes on where a token stands, with the first item that was not taken. If the items of that page that were taken have
    /// changed since, the stream ends with an error of kind [`Decode`](ErrorKind::Decode).
    ///
    /// # Errors
    ///
    /// Of kind [`InvalidRequest`](ErrorKind::InvalidRequest), if the token belongs to another operation.
    pub fn resume(mut self, token: ResumeToken) -> Result<Self, Error> {
        let ResumeToken { position, taken, .. } = token.of(P::OPERATION.id())?;
        self.reading.fetches.restart(Some(position.clone()));
        self.reading = Reading { page: None, position: Some(position), skip: taken, ..self.reading };
        Ok(self)
    }

    /// Where pagination stands: after the last item that was returned. `None` after the last item of the list.
    ///
    /// Within a page the token has a checksum of the items that were taken, which takes about 0.1 ms for 100 kB.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        let (position, taken) = self.reading.stand()?;
        Some(ResumeToken { operation: P::OPERATION.id().to_owned(), position, taken })
    }

    /// The next item, or `None` after the last.
    ///
    /// Cancelling it loses nothing: the next call returns the item.
    ///
    /// # Errors
    ///
    /// Those of a call, after which the stream ends. If one item does not fit its type, the error is of kind
    /// [`Decode`](ErrorKind::Decode) and names its place, and the stream goes on with the item after it.
    pub async fn next(&mut self) -> Option<Result<P::Item, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The next item, or `Ok(None)` after the last.
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next).
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
                let message = format!("the list has more than {limit} items; take them with `next` instead");
                return Err(Error::new(ErrorKind::BodyTooLarge, message).with_operation(P::OPERATION.id()));
            }
            all.push(item);
        }
        Ok(all)
    }

    /// Whether an item is to be returned: it is, unless duplicates are dropped and it is one.
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
        // A consumer that always finds an item at hand must let other tasks run all the same.
        let coop = ready!(tokio::task::coop::poll_proceed(cx));
        loop {
            let item = match self.reading.take::<P::Item>() {
                Some(item) => item,
                None => match ready!(self.reading.poll_page(cx)) {
                    Some(Ok(())) => continue,
                    Some(Err(error)) => Err(error),
                    None => return Poll::Ready(None),
                },
            };
            coop.made_progress();
            if item.as_ref().map_or(true, |item| self.is_new(item)) {
                return Poll::Ready(Some(item));
            }
        }
    }
}

impl Reading {
    /// The next item of the page at hand; `None` at its end, or without one.
    fn take<T: Decode>(&mut self) -> Option<Result<T, Error>> {
        let (reply, page) = self.page.as_mut()?;
        match page.next(reply.json()) {
            Ok(None) => self.finish().err().map(Err),
            Ok(Some(item)) => Some(Ok(item)),
            Err(error) if error.is_broken() => self.retry(&error).err().map(Err),
            Err(error) => Some(Err(reply.error(&error))),
        }
    }

    /// Leaves the page at hand, whose items have all been taken.
    fn finish(&mut self) -> Result<(), Error> {
        let (Some((reply, page)), Some(position)) = (&mut self.page, &self.position) else { return Ok(()) };
        if let Err(error) = page.finish(reply.json()) {
            return if error.is_broken() { self.retry(&error) } else { Err(self.stop(&error)) };
        }
        match page.position(position, self.fetches.source.page_size()) {
            Ok(next) => {
                self.fetches.confirm(reply, next.clone());
                (self.position, self.page) = (next, None);
            }
            Err(message) => {
                // The page was handed out; a token leads to its end.
                self.skip = Taken { count: page.count(), digest: page.digest(reply.json()) };
                self.fetches.fail(reply.undecodable(&message));
                self.page = None;
            }
        }
        Ok(())
    }

    /// Fetches the page at hand again, because it is broken.
    fn retry(&mut self, error: &JsonError) -> Result<(), Error> {
        let (Some((reply, page)), Some(position)) = (self.page.take(), &self.position) else { return Ok(()) };
        self.skip = Taken { count: page.count(), digest: page.digest(reply.json()) };
        self.fetches.retry(position, reply.error(error).with_truncated(true))
    }

    /// Ends pagination at the page at hand, which is not what it should be.
    fn stop(&mut self, error: &JsonError) -> Error {
        self.fetches.restart(None);
        match self.page.take() {
            Some((reply, page)) => {
                self.skip = Taken { count: page.count(), digest: page.digest(reply.json()) };
                reply.error(error)
            }
            None => Error::new(ErrorKind::Decode, error.to_string()),
        }
    }

    /// Waits for the next page; `None` after the last.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(), Error>>> {
        let Some(outcome) = ready!(self.fetches.poll_next(cx)) else { return Poll::Ready(None) };
        Poll::Ready(Some(outcome.and_then(|fetched| self.open(fetched))))
    }

    /// Opens a page that has arrived, behind the items that were taken before.
    fn open(&mut self, fetched: Fetched) -> Result<(), Error> {
        let Fetched { reply, position, next } = fetched;
        match self.opened(&reply) {
            Ok(Some(page)) => {
                if let Some(next) = page.lead(&position).filter(|_| next.is_none()) {
                    self.fetches.lead(next, reply.remaining());
                }
                self.page = Some((reply, page));
                self.skip = Taken::default();
                Ok(())
            }
            Ok(None) => {
                let count = self.skip.count;
                self.fetches.restart(None);
                Err(reply
                    .undecodable(&format!("the first {count} items of the page have changed since they were taken")))
            }
            Err(error) if error.is_broken() => self.fetches.retry(&position, reply.error(&error).with_truncated(true)),
            Err(error) => {
                self.fetches.restart(None);
                Err(reply.error(&error))
            }
        }
    }

    /// The page behind the items that were taken before. `None` if these have changed.
    fn opened(&self, reply: &Reply) -> Result<Option<PageReader>, JsonError> {
        let json = reply.json();
        let mut page = PageReader::open(json, self.fetches.source.layout())?;
        while page.count() < self.skip.count && page.skip(json)? {}
        let same = Taken { count: page.count(), digest: page.digest(json) } == self.skip;
        Ok((same || self.skip.count == 0).then_some(page))
    }

    /// The position, and the items of its page that were taken.
    fn stand(&self) -> Option<(Position, Taken)> {
        let position = self.position.clone()?;
        let Some((reply, page)) = &self.page else { return Some((position, self.skip)) };
        let json = reply.json();
        if page.is_at_end() {
            let mut page = page.clone();
            let next =
                page.finish(json).ok().and_then(|()| page.position(&position, self.fetches.source.page_size()).ok());
            if let Some(next) = next {
                return next.map(|next| (next, Taken::default()));
            }
        }
        Some((position, Taken { count: page.count(), digest: page.digest(json) }))
    }
}

// Nothing in it is pinned.
impl<P: Paginate> Unpin for Items<P> {}

impl<P: Paginate> fmt::Debug for Items<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("operation", &P::OPERATION.id()).finish_non_exhaustive()
    }
}
