//! The pages of a list.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::fetch::{Fetched, Fetches};
use super::page::{PageReader, RawPage};
use super::resume::{ResumeToken, Taken};
use super::{DEFAULT_PREFETCH, Paginate, Position};
use crate::error::Error;
use crate::json::{self, JsonError};
use crate::response::Response;

/// The pages of a list, as the service sends them. Each is decoded when it is taken. See the [module](super) for the rules of
/// pagination.
#[must_use = "pagination does nothing until it is polled"]
pub struct Pages<P: Paginate, F: Form<P> = Decoded> {
    fetches: Fetches,
    /// The page after the last one that was returned; `None` after the last page.
    position: Option<Position>,
    form: PhantomData<fn() -> (P, F)>,
}

/// The pages of a list as they arrived, from [`Pages::raw`].
///
/// Whether there is another page is read without decoding the items. An item that makes no sense fails in the
/// [view](RawPage::view), if that looks at it.
pub type RawPages<P> = Pages<P, Raw>;

/// The form in which [`Pages`] returns pages. It is sealed.
pub trait Form<P: Paginate>: sealed::Sealed {
    /// A page in this form.
    type Page;

    #[doc(hidden)]
    fn read(page: &RawPage) -> Result<Self::Page, JsonError>;
}

/// Pages are decoded into the type of the operation.
#[derive(Debug)]
pub enum Decoded {}

/// Pages stay as they arrived.
#[derive(Debug)]
pub enum Raw {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Decoded {}
    impl Sealed for super::Raw {}
}

impl<P: Paginate> Form<P> for Decoded {
    type Page = P::Page;

    fn read(page: &RawPage) -> Result<P::Page, JsonError> {
        json::from_str(page.json())
    }
}

impl<P: Paginate> Form<P> for Raw {
    type Page = RawPage;

    fn read(page: &RawPage) -> Result<RawPage, JsonError> {
        Ok(page.clone())
    }
}

impl<P: Paginate> Pages<P> {
    /// The pages of a call, from its start.
    pub fn new(call: P) -> Self {
        let start = call.start();
        let fetches = Fetches::new(Arc::new(call), Some(start.clone()), DEFAULT_PREFETCH);
        Self { fetches, position: Some(start), form: PhantomData }
    }

    /// The same pages as they arrived: for [views](RawPage::view) of your own, with the fields that you need, which may borrow
    /// from the page.
    pub fn raw(mut self) -> RawPages<P> {
        self.fetches.restart(self.position.clone());
        Pages { fetches: self.fetches, position: self.position, form: PhantomData }
    }
}

impl<P: Paginate, F: Form<P>> Pages<P, F> {
    /// Sets how many pages are fetched ahead of the one that is consumed: 0 for none, 64 at most. With cursors a page is
    /// requested when the one before has arrived; numbered pages are requested so many at once, some of them perhaps after
    /// the end.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.fetches.set_prefetch(pages);
        self
    }

    /// Goes on at the page where a token stands. Items of it that were taken come again: pages are whole.
    ///
    /// # Errors
    ///
    /// Of kind [`InvalidRequest`](crate::ErrorKind::InvalidRequest), if the token belongs to another operation.
    pub fn resume(mut self, token: ResumeToken) -> Result<Self, Error> {
        let ResumeToken { position, .. } = token.of(P::OPERATION.id())?;
        self.fetches.restart(Some(position.clone()));
        self.position = Some(position);
        Ok(self)
    }

    /// Where pagination stands: at the page after the last one that was returned, or at the one that failed. `None` after the
    /// last page.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        let (operation, taken) = (P::OPERATION.id().to_owned(), Taken::default());
        self.position.clone().map(|position| ResumeToken { operation, position, taken })
    }

    /// The next page, or `None` after the last.
    ///
    /// Cancelling it loses nothing: the next call returns the page.
    ///
    /// # Errors
    ///
    /// Those of a call, after which the stream ends. If a page does not fit its type, the error is of kind
    /// [`Decode`](crate::ErrorKind::Decode) and names the place, and the stream goes on with the page after it.
    pub async fn next(&mut self) -> Option<Result<Response<F::Page>, Error>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    /// The next page, or `Ok(None)` after the last.
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next).
    pub async fn try_next(&mut self) -> Result<Option<Response<F::Page>>, Error> {
        self.next().await.transpose()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Response<F::Page>, Error>>> {
        loop {
            let fetched = match ready!(self.fetches.poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(fetched)) => fetched,
            };
            if let Some(page) = self.read(&fetched) {
                return Poll::Ready(Some(page));
            }
        }
    }

    /// Reads a page that has arrived. `None` if it is fetched again.
    fn read(&mut self, fetched: &Fetched) -> Option<Result<Response<F::Page>, Error>> {
        let raw = RawPage { reply: fetched.reply.clone() };
        let page = F::read(&raw);
        let next = match &page {
            Err(error) if error.is_broken() => return self.retry(fetched, error).err().map(Err),
            _ => self.next_position(fetched),
        };
        match next {
            Ok(Ok(next)) => {
                self.fetches.confirm(&fetched.reply, next.clone());
                self.position = next;
            }
            Ok(Err(message)) => self.fetches.fail(fetched.reply.undecodable(&message)),
            Err(error) if error.is_broken() => return self.retry(fetched, &error).err().map(Err),
            Err(error) => {
                self.fetches.restart(None);
                return Some(Err(fetched.reply.error(&error)));
            }
        }
        Some(page.map(|page| raw.response().map(|_| page)).map_err(|error| fetched.reply.error(&error)))
    }

    fn retry(&mut self, fetched: &Fetched, error: &JsonError) -> Result<(), Error> {
        self.fetches.retry(&fetched.position, fetched.reply.error(error).with_truncated(true))
    }

    /// What the page says about the next one.
    fn next_position(&self, fetched: &Fetched) -> Result<Result<Option<Position>, String>, JsonError> {
        if fetched.next.is_some() {
            return Ok(Ok(fetched.next.clone()));
        }
        let source = &self.fetches.source;
        let json = fetched.reply.json();
        let mut page = PageReader::open(json, source.layout())?;
        if !page.skip(json)? || page.lead(&fetched.position).is_none() {
            page.finish(json)?;
        }
        Ok(page.position(&fetched.position, source.page_size()))
    }
}

impl<P: Paginate, F: Form<P>> Stream for Pages<P, F> {
    type Item = Result<Response<F::Page>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

// Nothing in it is pinned.
impl<P: Paginate, F: Form<P>> Unpin for Pages<P, F> {}

impl<P: Paginate, F: Form<P>> fmt::Debug for Pages<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("operation", &P::OPERATION.id()).finish_non_exhaustive()
    }
}
