//! Authentication: the credentials of calls, and the endpoints that issue and revoke tokens.

mod authority;
mod digest;
mod endpoint;
mod iam;
mod oauth;
mod vpc;

use std::time::Duration;

use crate::request::Incoming;

pub(crate) use authority::{AuthSettings, Authority, random_hex};
pub use digest::DigestAlgorithm;
pub(crate) use endpoint::TokenEndpoint;
use endpoint::{Grant, TokenError};

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
    match endpoint {
        TokenEndpoint::OauthToken | TokenEndpoint::OauthRevoke => oauth::check(authority, endpoint, incoming, now),
        TokenEndpoint::IamToken => iam::check(authority, incoming, now),
        TokenEndpoint::VpcInstanceToken | TokenEndpoint::VpcIamToken => vpc::check(authority, endpoint, incoming, now),
    }
}
