//! Which calls are authenticated.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};

use super::credentials::Credentials;
use super::digest::{DigestSettings, Mismatch, Nonces};
use super::tokens::{Purpose, TokenState, Tokens};
use crate::refusal::{Refusal, Refused, Rule};
use crate::request::Incoming;
use crate::spec::Service;

/// Which credentials are accepted, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AuthSettings {
    /// Whether a bearer token must be one that this sandbox issued.
    pub(crate) strict: bool,
    pub(crate) token_lifetime: Duration,
    pub(crate) digest: DigestSettings,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self { strict: false, token_lifetime: Duration::from_secs(3600), digest: DigestSettings::default() }
    }
}

/// The credentials, tokens and nonces of one sandbox.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) credentials: Credentials,
    pub(super) settings: AuthSettings,
    pub(super) tokens: Tokens,
    nonces: Nonces,
}

impl Authority {
    pub(crate) fn new(settings: AuthSettings) -> Self {
        let nonces = Nonces::new(settings.digest);
        Self { credentials: Credentials::new(), settings, tokens: Tokens::default(), nonces }
    }

    /// Expires every token issued so far.
    pub(crate) fn expire_tokens(&self) {
        self.tokens.expire_all();
    }

    /// Revokes every token issued so far.
    pub(crate) fn revoke_all(&self) {
        self.tokens.revoke_all();
    }

    /// Makes every nonce issued so far stale.
    pub(crate) fn expire_nonces(&self) {
        self.nonces.expire_all();
    }

    /// Checks the credentials of a call.
    ///
    /// # Errors
    ///
    /// If they are missing or not accepted.
    pub(crate) fn check(&self, service: Service, incoming: Incoming<'_>, now: Duration) -> Result<(), Refused> {
        let (scheme, rest) = match single(incoming.headers) {
            Ok(parts) => parts,
            Err(problem) => return Err(self.unauthorized(service, problem, now)),
        };
        if scheme.eq_ignore_ascii_case("bearer") && is_token(rest) {
            return self.check_bearer(service, rest, now);
        }
        if service == Service::Atlas && scheme.eq_ignore_ascii_case("digest") {
            let (public, private) = &self.credentials.api_key;
            let target = incoming.target();
            let checked = self.nonces.check(rest, (public, private), incoming.method.as_str(), &target, now);
            return checked.map_err(|Mismatch { problem, stale }| {
                challenge(&format!("is a digest that does not fit: {problem}"), &self.nonces.challenge(now, stale))
            });
        }
        let problem = match service {
            Service::Atlas => "is neither `Bearer` and a token nor a digest",
            Service::Ibm => "is not `Bearer` and a token",
        };
        Err(self.unauthorized(service, problem, now))
    }

    fn check_bearer(&self, service: Service, token: &str, now: Duration) -> Result<(), Refused> {
        let purpose = match service {
            Service::Atlas => Purpose::Atlas,
            Service::Ibm => Purpose::Ibm,
        };
        let problem = match self.tokens.state(token, purpose, now) {
            TokenState::Valid => return Ok(()),
            TokenState::Unknown if !self.settings.strict => return Ok(()),
            TokenState::Unknown => "has a token that was not issued here for this service",
            TokenState::Expired => "has a token that has expired",
            TokenState::Revoked => "has a token that was revoked",
        };
        Err(challenge(problem, "Bearer realm=\"sandbox\", error=\"invalid_token\""))
    }

    /// Expires the credentials of a request, and refuses it for that.
    pub(crate) fn expire(&self, service: Service, incoming: Incoming<'_>, now: Duration) -> Refused {
        match single(incoming.headers) {
            Ok((scheme, _)) if service == Service::Atlas && scheme.eq_ignore_ascii_case("digest") => {
                self.nonces.expire_all();
                challenge("has a nonce that is stale", &self.nonces.challenge(now, true))
            }
            Ok((_, token)) => {
                self.tokens.expire(token);
                challenge("has a token that has expired", "Bearer realm=\"sandbox\", error=\"invalid_token\"")
            }
            Err(problem) => self.unauthorized(service, problem, now),
        }
    }

    fn unauthorized(&self, service: Service, problem: &str, now: Duration) -> Refused {
        match service {
            Service::Atlas => challenge(problem, &self.nonces.challenge(now, false)),
            Service::Ibm => challenge(problem, "Bearer realm=\"sandbox\""),
        }
    }
}

/// The one `Authorization` of a request, as scheme and the rest.
pub(super) fn single(headers: &HeaderMap) -> Result<(&str, &str), &'static str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Err("is missing"),
        (Some(_), Some(_)) => Err("is sent more than once"),
        (Some(value), None) => {
            let text = value.to_str().map_err(|_| "is not text")?;
            Ok(text.split_once(' ').unwrap_or((text, "")))
        }
    }
}

fn challenge(problem: &str, challenge: &str) -> Refused {
    let mut refused = Refused::from(Refusal::new(Rule::Credentials, "header `Authorization`", problem));
    if let Ok(value) = HeaderValue::from_str(challenge) {
        refused.headers.push((WWW_AUTHENTICATE, value));
    }
    refused
}

/// Whether a text has the form of a bearer token (RFC 6750, section 2.1).
pub(super) fn is_token(text: &str) -> bool {
    let core = text.trim_end_matches('=');
    !core.is_empty() && core.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}
