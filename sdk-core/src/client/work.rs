//! What is made of a body, apart from its type: calls and walks are compiled once, and not once for each type that they yield.

use std::any::Any;

use super::decode::Reply;
use crate::auth::BoxFuture;
use crate::error::{Error, ErrorKind};

/// From this size on, a body is read on a thread for blocking work: it takes a quarter of a millisecond or more, in which the
/// runtime's own thread sends the request for the next page, or serves other tasks. Handing it over takes a tenth of that.
const APART: usize = 64 * 1024;

/// A value whose type the one who asked for it knows.
pub(crate) type AnyValue = Box<dyn Any + Send>;

/// Something to make of a body.
pub(crate) struct Work {
    run: Box<dyn FnOnce(Reply) -> Result<AnyValue, Error> + Send>,
    /// Whether the size of the body says nothing of how long it takes.
    quick: bool,
}

impl Work {
    /// Work that goes through the body, elsewhere if that takes a while.
    pub(crate) fn new<R: Send + 'static>(work: impl FnOnce(Reply) -> Result<R, Error> + Send + 'static) -> Self {
        Self { run: Box::new(move |reply| Ok(Box::new(work(reply)?))), quick: false }
    }

    /// Work that takes no time.
    pub(crate) fn quick<R: Send + 'static>(work: impl FnOnce(Reply) -> Result<R, Error> + Send + 'static) -> Self {
        Self { quick: true, ..Self::new(work) }
    }

    /// Does the work: at once, or on a thread for blocking work if it may take a while.
    pub(super) async fn run(self, reply: Reply) -> Result<AnyValue, Error> {
        if self.quick || reply.json().len() < APART { (self.run)(reply) } else { self.apart(reply).await }
    }

    /// Boxed, so that the futures of small calls have no room for it.
    fn apart(self, reply: Reply) -> BoxFuture<'static, Result<AnyValue, Error>> {
        let origin = reply.origin().clone();
        Box::pin(async move {
            let task = tokio::task::spawn_blocking(move || (self.run)(reply));
            task.await.unwrap_or_else(|error| match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(origin.annotate(Error::new(ErrorKind::Transport, "the runtime is shutting down"))),
            })
        })
    }
}

/// The value in its type, which must be the one that the work made.
pub(crate) fn typed<R: 'static>(value: AnyValue) -> R {
    match value.downcast() {
        Ok(value) => *value,
        Err(_) => unreachable!("the work does not make what was asked of it"),
    }
}
