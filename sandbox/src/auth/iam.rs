//! Tokens of IBM Cloud IAM.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::authority::{Authority, Purpose, TokenState};
use super::endpoint::{Form, Grant, TokenError, basic_credentials};
use super::random::random_hex;
use crate::answer::{JSON, Reply};
use crate::request::Incoming;

const PREFIX: &str = "urn:ibm:params:oauth:grant-type:";

/// The vendor's code for a property that fails its validation.
pub(super) const INVALID: &str = "BXNIM0106E";
/// The vendor's code for credentials that do not exist.
const NOT_FOUND: &str = "BXNIM0415E";

/// Checks a request. Each grant type has its own fields, and no others are accepted.
pub(super) fn check<'a>(
    authority: &'a Authority,
    incoming: Incoming<'_>,
    now: Duration,
) -> Result<Grant<'a>, TokenError> {
    if let Err(problem) = basic_credentials(incoming.headers) {
        return Err(invalid(format!("header `Authorization` {problem}")));
    }
    let form = Form::read(incoming).map_err(invalid)?;
    let grant = form.get("grant_type").ok_or_else(|| missing("grant_type"))?;
    let granted = |subject: &str| -> Grant<'a> {
        let (subject, scope) = (subject.to_owned(), form.get("scope").unwrap_or("ibm openid").to_owned());
        Box::new(move || Ok(issue(authority, &subject, &scope, now)))
    };
    match grant.strip_prefix(PREFIX) {
        Some("apikey") => {
            let key = field(&form, "apikey")?;
            only(&form, &["grant_type", "apikey", "response_type", "scope"])?;
            if let Some(other) = form.get("response_type").filter(|kind| *kind != "cloud_iam") {
                return Err(invalid(format!("property 'response_type' is '{other}' and not 'cloud_iam'")));
            }
            match key == authority.credentials.ibm_api_key {
                true => Ok(granted("iam-ServiceId-sandbox")),
                false => Err(not_found("Provided API key could not be found.")),
            }
        }
        Some("cr-token") => {
            let token = field(&form, "cr_token")?;
            only(&form, &["grant_type", "cr_token", "profile_id", "profile_name", "scope"])?;
            let profile = form.get("profile_id").or(form.get("profile_name"));
            let profile = profile.ok_or_else(|| missing("profile_id' or 'profile_name"))?;
            match token == authority.credentials.compute_resource_token {
                true => Ok(granted(profile)),
                false => Err(not_found("Provided compute resource token could not be verified.")),
            }
        }
        Some("assume") => {
            let token = field(&form, "access_token")?;
            let names = ["profile_id", "profile_crn", "profile_name"];
            only(&form, &["grant_type", "access_token", names[0], names[1], names[2], "account"])?;
            let given: Vec<&str> = names.into_iter().filter(|name| form.get(name).is_some()).collect();
            let [name] = given.as_slice() else {
                return Err(invalid(format!("{} of {} are given, and not one", given.len(), names.join(", "))));
            };
            match (*name == "profile_name", form.get("account").is_some()) {
                (true, false) => return Err(missing("account")),
                (false, true) => return Err(invalid("property 'account' goes with 'profile_name' only")),
                _ => {}
            }
            match authority.tokens.state(token, Purpose::Ibm, now) {
                TokenState::Valid => Ok(granted(form.get(name).unwrap_or_default())),
                _ => Err(not_found("Provided access token was not issued here, or is no longer good.")),
            }
        }
        _ => Err(invalid(format!("property 'grant_type' is '{grant}', and there is no such grant here"))),
    }
}

fn field<'f>(form: &'f Form, name: &str) -> Result<&'f str, TokenError> {
    form.get(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> TokenError {
    invalid(format!("property '{name}' is missing or empty"))
}

fn only(form: &Form, names: &[&str]) -> Result<(), TokenError> {
    match form.other_than(names) {
        Some(other) => Err(invalid(format!("property '{other}' is none of {}", names.join(", ")))),
        None => Ok(()),
    }
}

/// Issues a token.
fn issue(authority: &Authority, subject: &str, scope: &str, now: Duration) -> Reply {
    let token = authority.tokens.issue(Purpose::Ibm, subject, now, authority.settings.token_lifetime);
    let body = json!({
        "access_token": token.text,
        "refresh_token": random_hex(32),
        "token_type": "Bearer",
        "expires_in": token.lifetime(),
        "expiration": token.expires.as_secs(),
        "scope": scope,
    });
    Reply::json(StatusCode::OK, JSON, &body, false)
}

fn invalid(text: impl Into<String>) -> TokenError {
    TokenError::new(StatusCode::BAD_REQUEST, INVALID, text)
}

fn not_found(text: &str) -> TokenError {
    TokenError::new(StatusCode::BAD_REQUEST, NOT_FOUND, text)
}
