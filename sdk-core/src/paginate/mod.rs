//! Pagination: lists that come in pages.
//!
//! An operation that paginates has `items()` and `pages()`. Both are [`Stream`](futures_core::Stream)s with a `next()` of
//! their own, so that no further crate is needed:
//!
//! * [`Items`] returns the items one by one;
//! * [`Pages`] returns each page as the service sent it, empty ones included.
//!
//! [`Pages::raw`] returns each page as it arrived, for [a view](crate::RawBody::view) of your own that borrows from it and has no
//! more fields than you need. [`As`] returns items as a type of your own.
//!
//! # Rules
//!
//! * **Cursors.** The cursor of the next page is taken from the query of the link that the service sends, or, if that has
//!   none, from the field beside it. The link is never followed: whatever host it names, requests go to the client's base
//!   URL. A cursor that comes a second time is an error that names it, never an endless loop; a cursor that is not a text, or a
//!   link that is not empty and has none, is an error after the items of its page. Empty pages do not end pagination, and counts never do.
//! * **Numbered pages.** If a page has links, there is a next page if one of them says so. If it has none, there is one if
//!   the page is full; also if none of its links says so but the number of items of the whole list, which may be an estimate, is above
//!   what came so far. An empty page is the last. Between two requests, items can move from one page to another, so that
//!   one comes twice or not at all. If pages differ in the number of items of the whole list, or an identifier comes again on
//!   the next page, the stream ends with an error of kind [`ListChanged`](crate::ErrorKind::ListChanged) after the last item.
//!   [`Items::collect_all`] then reads the list again; [`Items::distinct`] drops items that come twice.
//! * **Prefetch.** While a page is consumed, the next is fetched in a task of its own: one page ahead, unless
//!   [`prefetch`](Pages::prefetch) says otherwise. The first of numbered pages is requested alone, since it says
//!   whether there are more; and if the service sends `RateLimit-Remaining`, no more requests are under way than it
//!   allows. A consumer that stops reading stops the requests. Dropping the stream cancels what is under way.
//! * **Decoding.** A page stays as it arrived until the consumer takes it. `items()` then decodes one item at a time, and
//!   `pages()` the whole page, in the consumer's task. So the memory of `items()` is that of the pages that were fetched and of
//!   one item. Decoding takes about 4 ms for 1 MB. Between two items, other tasks can run.
//! * **Errors.** An item (for `pages()`: a page) that does not fit its type is an error with its place, and the stream goes
//!   on after it. A page that breaks off, or is broken inside, is fetched again within the [retry policy](crate::retry). Items
//!   that were handed out are then skipped, if their checksum is still the same; otherwise the stream ends with an error. It
//!   also ends after any other error. A [resume token](Items::resume_token) leads to the place of the failure.
//!
//! Pagination needs a tokio runtime, on which it spawns.

mod item_type;
mod items;
mod layout;
mod list;
mod page;
mod pages;
mod seen;
mod token;

pub use item_type::As;
pub use items::Items;
pub use layout::{Layout, Next};
#[doc(hidden)]
pub use page::each_item;
pub use pages::{Decoded, PageForm, Pages, Raw, RawPages};
pub use token::ResumeToken;

use crate::client::Core;
use crate::json::Decode;
use crate::operation::Operation;
use crate::request::Request;

/// How many pages are fetched ahead, unless set otherwise.
pub const DEFAULT_PREFETCH: usize = 1;

/// A call of an operation that paginates. Generated code implements it.
pub trait Paginate: Clone + Send + Sync + 'static {
    /// What one call returns.
    type Page: Decode + Send + 'static;
    /// What a page holds.
    type Item: Decode + Send + 'static;

    /// The operation.
    fn operation(&self) -> &'static Operation;

    /// Where a page has its items, and what leads to the next page.
    fn layout(&self) -> Layout;

    /// The client to call with.
    fn core(&self) -> &Core;

    /// Where pagination starts: at the first page, unless the caller has set a cursor or a page number.
    fn start(&self) -> Position;

    /// The request for a page.
    fn request_at(&self, position: &Position) -> Request;

    /// The number of items on a full page, for numbered pages: as asked for, or else the service's default.
    fn page_size(&self) -> Option<u64> {
        None
    }

    /// The identifier of an item, if it has one.
    fn id(item: &Self::Item) -> Option<&str> {
        let _ = item;
        None
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// The first page of a list with cursors.
    First,
    /// The page of a cursor.
    Cursor(String),
    /// A numbered page, from 1.
    Number(u64),
}
