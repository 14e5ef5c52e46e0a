//! The HTTP client for token endpoints.

use std::sync::{Arc, OnceLock};

use http::HeaderValue;
use reqwest::Url;

use crate::client::DEFAULT_CONNECT_TIMEOUT;
use crate::error::Error;
use crate::retry::{Budget, DEFAULT_RETRY_BUDGET};
use crate::transport::{ConnectOptions, HttpClient};
use crate::url::is_local;

/// The settings that a client passes to its credential when it is built, see
/// [`Credential::attach`](super::Credential::attach): the address of its service and its HTTP settings. Token endpoints
/// are called with the same settings.
#[derive(Clone, Copy, Debug)]
pub struct ClientSettings<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) http: &'a HttpClient,
    /// How `http` connects, and whether it verifies the certificates of token endpoints. `None` if the caller brought
    /// the HTTP client.
    pub(crate) connect: Option<(&'a ConnectOptions, bool)>,
    pub(crate) budget: &'a Arc<Budget>,
    pub(crate) agent: &'a HeaderValue,
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
#[derive(Debug)]
pub(crate) struct TokenClient {
    /// The API client's HTTP client and how it connects. The latter is `None` if the caller brought the HTTP client.
    shared: Option<(HttpClient, Option<ConnectOptions>)>,
    own: OnceLock<HttpClient>,
    /// How own connections are made. Whether they use a proxy depends on the URL.
    connect: ConnectOptions,
    budget: Arc<Budget>,
    agent: HeaderValue,
}

impl Default for TokenClient {
    fn default() -> Self {
        Self {
            shared: None,
            own: OnceLock::new(),
            connect: ConnectOptions {
                timeout: DEFAULT_CONNECT_TIMEOUT,
                direct: false,
                roots: Default::default(),
                verify: true,
            },
            budget: Arc::new(Budget::new(DEFAULT_RETRY_BUDGET)),
            agent: HeaderValue::from_static(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"))),
        }
    }
}

impl TokenClient {
    pub(super) fn of(client: ClientSettings<'_>) -> Self {
        let this = Self::default();
        Self {
            shared: Some((client.http.clone(), client.connect.map(|(connect, _)| connect.clone()))),
            connect: client
                .connect
                .map_or(this.connect, |(connect, verify)| ConnectOptions { verify, ..connect.clone() }),
            budget: Arc::clone(client.budget),
            agent: client.agent.clone(),
            ..this
        }
    }

    /// Returns the HTTP client for an endpoint. All endpoints of one credential are on one host, so one own client is
    /// enough.
    pub(super) fn client(&self, url: &Url) -> Result<&HttpClient, Error> {
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

    /// The retry budget, shared with the API client.
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The `User-Agent`.
    pub(super) fn agent(&self) -> &HeaderValue {
        &self.agent
    }
}
