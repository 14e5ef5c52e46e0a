//! The shared part of all credentials with a fetched token.

use std::sync::{Arc, OnceLock};

use http::HeaderValue;

use super::cache::{Fetch, TokenCache};
use super::token_client::{ClientSettings, TokenClient};
use super::{BoxFuture, Rejection, Target};
use crate::error::Error;

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
        fetch: impl FnOnce() -> Result<Arc<dyn Fetch>, Error>,
    ) -> Result<(), Error> {
        self.start(|| TokenClient::of(client), fetch).map(drop)
    }

    /// Returns the cache. If there is none, it is created with its own HTTP settings.
    pub(super) fn cache(&self, fetch: impl FnOnce() -> Result<Arc<dyn Fetch>, Error>) -> Result<&TokenCache, Error> {
        self.start(TokenClient::default, fetch)
    }

    fn start(
        &self,
        http: impl FnOnce() -> TokenClient,
        fetch: impl FnOnce() -> Result<Arc<dyn Fetch>, Error>,
    ) -> Result<&TokenCache, Error> {
        if let Some(cache) = self.cache.get() {
            return Ok(cache);
        }
        // If two threads race, one of them wins. Neither cache has fetched a token yet.
        let fetch = fetch()?;
        Ok(self.cache.get_or_init(|| TokenCache::new(fetch, http())))
    }

    pub(super) fn authorization(
        &self,
        fetch: impl FnOnce() -> Result<Arc<dyn Fetch>, Error>,
    ) -> BoxFuture<'_, Result<Option<HeaderValue>, Error>> {
        let cache = self.cache(fetch);
        Box::pin(async move { cache?.header().await.map(Some) })
    }

    /// Discards the token that was sent, unless the service has refused two tokens in a row. Without a cache there is
    /// no token.
    pub(super) fn rejected(&self, target: Target<'_>, rejection: Rejection<'_>) -> BoxFuture<'_, Result<bool, Error>> {
        let again = match (self.cache.get(), rejection.sent) {
            (Some(cache), Some(sent)) if target.refused => {
                cache.keep(sent);
                false
            }
            (Some(cache), Some(sent)) => cache.invalidate(sent),
            _ => false,
        };
        Box::pin(std::future::ready(Ok(again)))
    }
}

/// Implements [`Credential`](super::Credential) for a type with a field `tokens` and a method `fetcher(&self) ->
/// Result<Arc<dyn Fetch>, Error>`, which checks the settings.
macro_rules! token_credential {
    ($type:ty) => {
        impl $crate::auth::Credential for $type {
            fn attach(&self, client: $crate::auth::ClientSettings<'_>) -> Result<(), $crate::Error> {
                self.tokens.attach(client, || self.fetcher())
            }

            fn authorization<'a>(
                &'a self,
                _target: $crate::auth::Target<'a>,
            ) -> $crate::BoxFuture<'a, Result<Option<http::HeaderValue>, $crate::Error>> {
                self.tokens.authorization(|| self.fetcher())
            }

            fn rejected<'a>(
                &'a self,
                target: $crate::auth::Target<'a>,
                rejection: $crate::auth::Rejection<'a>,
            ) -> $crate::BoxFuture<'a, Result<bool, $crate::Error>> {
                self.tokens.rejected(target, rejection)
            }
        }
    };
}

pub(super) use token_credential;
