//! A list with cursors and a list with page numbers.

use cloud_billing_core::paginate::{CursorAt, Next, Position, leads_on};
use cloud_billing_core::{Core, Method, NullableVec, Operation, Paginate, Request};
use serde::Deserialize;

pub(crate) const BY_CURSOR: Operation = Operation::new("listByCursor", Method::Get, "/things").success(&[200]);
pub(crate) const BY_NUMBER: Operation = Operation::new("listByNumber", Method::Get, "/things").success(&[200]);

/// The common part of all lists with cursors whose pages have `items`.
macro_rules! by_cursor {
    ($page:ty) => {
        type Page = $page;
        type Item = u32;
        const OPERATION: &'static Operation = &BY_CURSOR;
        fn core(&self) -> &Core {
            &self.0
        }
        fn start(&self) -> Position {
            Position::First
        }
        fn count(page: &$page) -> usize {
            page.items.len()
        }
        fn items(page: $page) -> Vec<u32> {
            page.items.into_vec()
        }
    };
}
pub(crate) use by_cursor;

/// The request of such a list.
pub(crate) fn page_at(position: &Position) -> Request {
    let mut request = Request::new(&BY_CURSOR);
    if let Position::Cursor(cursor) = position {
        request.query("_start", cursor);
    }
    request
}

#[derive(Clone)]
pub(crate) struct ByCursor(pub(crate) Core);

#[derive(Deserialize)]
pub(crate) struct CursorPage {
    #[serde(default)]
    pub(crate) items: NullableVec<u32>,
    #[serde(default)]
    pub(crate) next: Option<Link>,
}

#[derive(Deserialize)]
pub(crate) struct Link {
    pub(crate) href: Option<String>,
    pub(crate) offset: Option<String>,
    pub(crate) rel: Option<String>,
}

impl Paginate for ByCursor {
    by_cursor!(CursorPage);
    const CURSOR: Option<CursorAt> =
        Some(CursorAt { parameter: "_start", object: "next", href: "href", token: "offset" });
    fn request_at(&self, position: &Position) -> Request {
        page_at(position)
    }
    fn next(page: &CursorPage) -> Next<'_> {
        let next = page.next.as_ref();
        Next::Cursor {
            parameter: "_start",
            href: next.and_then(|next| next.href.as_deref()),
            token: next.and_then(|next| next.offset.as_deref()),
        }
    }
}

#[derive(Clone)]
pub(crate) struct ByNumber(pub(crate) Core);

#[derive(Deserialize)]
pub(crate) struct NumberPage {
    pub(crate) results: NullableVec<String>,
    #[serde(default)]
    pub(crate) links: NullableVec<Link>,
}

impl Paginate for ByNumber {
    type Page = NumberPage;
    type Item = String;
    const OPERATION: &'static Operation = &BY_NUMBER;
    fn core(&self) -> &Core {
        &self.0
    }
    fn start(&self) -> Position {
        Position::Number(1)
    }
    fn request_at(&self, position: &Position) -> Request {
        let mut request = Request::new(&BY_NUMBER);
        if let Position::Number(number) = position {
            request.query("page", &i64::try_from(*number).unwrap());
        }
        request
    }
    fn page_size(&self) -> Option<u64> {
        Some(2)
    }
    fn next(page: &NumberPage) -> Next<'_> {
        Next::Link(leads_on(page.links.iter().map(|link| link.rel.as_deref())))
    }
    fn count(page: &NumberPage) -> usize {
        page.results.len()
    }
    fn items(page: NumberPage) -> Vec<String> {
        page.results.into_vec()
    }
    fn id(item: &String) -> Option<&str> {
        Some(item)
    }
}
