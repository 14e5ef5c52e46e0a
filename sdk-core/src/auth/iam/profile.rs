//! Trusted profiles.

/// A trusted profile of IBM Cloud IAM, by one of its names.
///
/// None of them is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Its identifier, such as `Profile-9fd84246-…`.
    Id(String),
    /// Its Cloud Resource Name.
    Crn(String),
    /// Its name. It is unique in an account only.
    Name {
        /// The name.
        name: String,
        /// The identifier of the account. Required to assume a profile ([`AssumedProfile`](super::AssumedProfile)); an
        /// instance ([`InstanceIdentity`](super::InstanceIdentity)) is in one account and sends none.
        account: Option<String>,
    },
}

impl Profile {
    /// Whether the text that names the profile is missing.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Id(text) | Self::Crn(text) | Self::Name { name: text, .. } => text.is_empty(),
        }
    }
}
