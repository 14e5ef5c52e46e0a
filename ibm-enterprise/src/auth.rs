//! Authentication: the credentials that IBM Cloud accepts, for [`ClientBuilder::credential`](crate::ClientBuilder).
//!
//! ```
//! use ibm_enterprise::auth::ApiKey;
//!
//! // The API key of a user or of a service ID, with access to the enterprise in the account that manages it.
//! let ibm = ibm_enterprise::Client::builder().credential(ApiKey::new("an API key")).build()?;
//! # Ok::<(), ibm_enterprise::Error>(())
//! ```
//!
//! They are the same for all services of IBM Cloud: [`cloud_billing_core::auth::iam`] documents them. One credential can be given
//! to the clients of several services, which then share its tokens:
//!
//! ```
//! use std::sync::Arc;
//!
//! use ibm_enterprise::auth::{ApiKey, Credential};
//!
//! let key: Arc<dyn Credential> = Arc::new(ApiKey::new("an API key"));
//! let enterprise = ibm_enterprise::Client::builder().credential(Arc::clone(&key)).build()?;
//! // ... and `ibm_usage_reports::Client::builder().credential(key)`.
//! # Ok::<(), ibm_enterprise::Error>(())
//! ```

pub use cloud_billing_core::auth::iam::{
    ApiKey, AssumedProfile, ComputeResource, ImsVersion, InstanceIdentity, Profile,
};
pub use cloud_billing_core::auth::{BearerToken, Credential};
