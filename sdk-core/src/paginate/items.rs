//! The items of a list.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::list::{Fetched, List};
use super::page::{Following, PageReader};
use super::token::{ResumeToken, Taken};
use super::{Next, Paginate};
use crate::client::Reply;
use crate::error::{Error, ErrorKind};
use crate::json::{Decode, JsonError};

/// How often a list that changes is read by [`Items::collect_all`].
const READINGS: usize = 3;

/// The items of a list, one by one. Each is decoded when it is taken. See the [module](super) for the rules of pagination.
#[must_use = "pagination does nothing until it is polled"]
pub struct Items<P: Paginate> {
    reading: Reading,
    /// The identifiers seen, if duplicates are to be dropped.
    seen: Option<HashSet<String>>,
    call: PhantomData<fn() -> P>,
}

/// A list, and the page whose items are being taken.
struct Reading {
    list: List,
    page: Option<Open>,
}

struct Open {
    reply: Reply,
    reader: PageReader,
    following: Following,
}

impl<P: Paginate> Items<P> {
    /// The items of a call, from its start.
    pub fn new(call: P) -> Self {
        Self { reading: Reading { list: List::new(call), page: None }, seen: None, call: PhantomData }
    }

    /// Sets how many pages are fetched ahead; see [`Pages::prefetch`](super::Pages::prefetch).
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.reading.list.set_prefetch(pages);
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
        let reading = Reading { list: self.reading.list.resume(token)?, page: None };
        Ok(Self { reading, ..self })
    }

    /// Where pagination stands: after the last item that was returned. `None` after the last item of the list.
    ///
    /// Within a page the token has a checksum of the items that were taken, which takes about 0.1 ms for 100 kB.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        let Reading { list, page } = &self.reading;
        match page {
            Some(Open { reader, following: Following { next: Ok(next), .. }, .. }) if reader.is_at_end() => {
                next.clone().map(|next| list.token(next, Taken::default()))
            }
            Some(Open { reader, reply, .. }) => Some(list.token(list.position.clone()?, reader.taken(reply.json()))),
            None => Some(list.token(list.position.clone()?, list.taken)),
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

    /// All items, if there are at most `limit`. For lists that are known to be small. A list that changes meanwhile is read
    /// again, three times in all.
    ///
    /// Dropping the future loses the items that were read.
    ///
    /// # Errors
    ///
    /// Those of a call; one of kind [`BodyTooLarge`](ErrorKind::BodyTooLarge) if there are more than `limit` items; and one of
    /// kind [`ListChanged`](ErrorKind::ListChanged) if the list changes each time.
    pub async fn collect_all(mut self, limit: usize) -> Result<Vec<P::Item>, Error> {
        for _ in 1..READINGS {
            match self.collect(limit).await {
                Err(error) if error.kind() == ErrorKind::ListChanged => self = self.again(),
                outcome => return outcome,
            }
        }
        self.collect(limit).await
    }

    /// The items from where they began.
    fn again(self) -> Self {
        let reading = Reading { list: self.reading.list.restart(), page: None };
        Self { reading, seen: self.seen.map(|_| HashSet::new()), call: PhantomData }
    }

    async fn collect(&mut self, limit: usize) -> Result<Vec<P::Item>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.try_next().await? {
            if all.len() == limit {
                let message = format!("the list has more than {limit} items; take them with `next` instead");
                return Err(
                    Error::new(ErrorKind::BodyTooLarge, message).with_operation(self.reading.list.operation().id())
                );
            }
            all.push(item);
        }
        Ok(all)
    }

    /// Whether an item is to be returned: it is, unless duplicates are dropped and it is one.
    fn is_new(&mut self, item: &P::Item) -> bool {
        let Some(id) = P::id(item) else { return true };
        if let Next::Number { .. } = self.reading.list.layout().next {
            self.reading.list.changes.id(id);
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
        let Open { reply, reader, .. } = self.page.as_mut()?;
        match reader.next(reply.json()) {
            Ok(Some(item)) => Some(Ok(item)),
            Ok(None) => self.leave().err().map(Err),
            Err(error) if error.is_broken() => self.retry(&error).err().map(Err),
            Err(error) => Some(Err(reader.error(reply, &error))),
        }
    }

    /// Leaves the page at hand, whose items have all been taken.
    fn leave(&mut self) -> Result<(), Error> {
        let Some(Open { reply, mut reader, following }) = self.page.take() else { return Ok(()) };
        let finished = reader.finish(reply.json());
        let outcome = match &finished {
            Ok(()) => self.list.advance(&reply, following),
            Err(error) => self.list.fail(&reply, error),
        };
        if finished.is_err() || outcome.is_err() {
            self.list.taken = reader.taken(reply.json());
        }
        outcome
    }

    /// Fetches the page at hand again, because it is broken.
    fn retry(&mut self, error: &JsonError) -> Result<(), Error> {
        let Some(Open { reply, reader, .. }) = self.page.take() else { return Ok(()) };
        self.list.taken = reader.taken(reply.json());
        self.list.fail(&reply, error)
    }

    /// Waits for the next page; `None` after the last.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(), Error>>> {
        let Some(outcome) = ready!(self.list.poll_next(cx)) else { return Poll::Ready(None) };
        Poll::Ready(Some(outcome.and_then(|page| self.open(page))))
    }

    /// Opens a page that has arrived, behind the items that were taken before.
    fn open(&mut self, page: Fetched) -> Result<(), Error> {
        let Fetched { reply, following } = page;
        match self.behind(reply.json()) {
            Ok(reader) if self.list.taken.count == 0 || reader.taken(reply.json()) == self.list.taken => {
                self.page = Some(Open { reply, reader, following });
                Ok(())
            }
            Ok(_) => {
                self.list.stop();
                let count = self.list.taken.count;
                Err(reply
                    .undecodable(&format!("the first {count} items of the page have changed since they were taken")))
            }
            Err(error) => self.list.fail(&reply, &error),
        }
    }

    /// Reads a page behind the items that were taken before.
    fn behind(&self, json: &str) -> Result<PageReader, JsonError> {
        let mut reader = PageReader::open(json, self.list.layout())?;
        for _ in 0..self.list.taken.count {
            if !reader.skip(json)? {
                break;
            }
        }
        Ok(reader)
    }
}

// Nothing in it is pinned.
impl<P: Paginate> Unpin for Items<P> {}

impl<P: Paginate> fmt::Debug for Items<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("operation", &self.reading.list.operation().id()).finish_non_exhaustive()
    }
}
