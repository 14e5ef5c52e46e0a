//! Which HTTP client a token endpoint is called through.

use std::sync::OnceLock;
use std::time::Duration;

use http::HeaderValue;
use reqwest::Url;

use crate::client::DEFAULT_CONNECT_TIMEOUT;
use crate::error::Error;
use crate::transport::HttpClient;
use crate::url::is_local;

/// What a client tells its credential when it is built, see [`Credential::attach`](super::Credential::attach): where its
/// service is, and how it talks HTTP, so that token endpoints are called the same way.
#[derive(Clone, Copy, Debug)]
pub struct ClientSettings<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) http: &'a HttpClient,
    /// Whether `http` passes proxies by; `None` for a client that is the user's own.
    pub(crate) direct: Option<bool>,
    pub(crate) connect_timeout: Duration,
    pub(crate) agent: &'a HeaderValue,
}

impl<'a> ClientSettings<'a> {
    /// The base URL in use, without a trailing slash.
    pub fn base_url(&self) -> &'a str {
        self.base_url
    }
}

/// The HTTP client and settings for token endpoints.
///
/// It shares the connections of the client that the credential belongs to. Only if that client is on the other side of
/// the question whether a proxy is used (a token endpoint on this machine for a service that is not, or the reverse) or
/// if there is no client, it has a client of its own.
#[derive(Debug)]
pub(crate) struct TokenHttp {
    shared: Option<(HttpClient, Option<bool>)>,
    own: OnceLock<HttpClient>,
    connect_timeout: Duration,
    agent: HeaderValue,
}

impl Default for TokenHttp {
    fn default() -> Self {
        Self {
            shared: None,
            own: OnceLock::new(),
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            agent: HeaderValue::from_static(concat!("sdk-core/", env!("CARGO_PKG_VERSION"))),
        }
    }
}

impl TokenHttp {
    pub(super) fn of(client: ClientSettings<'_>) -> Self {
        Self {
            shared: Some((client.http.clone(), client.direct)),
            own: OnceLock::new(),
            connect_timeout: client.connect_timeout,
            agent: client.agent.clone(),
        }
    }

    /// The client for an endpoint. All endpoints of one credential are on one host, hence one client of its own is
    /// enough.
    pub(super) fn client(&self, url: &Url) -> Result<&HttpClient, Error> {
        let direct = is_local(url);
        if let Some((client, of_client)) = &self.shared
            && of_client.is_none_or(|of_client| of_client == direct)
        {
            return Ok(client);
        }
        if let Some(client) = self.own.get() {
            return Ok(client);
        }
        let client = HttpClient::new(self.connect_timeout, direct)?;
        Ok(self.own.get_or_init(|| client))
    }

    /// The `User-Agent`.
    pub(super) fn agent(&self) -> &HeaderValue {
        &self.agent
    }
}
