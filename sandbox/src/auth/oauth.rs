//! Tokens of Atlas's service accounts: the client credentials grant (RFC 6749) and revocation (RFC 7009).

use std::time::Duration;

use axum::http::header::{ALLOW, CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::basic::{self, Basic};
use super::form::Form;
use super::{Authority, Desk, Grant, Purpose};
use crate::check::Incoming;
use crate::reply::{JSON, Reply};

/// How many tokens of one service account can be good at the same time.
const MAX_ACTIVE: usize = 100;

/// Why nothing is issued or taken back.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    text: String,
    /// The header that the status calls for.
    header: Option<(HeaderName, &'static str)>,
}

impl Problem {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, text: text.into(), header: None }
    }

    pub(super) fn reply(&self) -> Reply {
        let reply = refusal(self.status, self.code, &self.text);
        match &self.header {
            Some((name, value)) => reply.with(name.clone(), HeaderValue::from_static(value)),
            None => reply,
        }
    }
}

/// Checks a request.
pub(super) fn ask(authority: &Authority, desk: Desk, incoming: Incoming<'_>) -> Result<Grant, Problem> {
    if incoming.method != Method::POST {
        let text = format!("{} is asked with POST, not with {}", incoming.path, incoming.method);
        let problem = Problem::new("invalid_request", text);
        return Err(Problem { status: StatusCode::METHOD_NOT_ALLOWED, header: Some((ALLOW, "POST")), ..problem });
    }
    if incoming.query.is_some() {
        return Err(Problem::new("invalid_request", "the request has a query, and none is taken"));
    }
    check_client(authority, incoming)?;
    let form = Form::read(incoming).map_err(|problem| Problem::new("invalid_request", problem))?;
    let missing = |name: &str| Problem::new("invalid_request", format!("the field `{name}` is missing"));
    if desk == Desk::OauthRevoke {
        let token = form.get("token").ok_or_else(|| missing("token"))?;
        return Ok(Grant::OauthRevoke { token: token.to_owned() });
    }
    match form.get("grant_type") {
        Some("client_credentials") => Ok(Grant::OauthToken),
        Some(other) => Err(Problem::new("unsupported_grant_type", format!("`{other}` is not `client_credentials`"))),
        None => Err(missing("grant_type")),
    }
}

/// Whether a request comes from the service account.
fn check_client(authority: &Authority, incoming: Incoming<'_>) -> Result<(), Problem> {
    let (id, secret) = &authority.credentials.service_account;
    let text = match basic::read(incoming.headers) {
        Basic::Pair(name, password) if name == *id && password == *secret => return Ok(()),
        Basic::Pair(name, _) if name == *id => "the secret is wrong".to_owned(),
        Basic::Pair(..) => "there is no such service account".to_owned(),
        Basic::Absent => "header `Authorization` is missing".to_owned(),
        Basic::Malformed(problem) => format!("header `Authorization` {problem}"),
    };
    let header = Some((WWW_AUTHENTICATE, "Basic realm=\"sandbox\""));
    Err(Problem { status: StatusCode::UNAUTHORIZED, header, ..Problem::new("invalid_client", text) })
}

/// Issues a token, unless there are too many.
pub(super) fn issue(authority: &Authority, now: Duration) -> Reply {
    if authority.tokens.active(Purpose::Atlas, now) >= MAX_ACTIVE {
        let problem = format!("the service account has {MAX_ACTIVE} active tokens, which is as many as it may have");
        return refusal(StatusCode::FORBIDDEN, "access_denied", &problem);
    }
    let subject = &authority.credentials.service_account.0;
    let token = authority.tokens.issue(Purpose::Atlas, subject, now, authority.settings.token_lifetime);
    let body = json!({ "access_token": token.text, "expires_in": token.lifetime(), "token_type": "Bearer" });
    Reply::json(StatusCode::OK, JSON, &body, false).with(CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

pub(super) fn error_body(code: &str, description: &str) -> Value {
    json!({ "error": code, "error_description": description })
}

fn refusal(status: StatusCode, code: &str, problem: &str) -> Reply {
    Reply::json(status, JSON, &error_body(code, problem), false).refusing(format!("{code}: {problem}"))
}
