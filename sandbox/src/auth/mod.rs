//! Authentication: the credentials of calls, and the endpoints that issue and revoke tokens.

mod authority;
mod basic;
mod credentials;
mod digest;
mod endpoint;
mod form;
mod iam;
mod oauth;
mod tokens;
mod vpc;

use std::time::Duration;

use axum::http::StatusCode;

use crate::answer::Reply;
use crate::request::Incoming;

pub(crate) use authority::{AuthSettings, Authority};
pub(crate) use credentials::random_hex;
pub use digest::DigestAlgorithm;
pub(crate) use endpoint::TokenEndpoint;
use endpoint::{Grant, TokenError};

/// Checks a request to a token endpoint.
///
/// # Errors
///
/// If the request is refused.
pub(crate) fn check_token_request(
    authority: &Authority,
    endpoint: TokenEndpoint,
    incoming: Incoming<'_>,
    now: Duration,
) -> Result<Grant, TokenError> {
    match endpoint {
        TokenEndpoint::OauthToken | TokenEndpoint::OauthRevoke => oauth::check(authority, endpoint, incoming),
        TokenEndpoint::IamToken => iam::check(authority, incoming, now),
        TokenEndpoint::VpcInstanceToken | TokenEndpoint::VpcIamToken => vpc::check(authority, endpoint, incoming, now),
    }
}

/// Issues or revokes the token of a request that was checked.
pub(crate) fn grant(authority: &Authority, grant: Grant, request_id: &str, now: Duration) -> Reply {
    match grant {
        Grant::OauthToken => {
            oauth::issue(authority, now).unwrap_or_else(|error| error.reply(TokenEndpoint::OauthToken, request_id))
        }
        Grant::OauthRevoke { token } => {
            authority.tokens.revoke(&token);
            Reply::empty(StatusCode::OK)
        }
        Grant::IamToken { subject, scope } => iam::issue(authority, &subject, scope.as_deref(), now),
        Grant::VpcInstanceToken { lifetime } => vpc::issue_instance(authority, lifetime, now),
        Grant::VpcIamToken { subject } => vpc::issue_iam(authority, &subject, now),
    }
}
