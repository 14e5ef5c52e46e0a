//! The same list with items of another type.

use std::fmt;
use std::marker::PhantomData;

use super::{Layout, Paginate, Position};
use crate::client::Core;
use crate::json::Decode;
use crate::operation::Operation;
use crate::request::Request;

/// A call of a list whose items are decoded as another type, such as one that keeps fields which the client's own does not have:
/// `Items::new(As::<_, Mine>::new(call))`.
///
/// The items have no ids that the runtime knows, so [`distinct`](super::Items::distinct) has no effect.
pub struct As<P, T> {
    call: P,
    item: PhantomData<fn() -> T>,
}

impl<P, T> As<P, T> {
    /// The list of a call.
    pub const fn new(call: P) -> Self {
        Self { call, item: PhantomData }
    }
}

impl<P: Clone, T> Clone for As<P, T> {
    fn clone(&self) -> Self {
        Self::new(self.call.clone())
    }
}

impl<P: fmt::Debug, T> fmt::Debug for As<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("As").field(&self.call).finish()
    }
}

impl<P: Paginate, T: Decode + Send + 'static> Paginate for As<P, T> {
    type Page = P::Page;
    type Item = T;

    fn operation(&self) -> &'static Operation {
        self.call.operation()
    }

    fn layout(&self) -> Layout {
        self.call.layout()
    }

    fn core(&self) -> &Core {
        self.call.core()
    }

    fn start(&self) -> Position {
        self.call.start()
    }

    fn request_at(&self, position: &Position) -> Request {
        self.call.request_at(position)
    }

    fn page_size(&self) -> Option<u64> {
        self.call.page_size()
    }
}
