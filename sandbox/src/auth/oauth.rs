//! Tokens of Atlas's service accounts: the client credentials grant (RFC 6749) and revocation (RFC 7009).

use std::time::Duration;

use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use serde_json::json;

use super::authority::{Authority, Purpose};
use super::endpoint::{Form, Grant, TokenEndpoint, TokenError, basic_credentials};
use crate::answer::{JSON, Reply};
use crate::request::Incoming;

/// How many tokens of a service account can be valid at the same time.
const MAX_ACTIVE: usize = 100;

/// Checks a request.
pub(super) fn check<'a>(
    authority: &'a Authority,
    endpoint: TokenEndpoint,
    incoming: Incoming<'_>,
    now: Duration,
) -> Result<Grant<'a>, TokenError> {
    check_client(authority, incoming)?;
    let form = Form::read(incoming).map_err(|problem| invalid("invalid_request", problem))?;
    let missing = |name: &str| invalid("invalid_request", format!("the field `{name}` is missing"));
    if endpoint == TokenEndpoint::OauthRevoke {
        let token = form.get("token").ok_or_else(|| missing("token"))?.to_owned();
        return Ok(Box::new(move || {
            authority.tokens.revoke(&token);
            Ok(Reply::empty(StatusCode::OK))
        }));
    }
    match form.get("grant_type") {
        Some("client_credentials") => Ok(Box::new(move || issue(authority, now))),
        Some(other) => Err(invalid("unsupported_grant_type", format!("`{other}` is not `client_credentials`"))),
        None => Err(missing("grant_type")),
    }
}

/// Whether a request comes from the service account.
fn check_client(authority: &Authority, incoming: Incoming<'_>) -> Result<(), TokenError> {
    let (id, secret) = &authority.credentials.service_account;
    let text = match basic_credentials(incoming.headers) {
        Ok(Some((name, password))) if name == *id && password == *secret => return Ok(()),
        Ok(Some((name, _))) if name == *id => "the secret is wrong".to_owned(),
        Ok(Some(_)) => "there is no such service account".to_owned(),
        Ok(None) => "header `Authorization` is missing".to_owned(),
        Err(problem) => format!("header `Authorization` {problem}"),
    };
    let error = TokenError::new(StatusCode::UNAUTHORIZED, "invalid_client", text);
    Err(error.with(WWW_AUTHENTICATE, "Basic realm=\"sandbox\""))
}

/// Issues a token, unless there are too many.
fn issue(authority: &Authority, now: Duration) -> Result<Reply, TokenError> {
    if authority.tokens.active(Purpose::Atlas, now) >= MAX_ACTIVE {
        let problem = format!("the service account has {MAX_ACTIVE} active tokens, which is as many as it may have");
        return Err(TokenError::new(StatusCode::FORBIDDEN, "access_denied", problem));
    }
    let subject = &authority.credentials.service_account.0;
    let token = authority.tokens.issue(Purpose::Atlas, subject, now, authority.settings.token_lifetime);
    let body = json!({ "access_token": token.text, "expires_in": token.lifetime(), "token_type": "Bearer" });
    Ok(Reply::json(StatusCode::OK, JSON, &body, false).with(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

fn invalid(code: &'static str, text: impl Into<String>) -> TokenError {
    TokenError::new(StatusCode::BAD_REQUEST, code, text)
}
