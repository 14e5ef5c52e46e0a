//! Authentication: credentials, the `Authorization` header, and what happens after a 401.
//!
//! Every scheme implements [`Credential`]. The client asks the credential for a header before each request, and tells it
//! about each 401:
//!
//! * A fixed token ([`BearerToken`]) returns the same header each time.
//! * A credential that is exchanged for a token ([`ClientCredentials`] and those in [`iam`]) fetches and caches the
//!   token in [`authorization`](Credential::authorization). It discards that token in
//!   [`rejected`](Credential::rejected).
//! * HTTP Digest (`DigestKey`, cargo feature `digest`) computes the header from the [`Target`] and the last challenge.
//!   It takes a new challenge from the [`Rejection`].
//!
//! An attempt goes through [`Phase`]s: after a 401 the credential chooses a [`Reaction`], which ends the call or repeats
//! the request. The client allows ten repeats in an attempt.
//!
//! # Token cache
//!
//! The first call fetches a token. Concurrent calls wait for the same request. After 80 % of its lifetime, the next
//! call starts a refresh in the background. A token is not sent in the last ten seconds of its lifetime. If a refresh
//! fails, the old token stays in use and the refresh is tried again, first within a second, later within a minute.
//! Failures are not cached: every call that finds no token tries to fetch one.
//!
//! After a 401 the cache discards the token that was sent, and the client repeats the request with a new one. An attempt
//! discards at most two tokens, and tries each one that another call has fetched meanwhile. If the service refuses the
//! third one too, the token is not the cause. It then stays in use for a second, and calls that are refused with it fail
//! at once. After that an attempt discards only one token, and a second one that is refused stays for two seconds, then
//! four, up to a minute. A minute without a refused token starts this over. A service that refuses
//! everything therefore does not cost one token per call.
//!
//! A fetch runs in the tokio runtime of the call that started it. If that runtime ends or is not driven, so that the
//! fetch stands still for three seconds, the next caller fetches a token in its own runtime.
//!
//! # Token requests
//!
//! Token requests use the client's own HTTP settings. The token endpoint must be `https`, except on this machine. A
//! token request is [retried](crate::retry) like an idempotent call: it has up to three attempts and waits up to ten
//! seconds for a `Retry-After`. Its retries count against the client's [retry budget](crate::RetryPolicy::budget).
//! Fetching a token takes at most a minute, even if it needs two requests. If no token can be fetched, the call fails
//! with [`ErrorKind::Credential`]; the error has the status, code and message of the token endpoint and the number of
//! attempts.

mod bearer;
mod client_credentials;
#[cfg(feature = "digest")]
mod digest;
mod form;
pub mod iam;
mod tokens;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

// Re-exported, so that users can implement `Credential` without a dependency on `http`.
pub use http::{HeaderMap, HeaderValue};

pub use bearer::BearerToken;
pub use client_credentials::ClientCredentials;
#[cfg(feature = "digest")]
pub use digest::DigestKey;
pub use tokens::ClientSettings;
pub(crate) use tokens::TokenClient;

use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::operation::Method;
use crate::secret::Secret;

/// The limit on repeats of a request after a 401, for every credential.
const MAX_REPEATS: u32 = 10;

/// A boxed future, for object-safe traits.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The parts of a request that a credential may depend on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Target<'a> {
    /// The method.
    pub method: Method,
    /// Path and query exactly as in the request line, with percent-encoding.
    pub uri: &'a str,
    /// Where the attempt is.
    pub phase: Phase,
}

/// Where an attempt is in the exchange between the service and the credential.
///
/// An attempt begins with [`First`](Self::First). After each 401 the credential chooses a [`Reaction`], and all but
/// [`GiveUp`](Reaction::GiveUp) lead to a repeat. A [retry](crate::retry) after another failure is a new attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// The first request.
    First,
    /// A repeat.
    Repeat {
        /// The number of 401s so far, at least 1.
        rejections: u32,
        /// For how many of them this attempt has [renewed](Reaction::Renewed) the credential.
        renewals: u32,
    },
}

impl Phase {
    /// The number of 401s so far.
    pub const fn rejections(self) -> u32 {
        match self {
            Self::First => 0,
            Self::Repeat { rejections, .. } => rejections,
        }
    }

    /// How often this attempt has renewed the credential.
    pub const fn renewals(self) -> u32 {
        match self {
            Self::First => 0,
            Self::Repeat { renewals, .. } => renewals,
        }
    }

