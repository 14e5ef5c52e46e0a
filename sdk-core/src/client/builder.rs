//! Settings of a client.

use std::env::consts;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use reqwest::Url;

use super::timeouts::Timeouts;
use super::{
    Core, DEFAULT_ATTEMPT_TIMEOUT, DEFAULT_BODY_LIMIT, DEFAULT_CONNECT_TIMEOUT, DEFAULT_IDLE_TIMEOUT,
    DEFAULT_OVERALL_TIMEOUT, Inner,
};
use crate::auth::{BearerToken, ClientSettings, Credential};
use crate::config::Setting;
use crate::error::{Error, ErrorKind};
use crate::retry::{Budget, RetryPolicy};
use crate::secret::Secret;
use crate::service::Service;
use crate::transport::HttpClient;
use crate::url::{is_local, is_loopback};

/// Builds a client: a [`Core`], or the `C` of a client crate that is made of one.
///
/// A credential must be set, or [`no_credential`](Self::no_credential) chosen; everything else has a default.
#[must_use]
pub struct ClientBuilder<C = Core> {
    service: &'static Service,
    base_url: Option<BaseUrl>,
    credential: Option<Option<Arc<dyn Credential>>>,
    connect_timeout: Duration,
    timeouts: Timeouts,
    retry: RetryPolicy,
    body_limit: usize,
    agent_suffix: Option<String>,
    http: Option<HttpClient>,
    /// Why it must be an HTTP client of the user's own.
    own_http: Option<Error>,
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
            timeouts: Timeouts {
                attempt: DEFAULT_ATTEMPT_TIMEOUT,
                idle: DEFAULT_IDLE_TIMEOUT,
                overall: DEFAULT_OVERALL_TIMEOUT,
            },
            retry: RetryPolicy::new(),
            body_limit: DEFAULT_BODY_LIMIT,
            agent_suffix: None,
            http: None,
            own_http: None,
            plain_http: false,
            made: PhantomData,
        }
    }

    /// Sets the URL that operation paths are appended to. It may have a path, and no user, query or fragment. The default
    /// is the service's public one.
    ///
    /// It must be `https`, except to this machine; see [`allow_plain_http`](Self::allow_plain_http).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(BaseUrl { text: url.into(), origin: None });
        self
    }

    /// Sets the [`base_url`](Self::base_url) to that of a configuration, so that the error about an unusable one can say
    /// where it stands.
    pub fn base_url_setting(mut self, url: &Setting) -> Self {
        self.base_url = Some(BaseUrl { text: url.text().to_owned(), origin: Some(url.to_string()) });
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
    /// head. The default is [`DEFAULT_ATTEMPT_TIMEOUT`]. See [all time limits](crate::client) at a glance.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.attempt = timeout;
        self
    }

    /// Sets the time that may pass without a byte of a body, buffered or streamed. The default is
    /// [`DEFAULT_IDLE_TIMEOUT`].
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.idle = timeout;
        self
    }

    /// Sets the time that a call may take in all: attempts, waits between them, and fetching the credential; of a streamed
    /// body, to the head. The default is [`DEFAULT_OVERALL_TIMEOUT`].
    ///
    /// A retry that would have to wait beyond it is not waited for: the call ends at once in the error at hand.
    pub fn overall_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.overall = timeout;
        self
    }

    /// Sets how failed attempts are [retried](crate::retry). The default is [`RetryPolicy::new`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets the largest body, in bytes, that is read into memory. The default is [`DEFAULT_BODY_LIMIT`].
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Appends to the `User-Agent`, by convention `product/version`. What comes before is the client's
    /// `crate/version (os; arch)`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.agent_suffix = Some(suffix.into());
        self
    }

    /// Uses an HTTP client of your own, see [`HttpClient`].
    pub fn http_client(mut self, client: impl Into<HttpClient>) -> Self {
        self.http = Some(client.into());
        self
    }

    /// Says that a configuration asks for what only an [`http_client`](Self::http_client) of the caller's own can do, such
    /// as not to verify certificates. Unless one is set the client is not built, for this reason.
    pub fn needs_http_client(mut self, reason: Error) -> Self {
        self.own_http.get_or_insert(reason);
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Configuration`], if a setting is missing or not usable.
    pub fn build(self) -> Result<C, Error> {
        let base_url = self.base_url.unwrap_or_else(|| self.service.base_url().into());
        let url = base_url.check(self.plain_http)?;
        let base_url = url.as_str().trim_end_matches('/').to_owned();
        let Some(credential) = self.credential else {
            return Err(invalid("there is no credential; choose `no_credential` to send none"));
        };
        let mut agent = format!("{} ({}; {})", self.service.agent(), consts::OS, consts::ARCH);
        if let Some(suffix) = self.agent_suffix {
            agent.push(' ');
            agent.push_str(&suffix);
        }
        let agent = HeaderValue::try_from(agent)
            .map_err(|_| invalid("the user agent has a character that cannot stand in an HTTP header"))?;
        let (http, direct) = match self.http {
            Some(http) => (http, None),
            None => {
                if let Some(reason) = self.own_http {
                    return Err(reason);
                }
                let direct = is_local(&url);
                (HttpClient::new(self.connect_timeout, direct)?, Some(direct))
            }
        };
        if let Some(credential) = &credential {
            let connect_timeout = self.connect_timeout;
            credential.attach(ClientSettings {
                base_url: &base_url,
                http: &http,
                direct,
                connect_timeout,
                agent: &agent,
            })?;
        }
        let core = Core {
            inner: Arc::new(Inner {
                service: self.service,
                base_url,
                url,
                http,
                credential,
                agent,
                timeouts: self.timeouts,
                retry: self.retry,
                budget: Budget::new(self.retry.savings()),
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

/// A base URL, not yet checked.
struct BaseUrl {
    text: String,
    /// What it is called in errors, if not "the base URL".
    origin: Option<String>,
}

impl From<&str> for BaseUrl {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), origin: None }
    }
}

impl BaseUrl {
    /// Checks the URL. The text itself is not repeated in errors, since it may hold a password.
    fn check(&self, plain_http: bool) -> Result<Url, Error> {
        let invalid = |problem: &str| {
            let subject = self.origin.as_deref().unwrap_or("the base URL");
            invalid(&format!("{subject} {problem}"))
        };
        let url = Url::parse(&self.text).map_err(|error| invalid("is not a URL").with_source(error))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("is neither https nor http"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("has a user or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("has a query or fragment"));
        }
        if url.scheme() == "http" && !plain_http && !is_loopback(&url) {
            return Err(invalid("is plain http to another machine, which must be allowed explicitly"));
        }
        Ok(url)
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
    fn what_only_another_http_client_can_do_needs_one() {
        let builder = || {
            let builder =
                Core::builder(&SERVICE).no_credential().needs_http_client(invalid("`X` asks for the impossible"));
            builder.needs_http_client(invalid("`Y` does too"))
        };
        let error = builder().build().unwrap_err();
        assert_eq!(error.to_string(), "invalid configuration: `X` asks for the impossible");
        let own = HttpClient::new(DEFAULT_CONNECT_TIMEOUT, false).unwrap();
        assert!(builder().http_client(own).build().is_ok());
    }

    #[test]
    fn a_user_agent_must_fit_a_header() {
        let error = Core::builder(&SERVICE).no_credential().user_agent_suffix("a\nb").build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
