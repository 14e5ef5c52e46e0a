//! Where a credential comes from.

use std::fmt;

use super::Setting;
use crate::text::shown;

/// Which credential a client took from a configuration, and from where: its kind, and the setting that it begins with. It holds
/// no secret. [`Core::credential_source`](crate::Core::credential_source) returns it.
///
/// ```
/// use cloud_billing_core::config::{CredentialSource, Setting};
///
/// let source = CredentialSource::new("API key", &Setting::new("EXAMPLE_APIKEY", "s3cr3t").at("line 3 of example.env"));
/// assert_eq!(source.to_string(), "API key, `EXAMPLE_APIKEY` (line 3 of example.env)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSource {
    kind: &'static str,
    setting: String,
    place: Option<String>,
}

impl CredentialSource {
    /// The credential of a kind, such as `API key`, that begins with a setting. The value of the setting is not kept.
    pub fn new(kind: &'static str, setting: &Setting) -> Self {
        Self { kind, setting: shown(setting.key()), place: setting.place().map(shown) }
    }

    /// The kind, for people.
    pub fn kind(&self) -> &str {
        self.kind
    }

    /// The name of the setting, such as that of a variable.
    pub fn setting(&self) -> &str {
        &self.setting
    }

    /// Where the setting is, such as in which line of a file or in which profile. `None` for a variable.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }
}

/// The kind, the name of the setting, and its place.
impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, `{}`", self.kind, self.setting)?;
        match &self.place {
            Some(place) => write!(f, " ({place})"),
            None => Ok(()),
        }
    }
}
