//! Authentication: the credentials of calls, and the endpoints that issue and revoke tokens.

mod authority;
mod digest;
mod endpoint;
mod iam;
mod oauth;
mod random;
mod vpc;

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::ALLOW;

use crate::request::Incoming;

pub(crate) use authority::{AuthSettings, Authority};
pub use digest::DigestAlgorithm;
pub(crate) use endpoint::TokenEndpoint;
use endpoint::{Grant, TokenError};
pub(crate) use random::random_hex;

/// Checks a request to a token endpoint.
///
/// # Errors
///
/// If the request is refused.
pub(crate) fn check_token_request<'a>(
    authority: &'a Authority,
    endpoint: TokenEndpoint,
    incoming: Incoming<'_>,
    now: Duration,
) -> Result<Grant<'a>, TokenError> {
    let (method, code, takes_query) = match endpoint {
        TokenEndpoint::OauthToken | TokenEndpoint::OauthRevoke => ("POST", "invalid_request", false),
        TokenEndpoint::IamToken => ("POST", iam::INVALID, false),
        TokenEndpoint::VpcInstanceToken => ("PUT", "method_not_allowed", true),
        TokenEndpoint::VpcIamToken => ("POST", "method_not_allowed", true),
    };
    if incoming.method != method {
        let text = format!("{} is asked with {method}, not with {}", incoming.path, incoming.method);
        return Err(TokenError::new(StatusCode::METHOD_NOT_ALLOWED, code, text).with(ALLOW, method));
    }
    if incoming.query.is_some() && !takes_query {
        return Err(TokenError::new(StatusCode::BAD_REQUEST, code, "the request has a query, and none is taken"));
    }
    match endpoint {
        TokenEndpoint::OauthToken | TokenEndpoint::OauthRevoke => oauth::check(authority, endpoint, incoming, now),
        TokenEndpoint::IamToken => iam::check(authority, incoming, now),
        TokenEndpoint::VpcInstanceToken | TokenEndpoint::VpcIamToken => vpc::check(authority, endpoint, incoming, now),
    }
}
