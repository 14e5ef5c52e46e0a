//! HTTP Digest authentication (RFC 7616, and the older RFC 2617 and RFC 2069).

mod challenge;
mod hash;
mod nonces;
mod session;

use std::fmt;
use std::future::ready;
use std::sync::{Mutex, MutexGuard};

use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;

use self::challenge::{Challenge, nonce_and_count};
use self::nonces::Nonces;
use self::session::Session;
use super::{BoxFuture, ClientSettings, Credential, Phase, Reaction, Rejection, Target};
use crate::error::{Error, ErrorKind};
use crate::lock::lock;
use crate::secret::Secret;

/// A public and a private key, proven with HTTP Digest (RFC 7616). MongoDB Atlas calls the pair an API key.
///
/// The private key never leaves this machine. The service answers the first request with 401 and a nonce. The client
/// then repeats the request with a hash over key, nonce, method and path. Later requests reuse the nonce with a
/// counter, so each takes one round trip. When the service stops accepting a nonce, it sends a new one and the client
/// repeats the request. If a service never accepts a nonce twice, the client notices after a few nonces and stops
/// reusing them; every request then takes two round trips.
///
/// The hash functions are MD5 and SHA-256, each also as `-sess`. Of several challenges, the client answers the one with
/// the strongest hash. `qop` may be `auth` or missing; `auth-int` is not supported. If the service refuses a fresh
/// nonce, the key is wrong and the request is not repeated.
///
/// ```
/// # const SERVICE: cloud_billing_core::Service = cloud_billing_core::Service::new("example", "https://billing.example.com");
/// use cloud_billing_core::Core;
/// use cloud_billing_core::auth::DigestKey;
///
/// let core = Core::builder(&SERVICE).credential(DigestKey::new("public", "private")).build()?;
/// # Ok::<(), cloud_billing_core::Error>(())
/// ```
pub struct DigestKey {
    public: String,
    private: Secret,
    nonces: Mutex<Nonces>,
}

impl DigestKey {
    /// Creates a credential that proves `private_key` without sending it. In terms of HTTP, the public key is the user
    /// name.
    pub fn new(public_key: impl Into<String>, private_key: impl Into<Secret>) -> Self {
        Self { public: public_key.into(), private: private_key.into(), nonces: Mutex::default() }
    }

    fn nonces(&self) -> MutexGuard<'_, Nonces> {
        lock(&self.nonces)
    }

    fn header(&self, target: Target<'_>) -> Result<Option<HeaderValue>, Error> {
        let next = self.nonces().next(target.phase != Phase::First);
        next.map(|(session, count)| session.answer(&self.public, target, count)).transpose()
    }

    fn challenged(&self, target: Target<'_>, rejection: Rejection<'_>) -> Result<Reaction, Error> {
        let sent = rejection.sent.and_then(nonce_and_count);
        if let Some((nonce, _)) = &sent
            && self.nonces().refused(nonce)
        {
            tracing::info!(target: "cloud_billing_core", { sdk.credential = NAME }, "the service accepts a nonce once only");
        }
        let Some(challenge) = Challenge::choose(rejection.headers) else {
            if rejection.sent.is_none() && rejection.headers.contains_key(WWW_AUTHENTICATE) {
                let message = "the service asks for another authentication than HTTP Digest with MD5 or SHA-256; \
                               an API key cannot be used with it";
                return Err(Error::new(ErrorKind::Credential, message));
            }
            // Keep the service's 401: it says more than an error of ours.
            return Ok(Reaction::GiveUp);
        };
        // With `stale`, the key is right (RFC 7616, section 3.3): a service that counts strictly refuses a nonce that a
        // concurrent call has used in the meantime. Without it, the refusal is final if the nonce was fresh, or if the
        // service offers no other one.
        let is_final = match &sent {
            _ if challenge.stale => target.phase.rejections() >= MAX_STALE,
            Some((nonce, count)) => *count == 1 || *nonce == challenge.nonce,
            None => rejection.sent.is_some(),
        };
        if is_final {
            return Ok(Reaction::GiveUp);
        }
        tracing::debug!(target: "cloud_billing_core", { sdk.credential = NAME, sdk.stale = challenge.stale }, "challenged");
        let session = Session::new(challenge, client_nonce()?, &self.public, self.private.expose());
        self.nonces().challenged(session);
        Ok(Reaction::Renewed)
    }
}

impl Credential for DigestKey {
    fn attach(&self, _client: ClientSettings<'_>) -> Result<(), Error> {
        let problem = if self.public.is_empty() || self.private.expose().is_empty() {
            "the public or the private key is empty; set both"
        } else if HeaderValue::from_str(&self.public).is_err() {
            "the public key has a character that cannot stand in an HTTP header; check it for line breaks"
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::Configuration, problem))
    }

    fn authorization<'a>(&'a self, target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        Box::pin(ready(self.header(target)))
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.private.clone()]
    }

    fn rejected<'a>(&'a self, target: Target<'a>, rejection: Rejection<'a>) -> BoxFuture<'a, Result<Reaction, Error>> {
        Box::pin(ready(self.challenged(target, rejection)))
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestKey")
            .field("public", &self.public)
            .field("private", &self.private)
            .finish_non_exhaustive()
    }
}

const NAME: &str = "digest key";

/// How many 401s of an attempt may say that only the nonce was wrong. Concurrent calls can use up several nonces before a
/// request with them arrives, but a service that says so forever is not answered forever.
const MAX_STALE: u32 = 5;

/// Creates the client's own nonce. It must not be predictable: it prevents the service from choosing all the text that
/// is hashed with the key.
fn client_nonce() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(ErrorKind::Credential, "the operating system provides no random numbers").with_source(error)
    })?;
    Ok(hash::hex(&bytes).to_string())
}
