//! OAuth 2.0 client credentials.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, Method};
use reqwest::Url;

use super::BoxFuture;
use super::cache::{Fetch, Token, fetch_end};
use super::endpoint::{Call, FORM, PlainHttp, endpoint_url};
use super::form::{basic, form, form_encoded};
use super::http_choice::TokenHttp;
use super::tokens::{Tokens, token_credential};
use crate::client::Deadline;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

/// A client identifier and secret, exchanged for access tokens: the client credentials grant of OAuth 2.0 (RFC 6749,
/// section 4.4). MongoDB Atlas calls such a client a service account.
///
/// Identifier and secret go to the token endpoint with HTTP Basic authentication, form-encoded first (section 2.3.1). A
/// token is fetched with the first call, shared by all calls, and refreshed in the background before it expires. What
/// the token endpoint refuses fails the call with kind `Credential`; [`Error::code`] and [`Error::message`] then are
/// OAuth's `error` and `error_description`.
///
/// To keep a hold of it, for [`revoke`](Self::revoke) or for a second client, put it into an [`Arc`]:
///
/// ```
/// # const SERVICE: cloud_billing_core::Service = cloud_billing_core::Service::new("example", "https://billing.example.com");
/// use std::sync::Arc;
///
/// use cloud_billing_core::Core;
/// use cloud_billing_core::auth::ClientCredentials;
///
/// let account = ClientCredentials::new("https://cloud.example.com/api/oauth/token", "id", "secret")
///     .revoke_url("https://cloud.example.com/api/oauth/revoke");
/// let account = Arc::new(account);
/// let core = Core::builder(&SERVICE).credential(Arc::clone(&account)).build()?;
/// # Ok::<(), cloud_billing_core::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct ClientCredentials {
    /// Like the other URL not shown, since a mistaken one may hold a password.
    token_url: Secret,
    revoke_url: Option<Secret>,
    id: String,
    secret: Secret,
    tokens: Tokens,
}

impl ClientCredentials {
    /// A credential that gets its tokens from `token_url`, which must be `https`, except on this machine.
    pub fn new(token_url: impl Into<String>, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self {
            token_url: Secret::new(token_url),
            revoke_url: None,
            id: id.into(),
            secret: secret.into(),
            tokens: Tokens::default(),
        }
    }

    /// Sets the URL at which [`revoke`](Self::revoke) gives tokens up.
    pub fn revoke_url(mut self, url: impl Into<String>) -> Self {
        self.revoke_url = Some(Secret::new(url));
        self
    }

    /// Revokes the token in use (RFC 7009), if there is one. The next call fetches a new one.
    ///
    /// The token is not used any more from the moment on that this is called, whether the endpoint can be reached or
    /// not. Calls that are under way may be refused; they are repeated with a new token.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Configuration`] without a [`revoke_url`](Self::revoke_url), of kind
    /// [`ErrorKind::Credential`] if the endpoint cannot be reached or refuses.
    pub async fn revoke(&self) -> Result<(), Error> {
        let Some(url) = &self.revoke_url else {
            return Err(Error::new(ErrorKind::Configuration, "there is no revoke URL; set one with `revoke_url`"));
        };
        let url = endpoint_url(url.expose(), "the revoke URL", PlainHttp::Loopback)?;
        let cache = self.tokens.cache(|| self.fetcher())?;
        let Some(token) = cache.take() else { return Ok(()) };
        let body = form(&[("token", token.expose()), ("token_type_hint", "access_token")]);
        let call =
            Call::new(Method::POST, &url, FORM, body).authorization(Some(client_header(&self.id, &self.secret)?));
        call.send(cache.http(), fetch_end()).await?;
        tracing::info!(target: "cloud_billing_core", { sdk.credential = NAME }, "token revoked");
        Ok(())
    }

    fn fetcher(&self) -> Result<Arc<dyn Fetch>, Error> {
        if let Some(url) = &self.revoke_url {
            endpoint_url(url.expose(), "the revoke URL", PlainHttp::Loopback)?;
        }
        if self.id.is_empty() || self.secret.expose().is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "the client id or the client secret is empty; set both"));
        }
        let url = endpoint_url(self.token_url.expose(), "the token URL", PlainHttp::Loopback)?;
        Ok(Arc::new(Exchange { url, authorization: client_header(&self.id, &self.secret)? }))
    }
}

token_credential!(ClientCredentials);

const NAME: &str = "client credentials";

/// HTTP Basic authentication with identifier and secret in form encoding (RFC 6749, section 2.3.1).
fn client_header(id: &str, secret: &Secret) -> Result<HeaderValue, Error> {
    basic(&form_encoded(id), &form_encoded(secret.expose()))
}

struct Exchange {
    url: Url,
    authorization: HeaderValue,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(NAME).finish_non_exhaustive()
    }
}

impl Fetch for Exchange {
    fn name(&self) -> &'static str {
        NAME
    }

    fn fetch<'a>(&'a self, http: &'a TokenHttp, end: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let body = form(&[("grant_type", "client_credentials")]);
            let call = Call::new(Method::POST, &self.url, FORM, body);
            call.authorization(Some(self.authorization.clone())).send(http, end).await?.token()
        })
    }
}
