//! The client and its builder.

use cloud_billing_core::{Core, Service};

/// The public endpoint.
pub const DEFAULT_BASE_URL: &str = "https://billing.cloud.ibm.com";

/// The private endpoint for VPC infrastructure. The account must have service endpoints enabled.
pub const PRIVATE_BASE_URL: &str = "https://private.billing.cloud.ibm.com";

/// The private endpoint for classic infrastructure in Dallas. The account must have VRF and service endpoints enabled.
pub const PRIVATE_US_SOUTH_BASE_URL: &str = "https://private.us-south.billing.cloud.ibm.com";

/// The private endpoint for classic infrastructure in Washington DC. The account must have VRF and service endpoints
/// enabled.
pub const PRIVATE_US_EAST_BASE_URL: &str = "https://private.us-east.billing.cloud.ibm.com";

const SERVICE: Service = Service::new("ibm-usage-reports", DEFAULT_BASE_URL)
    .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
    .request_id_headers(&["x-global-transaction-id", "transaction-id"]);

/// Builds a [`Client`].
pub type ClientBuilder = cloud_billing_core::ClientBuilder<Client>;

/// A client of the IBM Cloud Usage Reports API.
///
/// Clones are cheap and share connections and credential. [`operations`](crate::operations) lists the methods.
///
/// ```
/// use std::time::Duration;
///
/// use ibm_usage_reports::types::AccountId;
/// use ibm_usage_reports::{BillingMonth, CallOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
/// # let ibm = ibm_usage_reports::Client::builder().base_url(sandbox.ibm_url()).bearer_token("token").build()?;
/// let account: AccountId = "987d4cfd77b04e9b9e1a6a0cc8612340".parse()?;
/// let month: BillingMonth = "2023-05".parse()?;
/// // One call, with a limit of its own.
/// let quick = CallOptions::new().overall_timeout(Duration::from_secs(10));
/// let usage = ibm.get_account_usage(&account, month).names(true).options(quick).await?;
/// println!("{} {:?}", usage.billable_total().sum, usage.currency_code);
/// // A list: all items, one page of it, or its pages.
/// let all = ibm.get_resource_usage_account(&account, month).items().collect_all(100_000).await?;
/// let page = ibm.get_resource_usage_account(&account, month).limit(2).await?;
/// let mut pages = ibm.get_resource_usage_account(&account, month).limit(2).pages();
/// # assert!(!all.is_empty() && !page.resources.is_empty() && pages.try_next().await?.is_some());
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
    /// use std::time::Duration;
    ///
    /// let ibm = ibm_usage_reports::Client::builder()
    ///     .base_url(ibm_usage_reports::PRIVATE_BASE_URL)
    ///     .bearer_token("an access token")
    ///     .attempt_timeout(Duration::from_secs(20))
    ///     .build()?;
    /// # Ok::<(), ibm_usage_reports::Error>(())
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
