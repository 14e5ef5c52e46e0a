//! The pages of a list.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::driver::Driver;
use super::form::{Form, Typed};
use super::{Continuation, DEFAULT_PREFETCH, Paginate, Position, RawPages};
use crate::error::Error;
use crate::response::Response;

/// The pages of a list, as the service sends them. See the [module](super) for the rules of a walk.
#[must_use = "a walk does nothing until it is polled"]
pub struct Pages<P: Paginate> {
    walk: Walk<P, Typed>,
}

impl<P: Paginate> Pages<P> {
    /// The pages of a call, from where it starts.
    pub fn new(call: P) -> Self {
        let start = call.start();
        Self { walk: Walk { driver: Driver::new(call, Some(start.clone()), DEFAULT_PREFETCH), position: Some(start) } }
    }

    /// The same pages as they arrived, from where this walk stands: for views of your own, with the fields that you need,
    /// which may borrow from the page. With five fields of IBM's forty, a walk takes half the work.
    pub fn raw(self) -> RawPages<P> {
        RawPages::new(self.walk.into_form())
    }

    /// Sets how many pages are fetched ahead of the one that is consumed: 0 for none. With cursors one is asked for when the
    /// one before has arrived; numbered pages are fetched so many at once, and some behind the end in vain. More than 64 are
    /// taken for 64.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.walk.set_prefetch(pages);
        self
    }

    /// Goes on where another walk stood. What that walk had taken of a page comes again: pages are whole.
    ///
    /// # Errors
    ///
    /// Of kind [`InvalidRequest`](crate::ErrorKind::InvalidRequest), if the continuation is of another operation.
    pub fn resume(self, continuation: Continuation) -> Result<Self, Error> {
        Ok(Self { walk: self.walk.resume(continuation)? })
    }

    /// Where the walk stands: at the page after the last one that was yielded, or at the one that failed. `None` when all
    /// pages have been yielded.
    pub fn continuation(&self) -> Option<Continuation> {
        self.walk.continuation()
    }

    /// The next page, or `None` behind the last.
    ///
    /// # Errors
    ///
    /// Those of a call; after one the walk has ended.
    pub async fn next(&mut self) -> Option<Result<Response<P::Page>, Error>> {
        std::future::poll_fn(|cx| self.walk.poll_next(cx)).await
    }

    /// The next page, or `Ok(None)` behind the last.
    ///
    /// # Errors
    ///
    /// Those of a call; after one the walk has ended.
    pub async fn try_next(&mut self) -> Result<Option<Response<P::Page>>, Error> {
        self.next().await.transpose()
    }
}

impl<P: Paginate> Stream for Pages<P> {
    type Item = Result<Response<P::Page>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.walk.poll_next(cx)
    }
}

// Nothing in it is pinned.
impl<P: Paginate> Unpin for Pages<P> {}

impl<P: Paginate> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("operation", &P::OPERATION.id()).finish_non_exhaustive()
    }
}

/// A walk over pages, in any form.
pub(super) struct Walk<P: Paginate, F: Form<P>> {
    driver: Driver<P, F>,
    /// Where to go on: the page after the last one that was yielded. `None` behind the end.
    position: Option<Position>,
}

impl<P: Paginate, F: Form<P>> Walk<P, F> {
    pub(super) fn set_prefetch(&mut self, pages: usize) {
        self.driver.set_prefetch(pages);
    }

    pub(super) fn resume(self, continuation: Continuation) -> Result<Self, Error> {
        let Continuation { position, .. } = continuation.of(P::OPERATION.id())?;
        Ok(Self { driver: self.driver.at(Some(position.clone())), position: Some(position) })
    }

    /// The rest of the walk in another form.
    fn into_form<G: Form<P>>(self) -> Walk<P, G> {
        Walk { driver: self.driver.at(self.position.clone()), position: self.position }
    }

    pub(super) fn continuation(&self) -> Option<Continuation> {
        let position = self.position.clone()?;
        Some(Continuation { operation: P::OPERATION.id().to_owned(), position, taken: 0 })
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Response<F::Page>, Error>>> {
        let Some(outcome) = ready!(self.driver.poll_next(cx)) else { return Poll::Ready(None) };
        Poll::Ready(Some(outcome.map(|fetched| {
            self.position = fetched.next;
            fetched.page
        })))
    }
}
