//! Which HTTP client a token endpoint is called through.

use std::sync::{Arc, OnceLock};

use http::HeaderValue;
use reqwest::Url;

use crate::client::DEFAULT_CONNECT_TIMEOUT;
use crate::error::Error;
use crate::retry::{Budget, DEFAULT_RETRY_BUDGET};
use crate::transport::{Connecting, HttpClient};
use crate::url::is_local;

/// What a client tells its credential when it is built, see [`Credential::attach`](super::Credential::attach): where its
/// service is, and how it talks HTTP, so that token endpoints are called the same way.
#[derive(Clone, Copy, Debug)]
pub struct ClientSettings<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) http: &'a HttpClient,
    /// How `http` connects, and whether token endpoints are verified; `None` for a client that is the user's own.
    pub(crate) connecting: Option<(&'a Connecting, bool)>,
    pub(crate) budget: &'a Arc<Budget>,
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
/// It shares the retry budget and the connections of the client that the credential belongs to. It has connections of its
/// own only if that client makes its own differently (by way of a proxy, where the token endpoint is on this machine, or
/// the reverse; or without verifying certificates, where that is not to be done here, or the reverse) or if there is no
/// client.
#[derive(Debug)]
pub(crate) struct TokenHttp {
    /// The client's connections, and how they are made; `None` for the user's own.
    shared: Option<(HttpClient, Option<Connecting>)>,
    own: OnceLock<HttpClient>,
    /// How connections of its own are made, apart from the question of proxies.
    connecting: Connecting,
    budget: Arc<Budget>,
    agent: HeaderValue,
}

impl Default for TokenHttp {
    fn default() -> Self {
        Self {
            shared: None,
            own: OnceLock::new(),
            connecting: Connecting {
                timeout: DEFAULT_CONNECT_TIMEOUT,
                direct: false,
                roots: Default::default(),
                verify: true,
            },
            budget: Arc::new(Budget::new(DEFAULT_RETRY_BUDGET)),
            agent: HeaderValue::from_static(concat!("sdk-core/", env!("CARGO_PKG_VERSION"))),
        }
    }
}

impl TokenHttp {
    pub(super) fn of(client: ClientSettings<'_>) -> Self {
        let this = Self::default();
        Self {
            shared: Some((client.http.clone(), client.connecting.map(|(connecting, _)| connecting.clone()))),
            connecting: client
                .connecting
                .map_or(this.connecting, |(connecting, verify)| Connecting { verify, ..connecting.clone() }),
            budget: Arc::clone(client.budget),
            agent: client.agent.clone(),
            ..this
        }
    }

    /// The client for an endpoint. All endpoints of one credential are on one host, hence one client of its own is
    /// enough.
    pub(super) fn client(&self, url: &Url) -> Result<&HttpClient, Error> {
        let wanted = Connecting { direct: is_local(url), ..self.connecting.clone() };
        if let Some((client, connecting)) = &self.shared
            && connecting.as_ref().is_none_or(|connecting| *connecting == wanted)
        {
            return Ok(client);
        }
        if let Some(client) = self.own.get() {
            return Ok(client);
        }
        let client = HttpClient::new(&wanted)?;
        Ok(self.own.get_or_init(|| client))
    }

    /// The retries that the client has left.
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The `User-Agent`.
    pub(super) fn agent(&self) -> &HeaderValue {
        &self.agent
    }
}
