//! Who may call, and where the tokens come from.

mod basic;
mod credentials;
mod digest;
mod form;
mod iam;
mod oauth;
mod tokens;
mod vpc;

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};

use crate::check::Incoming;
use crate::refusal::{Refusal, Refused, Rule};
use crate::reply::Reply;
use crate::service::Service;

pub(crate) use credentials::{Credentials, hex};
pub use digest::DigestAlgorithm;
pub(crate) use digest::DigestSettings;
use digest::{Mismatch, Nonces};
use tokens::{Purpose, Tokens, Worth};

/// What is believed, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AuthSettings {
    /// Whether a bearer token has to be one that was issued here.
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
    settings: AuthSettings,
    tokens: Tokens,
    nonces: Nonces,
}

impl Authority {
    pub(crate) fn new(settings: AuthSettings) -> Self {
        let nonces = Nonces::new(settings.digest);
        Self { credentials: Credentials::new(), settings, tokens: Tokens::default(), nonces }
    }

    /// Makes every token that was issued so far one that has expired.
    pub(crate) fn expire_tokens(&self) {
        self.tokens.expire_all();
    }

    /// Revokes every token that was issued so far.
    pub(crate) fn revoke_all(&self) {
        self.tokens.revoke_all();
    }

    /// Makes every nonce that was handed out so far stale.
    pub(crate) fn expire_nonces(&self) {
        self.nonces.expire_all();
    }

    /// Refuses a call of an operation that does not say who sends it.
    pub(crate) fn check(&self, service: Service, incoming: Incoming<'_>, now: Duration) -> Result<(), Refused> {
        let (scheme, rest) = match single(incoming.headers) {
            Ok(parts) => parts,
            Err(problem) => return Err(self.refuse(service, problem, now)),
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
        Err(self.refuse(service, problem, now))
    }

    fn check_bearer(&self, service: Service, token: &str, now: Duration) -> Result<(), Refused> {
        let purpose = match service {
            Service::Atlas => Purpose::Atlas,
            Service::Ibm => Purpose::Ibm,
        };
        let problem = match self.tokens.worth(token, purpose, now) {
            Worth::Valid => return Ok(()),
            Worth::Unknown if !self.settings.strict => return Ok(()),
            Worth::Unknown => "has a token that was not issued here for this service",
            Worth::Expired => "has a token that has expired",
            Worth::Revoked => "has a token that was revoked",
        };
        Err(challenge(problem, "Bearer realm=\"sandbox\", error=\"invalid_token\""))
    }

    /// Makes the credentials of a request ones that have expired, and says so.
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
            Err(problem) => self.refuse(service, problem, now),
        }
    }

    fn refuse(&self, service: Service, problem: &str, now: Duration) -> Refused {
        match service {
            Service::Atlas => challenge(problem, &self.nonces.challenge(now, false)),
            Service::Ibm => challenge(problem, "Bearer realm=\"sandbox\""),
        }
    }
}

/// The one `Authorization` of a request, as scheme and the rest.
fn single(headers: &HeaderMap) -> Result<(&str, &str), &'static str> {
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
fn is_token(text: &str) -> bool {
    let core = text.trim_end_matches('=');
    !core.is_empty() && core.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

/// Where tokens are handed out and taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Desk {
    OauthToken,
    OauthRevoke,
    IamToken,
    VpcInstanceToken,
    VpcIamToken,
}

impl Desk {
    /// The desks of a service.
    pub(crate) const fn of(service: Service) -> &'static [Self] {
        match service {
            Service::Atlas => &[Self::OauthToken, Self::OauthRevoke],
            Service::Ibm => &[Self::IamToken, Self::VpcInstanceToken, Self::VpcIamToken],
        }
    }

    /// The desk at a path.
    pub(crate) fn at(service: Service, path: &str) -> Option<Self> {
        match (service, path) {
            (Service::Atlas, "/api/oauth/token") => Some(Self::OauthToken),
            (Service::Atlas, "/api/oauth/revoke") => Some(Self::OauthRevoke),
            (Service::Ibm, "/identity/token") => Some(Self::IamToken),
            (Service::Ibm, _) => vpc::desk(path),
            (Service::Atlas, _) => None,
        }
    }

    /// What it is called where requests are recorded and faults are aimed.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OauthToken => "oauthToken",
            Self::OauthRevoke => "oauthRevoke",
            Self::IamToken => "iamToken",
            Self::VpcInstanceToken => "vpcInstanceToken",
            Self::VpcIamToken => "vpcIamToken",
        }
    }

    /// How it words an error that is not about the request.
    pub(crate) fn failure(self, status: axum::http::StatusCode, code: &str, request_id: &str) -> serde_json::Value {
        match self {
            Self::OauthToken | Self::OauthRevoke => oauth::error_body(code, status.canonical_reason().unwrap_or(code)),
            Self::IamToken => iam::error_body(status, code, status.canonical_reason().unwrap_or(code), request_id),
            Self::VpcInstanceToken | Self::VpcIamToken => vpc::error_body(code, code, request_id),
        }
    }
}

/// A request for a token, or to take one back, that is to be granted.
pub(crate) enum Grant {
    OauthToken,
    OauthRevoke {
        token: String,
    },
    /// For whom, and with which scope.
    IamToken {
        subject: String,
        scope: Option<String>,
    },
    VpcInstanceToken {
        lifetime: Duration,
    },
    VpcIamToken {
        subject: String,
    },
}

impl Authority {
    /// Checks a request to a desk.
    ///
    /// # Errors
    ///
    /// The answer, if the request is refused.
    pub(crate) fn ask(
        &self,
        desk: Desk,
        incoming: Incoming<'_>,
        now: Duration,
        request_id: &str,
    ) -> Result<Grant, Box<Reply>> {
        match desk {
            Desk::OauthToken | Desk::OauthRevoke => {
                oauth::ask(self, desk, incoming).map_err(|problem| Box::new(problem.reply()))
            }
            Desk::IamToken => iam::ask(self, incoming, now).map_err(|problem| Box::new(problem.reply(request_id))),
            Desk::VpcInstanceToken | Desk::VpcIamToken => {
                vpc::ask(self, desk, incoming, now).map_err(|problem| Box::new(problem.reply(request_id)))
            }
        }
    }

    /// Does what was asked for.
    pub(crate) fn grant(&self, grant: Grant, now: Duration) -> Reply {
        match grant {
            Grant::OauthToken => oauth::issue(self, now),
            Grant::OauthRevoke { token } => {
                self.tokens.revoke(&token);
                Reply::empty(axum::http::StatusCode::OK)
            }
            Grant::IamToken { subject, scope } => iam::issue(self, &subject, scope.as_deref(), now),
            Grant::VpcInstanceToken { lifetime } => {
                vpc::issue(&self.tokens.issue(Purpose::Instance, "sandbox", now, lifetime))
            }
            Grant::VpcIamToken { subject } => {
                vpc::issue(&self.tokens.issue(Purpose::Ibm, &subject, now, self.settings.token_lifetime))
            }
        }
    }
}
