//! A placeholder for a credential that could not be configured.

use http::HeaderValue;

use crate::auth::{BoxFuture, ClientSettings, Credential, Target};
use crate::error::{Error, ErrorKind};

/// A placeholder for a credential whose configuration is missing or invalid.
///
/// Building a client with it fails with the given error. A builder that was filled from the environment can therefore
/// still receive another credential, and reports the error only if it does not.
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
    /// Creates a placeholder for the credential that `error` prevented. It keeps the kind and the message of the error.
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
