//! Tokens of a virtual server in a VPC: its instance identity, exchanged for one of IAM.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::authority::{Authority, Purpose, TokenState, is_token, single};
use super::endpoint::{Grant, TokenEndpoint, TokenError, VPC_VERSIONS};
use crate::answer::{JSON, Reply};
use crate::clock::rfc3339;
use crate::request::Incoming;
use crate::request::Query;

/// The lifetime of an instance identity token, in seconds.
const LIFETIMES: std::ops::RangeInclusive<u64> = 5..=3600;

/// The body of a request for an instance identity token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct InstanceTokenBody {
    expires_in: Option<u64>,
}

/// The body of a request for a token of IAM.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IamTokenBody {
    trusted_profile: Profile,
}

/// A profile, named in one of these ways.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Profile {
    Id(String),
    Crn(String),
    Name(String),
}

/// Checks a request.
pub(super) fn check<'a>(
    authority: &'a Authority,
    endpoint: TokenEndpoint,
    incoming: Incoming<'_>,
    now: Duration,
) -> Result<Grant<'a>, TokenError> {
    check_version(incoming)?;
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
        Some(IamTokenBody {
            trusted_profile: Profile::Id(profile) | Profile::Crn(profile) | Profile::Name(profile),
        }) => profile,
    };
    if subject.is_empty() {
        return Err(invalid("the trusted profile is empty"));
    }
    let lifetime = authority.settings.token_lifetime;
    Ok(Box::new(move || Ok(issue(authority, Purpose::Ibm, &subject, lifetime, now))))
}

fn check_version(incoming: Incoming<'_>) -> Result<(), TokenError> {
    let version = VPC_VERSIONS.iter().find(|(_, instance, iam)| [*instance, *iam].contains(&incoming.path));
    let expected = version.map_or("", |(name, ..)| name);
    let (query, found) = Query::parse(incoming.query);
    match query.names().as_slice() {
        ["version"] if found.is_empty() && query.values("version") == [expected] => Ok(()),
        _ => Err(invalid(format!("the query is not `version={expected}`, which goes with this path"))),
    }
}

/// The requested lifetime of an instance token.
fn instance_lifetime(incoming: Incoming<'_>) -> Result<Duration, TokenError> {
    if incoming.headers.get("metadata-flavor").is_none_or(|value| value != "ibm") {
        return Err(invalid("header `Metadata-Flavor` is not `ibm`"));
    }
    let seconds = json_body(incoming)?.and_then(|InstanceTokenBody { expires_in }| expires_in).unwrap_or(300);
    if LIFETIMES.contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(invalid(format!("`expires_in` is not from {} to {}", LIFETIMES.start(), LIFETIMES.end())))
    }
}

/// The body, if there is one.
fn json_body<T: DeserializeOwned>(incoming: Incoming<'_>) -> Result<Option<T>, TokenError> {
    let Some(bytes) = incoming.body.filter(|bytes| !bytes.is_empty()) else { return Ok(None) };
    let media = incoming.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(invalid(format!("header `Content-Type` is `{media}` and not application/json")));
    }
    serde_json::from_slice(bytes).map(Some).map_err(|error| invalid(format!("the body does not fit: {error}")))
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
