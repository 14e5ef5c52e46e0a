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
///
/// ```
/// use std::time::Duration;
///
/// use ibm_enterprise::CallOptions;
/// use ibm_enterprise::types::EnterpriseId;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
/// # let ibm = ibm_enterprise::Client::builder().base_url(sandbox.ibm_enterprise_url()).bearer_token("token").build()?;
/// // All accounts.
/// let accounts = ibm.list_accounts().items().collect_all(10_000).await?;
/// // The first page of the reports of an enterprise, with a limit of its own.
/// let quick = CallOptions::new().overall_timeout(Duration::from_secs(10));
/// let enterprise: EnterpriseId = "5a6b1c0d9e8f47a3b2c1d0e9f8a7b6c5".parse()?;
/// let page = ibm.get_resource_usage_report().enterprise_id(enterprise).month("2026-05".parse()?).options(quick).await?;
/// # assert!(!accounts.is_empty() && !page.reports.is_empty());
/// # Ok(())
/// # }
/// ```
///
/// Nothing is sent before `.await`. Dropping the future or the stream cancels what it has under way; a request that has reached the
/// service may have its effect nevertheless.
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
