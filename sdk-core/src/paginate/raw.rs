//! The pages of a list as they arrived, to be read in part and without copies.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use serde::Deserialize;

use super::form::Raw;
use super::pages::Walk;
use super::{Continuation, Paginate};
use crate::client::Reply;
use crate::error::Error;
use crate::response::Response;

/// A page of a list as it arrived: JSON, not decoded. [`view`](Self::view) reads it.
#[derive(Clone)]
pub struct RawPage {
    reply: Reply,
}

impl RawPage {
    pub(super) fn new(reply: Reply) -> Response<Self> {
        let meta = Arc::clone(reply.meta());
        Response::new(Self { reply }, meta)
    }

    /// Decodes the page into a type of your own, with the fields that you need, named as in the vendor's JSON. What it
    /// borrows stays in the page.
    ///
    /// A `&str` holds only text without escapes such as `\n` and `\"`, of which a page may have any. A `Cow<str>` with
    /// `#[serde(borrow)]` borrows the text where it can, and copies it where it has to; in an `Option` or a `Vec` it needs a
    /// type around it to do so, as below. Money is exact in a [`Decimal`](crate::Decimal) and not in an `f64`. A field that
    /// the service may leave out needs an `Option`.
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// use cloud_billing_core::{Decimal, Error, RawPage};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Page<'a> {
    ///     #[serde(borrow)]
    ///     resources: Vec<Instance<'a>>,
    /// }
    ///
    /// #[derive(Deserialize)]
    /// struct Instance<'a> {
    ///     #[serde(borrow)]
    ///     resource_instance_name: Option<Text<'a>>,
    ///     #[serde(default)]
    ///     usage: Vec<Metric>,
    /// }
    ///
    /// /// Borrowed, unless it has escapes.
    /// #[derive(Deserialize)]
    /// #[serde(transparent)]
    /// struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    ///
    /// #[derive(Deserialize)]
    /// struct Metric {
    ///     cost: Decimal,
    /// }
    ///
    /// fn print_costs(page: &RawPage) -> Result<(), Error> {
    ///     let page: Page<'_> = page.view()?;
    ///     for instance in &page.resources {
    ///         let name = instance.resource_instance_name.as_ref().map_or("(no name)", |name| &name.0);
    ///         for metric in &instance.usage {
    ///             println!("{name}: {}", metric.cost);
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Of kind [`Decode`](crate::ErrorKind::Decode), with the path in the JSON and the body, if the page does not fit the
    /// type. The walk goes on all the same.
    pub fn view<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        self.reply.view()
    }

    /// The JSON that [`view`](Self::view) reads: the body, out of its envelope, if it was asked for in one.
    pub fn bytes(&self) -> &Bytes {
        self.reply.json()
    }
}

impl fmt::Debug for RawPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPage").field("bytes", &self.bytes().len()).finish_non_exhaustive()
    }
}

/// The pages of a list as they arrived, from [`Pages::raw`](super::Pages::raw). The rules of the walk are
/// [those of all](super): credential, retries, pages ahead, the end.
///
/// Whether there is another page is read from the page without decoding its items. So nobody has looked at them yet: an
/// item that makes no sense fails in the [view](RawPage::view), if that looks at it.
#[must_use = "a walk does nothing until it is polled"]
pub struct RawPages<P: Paginate> {
    walk: Walk<P, Raw>,
}

impl<P: Paginate> RawPages<P> {
    pub(super) fn new(walk: Walk<P, Raw>) -> Self {
        Self { walk }
    }

    /// Sets how many pages are fetched ahead; see [`Pages::prefetch`](super::Pages::prefetch).
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.walk.set_prefetch(pages);
        self
    }

    /// Goes on where another walk stood, whether or not that was one of raw pages. What it had taken of a page comes again:
    /// pages are whole.
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
    pub async fn next(&mut self) -> Option<Result<Response<RawPage>, Error>> {
        std::future::poll_fn(|cx| self.walk.poll_next(cx)).await
    }

    /// The next page, or `Ok(None)` behind the last.
    ///
    /// # Errors
    ///
    /// Those of a call; after one the walk has ended.
    pub async fn try_next(&mut self) -> Result<Option<Response<RawPage>>, Error> {
        self.next().await.transpose()
    }
}

impl<P: Paginate> Stream for RawPages<P> {
    type Item = Result<Response<RawPage>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.walk.poll_next(cx)
    }
}

// Nothing in it is pinned.
impl<P: Paginate> Unpin for RawPages<P> {}

impl<P: Paginate> fmt::Debug for RawPages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPages").field("operation", &P::OPERATION.id()).finish_non_exhaustive()
    }
}
