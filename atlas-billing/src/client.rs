//! The client and its builder.

use cloud_billing_core::{Core, Service};

/// The base URL of commercial Atlas. Paths of operations begin with `/api/atlas/v2`.
pub const DEFAULT_BASE_URL: &str = "https://cloud.mongodb.com";

/// The base URL of Atlas for Government (United States).
pub const GOV_BASE_URL: &str = "https://cloud.mongodbgov.com";

const SERVICE: Service = Service::new("atlas-billing", DEFAULT_BASE_URL)
    .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
    .request_id_headers(&["x-request-id", "x-envoy-request-id"]);

/// Builds a [`Client`].
pub type ClientBuilder = cloud_billing_core::ClientBuilder<Client>;

/// A client of the Atlas billing API.
///
/// Clones are cheap and share connections and credential. [`operations`](crate::operations) lists the methods.
#[derive(Clone, Debug)]
pub struct Client {
    core: Core,
}

impl Client {
    /// Creates a builder.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let atlas = atlas_billing::Client::builder()
    ///     .base_url(atlas_billing::GOV_BASE_URL)
    ///     .bearer_token("an access token")
    ///     .attempt_timeout(Duration::from_secs(20))
    ///     .build()?;
    /// # Ok::<(), atlas_billing::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new(&SERVICE)
    }

    /// The runtime that executes the operations, for requests that are built from data instead of types.
    pub fn core(&self) -> &Core {
        &self.core
    }
}

impl From<Core> for Client {
    fn from(core: Core) -> Self {
        Self { core }
    }
}
