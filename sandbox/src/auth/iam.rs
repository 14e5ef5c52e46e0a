//! Tokens of IBM Cloud IAM.

use std::time::Duration;

use axum::http::header::ALLOW;
use axum::http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::basic::{self, Basic};
use super::form::Form;
use super::{Authority, Grant, Purpose, Worth, hex};
use crate::check::Incoming;
use crate::reply::{JSON, Reply};

const PREFIX: &str = "urn:ibm:params:oauth:grant-type:";

/// The vendor's code for a property that fails its validation.
const INVALID: &str = "BXNIM0106E";
/// The vendor's code for credentials that do not exist.
const NOT_FOUND: &str = "BXNIM0415E";

/// Why no token is issued.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    text: String,
}

impl Problem {
    fn invalid(text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: INVALID, text: text.into() }
    }

    fn not_found(text: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: NOT_FOUND, text: text.to_owned() }
    }

    pub(super) fn reply(&self, request_id: &str) -> Reply {
        let body = error_body(self.status, self.code, &self.text, request_id);
        let reply = Reply::json(self.status, JSON, &body, false).refusing(format!("{}: {}", self.code, self.text));
        match self.status {
            StatusCode::METHOD_NOT_ALLOWED => reply.with(ALLOW, HeaderValue::from_static("POST")),
            _ => reply,
        }
    }
}

pub(super) fn error_body(status: StatusCode, code: &str, text: &str, request_id: &str) -> Value {
    json!({
        "context": { "requestId": request_id, "requestType": "incoming.Identity_Token", "status": status.as_u16() },
        "errorCode": code,
        "errorMessage": text,
    })
}

/// Checks a request: its fields are exactly those of its grant type.
pub(super) fn ask(authority: &Authority, incoming: Incoming<'_>, now: Duration) -> Result<Grant, Problem> {
    if incoming.method != Method::POST {
        let text = format!("{} is asked with POST, not with {}", incoming.path, incoming.method);
        return Err(Problem { status: StatusCode::METHOD_NOT_ALLOWED, code: INVALID, text });
    }
    if incoming.query.is_some() {
        return Err(Problem::invalid("the request has a query, and none is taken"));
    }
    if let Basic::Malformed(problem) = basic::read(incoming.headers) {
        return Err(Problem::invalid(format!("header `Authorization` {problem}")));
    }
    let form = Form::read(incoming).map_err(Problem::invalid)?;
    let grant = form.get("grant_type").ok_or_else(|| missing("grant_type"))?;
    match grant.strip_prefix(PREFIX) {
        Some("apikey") => {
            let key = field(&form, "apikey")?;
            only(&form, &["grant_type", "apikey", "response_type", "scope"])?;
            if let Some(other) = form.get("response_type").filter(|kind| *kind != "cloud_iam") {
                return Err(Problem::invalid(format!("property 'response_type' is '{other}' and not 'cloud_iam'")));
            }
            match key == authority.credentials.ibm_api_key {
                true => Ok(granted(&form, "iam-ServiceId-sandbox")),
                false => Err(Problem::not_found("Provided API key could not be found.")),
            }
        }
        Some("cr-token") => {
            let token = field(&form, "cr_token")?;
            only(&form, &["grant_type", "cr_token", "profile_id", "profile_name", "scope"])?;
            let profile = form.get("profile_id").or(form.get("profile_name"));
            let profile = profile.ok_or_else(|| missing("profile_id' or 'profile_name"))?;
            match token == authority.credentials.compute_resource_token {
                true => Ok(granted(&form, profile)),
                false => Err(Problem::not_found("Provided compute resource token could not be verified.")),
            }
        }
        Some("assume") => {
            let token = field(&form, "access_token")?;
            let names = ["profile_id", "profile_crn", "profile_name"];
            only(&form, &["grant_type", "access_token", names[0], names[1], names[2], "account"])?;
            let given: Vec<&str> = names.into_iter().filter(|name| form.get(name).is_some()).collect();
            let [name] = given.as_slice() else {
                return Err(Problem::invalid(format!(
                    "{} of {} are given, and not one",
                    given.len(),
                    names.join(", ")
                )));
            };
            match (*name == "profile_name", form.get("account").is_some()) {
                (true, false) => return Err(missing("account")),
                (false, true) => return Err(Problem::invalid("property 'account' goes with 'profile_name' only")),
                _ => {}
            }
            match authority.tokens.worth(token, Purpose::Ibm, now) {
                Worth::Valid => Ok(granted(&form, form.get(name).unwrap_or_default())),
                _ => Err(Problem::not_found("Provided access token was not issued here, or is no longer good.")),
            }
        }
        _ => Err(Problem::invalid(format!("property 'grant_type' is '{grant}', and there is no such grant here"))),
    }
}

fn granted(form: &Form, subject: &str) -> Grant {
    Grant::IamToken { subject: subject.to_owned(), scope: form.get("scope").map(str::to_owned) }
}

fn field<'f>(form: &'f Form, name: &str) -> Result<&'f str, Problem> {
    form.get(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Problem {
    Problem::invalid(format!("property '{name}' is missing or empty"))
}

fn only(form: &Form, names: &[&str]) -> Result<(), Problem> {
    match form.other_than(names) {
        Some(other) => Err(Problem::invalid(format!("property '{other}' is none of {}", names.join(", ")))),
        None => Ok(()),
    }
}

/// Issues a token.
pub(super) fn issue(authority: &Authority, subject: &str, scope: Option<&str>, now: Duration) -> Reply {
    let token = authority.tokens.issue(Purpose::Ibm, subject, now, authority.settings.token_lifetime);
    let body = json!({
        "access_token": token.text,
        "refresh_token": hex(32),
        "token_type": "Bearer",
        "expires_in": token.lifetime(),
        "expiration": token.expires.as_secs(),
        "scope": scope.unwrap_or("ibm openid"),
    });
    Reply::json(StatusCode::OK, JSON, &body, false)
}
