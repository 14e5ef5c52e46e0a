//! Errors that a service answers with.

use std::time::{Duration, SystemTime};

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::answer::{Content, JSON, Reply};
use crate::auth::TokenEndpoint;
use crate::refusal::error_body;
use crate::spec::Service;

/// The capacity of the bucket of most Atlas operations.
const RATE_LIMIT: HeaderValue = HeaderValue::from_static("500");

/// The error codes of a status: those of Atlas, of its token endpoint, and of IBM.
type Codes = (u16, &'static str, &'static str, &'static str);

const CODES: [Codes; 10] = [
    (400, "VALIDATION_ERROR", "invalid_request", "bad_request"),
    (401, "USER_UNAUTHORIZED", "invalid_client", "not_authenticated"),
    (402, "ACCOUNT_SUSPENDED", "server_error", "internal_error"),
    (403, "ACCESS_FORBIDDEN", "access_denied", "not_authorized"),
    (404, "RESOURCE_NOT_FOUND", "server_error", "not_found"),
    (406, "INVALID_VERSION_DATE", "server_error", "internal_error"),
    (409, "UNEXPECTED_ERROR", "server_error", "conflict"),
    (410, "VERSION_GONE", "server_error", "internal_error"),
    (429, "RATE_LIMITED", "slow_down", "too_many_requests"),
    (503, "SERVICE_UNAVAILABLE", "temporarily_unavailable", "service_unavailable"),
];

/// The codes of all other statuses.
const OTHER_CODES: Codes = (500, "UNEXPECTED_ERROR", "server_error", "internal_error");

/// The value of `Retry-After`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// A number of seconds.
    Seconds(u64),
    /// The time this long after the response, as an HTTP date in whole seconds; at most a hundred years.
    Date(Duration),
    /// This text.
    Text(String),
}

/// A hundred years, so that the date is within the range of HTTP dates.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

impl RetryAfter {
    fn text(&self) -> String {
        match self {
            Self::Seconds(seconds) => seconds.to_string(),
            Self::Date(after) => httpdate::fmt_http_date(SystemTime::now() + (*after).min(LONGEST)),
            Self::Text(text) => text.clone(),
        }
    }
}

/// An error that a service answers with, for [`Fault::failure`](super::Fault::failure).
///
/// Without a body of its own it has the service's error body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Failure {
    pub(super) status: StatusCode,
    pub(super) code: Option<String>,
    pub(super) retry_after: Option<RetryAfter>,
    pub(super) body: Option<(String, Vec<u8>)>,
}

impl Failure {
    /// An error with a status. A number that is no status of a response becomes 500.
    pub fn new(status: u16) -> Self {
        let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
        Self { status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), code: None, retry_after: None, body: None }
    }

    /// Sets `Retry-After`.
    pub fn retry_after(mut self, when: RetryAfter) -> Self {
        self.retry_after = Some(when);
        self
    }

    /// Sets the error code. The default follows from the status.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets the whole body, such as the error page of a gateway.
    pub fn body(mut self, media_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some((media_type.into(), bytes.into()));
        self
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The reply of a service, or of one of its token endpoints.
    pub(super) fn reply(&self, service: Service, endpoint: Option<TokenEndpoint>, request_id: &str) -> Reply {
        let mut reply = match &self.body {
            Some((media_type, bytes)) => {
                let mut reply = Reply { body: Content::Whole(bytes.clone()), ..Reply::empty(self.status) };
                if let Ok(value) = HeaderValue::from_str(media_type) {
                    reply.headers.insert(CONTENT_TYPE, value);
                }
                reply
            }
            None => Reply::json(self.status, JSON, &self.error_body(service, endpoint, request_id), false),
        };
        if self.status == StatusCode::TOO_MANY_REQUESTS && service == Service::Atlas && endpoint.is_none() {
            reply.headers.insert("ratelimit-limit", RATE_LIMIT);
            reply.headers.insert("ratelimit-remaining", HeaderValue::from_static("0"));
        }
        if let Some(value) = self.retry_after.as_ref().and_then(|when| HeaderValue::from_str(&when.text()).ok()) {
            reply.headers.insert(RETRY_AFTER, value);
        }
        reply
    }

    fn error_body(&self, service: Service, endpoint: Option<TokenEndpoint>, request_id: &str) -> Value {
        let known = CODES.iter().find(|(status, ..)| self.status == *status);
        let (_, atlas, oauth, ibm) = known.unwrap_or(&OTHER_CODES);
        let default = match (service, endpoint) {
            (Service::Atlas, None) => atlas,
            (Service::Atlas, Some(_)) => oauth,
            (Service::Ibm | Service::IbmEnterprise, _) => ibm,
        };
        let code = self.code.as_deref().unwrap_or(default);
        match endpoint {
            Some(endpoint) => endpoint.failure(self.status, code, request_id),
            None => error_body(service, self.status, code, "The sandbox was told to fail.", &[], request_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(RetryAfter::Seconds(3).text(), "3");
        assert_eq!(RetryAfter::Text("soon".to_owned()).text(), "soon");
        let text = RetryAfter::Date(Duration::from_secs(60)).text();
        let ahead = httpdate::parse_http_date(&text).unwrap().duration_since(SystemTime::now()).unwrap();
        assert!(ahead > Duration::from_secs(58) && ahead <= Duration::from_secs(60), "{text}");
    }

    #[test]
    fn statuses_that_no_answer_can_have() {
        for status in [0, 99, 102, 1000] {
            assert_eq!(Failure::new(status).status(), StatusCode::INTERNAL_SERVER_ERROR);
        }
        assert_eq!(Failure::new(429).status(), StatusCode::TOO_MANY_REQUESTS);
    }

    #[test]
    fn dates_have_an_end() {
        let year = |after| {
            let text = RetryAfter::Date(after).text();
            httpdate::parse_http_date(&text).unwrap().duration_since(SystemTime::now()).unwrap().as_secs() / 31_536_000
        };
        assert_eq!(year(Duration::MAX), 99);
        assert_eq!(year(Duration::from_secs(3_600)), 0);
    }
}
