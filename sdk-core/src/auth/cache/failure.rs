//! One failure for many callers.

use std::fmt;
use std::sync::Arc;

use crate::error::{Details, Error};

/// A copy of an error, for one of the callers that waited for the same fetch. The causes are shared.
pub(super) fn copy(error: &Arc<Error>) -> Error {
    let details = Details { code: error.code().map(str::to_owned), message: error.message().map(str::to_owned) };
    let mut copy = Error::new(error.kind(), "")
        .with_details(details)
        .with_retry_after(error.retry_after())
        .with_attempts(error.attempts());
    if let Some(status) = error.status() {
        copy = copy.with_response(status, error.request_id().map(str::to_owned));
    }
    if let Some(body) = error.body() {
        copy = copy.with_body(body.clone());
    }
    if error.is_timeout() {
        copy = copy.with_connect_timeout();
    }
    match std::error::Error::source(&**error) {
        Some(_) => copy.with_source(Cause(Arc::clone(error))),
        None => copy,
    }
}

/// The cause of an error that is shared.
struct Cause(Arc<Error>);

impl Cause {
    fn get(&self) -> &(dyn std::error::Error + 'static) {
        std::error::Error::source(&*self.0).unwrap_or(&*self.0)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.get(), f)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.get(), f)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.get().source()
    }
}
