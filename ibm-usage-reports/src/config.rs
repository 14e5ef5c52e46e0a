//! Configuration from outside the program: IBM's *external configuration*, with the names and the order of IBM's own
//! SDKs.
//!
//! ```
//! use ibm_usage_reports::config::Environment;
//!
//! let environment = Environment::empty()
//!     .variable("USAGE_REPORTS_APIKEY", "an API key")
//!     .variable("USAGE_REPORTS_URL", ibm_usage_reports::PRIVATE_BASE_URL);
//! let ibm = ibm_usage_reports::Client::from_environment(&environment)?;
//! # Ok::<(), ibm_usage_reports::Error>(())
//! ```
//!
//! The name of the service is `USAGE_REPORTS`. It is the prefix of each property, in environment variables and credential
//! files, and in lower case the name in `VCAP_SERVICES`. [`cloud_billing_core::config::ibm`] documents the sources with
//! their order, the properties, and the mistakes that IBM's SDKs ignore and this client reports.
//!
//! `ACCOUNT_ID`, `RESOURCE_GROUP_ID`, `ORG_ID`, `BILLING_MONTH`, `COS_BUCKET`, `COS_LOCATION`, `DATE_FROM` and `DATE_TO`, which
//! IBM's own tests use, are ignored.

pub use cloud_billing_core::config::{Environment, Platform, variable};

use cloud_billing_core::Error;
use cloud_billing_core::config::ibm::External;

use crate::{Client, ClientBuilder};

const CONFIGURATION: External = External::new(
    "USAGE_REPORTS",
    &[
        "ACCOUNT_ID",
        "BILLING_MONTH",
        "COS_BUCKET",
        "COS_LOCATION",
        "DATE_FROM",
        "DATE_TO",
        "ORG_ID",
        "RESOURCE_GROUP_ID",
    ],
);

/// Configuration from the environment, see [`config`](crate::config).
impl Client {
    /// Creates a client from the environment of this process, with the variables and files of IBM's own SDKs.
    /// [`config`](crate::config) documents the sources and their order.
    ///
    /// This reads files and blocks until they are read.
    ///
    /// ```no_run
    /// let ibm = ibm_usage_reports::Client::from_env()?;
    /// # Ok::<(), ibm_usage_reports::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if a setting is missing or invalid. The
    /// error names the property and its place, and never its value.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_environment(&Environment::process())
    }

    /// Creates a client from the given environment, like [`from_env`](Self::from_env).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`from_env`](Self::from_env).
    pub fn from_environment(environment: &Environment) -> Result<Self, Error> {
        Self::builder_from_environment(environment)?.build()
    }

    /// Creates a builder with the settings from the environment of this process. Settings on the builder take
    /// precedence.
    ///
    /// If no usable credential is configured, [`ClientBuilder::build`] fails, unless a credential is set on the
    /// builder.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// let ibm = ibm_usage_reports::Client::builder_from_env()?.attempt_timeout(Duration::from_secs(20)).build()?;
    /// # Ok::<(), ibm_usage_reports::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of [`from_env`](Self::from_env), except those about the credential and the base URL.
    pub fn builder_from_env() -> Result<ClientBuilder, Error> {
        Self::builder_from_environment(&Environment::process())
    }

    /// Creates a builder from the given environment, like [`builder_from_env`](Self::builder_from_env).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`builder_from_env`](Self::builder_from_env).
    pub fn builder_from_environment(environment: &Environment) -> Result<ClientBuilder, Error> {
        CONFIGURATION.apply(environment, Self::builder())
    }
}
