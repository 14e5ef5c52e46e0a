//! Credentials: what goes into the `Authorization` header, and what to do when the service refuses it.
//!
//! [`Credential`] is the one interface behind which every scheme lives. It is asked before each attempt and told about
//! each 401, which is all that the schemes need:
//!
//! * a fixed token returns the same header each time ([`BearerToken`]);
//! * a scheme that exchanges a key for a token ([`ClientCredentials`], and those in [`iam`]) fetches and caches the token
//!   in [`authorization`](Credential::authorization), and drops that very token in [`rejected`](Credential::rejected);
//! * HTTP Digest (`DigestKey`, with the cargo feature `digest`) computes the header from the [`Target`] and the last challenge, and learns a new challenge
//!   from the [`Rejection`].
//!
//! # Fetched tokens
//!
//! A token is fetched with the first call, once however many calls wait for it. From 80 % of its life on the next call
//! has it refreshed in the background; ten seconds before its end it is not used any more. A refresh that fails leaves it
//! in use and is tried again, within a second at first and within a minute later. Failures are not remembered: every call
//! that finds no token tries to get one.
//!
//! When the service answers 401 the token that was sent is dropped, and the call repeated once with another. If that is
//! refused as well the fault is not the token's: for a minute it stays in use, and calls that are refused with it fail at
//! once, so that a service that refuses everything does not cost a token a call.
//!
//! The token endpoint is called with the client's own HTTP settings. It must be `https`, except on this machine. It is
//! asked up to three times (after failures of the connection, 429 and 5xx, with waits of up to ten seconds if it asks for
//! them), out of the client's [budget](crate::RetryPolicy::budget) of retries. A token takes a minute at most, also where two
//! exchanges lead to it. If there is no token in the end, the call fails with an error of kind
//! [`ErrorKind::Credential`] that holds status, code and message of the token endpoint, and
//! how often it was asked.

mod answer;
mod bearer;
mod cache;
mod client_credentials;
#[cfg(feature = "digest")]
mod digest;
mod endpoint;
mod form;
mod http_choice;
pub mod iam;
mod tokens;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

// Public, so that a credential can be written without naming another crate.
pub use http::{HeaderMap, HeaderValue};

pub use bearer::BearerToken;
pub use client_credentials::ClientCredentials;
#[cfg(feature = "digest")]
pub use digest::DigestKey;
#[cfg(feature = "digest")]
pub(crate) use digest::is_stale;
pub use http_choice::ClientSettings;

use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::operation::Method;

/// Without HTTP Digest no challenge is read.
#[cfg(not(feature = "digest"))]
pub(crate) fn is_stale(_: &HeaderMap) -> bool {
    false
}

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
    /// Whether this is the repetition that [`Credential::rejected`] asked for, and not a first try.
    pub repeated: bool,
    /// Whether an `Authorization` header has been refused in this call before. The second time is final, unless a Digest
    /// challenge says that only its nonce was wrong (`stale`), which is read with the cargo feature `digest`.
    pub refused: bool,
}

impl<'a> Target<'a> {
    /// A first try of a request, such as the tests of a credential need it. `uri` is path and query.
    ///
    /// ```
    /// use cloud_billing_core::auth::{BearerToken, Credential, HeaderMap, Rejection, Target};
    /// use cloud_billing_core::Method;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloud_billing_core::Error> {
    /// let credential = BearerToken::new("token");
    /// let target = Target::new(Method::Get, "/v2/invoices?limit=10");
    /// let sent = credential.authorization(target).await?;
    /// assert_eq!(sent.as_ref().unwrap(), "Bearer token");
    ///
    /// // The service answers 401. A fixed token does not change, so there is no use in another try.
    /// let headers = HeaderMap::new();
    /// let again = credential.rejected(target, Rejection::new(sent.as_ref(), &headers)).await?;
    /// assert!(!again);
    /// # Ok(())
    /// # }
    /// ```
    pub const fn new(method: Method, uri: &'a str) -> Self {
        Self { method, uri, repeated: false, refused: false }
    }

    /// Sets [`repeated`](Self::repeated).
    #[must_use]
    pub const fn with_repeated(mut self, repeated: bool) -> Self {
        self.repeated = repeated;
        self
    }

    /// Sets [`refused`](Self::refused).
    #[must_use]
    pub const fn with_refused(mut self, refused: bool) -> Self {
        self.refused = refused;
        self
    }
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

impl<'a> Rejection<'a> {
    /// A 401 with these headers, to a request with this `Authorization`; see [`Target::new`] for an example.
    pub const fn new(sent: Option<&'a HeaderValue>, headers: &'a HeaderMap) -> Self {
        Self { sent, headers }
    }
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
    /// Takes the settings of a client over, when that is built. A credential in several clients keeps the first one's.
    ///
    /// This is also where a credential checks its own settings, so that mistakes show when the client is built and not
    /// with its first call. The default does nothing.
    ///
    /// # Errors
    ///
    /// An error of kind [`ErrorKind::Configuration`] when the credential cannot work as it is set up. The client is then
    /// not built.
    fn attach(&self, client: ClientSettings<'_>) -> Result<(), Error> {
        let _ = client;
        Ok(())
    }

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
    /// When the second header of a call is refused too, this is called with [`Target::refused`] set, so that the
    /// credential can learn from it. The call then ends in that 401 whatever this returns.
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

/// A credential that several clients share, or that the caller keeps a hold of.
impl<T: Credential + ?Sized> Credential for Arc<T> {
    fn attach(&self, client: ClientSettings<'_>) -> Result<(), Error> {
        (**self).attach(client)
    }

    fn authorization<'a>(&'a self, target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        (**self).authorization(target)
    }

    fn rejected<'a>(&'a self, target: Target<'a>, rejection: Rejection<'a>) -> BoxFuture<'a, Result<bool, Error>> {
        (**self).rejected(target, rejection)
    }
}
