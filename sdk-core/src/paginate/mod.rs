//! Walking lists that come in pages.
//!
//! An operation that pages has `pages()` and `items()`. Both are [`Stream`](futures_core::Stream)s with a `next()` of their
//! own, so that no further crate is needed:
//!
//! * [`Pages`] yields each page as the service sent it, empty ones included;
//! * [`Items`] yields the items one by one.
//!
//! [`Pages::raw`] makes a third of the first: [`RawPages`] yields each page as it arrived, for [a view](RawPage::view) of
//! your own that borrows from it and has no more fields than you need.
//!
//! # Rules
//!
//! * **Cursors.** The cursor of the next page is taken out of the link that the service sends, or, if that has none, from
//!   the field beside it. The link is never followed: whatever host it names, requests go to the client's base URL. A
//!   cursor that comes a second time is an error that names it, never an endless loop. Empty pages do not end a walk, and
//!   counts never do.
//! * **Numbered pages.** If a page has links, there is a next page if one of them says so. If it has none, there is one if
//!   the page is full. An empty page is the last. While pages are read, items can move from one to the next, so that
//!   one is seen twice or not at all; [`Items::distinct`] drops those seen twice.
//! * **Ahead of the consumer.** While a page is consumed, the next is fetched and decoded, in a task of its own: one page
//!   ahead, unless [`prefetch`](Pages::prefetch) says otherwise. A cursor is read as soon as its page has arrived, so that
//!   the next page is under way while that one is decoded. The first of numbered pages is asked for alone, since it says
//!   whether there are more; and no more are under way than `RateLimit-Remaining` leaves, where the service sends it. A
//!   consumer that stops reading stops the requests. Dropping the stream cancels what is under way.
//! * **After an error** the stream ends. [`continuation`](Pages::continuation) then leads to the page that failed.
//!
//! A walk needs a tokio runtime, on which it spawns.

mod ahead;
mod continuation;
mod driver;
mod form;
mod items;
mod pages;
mod raw;
mod unread;

use serde::de::DeserializeOwned;

pub use ahead::CursorAt;
pub use continuation::Continuation;
pub use items::Items;
pub use pages::Pages;
pub use raw::{RawPage, RawPages};

use crate::client::Core;
use crate::operation::Operation;
use crate::request::Request;

/// How many pages are fetched ahead, unless set otherwise.
pub const DEFAULT_PREFETCH: usize = 1;

/// A call of an operation that pages. Generated code implements it.
pub trait Paginate: Clone + Send + Sync + 'static {
    /// What one call returns.
    type Page: DeserializeOwned + Send + 'static;
    /// What a page holds.
    type Item: Send + 'static;

    /// The operation.
    const OPERATION: &'static Operation;

    /// Where the JSON of a page has the cursor of the next, if it has one: what [`next`](Self::next) says of it, early. It
    /// must be the same place: pages that are not decoded are believed what stands there.
    const CURSOR: Option<CursorAt> = None;

    /// The client to call with.
    fn core(&self) -> &Core;

    /// Where the walk begins: the first page, unless the caller has set a cursor or a page number.
    fn start(&self) -> Position;

    /// The request for a page.
    fn request_at(&self, position: &Position) -> Request;

    /// The number of items on a full page, for numbered pages: as asked for, or else the service's default.
    fn page_size(&self) -> Option<u64> {
        None
    }

    /// What a page says about the next one.
    fn next(page: &Self::Page) -> Next<'_>;

    /// The number of items on a page.
    fn count(page: &Self::Page) -> usize;

    /// The items of a page.
    fn items(page: Self::Page) -> Vec<Self::Item>;

    /// What tells an item from all others, if there is such a thing.
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
    /// The page behind a cursor.
    Cursor(String),
    /// A numbered page, from 1.
    Number(u64),
}

/// What a page says about the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// A link that may have the cursor in its query, under `parameter`, and the cursor by itself.
    Cursor {
        /// The name of the query parameter.
        parameter: &'static str,
        /// The link.
        href: Option<&'a str>,
        /// The cursor by itself.
        token: Option<&'a str>,
    },
    /// Whether one of the page's links leads on; `None` if the page has no links.
    Link(Option<bool>),
}

/// Whether the links of a page lead on, by their relations; `None` if there are none. The relation is `next`, or, on older
/// pages, a URL that ends in it.
pub fn leads_on<'a>(relations: impl Iterator<Item = Option<&'a str>>) -> Option<bool> {
    let mut found = None;
    for relation in relations {
        let is_next = relation.is_some_and(|relation| relation.rsplit('/').next() == Some("next"));
        found = Some(found.unwrap_or(false) || is_next);
    }
    found
}

/// The position behind a page, by what the page says and how many items it has; or `None` if it is the last.
fn following<P: Paginate>(call: &P, position: &Position, next: Next<'_>, count: usize) -> Option<Position> {
    match next {
        Next::Cursor { parameter, href, token } => cursor(parameter, href, token).map(Position::Cursor),
        Next::Link(link) => {
            let full = call.page_size().is_some_and(|size| count as u64 >= size);
            let number = match position {
                Position::Number(number) => *number,
                Position::First | Position::Cursor(_) => 1,
            };
            (count > 0 && link.unwrap_or(full)).then(|| Position::Number(number.saturating_add(1)))
        }
    }
}

/// The cursor: the one in the link, or else the one by itself.
fn cursor(parameter: &str, href: Option<&str>, token: Option<&str>) -> Option<String> {
    let in_link = href.and_then(|href| query_value(href, parameter));
    in_link.or_else(|| token.map(str::to_owned)).filter(|cursor| !cursor.is_empty())
}

/// The first value of a query parameter in a link, relative or absolute, decoded. A malformed link has none.
fn query_value(href: &str, parameter: &str) -> Option<String> {
    let query = href.split_once('?')?.1;
    let query = query.split('#').next().unwrap_or_default();
    let value = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name)? == parameter).then_some(value)
    })?;
    decode(value).filter(|value| !value.is_empty())
}

/// Percent- and plus-decoding, as form-encoded queries have it (URL Standard, section 5.1).
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_in_links() {
        let cases = [
            ("/v4/a?_limit=5&_start=abc-_9", Some("abc-_9")),
            ("https://elsewhere.example/v4/a?_start=a%2Fb%2Bc", Some("a/b+c")),
            ("?_start=a+b", Some("a b")),
            ("/v4/a?_start=one&_start=two", Some("one")),
            ("/v4/a?%5Fstart=x#_start=y", Some("x")),
            ("/v4/a?_limit=5", None),
            ("/v4/a?_start=", None),
            ("/v4/a?_start", None),
            ("/v4/a", None),
            ("", None),
            ("/v4/a?_start=%ff", None),
            ("/v4/a?&&=&_start=z", Some("z")),
        ];
        for (href, cursor) in cases {
            assert_eq!(query_value(href, "_start").as_deref(), cursor, "{href}");
        }
    }

    #[test]
    fn relations() {
        let of = |relations: &[Option<&'static str>]| leads_on(relations.iter().copied());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[Some("self")]), Some(false));
        assert_eq!(of(&[Some("self"), Some("next")]), Some(true));
        assert_eq!(of(&[None, Some("http://mms.mongodb.com/next")]), Some(true));
        assert_eq!(of(&[Some("nextish")]), Some(false));
    }
}
