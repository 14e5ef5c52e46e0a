//! The pages of a list.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::list::List;
use super::page::check_fields;
use super::token::{ResumeToken, Taken};
use super::{Layout, Paginate};
use crate::client::RawBody;
use crate::error::Error;
use crate::json::{self, JsonError};
use crate::response::Response;

/// The pages of a list, as the service sends them. Each is decoded when it is taken. See the [module](super) for the rules of
/// pagination.
#[must_use = "pagination does nothing until it is polled"]
pub struct Pages<P: Paginate, F: PageForm<P> = Decoded> {
    list: List,
    form: PhantomData<fn() -> (P, F)>,
}

/// The pages of a list as they arrived, from [`Pages::raw`].
///
/// Whether there is another page is read without decoding the items. An item that makes no sense fails in the
/// [view](crate::RawBody::view), if that looks at it. A page that says twice which page comes next is an error.
pub type RawPages<P> = Pages<P, Raw>;

/// The form in which [`Pages`] returns pages. It is sealed.
pub trait PageForm<P: Paginate>: sealed::Sealed {
    /// A page in this form.
    type Page;

    #[doc(hidden)]
    fn read(page: &RawBody, layout: Layout) -> Result<Self::Page, JsonError>;
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

impl<P: Paginate> PageForm<P> for Decoded {
    type Page = P::Page;

    fn read(page: &RawBody, _layout: Layout) -> Result<P::Page, JsonError> {
        json::from_str(page.json())
    }
}

impl<P: Paginate> PageForm<P> for Raw {
    type Page = RawBody;

    fn read(page: &RawBody, layout: Layout) -> Result<RawBody, JsonError> {
        check_fields(page.json(), layout)?;
        Ok(page.clone())
    }
}

impl<P: Paginate> Pages<P> {
    /// The pages of a call, from its start.
    pub fn new(call: P) -> Self {
        Self { list: List::new(call), form: PhantomData }
    }

    /// The same pages as they arrived: for [views](crate::RawBody::view) of your own, with the fields that you need, which may borrow
    /// from the page.
    pub fn raw(self) -> RawPages<P> {
        Pages { list: self.list, form: PhantomData }
    }
}

impl<P: Paginate, F: PageForm<P>> Pages<P, F> {
    /// Sets how many pages are fetched ahead of the one that is consumed: 0 for none, 64 at most. With cursors a page is
    /// requested when the one before has arrived; numbered pages are requested so many at once, some of them perhaps after
    /// the end.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.list.set_prefetch(pages);
        self
    }

    /// Goes on at the page where a token stands. Items of it that were taken come again: pages are whole.
    ///
    /// # Errors
    ///
    /// Of kind [`InvalidRequest`](crate::ErrorKind::InvalidRequest), if the token belongs to another operation, or does not say
    /// where its pages go on.
    pub fn resume(self, token: ResumeToken) -> Result<Self, Error> {
        Ok(Self { list: self.list.resume(token)?, ..self })
    }

    /// Where pagination stands: at the page after the last one that was returned, or at the one that failed. `None` after the
    /// last page.
    pub fn resume_token(&self) -> Option<ResumeToken> {
        self.list.token(self.list.position.as_ref(), Taken::default())
    }

    /// The next page, or `None` after the last.
    ///
    /// Cancelling it loses nothing: the next call returns the page.
    ///
    /// # Errors
    ///
    /// Those of a call, after which the stream ends. If a page does not fit its type, the error is of kind
    /// [`Decode`](crate::ErrorKind::Decode) and names the place, and the stream goes on with the page after it. After the last
    /// page, one of kind [`ListChanged`](crate::ErrorKind::ListChanged) if pages differ in the number of items of the whole
    /// list.
    pub async fn next(&mut self) -> Option<Result<Response<F::Page>, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The next page, or `Ok(None)` after the last.
    ///
    /// Cancelling it loses nothing: the next call returns the page.
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next).
    pub async fn try_next(&mut self) -> Result<Option<Response<F::Page>>, Error> {
        self.next().await.transpose()
    }
}

impl<P: Paginate, F: PageForm<P>> Stream for Pages<P, F> {
    type Item = Result<Response<F::Page>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(page) = ready!(self.list.poll_page(cx)?) else { return Poll::Ready(None) };
            let raw = RawBody { reply: page.reply.clone() };
            match F::read(&raw, self.list.source.layout) {
                Err(error) if error.is_broken() => self.list.fetch_again(&page.reply, &error),
                read => {
                    self.list.advance(&page);
                    let read = read.map_err(|error| page.reply.error(&error));
                    return Poll::Ready(Some(read.map(|page| raw.response().map(|_| page))));
                }
            }
        }
    }
}

impl<P: Paginate, F: PageForm<P>> fmt::Debug for Pages<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("operation", &self.list.source.operation.id()).finish_non_exhaustive()
    }
}
