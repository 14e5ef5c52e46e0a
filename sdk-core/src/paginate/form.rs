//! What a walk makes of an answer: a page of the specified type, or the page as it arrived.

use std::sync::Arc;

use super::{Paginate, Position, RawPage, following, unread};
use crate::client::{AnyValue, Reply, Work};
use crate::error::Error;
use crate::response::Response;

/// What reading a page comes to: the page, in its form, and the position behind it.
pub(super) type Read = (Response<AnyValue>, Option<Position>);

/// The form in which a walk yields pages.
pub(super) trait Form<P: Paginate>: 'static {
    /// A page in this form.
    type Page: Send + 'static;

    /// The work that makes a [`Read`] of the answer at a position, whose page is a [`Self::Page`]. An error is one of the
    /// attempt, and may be tried again.
    fn work(call: &P, position: &Position, reply: &Reply) -> Work;
}

/// Pages are decoded into the type of the operation.
pub(super) struct Typed;

/// Pages stay as they arrived.
pub(super) struct Raw;

impl<P: Paginate> Form<P> for Typed {
    type Page = P::Page;

    fn work(call: &P, position: &Position, _: &Reply) -> Work {
        let (call, position) = (call.clone(), position.clone());
        Work::new(move |reply| -> Result<Read, Error> {
            let page: P::Page = reply.view()?;
            let next = following(&call, &position, P::next(&page), P::count(&page));
            Ok((Response::new(Box::new(page), Arc::clone(reply.meta())), next))
        })
    }
}

impl<P: Paginate> Form<P> for Raw {
    type Page = RawPage;

    fn work(call: &P, position: &Position, reply: &Reply) -> Work {
        // A cursor is only read from a page that ends as it should; so one that is cut off comes to nothing here.
        if let Some(cursor) = P::CURSOR.and_then(|at| at.read(reply.json())) {
            return Work::quick(|reply| Ok(unread_page(reply, Some(Position::Cursor(cursor)))));
        }
        let (call, position) = (call.clone(), position.clone());
        Work::new(move |reply| {
            let next = match unread::following(&call, &position, reply.json()) {
                Some(next) => next,
                // A page that is not as it should be, or has no items: what it decodes to decides.
                None => {
                    let page: P::Page = reply.view()?;
                    following(&call, &position, P::next(&page), P::count(&page))
                }
            };
            Ok(unread_page(reply, next))
        })
    }
}

fn unread_page(reply: Reply, next: Option<Position>) -> Read {
    (RawPage::new(reply).map(|page| Box::new(page) as AnyValue), next)
}
