//! The credentials and tokens of a sandbox, and which calls they authenticate.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::digest::{DigestSettings, Mismatch, Nonces};
use super::random::{letters, random_hex, uuid};
use crate::lock::Lock;
use crate::refusal::{Refusal, Refused, Rule};
use crate::request::Incoming;
use crate::spec::Service;

/// Settings of authentication.
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
            Service::Ibm | Service::IbmEnterprise => "is not `Bearer` and a token",
        };
        Err(self.unauthorized(service, problem, now))
    }

    fn check_bearer(&self, service: Service, token: &str, now: Duration) -> Result<(), Refused> {
        let purpose = match service {
            Service::Atlas => Purpose::Atlas,
            Service::Ibm | Service::IbmEnterprise => Purpose::Ibm,
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
            Service::Ibm | Service::IbmEnterprise => challenge(problem, "Bearer realm=\"sandbox\""),
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
    let mut refused = Refused::from(Refusal::new(Rule::CREDENTIALS, "header `Authorization`", problem));
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

/// Credentials in the vendors' formats, made anew for each sandbox.
pub(crate) struct Credentials {
    pub(crate) service_account: (String, String),
    pub(crate) api_key: (String, String),
    pub(crate) ibm_api_key: String,
    pub(crate) compute_resource_token: String,
}

impl Credentials {
    pub(crate) fn new() -> Self {
        Self {
            service_account: (format!("mdb_sa_id_{}", random_hex(24)), format!("mdb_sa_sk_{}", random_hex(40))),
            api_key: (letters(8), uuid()),
            ibm_api_key: random_hex(44),
            compute_resource_token: format!("sandbox.{}.{}", random_hex(32), random_hex(32)),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// What a token was issued for. It is not accepted for anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Calls of Atlas.
    Atlas,
    /// Calls of IBM Cloud services.
    Ibm,
    /// The identity of a VPC instance, which is exchanged for a token of IBM.
    Instance,
}

/// Whether a token is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenState {
    Valid,
    Expired,
    Revoked,
    /// Not issued by this sandbox, or issued for another purpose.
    Unknown,
}

/// A token that was just issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) text: String,
    /// Since the epoch.
    pub(crate) created: Duration,
    /// Since the epoch.
    pub(crate) expires: Duration,
}

impl Issued {
    pub(crate) fn lifetime(&self) -> u64 {
        self.expires.as_secs().saturating_sub(self.created.as_secs())
    }
}

/// Every token of one sandbox.
#[derive(Default)]
pub(crate) struct Tokens {
    known: Lock<HashMap<String, Entry>>,
}

struct Entry {
    purpose: Purpose,
    expires: Duration,
    revoked: bool,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("issued", &self.known.lock().len()).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Issues a token: a JWT whose signature is random.
    pub(crate) fn issue(&self, purpose: Purpose, subject: &str, now: Duration, lifetime: Duration) -> Issued {
        let expires = now.saturating_add(lifetime);
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = encode(&json!({ "alg": "RS256", "kid": "sandbox", "typ": "JWT" }));
        let claims = encode(&json!({
            "iss": "sandbox",
            "sub": subject,
            "jti": random_hex(16),
            "iat": now.as_secs(),
            "exp": expires.as_secs(),
        }));
        let text = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(random_hex(32)));
        self.known.lock().insert(text.clone(), Entry { purpose, expires, revoked: false });
        Issued { text, created: now, expires }
    }

    pub(crate) fn state(&self, token: &str, purpose: Purpose, now: Duration) -> TokenState {
        match self.known.lock().get(token) {
            Some(entry) if entry.purpose != purpose => TokenState::Unknown,
            Some(entry) if entry.revoked => TokenState::Revoked,
            Some(entry) if entry.expires <= now => TokenState::Expired,
            Some(_) => TokenState::Valid,
            None => TokenState::Unknown,
        }
    }

    /// How many tokens of a purpose are valid at this time.
    pub(crate) fn active(&self, purpose: Purpose, now: Duration) -> usize {
        let is_active = |entry: &&Entry| entry.purpose == purpose && !entry.revoked && entry.expires > now;
        self.known.lock().values().filter(is_active).count()
    }

    /// Revokes a token, if it is known.
    pub(crate) fn revoke(&self, token: &str) {
        if let Some(entry) = self.known.lock().get_mut(token) {
            entry.revoked = true;
        }
    }

    /// Expires a token, if it is known.
    pub(crate) fn expire(&self, token: &str) {
        if let Some(entry) = self.known.lock().get_mut(token) {
            entry.expires = Duration::ZERO;
        }
    }

    pub(crate) fn revoke_all(&self) {
        self.known.lock().values_mut().for_each(|entry| entry.revoked = true);
    }

    pub(crate) fn expire_all(&self) {
        self.known.lock().values_mut().for_each(|entry| entry.expires = Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_look_like_the_vendors() {
        let Credentials { service_account: (id, secret), api_key, .. } = Credentials::new();
        let digits = id.strip_prefix("mdb_sa_id_").unwrap();
        assert!(digits.len() == 24 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert!(secret.starts_with("mdb_sa_sk_"));
        assert!(api_key.0.len() == 8 && api_key.0.bytes().all(|byte| byte.is_ascii_lowercase()), "{}", api_key.0);
        assert_eq!(api_key.1.len(), 36);
        assert_ne!(Credentials::new().ibm_api_key, Credentials::new().ibm_api_key);
        assert_eq!(format!("{:?}", Credentials::new()), "Credentials { .. }");
    }

    #[test]
    fn a_token_is_worth_what_it_was_issued_for() {
        let (tokens, now, later) = (Tokens::default(), Duration::from_secs(100), Duration::from_secs(160));
        let token = tokens.issue(Purpose::Atlas, "me", now, Duration::from_secs(60));
        assert_eq!(token.lifetime(), 60);
        assert_eq!(tokens.state(&token.text, Purpose::Atlas, now), TokenState::Valid);
        assert_eq!(tokens.state(&token.text, Purpose::Ibm, now), TokenState::Unknown);
        assert_eq!(tokens.state(&token.text, Purpose::Atlas, later), TokenState::Expired);
        assert_eq!((tokens.active(Purpose::Atlas, now), tokens.active(Purpose::Atlas, later)), (1, 0));
        tokens.revoke(&token.text);
        tokens.revoke("unheard of");
        assert_eq!(tokens.state(&token.text, Purpose::Atlas, now), TokenState::Revoked);
        assert!(!format!("{tokens:?}").contains(&token.text));
    }

    #[test]
    fn a_token_can_be_read_as_a_jwt() {
        let token = Tokens::default().issue(Purpose::Ibm, "me", Duration::from_secs(7), Duration::from_secs(3600));
        let claims = token.text.split('.').nth(1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(7), &json!(3607)));
    }
}
