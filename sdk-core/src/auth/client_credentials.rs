//! OAuth 2.0 client credentials.

use std::sync::Arc;

use http::HeaderValue;
use reqwest::Url;

use super::BoxFuture;
use super::form::{basic, form, form_encoded};
use super::tokens::{FORM, Token, TokenClient, TokenRequest, TokenSource, Tokens, fetch_end, token_credential};
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::operation::{Method, Operation};
use crate::secret::Secret;
use crate::url::{PlainHttp, check};

/// A client id and secret, exchanged for access tokens: the client credentials grant of OAuth 2.0 (RFC 6749, section
/// 4.4). MongoDB Atlas calls such a client a service account.
///
/// The id and the secret are form-encoded and sent to the token endpoint with HTTP Basic authentication (section
/// 2.3.1). The first call fetches a token. All calls share it, and it is refreshed in the background before it expires.
/// If the token endpoint refuses the request, the call fails with [`ErrorKind::Credential`]; [`Error::code`] and
/// [`Error::message`] are then OAuth's `error` and `error_description`.
///
/// To keep a handle, for [`revoke`](Self::revoke) or for a second client, put the credential into an [`Arc`]:
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
    /// `Debug` does not print the URLs, because a mistyped one may contain a password.
    token_url: Secret,
    revoke_url: Option<Secret>,
    id: String,
    secret: Secret,
    tokens: Tokens,
}

impl ClientCredentials {
    /// Creates a credential that fetches its tokens from `token_url`. The URL must be `https`, except on this machine.
    pub fn new(token_url: impl Into<String>, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self {
            token_url: Secret::new(token_url),
            revoke_url: None,
            id: id.into(),
            secret: secret.into(),
            tokens: Tokens::default(),
        }
    }

    /// Sets the URL that [`revoke`](Self::revoke) calls.
    pub fn revoke_url(mut self, url: impl Into<String>) -> Self {
        self.revoke_url = Some(Secret::new(url));
        self
    }

    /// Revokes the current token (RFC 7009), if there is one. The next call fetches a new one.
    ///
    /// From this moment on the client does not send the token, even if the revocation request fails. The service may
    /// refuse calls in flight; they are repeated with a new token.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`] if no [`revoke_url`](Self::revoke_url) is set, and
    /// [`ErrorKind::Credential`] if the endpoint cannot be reached or refuses the request.
    pub async fn revoke(&self) -> Result<(), Error> {
        let Some(url) = &self.revoke_url else {
            return Err(Error::new(ErrorKind::Configuration, "there is no revoke URL; set one with `revoke_url`"));
        };
        let url = endpoint_url(url.expose(), "the revoke URL")?;
        let cache = self.tokens.cache(|| self.source())?;
        let Some(token) = cache.evict() else { return Ok(()) };
        let body = form(&[("token", token.expose()), ("token_type_hint", "access_token")]);
        let request =
            TokenRequest::new(&REVOKE, &url, FORM, body).authorization(Some(client_header(&self.id, &self.secret)?));
        request.send(cache.client(), fetch_end()).await?;
        tracing::info!(target: "cloud_billing_core", { sdk.credential = NAME }, "token revoked");
        Ok(())
    }

    fn source(&self) -> Result<Arc<dyn TokenSource>, Error> {
        if let Some(url) = &self.revoke_url {
            endpoint_url(url.expose(), "the revoke URL")?;
        }
        if self.id.is_empty() || self.secret.expose().is_empty() {
            return Err(Error::new(ErrorKind::Configuration, "the client id or the client secret is empty; set both"));
        }
        let url = endpoint_url(self.token_url.expose(), "the token URL")?;
        Ok(Arc::new(Source { url, authorization: client_header(&self.id, &self.secret)? }))
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.secret.clone()]
    }
}

token_credential!(ClientCredentials);

/// Checks a URL, which is named `what` in the error. It may have a query (RFC 6749, section 3.2).
fn endpoint_url(text: &str, what: &str) -> Result<Url, Error> {
    let problem = |problem: &str| Error::new(ErrorKind::Configuration, format!("{what} {problem}"));
    let url = check(text.trim(), PlainHttp::Loopback, problem)?;
    if url.fragment().is_some() { Err(problem("has a fragment; remove `#` and everything after it")) } else { Ok(url) }
}

const NAME: &str = "client credentials";

/// The requests. Their URLs may contain secrets, so the templates do not show the path.
const TOKEN: Operation = Operation::new("token", Method::Post, "/{token}").success(&[200]);
const REVOKE: Operation = Operation::new("revoke", Method::Post, "/{revoke}").success(&[200]);

/// HTTP Basic authentication with a form-encoded id and secret (RFC 6749, section 2.3.1).
fn client_header(id: &str, secret: &Secret) -> Result<HeaderValue, Error> {
    basic(&form_encoded(id), &form_encoded(secret.expose()))
}

/// The parts of a token request that stay the same.
struct Source {
    url: Url,
    authorization: HeaderValue,
}

impl TokenSource for Source {
    fn name(&self) -> &'static str {
        NAME
    }

    fn fetch<'a>(&'a self, client: &'a TokenClient, end: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let body = form(&[("grant_type", "client_credentials")]);
            let request = TokenRequest::new(&TOKEN, &self.url, FORM, body);
            request.authorization(Some(self.authorization.clone())).send(client, end).await?.token()
        })
    }
}
