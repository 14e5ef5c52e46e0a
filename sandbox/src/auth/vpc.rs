//! Tokens of a virtual server in a VPC: its instance identity, exchanged for one of IAM.

use std::time::Duration;

use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::tokens::Issued;
use super::{Authority, Desk, Grant, Purpose, Worth, is_token, single};
use crate::check::Incoming;
use crate::clock::rfc3339;
use crate::query::Query;
use crate::reply::{JSON, Reply};

/// A version of the interface: what its query says, where tokens of the instance are, and where tokens of IAM.
struct Version {
    name: &'static str,
    instance: &'static str,
    iam: &'static str,
}

const VERSIONS: [Version; 2] = [
    Version { name: "2022-03-01", instance: "/instance_identity/v1/token", iam: "/instance_identity/v1/iam_token" },
    Version { name: "2025-08-26", instance: "/identity/v1/token", iam: "/identity/v1/iam_tokens" },
];

/// How long a token of an instance is good for, in seconds.
const LIFETIMES: std::ops::RangeInclusive<u64> = 5..=3600;

/// Why no token is issued.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    text: String,
    allowed: Option<&'static str>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into(), allowed: None }
    }

    fn invalid(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", text)
    }

    pub(super) fn reply(&self, request_id: &str) -> Reply {
        let body = error_body(self.code, &self.text, request_id);
        let reply = Reply::json(self.status, JSON, &body, false).refusing(format!("{}: {}", self.code, self.text));
        match self.allowed {
            Some(method) => reply.with(ALLOW, HeaderValue::from_static(method)),
            None => reply,
        }
    }
}

pub(super) fn error_body(code: &str, text: &str, request_id: &str) -> Value {
    json!({ "errors": [{ "code": code, "message": text }], "trace": request_id })
}

/// The desk at a path, in either version.
pub(super) fn desk(path: &str) -> Option<Desk> {
    VERSIONS.iter().find_map(|version| match path {
        _ if path == version.instance => Some(Desk::VpcInstanceToken),
        _ if path == version.iam => Some(Desk::VpcIamToken),
        _ => None,
    })
}

/// Checks a request.
pub(super) fn ask(authority: &Authority, desk: Desk, incoming: Incoming<'_>, now: Duration) -> Result<Grant, Problem> {
    check_version(incoming)?;
    let (method, name) = match desk {
        Desk::VpcInstanceToken => (Method::PUT, "PUT"),
        _ => (Method::POST, "POST"),
    };
    if incoming.method != method {
        let text = format!("{} is asked with {name}, not with {}", incoming.path, incoming.method);
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text);
        return Err(Problem { allowed: Some(name), ..problem });
    }
    if desk == Desk::VpcInstanceToken {
        return ask_instance(incoming);
    }
    let (scheme, token) = single(incoming.headers).map_err(|problem| {
        Problem::new(StatusCode::UNAUTHORIZED, "not_authenticated", format!("header `Authorization` {problem}"))
    })?;
    let worth = authority.tokens.worth(token, Purpose::Instance, now);
    if !scheme.eq_ignore_ascii_case("bearer") || !is_token(token) || worth != Worth::Valid {
        let text = "header `Authorization` is not `Bearer` and a token of this instance that is still good";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "not_authenticated", text));
    }
    let subject = match json_body(incoming)? {
        None => "default".to_owned(),
        Some(body) => profile(&body).ok_or_else(|| {
            Problem::invalid(
                "the body is not one `trusted_profile` with one of `id`, `crn` and `name`, and nothing else",
            )
        })?,
    };
    Ok(Grant::VpcIamToken { subject })
}

fn check_version(incoming: Incoming<'_>) -> Result<(), Problem> {
    let expected = VERSIONS.iter().find(|version| [version.instance, version.iam].contains(&incoming.path));
    let expected = expected.map_or("", |version| version.name);
    let (query, found) = Query::parse(incoming.query);
    match query.names().as_slice() {
        ["version"] if found.is_empty() && query.values("version") == [expected] => Ok(()),
        _ => Err(Problem::invalid(format!("the query is not `version={expected}`, which goes with this path"))),
    }
}

fn ask_instance(incoming: Incoming<'_>) -> Result<Grant, Problem> {
    if incoming.headers.get("metadata-flavor").is_none_or(|value| value != "ibm") {
        return Err(Problem::invalid("header `Metadata-Flavor` is not `ibm`"));
    }
    let body = json_body(incoming)?.unwrap_or_else(|| json!({}));
    let unknown = body.as_object().and_then(|members| members.keys().find(|name| *name != "expires_in"));
    if let Some(name) = unknown {
        return Err(Problem::invalid(format!("body field `{name}` is not a field of this object")));
    }
    let seconds = match body.get("expires_in") {
        None => 300,
        Some(value) => value.as_u64().filter(|seconds| LIFETIMES.contains(seconds)).ok_or_else(|| {
            Problem::invalid(format!("`expires_in` is not from {} to {}", LIFETIMES.start(), LIFETIMES.end()))
        })?,
    };
    Ok(Grant::VpcInstanceToken { lifetime: Duration::from_secs(seconds) })
}

/// The body, if there is one.
fn json_body(incoming: Incoming<'_>) -> Result<Option<Value>, Problem> {
    let Some(bytes) = incoming.body.filter(|bytes| !bytes.is_empty()) else { return Ok(None) };
    let media = incoming.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(Problem::invalid(format!("header `Content-Type` is `{media}` and not application/json")));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Problem::invalid("the body is not JSON"))?;
    if value.is_object() { Ok(Some(value)) } else { Err(Problem::invalid("the body is not an object")) }
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

/// The answer with a token.
pub(super) fn issue(token: &Issued) -> Reply {
    let body = json!({
        "access_token": token.text,
        "created_at": rfc3339(token.created),
        "expires_at": rfc3339(token.expires),
        "expires_in": token.lifetime(),
    });
    Reply::json(StatusCode::OK, JSON, &body, false)
}
