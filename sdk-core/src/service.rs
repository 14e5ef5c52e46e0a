//! The static description of a service: name, base URL, user agent, request id headers.

/// The static description of one service.
///
/// ```
/// use cloud_billing_core::Service;
///
/// const SERVICE: Service = Service::new("example-billing", "https://billing.example.com")
///     .user_agent("example-billing/0.1.0")
///     .request_id_headers(&["x-request-id"]);
///
/// assert_eq!(SERVICE.base_url(), "https://billing.example.com");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Service {
    name: &'static str,
    base_url: &'static str,
    user_agent: &'static str,
    request_id_headers: &'static [&'static str],
}

impl Service {
    /// Creates a service. `name` appears in traces; `base_url` is the public address without a trailing slash.
    pub const fn new(name: &'static str, base_url: &'static str) -> Self {
        Self {
            name,
            base_url,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
            request_id_headers: &["x-request-id"],
        }
    }

    /// Sets the `User-Agent`, by convention `crate/version`.
    pub const fn user_agent(mut self, user_agent: &'static str) -> Self {
        self.user_agent = user_agent;
        self
    }

    /// Sets the response headers that may contain the request id. The first one that is present counts.
    pub const fn request_id_headers(mut self, names: &'static [&'static str]) -> Self {
        self.request_id_headers = names;
        self
    }

    /// The name of the service.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The public base URL.
    pub const fn base_url(&self) -> &'static str {
        self.base_url
    }

    /// The `User-Agent`, without the caller's suffix.
    pub const fn agent(&self) -> &'static str {
        self.user_agent
    }

    /// The response headers that may contain the request id.
    pub const fn id_headers(&self) -> &'static [&'static str] {
        self.request_id_headers
    }
}
