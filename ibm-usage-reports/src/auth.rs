//! Authentication: the credentials that IBM Cloud accepts, for [`ClientBuilder::credential`](crate::ClientBuilder).
//!
//! ```
//! use ibm_usage_reports::auth::{ApiKey, AssumedProfile, Profile};
//!
//! // The API key of a user or of a service ID.
//! let ibm = ibm_usage_reports::Client::builder().credential(ApiKey::new("an API key")).build()?;
//!
//! // A service ID that reads the bills of another account through a trusted profile of that account.
//! let profile = Profile::Id("Profile-9fd84246-7df4-4667-94e4-8ecde51d5ac5".to_owned());
//! let ibm = ibm_usage_reports::Client::builder().credential(AssumedProfile::new("an API key", profile)).build()?;
//! # Ok::<(), ibm_usage_reports::Error>(())
//! ```
//!
//! Programs on IBM Cloud itself need no key:
//!
//! ```
//! use ibm_usage_reports::auth::{ComputeResource, InstanceIdentity};
//!
//! // In a pod of Kubernetes, OpenShift or Code Engine, with the token file of the platform.
//! let ibm = ibm_usage_reports::Client::builder()
//!     .credential(ComputeResource::new().profile_name("billing-reader"))
//!     .build()?;
//!
//! // On a virtual server of a VPC, with the identity from its metadata service.
//! let ibm = ibm_usage_reports::Client::builder().credential(InstanceIdentity::new()).build()?;
//! # Ok::<(), ibm_usage_reports::Error>(())
//! ```
//!
//! A token from another source is sent unchanged:
//!
//! ```
//! use ibm_usage_reports::auth::BearerToken;
//!
//! let ibm = ibm_usage_reports::Client::builder().credential(BearerToken::new("an access token")).build()?;
//! # Ok::<(), ibm_usage_reports::Error>(())
//! ```

pub use cloud_billing_core::auth::iam::{
    ApiKey, AssumedProfile, ComputeResource, ImsVersion, InstanceIdentity, Profile,
};
pub use cloud_billing_core::auth::{BearerToken, Credential};
