//! Whether a request says who sends it.
//!
//! Any bearer token is believed, as long as there is one.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};

use crate::refusal::{Refusal, Refused, Rule};
use crate::service::Dialect;

/// Refuses a request without credentials.
pub(crate) fn check(dialect: &Dialect, headers: &HeaderMap) -> Result<(), Refused> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let problem = match (values.next(), values.next()) {
        (None, _) => "is missing",
        (Some(_), Some(_)) => "is sent more than once",
        (Some(value), None) => match value.to_str().ok().and_then(|text| text.split_once(' ')) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && is_token(token) => return Ok(()),
            _ => "is not `Bearer` and a token",
        },
    };
    let mut refused = Refused::from(Refusal::new(Rule::Credentials, "header `Authorization`", problem));
    refused.headers.push((WWW_AUTHENTICATE, dialect.challenge.clone()));
    Err(refused)
}

/// Whether a text has the form of a bearer token (RFC 6750, section 2.1).
fn is_token(text: &str) -> bool {
    let core = text.trim_end_matches('=');
    !core.is_empty() && core.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}
