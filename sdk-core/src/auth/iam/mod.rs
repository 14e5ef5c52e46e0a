//! IBM Cloud Identity and Access Management (IAM): credentials that are exchanged for access tokens.
//!
//! | credential | exchanged for a token | grant |
//! |---|---|---|
//! | [`ApiKey`] | an API key of a user or service ID | `apikey` |
//! | [`ComputeResource`] | the token file of a container (Kubernetes, OpenShift, Code Engine) | `cr-token` |
//! | [`AssumedProfile`] | an API key, then the token of a trusted profile | `apikey`, `assume` |
//! | [`InstanceIdentity`] | the identity of a VPC virtual server instance | metadata service |
//!
//! Form fields, endpoints and checks are those of IBM's own SDK cores (ibm-cloud-sdk-core 3.28), with two deliberate
//! differences. A trailing `/` of a URL is removed before the path is appended; IBM's cores send `//`. The lifetime is
//! read from `expires_in` or `expiration` and not from the token, which is opaque to a client.

mod api_key;
mod assumed_profile;
mod compute_resource;
mod instance_identity;
mod options;

pub use api_key::ApiKey;
pub use assumed_profile::AssumedProfile;
pub use compute_resource::ComputeResource;
pub use instance_identity::{ImsVersion, InstanceIdentity};

/// A trusted profile of IBM Cloud IAM, given by its id, CRN or name.
///
/// None of these is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Its id, such as `Profile-9fd84246-…`.
    Id(String),
    /// Its Cloud Resource Name.
    Crn(String),
    /// Its name, which is unique only within an account.
    Name {
        /// The name.
        name: String,
        /// The id of the account. [`AssumedProfile`] requires it.
        /// [`InstanceIdentity`] does not send it, because an instance belongs to one account.
        account: Option<String>,
    },
}

impl Profile {
    /// Whether the id, CRN or name is empty.
    fn is_empty(&self) -> bool {
        match self {
            Self::Id(text) | Self::Crn(text) | Self::Name { name: text, .. } => text.is_empty(),
        }
    }
}
