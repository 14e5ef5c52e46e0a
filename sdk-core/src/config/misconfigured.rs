//! What stands in for a credential that could not be configured.

use http::HeaderValue;

use crate::auth::{BoxFuture, ClientSettings, Credential, Target};
use crate::error::{Error, ErrorKind};

/// A credential in place of one whose configuration is missing or not usable.
///
/// With it no client can be built: the error is the one it was made of. So a builder that was filled from a configuration
/// can still be given another credential, and the error only shows if it is not.
///
/// ```
/// # const SERVICE: cloud_billing_core::Service = cloud_billing_core::Service::new("example", "https://billing.example.com");
/// use cloud_billing_core::config::Misconfigured;
/// use cloud_billing_core::{Core, Error, ErrorKind};
///
/// let problem = Error::new(ErrorKind::Configuration, "`EXAMPLE_APIKEY` is not set");
/// let builder = Core::builder(&SERVICE).credential(Misconfigured::new(&problem));
/// assert_eq!(builder.build().unwrap_err().message(), problem.message());
///
/// let builder = Core::builder(&SERVICE).credential(Misconfigured::new(&problem));
/// assert!(builder.bearer_token("a token").build().is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Misconfigured {
    kind: ErrorKind,
    message: String,
}

impl Misconfigured {
    /// Stands in for the credential that `error` prevented. Kind and message of the error are kept.
    pub fn new(error: &Error) -> Self {
        Self { kind: error.kind(), message: error.message().unwrap_or_default().to_owned() }
    }

    fn error(&self) -> Error {
        Error::new(self.kind, self.message.as_str())
    }
}

impl Credential for Misconfigured {
    fn attach(&self, _client: ClientSettings<'_>) -> Result<(), Error> {
        Err(self.error())
    }

    fn authorization<'a>(&'a self, _target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        Box::pin(std::future::ready(Err(self.error())))
    }
}
