//! Settings of a client.

use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use reqwest::Url;

use super::{Core, DEFAULT_ATTEMPT_TIMEOUT, DEFAULT_BODY_LIMIT, DEFAULT_CONNECT_TIMEOUT, Inner};
use crate::auth::{BearerToken, Credential};
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::service::Service;
use crate::transport::HttpClient;

/// Builds a client: a [`Core`], or the `C` of a client crate that is made of one.
///
/// A credential must be set, or [`no_credential`](Self::no_credential) chosen; everything else has a default.
#[must_use]
pub struct ClientBuilder<C = Core> {
    service: &'static Service,
    base_url: Option<String>,
    credential: Option<Option<Arc<dyn Credential>>>,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    body_limit: usize,
    agent_suffix: Option<String>,
    http: Option<HttpClient>,
    plain_http: bool,
    made: PhantomData<fn() -> C>,
}

impl<C: From<Core>> ClientBuilder<C> {
    /// Settings of a client of `service`, all at their defaults.
    pub fn new(service: &'static Service) -> Self {
        Self {
            service,
            base_url: None,
            credential: None,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            attempt_timeout: DEFAULT_ATTEMPT_TIMEOUT,
            body_limit: DEFAULT_BODY_LIMIT,
            agent_suffix: None,
            http: None,
            plain_http: false,
            made: PhantomData,
        }
    }

    /// Sets the URL that operation paths are appended to. It may have a path, and no user, query or fragment. The default
    /// is the service's public one.
    ///
    /// It must be `https`, except to this machine; see [`allow_plain_http`](Self::allow_plain_http).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Allows a base URL with `http` to another machine. Credentials and bills then cross the network readable to
    /// everyone on the way.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Sets the source of `Authorization` headers.
    pub fn credential(mut self, credential: impl Credential + 'static) -> Self {
        self.credential = Some(Some(Arc::new(credential)));
        self
    }

    /// Sends a fixed access token: `Authorization: Bearer <token>`.
    pub fn bearer_token(self, token: impl Into<Secret>) -> Self {
        self.credential(BearerToken::new(token))
    }

    /// Sends no `Authorization` header.
    pub fn no_credential(mut self) -> Self {
        self.credential = Some(None);
        self
    }

    /// Sets the time to establish a connection in, TLS included. The default is [`DEFAULT_CONNECT_TIMEOUT`]. Without
    /// effect on an [`http_client`](Self::http_client) of your own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the time that one attempt may take, from connecting to the last byte of the body; of a streamed body, to the
    /// first byte and then from each chunk to the next. The default is [`DEFAULT_ATTEMPT_TIMEOUT`].
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the largest body, in bytes, that is read into memory. The default is [`DEFAULT_BODY_LIMIT`].
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Appends to the `User-Agent`, by convention `product/version`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.agent_suffix = Some(suffix.into());
        self
    }

    /// Uses an HTTP client of your own, see [`HttpClient`].
    pub fn http_client(mut self, client: impl Into<HttpClient>) -> Self {
        self.http = Some(client.into());
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Configuration`], if a setting is missing or not usable.
    pub fn build(self) -> Result<C, Error> {
        let url = base_url(self.base_url.as_deref().unwrap_or(self.service.base_url()), self.plain_http)?;
        let Some(credential) = self.credential else {
            return Err(invalid("there is no credential; choose `no_credential` to send none"));
        };
        let agent = match self.agent_suffix {
            Some(suffix) => format!("{} {suffix}", self.service.agent()),
            None => self.service.agent().to_owned(),
        };
        let agent = HeaderValue::try_from(agent)
            .map_err(|_| invalid("the user agent has a character that cannot stand in an HTTP header"))?;
        let http = match self.http {
            Some(http) => http,
            None => HttpClient::new(self.connect_timeout, is_loopback(&url))?,
        };
        let core = Core {
            inner: Arc::new(Inner {
                service: self.service,
                base_url: url.as_str().trim_end_matches('/').to_owned(),
                http,
                credential,
                agent,
                attempt_timeout: self.attempt_timeout,
                body_limit: self.body_limit,
            }),
        };
        Ok(core.into())
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("service", &self.service.name())
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}

/// Checks a base URL. The text itself is not repeated in errors, since it may hold a password.
fn base_url(text: &str, plain_http: bool) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|error| invalid("the base URL is not a URL").with_source(error))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("the base URL is neither https nor http"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("the base URL has a user or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("the base URL has a query or fragment"));
    }
    if url.scheme() == "http" && !plain_http && !is_loopback(&url) {
        return Err(invalid("the base URL is plain http to another machine, which must be allowed explicitly"));
    }
    Ok(url)
}

/// Whether a URL leads to this machine.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        // Names under `localhost` never leave the machine (RFC 6761, section 6.3).
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: Service = Service::new("test", "https://billing.example.com/");

    fn base(url: &str) -> Result<String, String> {
        let core = Core::builder(&SERVICE).no_credential().base_url(url).build();
        core.map(|core| core.base_url().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn base_urls() {
        assert_eq!(base("https://example.com").unwrap(), "https://example.com");
        assert_eq!(base("https://example.com:8443/proxy/").unwrap(), "https://example.com:8443/proxy");
        for loopback in ["http://localhost:1", "http://127.0.0.9:1", "http://[::1]:1", "http://atlas.localhost"] {
            assert!(base(loopback).is_ok(), "{loopback}");
        }
        for (url, problem) in [
            ("billing.example.com", "is not a URL"),
            ("ftp://example.com", "neither https nor http"),
            ("https://me:hush@example.com", "user or password"),
            ("https://example.com?a=hush", "query or fragment"),
            ("http://example.com", "plain http"),
            ("http://127.0.0.1.example.com", "plain http"),
            ("http://localhost.example.com", "plain http"),
            ("https://", "is not a URL"),
        ] {
            let error = base(url).unwrap_err();
            assert!(error.contains(problem) && !error.contains("hush"), "{url}: {error}");
        }
    }

    #[test]
    fn plain_http_can_be_allowed() {
        let core = Core::builder(&SERVICE).no_credential().allow_plain_http().base_url("http://example.com").build();
        assert_eq!(core.unwrap().base_url(), "http://example.com");
    }

    #[test]
    fn a_credential_must_be_chosen() {
        let error = Core::builder(&SERVICE).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let core = Core::builder(&SERVICE).bearer_token("hush").build().unwrap();
        assert_eq!(core.base_url(), "https://billing.example.com");
        assert!(!format!("{core:?}").contains("hush"));
        assert!(!format!("{:?}", Core::builder(&SERVICE).bearer_token("hush")).contains("hush"));
    }

    #[test]
    fn a_user_agent_must_fit_a_header() {
        let error = Core::builder(&SERVICE).no_credential().user_agent_suffix("a\nb").build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
