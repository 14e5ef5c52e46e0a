//! A list with cursors and a list with page numbers.

use cloud_billing_core::paginate::{Layout, Next, Position};
use cloud_billing_core::{Core, Method, NullableVec, Operation, Paginate, Request};

pub(crate) const BY_CURSOR: Operation = Operation::new("listByCursor", Method::Get, "/things").success(&[200]);
pub(crate) const BY_NUMBER: Operation = Operation::new("listByNumber", Method::Get, "/things").success(&[200]);

#[derive(Clone)]
pub(crate) struct ByCursor(pub(crate) Core);

#[derive(Debug, Default)]
pub(crate) struct CursorPage {
    pub(crate) items: NullableVec<i32>,
    pub(crate) next: Option<Link>,
}

#[derive(Debug, Default)]
pub(crate) struct Link {
    pub(crate) href: Option<String>,
    pub(crate) offset: Option<String>,
    pub(crate) rel: Option<String>,
}

cloud_billing_core::record! { CursorPage { items: "items", next: "next", } }
cloud_billing_core::record! { Link { href: "href", offset: "offset", rel: "rel", } }

impl Paginate for ByCursor {
    type Page = CursorPage;
    type Item = i32;
    fn operation(&self) -> &'static Operation {
        &BY_CURSOR
    }
    fn layout(&self) -> Layout {
        Layout {
            items: "items",
            next: Next::Cursor { parameter: "_start", href: &["next", "href"], token: &["next", "offset"] },
        }
    }
    fn core(&self) -> &Core {
        &self.0
    }
    fn start(&self) -> Position {
        Position::First
    }
    fn request_at(&self, position: &Position) -> Request {
        let mut request = Request::new(&BY_CURSOR);
        if let Position::Cursor(cursor) = position {
            request.query("_start", cursor);
        }
        request
    }
}

#[derive(Clone)]
pub(crate) struct ByNumber(pub(crate) Core);

#[derive(Debug, Default)]
pub(crate) struct NumberPage {
    pub(crate) results: NullableVec<String>,
    pub(crate) links: NullableVec<Link>,
}

cloud_billing_core::record! { NumberPage { results: "results", links: "links", } }

impl Paginate for ByNumber {
    type Page = NumberPage;
    type Item = String;
    fn operation(&self) -> &'static Operation {
        &BY_NUMBER
    }
    fn layout(&self) -> Layout {
        Layout {
            items: "results",
            next: Next::Number { links: "links", relations: &["next", "http://mms.mongodb.com/next"], total: "total" },
        }
    }
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
    fn id(item: &String) -> Option<&str> {
        Some(item)
    }
}
