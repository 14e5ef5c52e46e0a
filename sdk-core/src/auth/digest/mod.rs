//! HTTP Digest (RFC 7616, and RFC 2617 and 2069 before it).

mod challenge;
mod hash;
mod nonces;
mod session;

use std::fmt;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};

use self::challenge::{Challenge, nonce_and_count};
use self::nonces::Nonces;
use self::session::Session;
use super::{BoxFuture, ClientSettings, Credential, Rejection, Target};
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

/// A public and a private key, proven with HTTP Digest (RFC 7616). MongoDB Atlas calls them an API key.
///
/// The private key never leaves this machine: the service sends a nonce with a 401, and the request is repeated with a
/// hash over key, nonce, method and path. From then on the nonce is used again, counted, so that a request takes one
/// trip. When the service does not accept it any more it sends a new one, and the request is repeated with that. A service
/// that never lets a nonce be used twice is recognised after a few, and every request then takes two trips.
///
/// Hash functions are MD5 and SHA-256, each also as `-sess`; of several challenges the one with the stronger hash is
/// answered. `qop` is `auth` or not there; `auth-int` is not supported. A request that is refused although its nonce was
/// fresh is not repeated: the key is wrong.
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
    /// A credential that proves `private_key` without sending it. The public key is the user's name in terms of HTTP.
    pub fn new(public_key: impl Into<String>, private_key: impl Into<Secret>) -> Self {
        Self { public: public_key.into(), private: private_key.into(), nonces: Mutex::default() }
    }

    fn nonces(&self) -> MutexGuard<'_, Nonces> {
        // No code can panic while it holds the lock, and each change is complete in itself.
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn header(&self, target: Target<'_>) -> Result<Option<HeaderValue>, Error> {
        // A retry, and the call cannot afford that a nonce is refused once more. Without one it is given a fresh one.
        if target.refused && !target.repeated {
            return Ok(None);
        }
        let next = self.nonces().next(target.repeated);
        next.map(|(session, count)| session.answer(&self.public, target, count)).transpose()
    }

    fn challenged(&self, target: Target<'_>, rejection: Rejection<'_>) -> Result<bool, Error> {
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
            // The refusal itself says more than we could.
            return Ok(false);
        };
        // A fresh nonce was refused, or there is no other to try. `stale` says that the key is right (RFC 7616, section
        // 3.3): a service that counts strictly refuses a nonce which another call under way has used meanwhile.
        let hopeless = match &sent {
            _ if challenge.stale => false,
            // The call is at its end, and this is to learn of it only.
            Some(_) if target.refused => true,
            Some((nonce, count)) => *count == 1 || *nonce == challenge.nonce,
            None => rejection.sent.is_some(),
        };
        if hopeless {
            return Ok(false);
        }
        tracing::debug!(target: "cloud_billing_core", { sdk.credential = NAME, sdk.stale = challenge.stale }, "challenged");
        let session = Session::new(challenge, client_nonce()?, &self.public, self.private.expose());
        self.nonces().challenged(session);
        Ok(true)
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

    fn rejected<'a>(&'a self, target: Target<'a>, rejection: Rejection<'a>) -> BoxFuture<'a, Result<bool, Error>> {
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

/// Whether the headers of a 401 say that only the nonce was wrong.
pub(crate) fn is_stale(headers: &HeaderMap) -> bool {
    Challenge::choose(headers).is_some_and(|challenge| challenge.stale)
}

/// A nonce of the client: it keeps the service from choosing all of what is hashed with the key, so it must not be
/// predictable.
fn client_nonce() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(ErrorKind::Credential, "the operating system gives out no random numbers").with_source(error)
    })?;
    Ok(hash::hex(&bytes).to_string())
}
