//! The HTTP client for token endpoints.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use reqwest::Url;

use crate::error::Error;
use crate::executor::{Limits, Timeouts};
use crate::intercept::Interceptors;
use crate::retry::{Budget, DEFAULT_RETRY_BUDGET};
use crate::service::Service;
use crate::transport::{ConnectOptions, DEFAULT_CONNECT_TIMEOUT, HttpClient};
use crate::url::is_local;

/// The time limit of one attempt. Some credentials make two requests for a token; without this limit, the first one
/// could use up the time of both.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// The largest response that is read: 1 MiB.
pub(super) const BODY_LIMIT: usize = 1024 * 1024;

/// The settings that a client passes to its credential when it is built, see
/// [`Credential::attach`](crate::auth::Credential::attach): the address of its service and its HTTP settings. Token endpoints
/// are called with the same settings.
#[derive(Clone, Copy, Debug)]
pub struct ClientSettings<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) tokens: &'a TokenClient,
}

impl<'a> ClientSettings<'a> {
    /// The base URL, without a trailing slash.
    pub fn base_url(&self) -> &'a str {
        self.base_url
    }
}

/// The HTTP client for the token endpoints of one credential.
///
/// It shares the retry budget and normally also the connections of the API client. It opens its own connections in two
/// cases: there is no API client, or the API client connects differently. They differ if only one of the two hosts is
/// on this machine, which no proxy may serve, or if only one of them skips the verification of certificates.
#[derive(Clone, Debug)]
pub(crate) struct TokenClient {
    pub(crate) service: &'static Service,
    /// The API client's HTTP client and how it connects. The latter is `None` if the caller brought the HTTP client.
    pub(crate) shared: Option<(HttpClient, Option<ConnectOptions>)>,
    /// How own connections are made. Whether they use a proxy depends on the URL.
    pub(crate) connect: ConnectOptions,
    pub(crate) own: OnceLock<HttpClient>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) agent: HeaderValue,
    pub(crate) limits: Limits,
    pub(crate) interceptors: Interceptors,
}

/// The service of a credential that is used without a client.
const UNATTACHED: Service = Service::new("token", "");

impl Default for TokenClient {
    fn default() -> Self {
        let roots = Default::default();
        Self {
            service: &UNATTACHED,
            shared: None,
            connect: ConnectOptions { timeout: DEFAULT_CONNECT_TIMEOUT, direct: false, roots, verify: true },
            own: OnceLock::new(),
            budget: Arc::new(Budget::new(DEFAULT_RETRY_BUDGET)),
            agent: HeaderValue::from_static(UNATTACHED.agent()),
            limits: Self::limits(Arc::new([HeaderName::from_static("x-request-id")])),
            interceptors: Interceptors::default(),
        }
    }
}

impl TokenClient {
    /// The limits of token requests. The headers are those that may contain the request id.
    pub(crate) fn limits(id_headers: Arc<[HeaderName]>) -> Limits {
        let timeouts = Timeouts { attempt: ATTEMPT_TIMEOUT, idle: ATTEMPT_TIMEOUT };
        Limits { timeouts, body: BODY_LIMIT, id_headers }
    }

    /// Returns the HTTP client for an endpoint. All endpoints of one credential are on one host, so one own client is
    /// enough.
    pub(super) fn http(&self, url: &Url) -> Result<&HttpClient, Error> {
        let wanted = ConnectOptions { direct: is_local(url), ..self.connect.clone() };
        if let Some((client, connect)) = &self.shared
            && connect.as_ref().is_none_or(|connect| *connect == wanted)
        {
            return Ok(client);
        }
        if let Some(client) = self.own.get() {
            return Ok(client);
        }
        let client = HttpClient::new(&wanted)?;
        Ok(self.own.get_or_init(|| client))
    }
}
