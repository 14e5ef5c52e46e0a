//! Settings of a client.

use std::env::consts;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::unverified::{Disabled, Unverified};
use super::{
    Core, DEFAULT_ATTEMPT_TIMEOUT, DEFAULT_BODY_LIMIT, DEFAULT_CONNECT_TIMEOUT, DEFAULT_IDLE_TIMEOUT,
    DEFAULT_OVERALL_TIMEOUT, Inner,
};
use crate::auth::{BearerToken, ClientSettings, Credential, TokenClient};
use crate::config::{CredentialSource, Setting};
use crate::error::{Error, ErrorKind};
use crate::executor::{Limits, Timeouts};
use crate::intercept::{Interceptor, Interceptors};
use crate::retry::{Budget, Quotas, RetryPolicy};
use crate::secret::Secret;
use crate::service::Service;
use crate::tls::Roots;
use crate::transport::{ConnectOptions, HttpClient};
use crate::url::{PlainHttp, check_base, is_local};

/// What the base URL is called in errors, unless a configuration has it.
const BASE_URL: &str = "the base URL";

/// Builds a client: a [`Core`], or the `C` of a client crate that is made of one.
///
/// A credential must be set, or [`no_credential`](Self::no_credential) chosen; everything else has a default.
#[must_use]
pub struct ClientBuilder<C = Core> {
    settings: Settings,
    made: PhantomData<fn() -> C>,
}

/// The settings, independent of the client type.
struct Settings {
    service: &'static Service,
    /// The base URL, not yet checked, and what it is called in errors.
    base_url: (String, String),
    credential: Option<Option<Arc<dyn Credential>>>,
    credential_source: Option<CredentialSource>,
    connect_timeout: Duration,
    timeouts: Timeouts,
    overall_timeout: Duration,
    retry: RetryPolicy,
    body_limit: usize,
    agent_suffix: Option<String>,
    http: Option<HttpClient>,
    roots: Result<Roots, Error>,
    disabled: Disabled,
    interceptors: Vec<Arc<dyn Interceptor>>,
    plain_http: PlainHttp,
    private_downloads: bool,
}

impl<C: From<Core>> ClientBuilder<C> {
    /// Settings of a client of `service`, all at their defaults.
    pub fn new(service: &'static Service) -> Self {
        Self { settings: Settings::new(service), made: PhantomData }
    }

