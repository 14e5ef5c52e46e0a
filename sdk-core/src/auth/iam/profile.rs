//! Trusted profiles.

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
        /// The id of the account. [`AssumedProfile`](super::AssumedProfile) requires it.
        /// [`InstanceIdentity`](super::InstanceIdentity) does not send it, because an instance belongs to one account.
        account: Option<String>,
    },
}

impl Profile {
    /// Whether the id, CRN or name is empty.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Id(text) | Self::Crn(text) | Self::Name { name: text, .. } => text.is_empty(),
        }
    }
}
