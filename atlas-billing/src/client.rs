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
///
/// ```
/// use std::time::Duration;
///
/// use atlas_billing::CallOptions;
/// use atlas_billing::types::{InvoiceId, OrganizationId};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
/// # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
/// let organization: OrganizationId = "4888442a3354817a7320eb61".parse()?;
/// // One call, with a limit of its own.
/// let quick = CallOptions::new().overall_timeout(Duration::from_secs(10));
/// let invoice: InvoiceId = "6abda280f4c54977656cf2d1".parse()?;
/// let invoice = atlas.get_invoice(&organization, invoice).options(quick).await?;
/// println!("{:?} {:?}", invoice.payable_dollars(), invoice.status_name);
/// // A list: all items, one page of it, or its pages.
/// let all = atlas.list_invoices(&organization).items().collect_all(1_000).await?;
/// let page = atlas.list_invoices(&organization).items_per_page(2).page_num(1).await?;
/// let mut pages = atlas.list_invoices(&organization).items_per_page(2).pages();
/// # assert!(!all.is_empty() && !page.results.is_empty() && pages.try_next().await?.is_some());
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
