//! Tokens of a virtual server in a VPC: its instance identity, exchanged for one of IAM.

use std::time::Duration;

use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::authority::{Authority, Purpose, TokenState, is_token, single};
use super::endpoint::{Grant, TokenEndpoint, TokenError, VPC_VERSIONS};
use crate::answer::{JSON, Reply};
use crate::clock::rfc3339;
use crate::request::Incoming;
use crate::request::Query;

/// The lifetime of an instance identity token, in seconds.
const LIFETIMES: std::ops::RangeInclusive<u64> = 5..=3600;

/// Checks a request.
pub(super) fn check<'a>(
    authority: &'a Authority,
    endpoint: TokenEndpoint,
    incoming: Incoming<'_>,
    now: Duration,
) -> Result<Grant<'a>, TokenError> {
    check_version(incoming)?;
    let (method, name) = match endpoint {
        TokenEndpoint::VpcInstanceToken => (Method::PUT, "PUT"),
        _ => (Method::POST, "POST"),
    };
    if incoming.method != method {
        let text = format!("{} is asked with {name}, not with {}", incoming.path, incoming.method);
        let error = TokenError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text);
        return Err(error.with(ALLOW, name));
    }
    if endpoint == TokenEndpoint::VpcInstanceToken {
        let lifetime = instance_lifetime(incoming)?;
        return Ok(Box::new(move || Ok(issue(authority, Purpose::Instance, "sandbox", lifetime, now))));
    }
    let (scheme, token) = single(incoming.headers).map_err(|problem| {
        TokenError::new(StatusCode::UNAUTHORIZED, "not_authenticated", format!("header `Authorization` {problem}"))
    })?;
    let state = authority.tokens.state(token, Purpose::Instance, now);
    if !scheme.eq_ignore_ascii_case("bearer") || !is_token(token) || state != TokenState::Valid {
        let text = "header `Authorization` is not `Bearer` and a token of this instance that is still good";
        return Err(TokenError::new(StatusCode::UNAUTHORIZED, "not_authenticated", text));
    }
    let subject = match json_body(incoming)? {
        None => "default".to_owned(),
        Some(body) => profile(&body).ok_or_else(|| {
            invalid("the body is not one `trusted_profile` with one of `id`, `crn` and `name`, and nothing else")
        })?,
    };
    let lifetime = authority.settings.token_lifetime;
    Ok(Box::new(move || Ok(issue(authority, Purpose::Ibm, &subject, lifetime, now))))
}

fn check_version(incoming: Incoming<'_>) -> Result<(), TokenError> {
    let expected = VPC_VERSIONS.iter().find(|version| [version.instance, version.iam].contains(&incoming.path));
    let expected = expected.map_or("", |version| version.name);
    let (query, found) = Query::parse(incoming.query);
    match query.names().as_slice() {
        ["version"] if found.is_empty() && query.values("version") == [expected] => Ok(()),
        _ => Err(invalid(format!("the query is not `version={expected}`, which goes with this path"))),
    }
}

/// The lifetime of the instance token that is asked for.
fn instance_lifetime(incoming: Incoming<'_>) -> Result<Duration, TokenError> {
    if incoming.headers.get("metadata-flavor").is_none_or(|value| value != "ibm") {
        return Err(invalid("header `Metadata-Flavor` is not `ibm`"));
    }
    let body = json_body(incoming)?.unwrap_or_else(|| json!({}));
    let unknown = body.as_object().and_then(|members| members.keys().find(|name| *name != "expires_in"));
    if let Some(name) = unknown {
        return Err(invalid(format!("body field `{name}` is not a field of this object")));
    }
    let seconds = match body.get("expires_in") {
        None => 300,
        Some(value) => value
            .as_u64()
            .filter(|seconds| LIFETIMES.contains(seconds))
            .ok_or_else(|| invalid(format!("`expires_in` is not from {} to {}", LIFETIMES.start(), LIFETIMES.end())))?,
    };
    Ok(Duration::from_secs(seconds))
}

/// The body, if there is one.
fn json_body(incoming: Incoming<'_>) -> Result<Option<Value>, TokenError> {
    let Some(bytes) = incoming.body.filter(|bytes| !bytes.is_empty()) else { return Ok(None) };
    let media = incoming.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(invalid(format!("header `Content-Type` is `{media}` and not application/json")));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|_| invalid("the body is not JSON"))?;
    if value.is_object() { Ok(Some(value)) } else { Err(invalid("the body is not an object")) }
}

/// The profile that a body names.
fn profile(body: &Value) -> Option<String> {
    let only = |value: &Value| -> Option<(String, Value)> {
        let members = value.as_object().filter(|members| members.len() == 1)?;
        members.iter().next().map(|(name, value)| (name.clone(), value.clone()))
    };
    let (_, profile) = only(body).filter(|(name, _)| name == "trusted_profile")?;
    let (_, value) = only(&profile).filter(|(name, _)| ["id", "crn", "name"].contains(&name.as_str()))?;
    value.as_str().filter(|value| !value.is_empty()).map(str::to_owned)
}

/// Issues a token.
fn issue(authority: &Authority, purpose: Purpose, subject: &str, lifetime: Duration, now: Duration) -> Reply {
    let token = authority.tokens.issue(purpose, subject, now, lifetime);
    let body = json!({
        "access_token": token.text,
        "created_at": rfc3339(token.created),
        "expires_at": rfc3339(token.expires),
        "expires_in": token.lifetime(),
    });
    Reply::json(StatusCode::OK, JSON, &body, false)
}

fn invalid(text: impl Into<String>) -> TokenError {
    TokenError::new(StatusCode::BAD_REQUEST, "invalid_request", text)
}
