//! What every credential with a fetched token consists of besides its own settings.

use std::sync::{Arc, OnceLock};

use http::HeaderValue;

use super::cache::{Fetch, TokenCache};
use super::http_choice::{ClientSettings, TokenHttp};
use super::{BoxFuture, Rejection, Target};
use crate::error::Error;

/// The token cache of a credential. It starts when the credential is handed to a client or first used, whichever comes
/// first; until then the credential's settings can change.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    cache: OnceLock<TokenCache>,
}

impl Tokens {
    /// Starts the cache, with the HTTP settings of a client.
    pub(super) fn attach(
        &self,
        client: ClientSettings<'_>,
        fetch: impl FnOnce() -> Result<Arc<dyn Fetch>, Error>,
    ) -> Result<(), Error> {
        self.start(|| TokenHttp::of(client), fetch).map(drop)
    }

    /// The cache. If it has not started, it starts with HTTP settings of its own.
    pub(super) fn cache(&self, fetch: impl FnOnce() -> Result<Arc<dyn Fetch>, Error>) -> Result<&TokenCache, Error> {
        self.start(TokenHttp::default, fetch)
    }

    fn start(
        &self,
        http: impl FnOnce() -> TokenHttp,
        fetch: impl FnOnce() -> Result<Arc<dyn Fetch>, Error>,
    ) -> Result<&TokenCache, Error> {
        if let Some(cache) = self.cache.get() {
            return Ok(cache);
        }
        // Of two that come at the same time one wins; neither has fetched anything yet.
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

    /// Gives up the token that was sent, unless it was refused in place of another one. There is none without a cache.
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

/// Implements [`Credential`](super::Credential) for a type with a field `tokens` and a method
/// `fetcher(&self) -> Result<Arc<dyn Fetch>, Error>`, which checks the settings.
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
