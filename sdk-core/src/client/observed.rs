//! What interceptors see of a call.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use super::call::Call;
use crate::body::ByteStream;
use crate::error::Error;
use crate::executor::Executor;
use crate::intercept::{self, Attempt, Interceptor, Outcome, SECRET, Wait, unless_twice};
use crate::operation::Operation;
use crate::response::Meta;

impl Call<'_> {
    /// Runs something for each interceptor, in their order or in reverse.
    fn each(
        &mut self,
        reverse: bool,
        mut run: impl FnMut(&dyn Interceptor, &mut intercept::Call<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let service = self.service();
        let Some(hooks) = &mut self.hooks else { return Ok(()) };
        let all = hooks.all();
        let mut view = intercept::Call {
            service,
            prepared: &mut self.prepared,
            url: &self.url,
            presigned: self.presigned,
            attempts: self.executor.attempts(),
            extensions: &mut hooks.extensions,
        };
        if reverse {
            all.iter().rev().try_for_each(|interceptor| run(&**interceptor, &mut view))
        } else {
            all.iter().try_for_each(|interceptor| run(&**interceptor, &mut view))
        }
    }

    /// Does the same with what cannot fail.
    fn tell(&mut self, reverse: bool, mut run: impl FnMut(&dyn Interceptor, &mut intercept::Call<'_>)) {
        let _ = self.each(reverse, |interceptor, call| {
            run(interceptor, call);
            Ok(())
        });
    }

    pub(super) fn before_call(&mut self) -> Result<(), Error> {
        self.each(false, |interceptor, call| interceptor.before_call(call))
    }

    pub(super) fn before_attempt(&mut self) -> Result<(), Error> {
        self.each(false, |interceptor, call| interceptor.before_attempt(call))
    }

    /// Shows an attempt, and has the body of its response observed.
    pub(super) fn after_attempt(&mut self, started: Instant, response: &mut Result<ByteStream, Error>) {
        let Some(hooks) = &mut self.hooks else { return };
        let meta = response.as_ref().ok().map(|stream| Arc::clone(&stream.context().meta));
        let (executor, operation) = (&self.executor, self.prepared.operation);
        let request_id = meta.as_ref().and_then(|meta| executor.shown_id(operation, meta));
        let headers = meta.as_ref().map(|meta| shown_headers(executor, operation, meta));
        hooks.last = meta.as_ref().map(|meta| (meta.status, request_id.map(str::to_owned)));
        let attempt = Attempt {
            duration: started.elapsed(),
            status: meta.as_ref().map(|meta| meta.status),
            request_id,
            error: response.as_ref().err(),
            headers: headers.as_ref(),
        };
        self.tell(true, |interceptor, call| interceptor.after_attempt(call, &attempt));
        if let (Ok(stream), Some(hooks)) = (response, &self.hooks) {
            let observer = hooks.body(self.service(), stream.context());
            stream.observe(observer);
        }
    }

    pub(super) fn before_wait(&mut self, duration: Duration) {
        if self.hooks.is_some() {
            let error = self.executor.previous().map(Error::copy);
            let throttled = error.as_ref().is_none_or(|error| error.status() == Some(429));
            let wait = Wait { duration, throttled, error: error.as_ref() };
            self.tell(false, |interceptor, call| interceptor.before_wait(call, &wait));
        }
    }

    /// Ends the call, once.
    pub(super) fn after_call(&mut self, error: Option<&Error>, cancelled: bool) {
        let Some(hooks) = &mut self.hooks else { return };
        if !hooks.end() {
            return;
        }
        let (duration, last) = (hooks.duration(), hooks.last.take());
        let outcome = Outcome {
            duration,
            status: last.as_ref().map(|(status, _)| *status),
            request_id: last.as_ref().and_then(|(_, id)| id.as_deref()),
            error,
            cancelled,
        };
        self.tell(true, |interceptor, call| interceptor.after_call(call, &outcome));
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        unless_twice(|| self.after_call(None, true));
    }
}

/// The headers of a response that interceptors may see.
fn shown_headers(executor: &Executor<'_>, operation: &Operation, meta: &Meta) -> HeaderMap {
    let shown = |(name, value): &(&HeaderName, &HeaderValue)| {
        !SECRET.contains(name) && value.to_str().is_ok_and(|text| executor.may_show(operation, meta, text))
    };
    meta.headers.iter().filter(shown).map(|(name, value)| (name.clone(), value.clone())).collect()
}