    /// The phase after another 401. `None` if there is no repeat.
    pub(crate) const fn after(self, reaction: Reaction) -> Option<Self> {
        let renewals = match reaction {
            Reaction::Renewed => self.renewals().saturating_add(1),
            Reaction::Superseded => self.renewals(),
            Reaction::GiveUp => return None,
        };
        let rejections = self.rejections().saturating_add(1);
        if rejections > MAX_REPEATS { None } else { Some(Self::Repeat { rejections, renewals }) }
    }
}

/// How a credential reacts to a 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reaction {
    /// The credential has changed because of this 401. The request is sent again with the new header.
    Renewed,
    /// Another call has changed the credential since the request was sent. It is sent again with the new header.
    Superseded,
    /// The call fails with the 401.
    GiveUp,
}

impl<'a> Target<'a> {
    /// Creates the target of a first attempt, for tests of credentials. `uri` is path and query.
    ///
    /// ```
    /// use cloud_billing_core::auth::{BearerToken, Credential, HeaderMap, Reaction, Rejection, Target};
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
    /// let reaction = credential.rejected(target, Rejection::new(sent.as_ref(), &headers)).await?;
    /// assert_eq!(reaction, Reaction::GiveUp);
    /// # Ok(())
    /// # }
    /// ```
    pub const fn new(method: Method, uri: &'a str) -> Self {
        Self { method, uri, phase: Phase::First }
    }

    /// Sets the [`phase`](Self::phase).
    #[must_use]
    pub const fn with_phase(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self
    }
}

/// A 401 response.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Rejection<'a> {
    /// The `Authorization` header that was sent. It lets the credential discard exactly this token, and not one that a
    /// concurrent call has fetched in the meantime.
    pub sent: Option<&'a HeaderValue>,
    /// The response headers. `WWW-Authenticate` contains the challenge.
    pub headers: &'a HeaderMap,
}

impl<'a> Rejection<'a> {
    /// Creates a rejection with these response headers of a request with this `Authorization`. [`Target::new`] has an
    /// example.
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
/// `Debug` is required so that clients can be printed. It must not print a secret.
pub trait Credential: Send + Sync + fmt::Debug {
    /// Receives the settings of the client that is being built. If several clients share a credential, it keeps the
    /// settings of the first one.
    ///
    /// A credential also checks its own settings here, so that a mistake fails the build of the client and not its
    /// first call. The default implementation does nothing.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`] if the credential cannot work with its settings. The client is then not
    /// built.
    fn attach(&self, client: ClientSettings<'_>) -> Result<(), Error> {
        let _ = client;
        Ok(())
    }

    /// Returns the header for a request, or `None` to send the request without one (as Digest does before its first
    /// challenge). The client calls this before every attempt.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Credential`] if there is no header to send. The request is then not sent.
    fn authorization<'a>(&'a self, target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>>;

    /// Returns the secrets that the header is made from. No error shows the text of a response that repeats one of them, or
    /// the header. The default implementation returns none.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// Handles a 401 and chooses what happens next.
    ///
    /// The client calls this for every 401, at most eleven times an attempt. A credential that cannot know whether its
    /// next header will be accepted gives up in the phase [`Repeat`](Phase::Repeat).
    ///
    /// The default implementation gives up, which is right for a credential that cannot change.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Credential`] if the response cannot be used, such as a challenge of a scheme that is not
    /// supported. This error replaces the 401.
    fn rejected<'a>(&'a self, target: Target<'a>, rejection: Rejection<'a>) -> BoxFuture<'a, Result<Reaction, Error>> {
        let _ = (target, rejection);
        Box::pin(std::future::ready(Ok(Reaction::GiveUp)))
    }
}

/// Lets several clients share a credential, or the caller keep a handle to it.
impl<T: Credential + ?Sized> Credential for Arc<T> {
    fn attach(&self, client: ClientSettings<'_>) -> Result<(), Error> {
        (**self).attach(client)
    }

    fn authorization<'a>(&'a self, target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        (**self).authorization(target)
    }

    fn secrets(&self) -> Vec<Secret> {
        (**self).secrets()
    }

    fn rejected<'a>(&'a self, target: Target<'a>, rejection: Rejection<'a>) -> BoxFuture<'a, Result<Reaction, Error>> {
        (**self).rejected(target, rejection)
    }
}
