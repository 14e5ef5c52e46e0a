//! Responses of successful calls.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use http::{HeaderMap, HeaderName};

/// A decoded response: the value, the status and the headers.
///
/// It dereferences to the value.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    meta: Arc<Meta>,
}

/// A response without its body.
pub(crate) struct Meta {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) request_id: Option<String>,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, meta: Arc<Meta>) -> Self {
        Self { value, meta }
    }

    /// Returns the value without status and headers.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Converts the value and keeps status and headers.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: f(self.value), meta: self.meta }
    }

    /// The HTTP status code.
    pub fn status(&self) -> u16 {
        self.meta.status
    }

    /// The response headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.meta.headers
    }

    /// The request id that the service assigned. Quote it to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.meta.request_id.as_deref()
    }

    /// The state of the rate limit, if the service reports it.
    pub fn rate_limit(&self) -> RateLimit {
        RateLimit::from_headers(&self.meta.headers)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Response<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    /// Prints only the names of the headers: their values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.meta.status)
            .field("request_id", &self.meta.request_id)
            .field("headers", &self.meta.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("value", &self.value)
            .finish()
    }
}

/// The state of the caller's rate limit, from the headers `RateLimit-Limit`, `RateLimit-Remaining` and
/// `RateLimit-Reset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// The number of requests that the quota allows.
    pub limit: Option<u64>,
    /// The number of requests that are left.
    pub remaining: Option<u64>,
    /// The number of seconds until the quota is refilled. Atlas does not send it.
    pub reset: Option<u64>,
}

impl RateLimit {
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        // Parse the header names only once.
        static LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
        static RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
        Self { limit: number(headers, &LIMIT), remaining: Self::remaining(headers), reset: number(headers, &RESET) }
    }

    /// Parses only the number of requests that are left.
    pub(crate) fn remaining(headers: &HeaderMap) -> Option<u64> {
        static REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
        number(headers, &REMAINING)
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn rate_limit_headers_may_be_missing_or_odd() {
        let mut headers = HeaderMap::new();
        assert_eq!(RateLimit::from_headers(&headers), RateLimit::default());
        headers.insert("RateLimit-Limit", HeaderValue::from_static("500"));
        headers.insert("RateLimit-Remaining", HeaderValue::from_static("many"));
        assert_eq!(RateLimit::from_headers(&headers), RateLimit { limit: Some(500), ..RateLimit::default() });
    }

    #[test]
    fn debug_shows_no_header_value() {
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", HeaderValue::from_static("session=hush"));
        let response = Response::new(7, Arc::new(Meta { status: 200, headers, request_id: None }));
        insta::assert_snapshot!(
            format!("{response:?}"),
            @r#"Response { status: 200, request_id: None, headers: ["set-cookie"], value: 7 }"#
        );
    }
}
