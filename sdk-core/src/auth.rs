//! Credentials: what goes into the `Authorization` header, and what to do when the service refuses it.
//!
//! [`Credential`] is the one interface behind which every scheme lives. It is asked before each attempt and told about
//! each 401, which is all that the schemes need:
//!
//! * a fixed token returns the same header each time ([`BearerToken`]);
//! * a scheme that exchanges a key for a token (OAuth 2.0 client credentials, IBM IAM) fetches and caches the token in
//!   [`authorization`](Credential::authorization), and drops that very token in [`rejected`](Credential::rejected);
//! * HTTP Digest computes the header from the [`Target`] and the last challenge, and learns a new challenge from the
//!   [`Rejection`].

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::operation::Method;
use crate::secret::Secret;

/// A future behind a pointer, as an object-safe trait returns it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a request is addressed to, as far as a credential may depend on it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Target<'a> {
    /// The method.
    pub method: Method,
    /// Path and query exactly as they stand in the request line, percent-encoding included.
    pub uri: &'a str,
}

/// A 401 answer to a request.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Rejection<'a> {
    /// The `Authorization` header that was sent, so that only the credential in it is given up and not one that
    /// another call has fetched meanwhile.
    pub sent: Option<&'a HeaderValue>,
    /// The headers of the answer, with the challenge in `WWW-Authenticate`.
    pub headers: &'a HeaderMap,
}

impl fmt::Debug for Rejection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection").field("sent", &self.sent.is_some()).finish_non_exhaustive()
    }
}

/// A source of `Authorization` headers.
///
/// `Debug` is required so that clients can be printed; it must not show a secret.
pub trait Credential: Send + Sync + fmt::Debug {
    /// The header to send with a request, or `None` to send it without one (a Digest request before its first
    /// challenge). Called before every attempt.
    ///
    /// # Errors
    ///
    /// An error of kind [`ErrorKind::Credential`] when no header can be had; the request is then not sent.
    fn authorization<'a>(&'a self, target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>>;

    /// Learns that a request was answered with 401. `true` asks for the request to be sent once more, because the
    /// next [`authorization`](Self::authorization) will differ.
    ///
    /// The default is to give up, as for a credential that cannot change.
    ///
    /// # Errors
    ///
    /// An error of kind [`ErrorKind::Credential`] when the answer cannot be used, such as a challenge of a scheme that
    /// is not supported. It replaces the 401.
    fn rejected<'a>(&'a self, target: Target<'a>, rejection: Rejection<'a>) -> BoxFuture<'a, Result<bool, Error>> {
        let _ = (target, rejection);
        Box::pin(std::future::ready(Ok(false)))
    }
}

/// A fixed access token, sent as `Authorization: Bearer <token>` (RFC 6750).
#[derive(Clone, Debug)]
pub struct BearerToken {
    token: Secret,
}

impl BearerToken {
    /// A credential that sends `token` as it is.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { token: token.into() }
    }
}

impl Credential for BearerToken {
    fn authorization<'a>(&'a self, _target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        Box::pin(std::future::ready(bearer(&self.token).map(Some)))
    }
}

/// The header value for a bearer token, marked as sensitive.
fn bearer(token: &Secret) -> Result<HeaderValue, Error> {
    let text = Zeroizing::new(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| {
        Error::new(ErrorKind::Credential, "the token has a character that cannot stand in an HTTP header")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_header_is_sensitive() {
        let value = bearer(&Secret::new("abc")).unwrap();
        assert_eq!(value.as_bytes(), b"Bearer abc");
        assert!(value.is_sensitive());
        assert_eq!(format!("{value:?}"), "Sensitive");
    }

    #[test]
    fn a_token_with_a_line_break_is_refused_without_showing_it() {
        let error = bearer(&Secret::new("hush\r\nX: y")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert!(!format!("{error} {error:?}").contains("hush"));
    }

    #[test]
    fn debug_shows_no_token() {
        assert_eq!(format!("{:?}", BearerToken::new("hush")), "BearerToken { token: Secret(..) }");
    }
}
