//! Configuration from environment variables and files.
//!
//! Each client crate defines the names of its variables and files. This module has the shared parts:
//!
//! * [`ibm`] is the configuration that all services of IBM have.
//! * [`Environment`] is the source: the process, or a fixed set of values for tests.
//! * [`Setting`] is one value with its place. Its errors name the place and never the value.
//! * [`Settings`] are the values of one source, by name.
//! * [`shown`] formats a name from outside for a message.
//! * [`CredentialSource`] says which credential a client took, and from where.
//! * [`Misconfigured`] is the placeholder for a credential that could not be configured.
//!
//! ```
//! use cloud_billing_core::config::{Environment, Settings};
//!
//! let environment = Environment::empty().variable("EXAMPLE_APIKEY", "s3cr3t").variable("EXAMPLE_RETRIES", "many");
//! let settings = Settings::of_variables(&environment, "EXAMPLE_")?;
//!
//! assert_eq!(settings.get("APIKEY").unwrap().text(), "s3cr3t");
//! let error = settings.get("RETRIES").unwrap().flag().unwrap_err();
//! assert_eq!(error.to_string(), "invalid configuration: `EXAMPLE_RETRIES` must be `true` or `false`");
//! # Ok::<(), cloud_billing_core::Error>(())
//! ```

mod credential_source;
mod environment;
pub mod ibm;
mod misconfigured;
mod setting;

pub use credential_source::CredentialSource;
pub use environment::{Environment, Platform, TextFile};
pub use misconfigured::Misconfigured;
pub use setting::{Setting, Settings};

pub use crate::text::{shown, steers};

use crate::error::{Error, ErrorKind};

/// The value of an environment variable that the program itself needs, such as the id of an organization.
///
/// ```no_run
/// let organization = cloud_billing_core::config::variable("MONGODB_ATLAS_ORG_ID")?;
/// # Ok::<(), cloud_billing_core::Error>(())
/// ```
///
/// # Errors
///
/// Of kind [`ErrorKind::Configuration`], with the name of the variable and not its value, if it is not set, empty, or not Unicode.
pub fn variable(name: &str) -> Result<String, Error> {
    let value = Environment::process().get(name)?.ok_or_else(|| {
        invalid(format!("the environment variable {name} is not set; set it and run the program again"))
    })?;
    Ok(value.expose().to_owned())
}

/// An error of kind [`ErrorKind::Configuration`].
fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
