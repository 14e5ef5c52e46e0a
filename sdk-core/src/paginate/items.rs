//! The items of a list.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::list::{List, Page};
use super::page::PageReader;
use super::token::{ResumeToken, Taken};
use super::{Next, Paginate};
use crate::error::{Error, ErrorKind};
use crate::json::{Decode, JsonError};

/// How often a list that changes is read by [`Items::collect_all`].
const READINGS: usize = 3;

/// The items of a list, one by one. Each is decoded when it is taken. See the [module](super) for the rules of pagination.
#[must_use = "pagination does nothing until it is polled"]
pub struct Items<P: Paginate> {
    list: List,
    /// The identifiers seen, if duplicates are to be dropped.
    seen: Option<HashSet<String>>,
    call: PhantomData<fn() -> P>,
}

impl<P: Paginate> Items<P> {
    /// The items of a call, from its start.
    pub fn new(call: P) -> Self {
        Self { list: List::new(call), seen: None, call: PhantomData }
    }

    /// Sets how many pages are fetched ahead; see [`Pages::prefetch`](super::Pages::prefetch).
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.list.set_prefetch(pages);
        self
    }

    /// Drops an item whose identifier was seen before: lists with numbered pages can return an item twice. It keeps
    /// every identifier in memory, and does not know those from before a resume token. Items without an identifier all
    /// stay.
    pub fn distinct(mut self) -> Self {
        self.seen = Some(HashSet::new());
        self
    }

    /// Goes on at the position of a token, with the first item that was not taken. If the items of that page that were
    /// taken have changed since, the stream ends with an error of kind [`Decode`](ErrorKind::Decode).
    ///
    /// # Errors
    ///
    /// Of kind [`InvalidRequest`](ErrorKind::InvalidRequest), if the token belongs to another operation, or does not say
    /// where its pages go on.
    pub fn resume(self, token: ResumeToken) -> Result<Self, Error> {
        Ok(Self { list: self.list.resume(token)?, seen: self.seen.map(|_| HashSet::new()), ..self })
    }

    /// Where pagination stands: after the last item that was returned. `None` after the last item of the list.
    ///
    /// Within a page the token has a checksum of the items that were taken, which takes about 0.1 ms for 100 kB.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        let list = &self.list;
        match &list.open {
            None => list.token(list.position.as_ref(), list.taken),
            Some((Page { next: Ok(next), .. }, reader)) if reader.is_at_end() => {
                list.token(next.as_ref(), Taken::default())
            }
            Some((page, reader)) => list.token(list.position.as_ref(), reader.taken(page.reply.json())),
        }
    }

    /// The next item, or `None` after the last.
    ///
    /// Cancelling it loses nothing: the next call returns the item.
    ///
    /// # Errors
    ///
    /// Those of a call, after which the stream ends. If one item does not fit its type, the error is of kind
    /// [`Decode`](ErrorKind::Decode) and names its place, and the stream goes on with the item after it. After the last item,
    /// one of kind [`ListChanged`](ErrorKind::ListChanged) if the list changed meanwhile.
    pub async fn next(&mut self) -> Option<Result<P::Item, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The next item, or `Ok(None)` after the last.
    ///
    /// Cancelling it loses nothing: the next call returns the item.
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next).
    pub async fn try_next(&mut self) -> Result<Option<P::Item>, Error> {
        self.next().await.transpose()
    }

    /// All items that were not taken yet, if there are at most `limit`. For lists that are known to be small. A list that
    /// changes meanwhile is read again from there, three times in all.
    ///
    /// Dropping the future loses the items that were read.
    ///
    /// # Errors
    ///
    /// Those of a call; one of kind [`BodyTooLarge`](ErrorKind::BodyTooLarge) if there are more than `limit` items; and one of
    /// kind [`ListChanged`](ErrorKind::ListChanged) if the list changes each time.
    pub async fn collect_all(mut self, limit: usize) -> Result<Vec<P::Item>, Error> {
        let begin = self.resume_token();
        for _ in 1..READINGS {
            match (self.collect(limit).await, &begin) {
                (Err(error), Some(begin)) if error.kind() == ErrorKind::ListChanged => {
                    self = self.resume(begin.clone())?;
                }
                (outcome, _) => return outcome,
            }
        }
        self.collect(limit).await
    }

    async fn collect(&mut self, limit: usize) -> Result<Vec<P::Item>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.try_next().await? {
            if all.len() == limit {
                let message = format!("the list has more than {limit} items; take them with `next` instead");
                return Err(
                    Error::new(ErrorKind::BodyTooLarge, message).with_operation(self.list.source.operation.id())
                );
            }
            all.push(item);
        }
        Ok(all)
    }

    /// Whether an item is to be returned: it is, unless duplicates are dropped and it is one.
    fn is_new(&mut self, item: &P::Item) -> bool {
        let Some(id) = P::id(item) else { return true };
        if let Next::Number { .. } = self.list.source.layout.next {
            self.list.seen.id(id);
        }
        self.seen.as_mut().is_none_or(|seen| seen.insert(id.to_owned()))
    }
}

impl<P: Paginate> Stream for Items<P> {
    type Item = Result<P::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            // A consumer that always finds an item at hand must let other tasks run all the same.
            let coop = ready!(tokio::task::coop::poll_proceed(cx));
            let Some(item) = self.list.take::<P::Item>() else {
                let Some(page) = ready!(self.list.poll_page(cx)?) else { return Poll::Ready(None) };
                self.list.open(page);
                continue;
            };
            coop.made_progress();
            if item.as_ref().map_or(true, |item| self.is_new(item)) {
                return Poll::Ready(Some(item));
            }
        }
    }
}

impl List {
    /// Opens a page that has arrived, behind the items that were taken before.
    fn open(&mut self, page: Page) {
        match PageReader::behind(self.taken, page.reply.json(), self.source.layout) {
            Ok(Some(reader)) => self.open = Some((page, reader)),
            Ok(None) => {
                let count = self.taken.count;
                let message = format!("the first {count} items of the page have changed since they were taken");
                self.end(page.reply.undecodable(&message));
            }
            Err(error) => self.fetch_again(&page.reply, &error),
        }
    }

    /// The next item of the page at hand; `None` at its end, or without one.
    fn take<T: Decode>(&mut self) -> Option<Result<T, Error>> {
        let (page, reader) = self.open.as_mut()?;
        let read = match reader.next(page.reply.json()) {
            Ok(Some(item)) => return Some(Ok(item)),
            Ok(None) => reader.finish(page.reply.json()),
            Err(error) if error.is_broken() => Err(error),
            Err(error) => return Some(Err(reader.error(&page.reply, &error))),
        };
        self.leave(read);
        None
    }

    /// Leaves the page at hand, which was read to its end, or as far as it is sound.
    fn leave(&mut self, read: Result<(), JsonError>) {
        let Some((page, reader)) = self.open.take() else { return };
        let goes_on = read.is_ok() && self.advance(&page);
        if !goes_on {
            self.taken = reader.taken(page.reply.json());
        }
        if let Err(error) = read {
            self.fetch_again(&page.reply, &error);
        }
    }
}

impl<P: Paginate> fmt::Debug for Items<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("operation", &self.list.source.operation.id()).finish_non_exhaustive()
    }
}
