//! What a walk makes of an answer: a page of the specified type, or the page as it arrived.

use std::future::Future;

use super::{Paginate, Position, RawPage, following, unread};
use crate::client::Reply;
use crate::error::Error;
use crate::response::Response;

/// The form in which a walk yields pages.
pub(super) trait Form<P: Paginate>: 'static {
    /// A page in this form.
    type Page: Send + 'static;

    /// The page out of the answer at a position, and the position behind it. An error is one of the attempt, and may be
    /// tried again.
    fn read(
        call: &P,
        position: &Position,
        reply: Reply,
    ) -> impl Future<Output = Result<(Response<Self::Page>, Option<Position>), Error>> + Send;
}

/// Pages are decoded into the type of the operation.
pub(super) struct Typed;

/// Pages stay as they arrived.
pub(super) struct Raw;

impl<P: Paginate> Form<P> for Typed {
    type Page = P::Page;

    async fn read(call: &P, position: &Position, reply: Reply) -> Result<(Response<P::Page>, Option<Position>), Error> {
        let page: Response<P::Page> = reply.decode().await?;
        let next = following(call, position, P::next(&page), P::count(&page));
        Ok((page, next))
    }
}

impl<P: Paginate> Form<P> for Raw {
    type Page = RawPage;

    async fn read(call: &P, position: &Position, reply: Reply) -> Result<(Response<RawPage>, Option<Position>), Error> {
        // A cursor is only read from a page that ends as it should; so one that is cut off comes to nothing here.
        if let Some(cursor) = P::CURSOR.and_then(|at| at.read(reply.json())) {
            return Ok((RawPage::new(reply), Some(Position::Cursor(cursor))));
        }
        let (call, position) = (call.clone(), position.clone());
        let work = move |reply: Reply| {
            let next = match unread::following(&call, &position, reply.json()) {
                Some(next) => next,
                // A page that is not as it should be, or has no items: what it decodes to decides.
                None => {
                    let page: P::Page = reply.view()?;
                    following(&call, &position, P::next(&page), P::count(&page))
                }
            };
            Ok((RawPage::new(reply), next))
        };
        reply.apart(work).await
    }
}
