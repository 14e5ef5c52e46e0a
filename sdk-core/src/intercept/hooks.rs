//! Running the interceptors of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Extensions;
use tokio::time::Instant;

use super::{Body, Interceptor, TokenFetch};
use crate::context::ResponseContext;
use crate::error::ErrorKind;
use crate::service::Service;

/// The interceptors of a client, in their order.
#[derive(Clone, Default)]
pub(crate) struct Interceptors(Arc<[Arc<dyn Interceptor>]>);

impl Interceptors {
    pub(crate) fn new(all: Vec<Arc<dyn Interceptor>>) -> Self {
        Self(all.into())
    }

    /// The state of a new call, if anyone wants to see it.
    pub(crate) fn call(&self) -> Option<Box<Hooks>> {
        let hooks = |all: &Self| Hooks {
            all: all.clone(),
            extensions: Extensions::new(),
            started: Instant::now(),
            last: None,
            ended: false,
        };
        if self.0.is_empty() { None } else { Some(Box::new(hooks(self))) }
    }

    pub(crate) fn token(&self, fetch: &TokenFetch<'_>) {
        self.0.iter().rev().for_each(|interceptor| interceptor.after_token(fetch));
    }
}

impl fmt::Debug for Interceptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} interceptors", self.0.len())
    }
}

/// What interceptors keep of a call.
pub(crate) struct Hooks {
    all: Interceptors,
    pub(crate) extensions: Extensions,
    started: Instant,
    /// Status and request id of the last response.
    pub(crate) last: Option<(u16, Option<String>)>,
    ended: bool,
}

impl Hooks {
    /// All interceptors, in their order. They are returned by value, so that the hooks can be changed meanwhile.
    pub(crate) fn all(&self) -> Arc<[Arc<dyn Interceptor>]> {
        Arc::clone(&self.all.0)
    }

    /// Whether the call ends now, for the first time.
    pub(crate) fn end(&mut self) -> bool {
        !std::mem::replace(&mut self.ended, true)
    }

    pub(crate) fn duration(&self) -> Duration {
        self.started.elapsed()
    }

    /// Watches the body of a response.
    pub(crate) fn body(&self, service: &'static Service, context: &ResponseContext) -> Box<BodyObserver> {
        Box::new(BodyObserver {
            all: self.all.clone(),
            service,
            context: context.clone(),
            started: Instant::now(),
            bytes: 0,
            ended: false,
        })
    }
}

/// Watches a body, and reports its end once.
pub(crate) struct BodyObserver {
    all: Interceptors,
    service: &'static Service,
    context: ResponseContext,
    started: Instant,
    pub(crate) bytes: u64,
    ended: bool,
}

impl BodyObserver {
    pub(crate) fn end(&mut self, complete: bool, error: Option<ErrorKind>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let body = Body {
            service: self.service,
            operation: self.context.operation,
            status: self.context.meta.status,
            duration: self.started.elapsed(),
            bytes: self.bytes,
            complete,
            error,
        };
        self.all.0.iter().rev().for_each(|interceptor| interceptor.after_body(&body));
    }
}

/// Calls interceptors from a destructor. If the thread panics already, a second panic would end the process.
pub(crate) fn unless_twice(call: impl FnOnce()) {
    if std::thread::panicking() {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
    } else {
        call();
    }
}

impl Drop for BodyObserver {
    fn drop(&mut self) {
        unless_twice(|| self.end(false, None));
    }
}
