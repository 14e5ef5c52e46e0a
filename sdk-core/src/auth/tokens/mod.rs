//! Credentials that are exchanged for an access token: what they share.

mod cache;
mod client;
mod request;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;

use cache::TokenCache;
pub(super) use cache::fetch_end;
pub use client::ClientSettings;
pub(crate) use client::TokenClient;
pub(super) use request::{FORM, JSON, TokenRequest};

use super::{BoxFuture, Reaction, Rejection, Target};
use crate::deadline::Deadline;
use crate::error::Error;
use crate::secret::Secret;

/// A token as it was issued.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) text: Secret,
    /// When it was requested. Its lifetime is counted from here, to be on the safe side.
    issued: Instant,
    /// Its lifetime. `None`: until the service refuses it.
    lifetime: Option<Duration>,
}

/// Fetches the tokens of a credential, with its settings checked.
pub(super) trait TokenSource: Send + Sync {
    /// The name of the credential in traces.
    fn name(&self) -> &'static str;

    /// Fetches a token, or gives up by `end`.
    fn fetch<'a>(&'a self, client: &'a TokenClient, end: Deadline) -> BoxFuture<'a, Result<Token, Error>>;
}

/// The token cache of a credential. It is created when the credential is attached to a client or first used. Until
/// then, the credential's settings can change.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    cache: OnceLock<TokenCache>,
}

impl Tokens {
    /// Creates the cache with the HTTP settings of a client.
    pub(super) fn attach(
        &self,
        client: ClientSettings<'_>,
        source: impl FnOnce() -> Result<Arc<dyn TokenSource>, Error>,
    ) -> Result<(), Error> {
        self.start(|| client.tokens.clone(), source).map(drop)
    }

    /// Returns the cache. If there is none, it is created with its own HTTP settings.
    pub(super) fn cache(
        &self,
        source: impl FnOnce() -> Result<Arc<dyn TokenSource>, Error>,
    ) -> Result<&TokenCache, Error> {
        self.start(TokenClient::default, source)
    }

    fn start(
        &self,
        client: impl FnOnce() -> TokenClient,
        source: impl FnOnce() -> Result<Arc<dyn TokenSource>, Error>,
    ) -> Result<&TokenCache, Error> {
        if let Some(cache) = self.cache.get() {
            return Ok(cache);
        }
        // If two threads race, one of them wins. Neither cache has fetched a token yet.
        let source = source()?;
        Ok(self.cache.get_or_init(|| TokenCache::new(source, client())))
    }

    pub(super) fn authorization(
        &self,
        source: impl FnOnce() -> Result<Arc<dyn TokenSource>, Error>,
    ) -> BoxFuture<'_, Result<Option<HeaderValue>, Error>> {
        let cache = self.cache(source);
        Box::pin(async move { cache?.header().await.map(Some) })
    }

    /// Handles a refused token. Without a cache there is none.
    pub(super) fn rejected(
        &self,
        target: Target<'_>,
        rejection: Rejection<'_>,
    ) -> BoxFuture<'_, Result<Reaction, Error>> {
        let reaction = match (self.cache.get(), rejection.sent) {
            (Some(cache), Some(sent)) => cache.rejected(sent, target.phase),
            _ => Reaction::GiveUp,
        };
        Box::pin(std::future::ready(Ok(reaction)))
    }
}

/// Implements [`Credential`](super::Credential) for a type with a field `tokens` and two methods: `source(&self) ->
/// Result<Arc<dyn TokenSource>, Error>`, which checks the settings, and `secrets(&self) -> Vec<Secret>`.
macro_rules! token_credential {
    ($type:ty) => {
        impl $crate::auth::Credential for $type {
            fn attach(&self, client: $crate::auth::ClientSettings<'_>) -> Result<(), $crate::Error> {
                self.tokens.attach(client, || self.source())
            }

            fn authorization<'a>(
                &'a self,
                _target: $crate::auth::Target<'a>,
            ) -> $crate::BoxFuture<'a, Result<Option<http::HeaderValue>, $crate::Error>> {
                self.tokens.authorization(|| self.source())
            }

            fn secrets(&self) -> Vec<$crate::Secret> {
                self.secrets()
            }

            fn rejected<'a>(
                &'a self,
                target: $crate::auth::Target<'a>,
                rejection: $crate::auth::Rejection<'a>,
            ) -> $crate::BoxFuture<'a, Result<$crate::auth::Reaction, $crate::Error>> {
                self.tokens.rejected(target, rejection)
            }
        }
    };
}

pub(super) use token_credential;
