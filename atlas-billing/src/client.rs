//! The client and how it is made.

use cloud_billing_core::{Core, Service};

/// Atlas for everyone. Paths below it begin with `/api/atlas/v2`.
pub const DEFAULT_BASE_URL: &str = "https://cloud.mongodb.com";

/// Atlas for the government of the United States.
pub const GOV_BASE_URL: &str = "https://cloud.mongodbgov.com";

const SERVICE: Service = Service::new("atlas-billing", DEFAULT_BASE_URL)
    .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
    .request_id_headers(&["x-request-id", "x-envoy-request-id"]);

/// Makes a [`Client`].
pub type ClientBuilder = cloud_billing_core::ClientBuilder<Client>;

/// A client of the Atlas billing API.
///
/// It is cheap to clone; clones share connections and credential. Its methods are in [`operations`](crate::operations).
#[derive(Clone, Debug)]
pub struct Client {
    core: Core,
}

impl Client {
    /// Begins to make a client.
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

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }
}

impl From<Core> for Client {
    fn from(core: Core) -> Self {
        Self { core }
    }
}
