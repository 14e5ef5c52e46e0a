//! The client and its builder.

use cloud_billing_core::{Core, Service};

/// The public endpoint.
pub const DEFAULT_BASE_URL: &str = "https://enterprise.cloud.ibm.com";

/// The private endpoint for VPC infrastructure. The account must have service endpoints enabled.
pub const PRIVATE_BASE_URL: &str = "https://private.enterprise.cloud.ibm.com";

/// The private endpoint for classic infrastructure in Dallas. The account must have VRF and service endpoints enabled.
pub const PRIVATE_US_SOUTH_BASE_URL: &str = "https://private.us-south.enterprise.cloud.ibm.com";

/// The private endpoint for classic infrastructure in Washington DC. The account must have VRF and service endpoints
/// enabled.
pub const PRIVATE_US_EAST_BASE_URL: &str = "https://private.us-east.enterprise.cloud.ibm.com";

/// The private endpoint for classic infrastructure in Paris. The account must have VRF and service endpoints enabled.
pub const PRIVATE_EU_FR_BASE_URL: &str = "https://private.eu-fr.enterprise.cloud.ibm.com";

const SERVICE: Service = Service::new("ibm-enterprise", DEFAULT_BASE_URL)
    .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
    .request_id_headers(&["x-global-transaction-id", "transaction-id"]);

/// Builds a [`Client`].
pub type ClientBuilder = cloud_billing_core::ClientBuilder<Client>;

/// A client of IBM Cloud's Enterprise Usage Reports API, and of the listings of Enterprise Management.
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
    /// let ibm = ibm_enterprise::Client::builder()
    ///     .base_url(ibm_enterprise::PRIVATE_BASE_URL)
    ///     .bearer_token("an access token")
    ///     .build()?;
    /// # Ok::<(), ibm_enterprise::Error>(())
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
