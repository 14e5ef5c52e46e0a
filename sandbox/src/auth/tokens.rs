//! The tokens that a sandbox issued.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::credentials::random_hex;

/// What a token was issued for. It is not accepted for anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Calls of Atlas.
    Atlas,
    /// Calls of IBM Cloud services.
    Ibm,
    /// The exchange for one of those.
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
    known: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    purpose: Purpose,
    expires: Duration,
    revoked: bool,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("issued", &self.lock().len()).finish_non_exhaustive()
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
        self.lock().insert(text.clone(), Entry { purpose, expires, revoked: false });
        Issued { text, created: now, expires }
    }

    pub(crate) fn state(&self, token: &str, purpose: Purpose, now: Duration) -> TokenState {
        match self.lock().get(token) {
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
        self.lock().values().filter(is_active).count()
    }

    /// Revokes a token, if it is known.
    pub(crate) fn revoke(&self, token: &str) {
        if let Some(entry) = self.lock().get_mut(token) {
            entry.revoked = true;
        }
    }

    /// Expires a token, if it is known.
    pub(crate) fn expire(&self, token: &str) {
        if let Some(entry) = self.lock().get_mut(token) {
            entry.expires = Duration::ZERO;
        }
    }

    pub(crate) fn revoke_all(&self) {
        self.lock().values_mut().for_each(|entry| entry.revoked = true);
    }

    pub(crate) fn expire_all(&self) {
        self.lock().values_mut().for_each(|entry| entry.expires = Duration::ZERO);
    }

    /// No change is half done when a panic could occur, so a poisoned lock holds a sound map.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
