//! Configuration from outside the program: environment variables and files.
//!
//! What the variables and files are called is a matter of each service, and is read in its client crate. Here is what
//! they share:
//!
//! * [`Environment`] is where configuration is read from: the process, or a fixed set for tests.
//! * [`Setting`] is one value that knows where it came from, so that an error can say what to change, and never shows it.
//! * [`Settings`] are the values of one source, by name.
//! * [`Misconfigured`] stands in for a credential until it is known whether one is needed.
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

mod environment;
mod misconfigured;
mod setting;

pub use environment::{Environment, Platform, TextFile};
pub use misconfigured::Misconfigured;
pub use setting::{Setting, Settings};

use crate::error::{Error, ErrorKind};

/// An error of kind [`ErrorKind::Configuration`].
fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