    /// Sets the URL that operation paths are appended to. It may have a path, and no user, query or fragment. The default
    /// is the service's public one.
    ///
    /// It must be `https`, except to this machine; see [`allow_plain_http`](Self::allow_plain_http).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_url = (url.into(), BASE_URL.to_owned());
        self
    }

    /// Sets the [`base_url`](Self::base_url) to that of a configuration, so that the error about an unusable one can say
    /// where it stands.
    pub fn base_url_setting(mut self, url: &Setting) -> Self {
        self.settings.base_url = (url.text().to_owned(), url.to_string());
        self
    }

    /// Allows a base URL with `http` to another machine. Credentials and bills then cross the network readable to
    /// everyone on the way.
    pub fn allow_plain_http(mut self) -> Self {
        self.settings.plain_http = PlainHttp::Anywhere;
        self
    }

    /// Allows [`download`](Core::download) to fetch files from this machine, from link-local addresses and from private
    /// networks, as where the file store of a company has such an address. Without it, only a service on this machine may
    /// have its files there.
    ///
    /// The addresses of files come from the service. With this, whoever controls the service can make the program ask
    /// servers that only this machine reaches, and hand out what they answer as a report. No credential is sent to them.
    pub fn allow_private_downloads(mut self) -> Self {
        self.settings.private_downloads = true;
        self
    }

    /// Sets the source of `Authorization` headers.
    pub fn credential(mut self, credential: impl Credential + 'static) -> Self {
        self.settings.credential = Some(Some(Arc::new(credential)));
        self.settings.credential_source = None;
        self
    }

    /// Sends a fixed access token: `Authorization: Bearer <token>`.
    pub fn bearer_token(self, token: impl Into<Secret>) -> Self {
        self.credential(BearerToken::new(token))
    }

    /// Sends no `Authorization` header.
    pub fn no_credential(mut self) -> Self {
        self.settings.credential = Some(None);
        self.settings.credential_source = None;
        self
    }

    /// Says where in a configuration the credential that was set last is from, for
    /// [`Core::credential_source`](Core::credential_source).
    pub fn credential_source(mut self, source: CredentialSource) -> Self {
        self.settings.credential_source = Some(source);
        self
    }

    /// Sets the time to establish a connection in, TLS included. The default is 10 seconds ([`DEFAULT_CONNECT_TIMEOUT`]). Without
    /// effect on an [`http_client`](Self::http_client) of your own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Sets the time that one attempt may take, from connecting to the last byte of the body; of a streamed body, to the
    /// head. The default is 60 seconds ([`DEFAULT_ATTEMPT_TIMEOUT`]). See [all time limits](crate::client) at a glance.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeouts.attempt = timeout;
        self
    }

    /// Sets the time that may pass without a byte of a body, buffered or streamed. The default is 30
    /// seconds ([`DEFAULT_IDLE_TIMEOUT`]).
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeouts.idle = timeout;
        self
    }

    /// Sets the time that a call may take in all: attempts, waits between them, and fetching the credential; of a streamed
    /// body, to the head. The default is 5 minutes ([`DEFAULT_OVERALL_TIMEOUT`]).
    ///
    /// A retry that would have to wait beyond it is not waited for: the call ends at once in the error at hand.
    pub fn overall_timeout(mut self, timeout: Duration) -> Self {
        self.settings.overall_timeout = timeout;
        self
    }

    /// Sets how failed attempts are [retried](crate::retry). The default is [`RetryPolicy::new`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Sets the largest body, in bytes, that is read into memory. The default is 64 MiB ([`DEFAULT_BODY_LIMIT`]).
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// Appends to the `User-Agent`, by convention `product/version`. What comes before is the client's
    /// `crate/version (os; arch)`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.settings.agent_suffix = Some(suffix.into());
        self
    }

    /// Adds an [interceptor](crate::intercept), which sees each call and attempt. They run in the order in which they are added.
    pub fn interceptor(mut self, interceptor: impl Interceptor + 'static) -> Self {
        self.settings.interceptors.push(Arc::new(interceptor));
        self
    }

    /// Uses an HTTP client of your own, see [`HttpClient`].
    pub fn http_client(mut self, client: impl Into<HttpClient>) -> Self {
        self.settings.http = Some(client.into());
        self
    }

    /// Trusts these certificates besides those of the operating system: the root of a company's own authority, as behind a
    /// proxy that inspects TLS. `pem` is one or more in PEM format, as they are in a `.pem` or `.crt` file; it can be set
    /// several times. It holds for the service, its downloads and the token endpoint. Without effect on an
    /// [`http_client`](Self::http_client) of your own.
    ///
    /// A program that cannot be changed finds them in the operating system's trust store, or on Linux in the file that the
    /// variable `SSL_CERT_FILE` names.
    ///
    /// ```no_run
    /// # const SERVICE: cloud_billing_core::Service = cloud_billing_core::Service::new("example", "https://billing.example.com");
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let root = std::fs::read("/etc/company/root.pem")?;
    /// let core = cloud_billing_core::Core::builder(&SERVICE).bearer_token("token").root_certificates(&root).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.settings.roots = self.settings.roots.and_then(|mut roots| roots.add(pem.as_ref()).map(|()| roots));
        self
    }

    /// Lets a configuration turn the verification of certificates off, as IBM's properties `DISABLE_SSL` (for the service)
    /// and `AUTH_DISABLE_SSL` (for the token endpoint) do. Unless this is called, a client so configured is not built. With
    /// nothing so configured, it changes nothing.
    ///
    /// Whoever is on the way can then read and change everything, credentials included. To trust an authority of your own
    /// there is [`root_certificates`](Self::root_certificates).
    pub fn danger_allow_disable_ssl(mut self) -> Self {
        self.settings.disabled.allow();
        self
    }

    /// Says that a configuration asks not to verify certificates, and why that is refused unless it is
    /// [allowed](Self::danger_allow_disable_ssl) or an [`http_client`](Self::http_client) is set, which then verifies as it
    /// does.
    pub fn disable_ssl_setting(mut self, of: Unverified, refusal: Error) -> Self {
        self.settings.disabled.disable(of, refusal);
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Configuration`], if a setting is missing or not usable.
    pub fn build(self) -> Result<C, Error> {
        self.settings.build().map(Into::into)
    }
}

impl Settings {
    fn new(service: &'static Service) -> Self {
        Self {
            service,
            base_url: (service.base_url().to_owned(), BASE_URL.to_owned()),
            credential: None,
            credential_source: None,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            timeouts: Timeouts { attempt: DEFAULT_ATTEMPT_TIMEOUT, idle: DEFAULT_IDLE_TIMEOUT },
            overall_timeout: DEFAULT_OVERALL_TIMEOUT,
            retry: RetryPolicy::new(),
            body_limit: DEFAULT_BODY_LIMIT,
            agent_suffix: None,
            http: None,
            roots: Ok(Roots::default()),
            disabled: Disabled::default(),
            interceptors: Vec::new(),
            plain_http: PlainHttp::Loopback,
            private_downloads: false,
        }
    }

    fn build(self) -> Result<Core, Error> {
        let (url, name) = self.base_url;
        // The text itself is not repeated in errors, since it may hold a password.
        let url = check_base(&url, self.plain_http, |problem| invalid(&format!("{name} {problem}")))?;
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
        let id_headers =
            self.service.id_headers().iter().map(|name| HeaderName::try_from(*name)).collect::<Result<_, _>>();
        let id_headers = id_headers.map_err(|_| invalid("the service has a request identifier in no HTTP header"))?;
        let (http, files, connect) = match self.http {
            Some(http) => (http.clone(), http, None),
            None => {
                let verify = self.disabled.verify()?;
                let connect = ConnectOptions {
                    timeout: self.connect_timeout,
                    direct: is_local(&url),
                    roots: self.roots?,
                    verify: verify.service,
                };
                let http = HttpClient::new(&connect)?;
                // Files are on other hosts, whose certificates are always verified.
                let files = match verify.service {
                    true => http.clone(),
                    false => HttpClient::new(&ConnectOptions { verify: true, ..connect.clone() })?,
                };
                (http, files, Some((connect, verify.tokens)))
            }
        };
        let limits = Limits { timeouts: self.timeouts, body: self.body_limit, id_headers };
        let interceptors = Interceptors::new(self.interceptors);
        let budget = Arc::new(Budget::new(self.retry.budget));
        if let Some(credential) = &credential {
            let unattached = TokenClient::default();
            let tokens = TokenClient {
                service: self.service,
                shared: Some((http.clone(), connect.as_ref().map(|(connect, _)| connect.clone()))),
                connect: connect.map_or(unattached.connect, |(connect, verify)| ConnectOptions { verify, ..connect }),
                budget: Arc::clone(&budget),
                agent: agent.clone(),
                limits: TokenClient::limits(Arc::clone(&limits.id_headers)),
                own: unattached.own,
                interceptors: interceptors.clone(),
            };
            credential.attach(ClientSettings { base_url: &base_url, tokens: &tokens })?;
        }
        Ok(Core {
            inner: Arc::new(Inner {
                service: self.service,
                base_url,
                url,
                http,
                files,
                credential,
                credential_source: self.credential_source,
                private_downloads: self.private_downloads,
                agent,
                limits,
                overall_timeout: self.overall_timeout,
                retry: self.retry,
                budget,
                quotas: Quotas::default(),
                interceptors,
            }),
            options: None,
        })
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("service", &self.settings.service.name())
            .field("credential", &self.settings.credential)
            .finish_non_exhaustive()
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
            ("ftp://example.com", "is not a URL of https"),
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
    fn root_certificates_must_be_some() {
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (text, problem) in [("", "not in PEM format"), ("hush", "not in PEM format"), (pem, "cannot be used")] {
            let error = Core::builder(&SERVICE).no_credential().root_certificates(text).build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(problem), "{error}");
        }
    }

    #[test]
    fn a_user_agent_must_fit_a_header() {
        let error = Core::builder(&SERVICE).no_credential().user_agent_suffix("a\nb").build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
