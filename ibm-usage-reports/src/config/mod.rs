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
//! # Sources
//!
//! The sources have this order. The first one with a property of this service is used, and the others are ignored:
//! sources are never merged.
//!
//! 1. A credential file: the one that `IBM_CREDENTIALS_FILE` names, otherwise `ibm-credentials.env` in the working
//!    directory, otherwise `ibm-credentials.env` in the home directory. Only the first one that exists is read.
//! 2. Environment variables that begin with `USAGE_REPORTS_`.
//! 3. `VCAP_SERVICES`, as Cloud Foundry sets it: the first entry *named* `usage_reports`, else the first one under the
//!    *label* `usage_reports`.
//!
//! Settings on the [`ClientBuilder`] of [`Client::builder_from_env`] replace the configuration.
//!
//! A credential file has one `KEY=VALUE` per line, such as `USAGE_REPORTS_APIKEY=...`. The value is everything after
//! the first `=`; quotes and escapes have no meaning, and white space around `=` is not allowed. Lines that begin with
//! `#` are comments. A `#` at the beginning of a value or after white space is an error, since it could begin a comment.
//! Lines end with LF, CRLF or CR. If a key is repeated, the last line counts.
//!
//! Who can write the file can choose where its secrets are sent. If every user of the machine can, there is a warning in
//! the trace.
//!
//! # Properties
//!
//! Each has the prefix `USAGE_REPORTS_`, except in `VCAP_SERVICES`. An empty property counts as not set.
//!
//! | property | effect |
//! |---|---|
//! | `URL` | the base URL |
//! | `AUTH_TYPE`, otherwise `AUTHTYPE` | the type of authentication, in any case; see below |
//! | `ENABLE_RETRIES` | `false` turns retries off. They are on by default |
//! | `MAX_RETRIES` | the maximum number of retries of a call |
//! | `RETRY_INTERVAL` | the longest wait before a retry, in seconds, which may have a fraction |
//! | `ENABLE_GZIP` | `true` or `false`, without effect: the request bodies of this service have only a few hundred bytes |
//! | `DISABLE_SSL` | `true` turns off the verification of the service's certificates, if the program calls [`danger_allow_disable_ssl`](ClientBuilder::danger_allow_disable_ssl); otherwise it is an error |
//! | `AUTH_DISABLE_SSL` | the same for the token endpoint |
//!
//! | `AUTH_TYPE` | requires | accepts |
//! |---|---|---|
//! | `iam`; the default with `APIKEY` | `APIKEY` | `AUTH_URL`, `SCOPE`, `CLIENT_ID` with `CLIENT_SECRET` |
//! | `container`; the default with a profile and no `APIKEY` | `IAM_PROFILE_ID` or `IAM_PROFILE_NAME` | `CR_TOKEN_FILENAME`, `AUTH_URL`, `SCOPE`, `CLIENT_ID` with `CLIENT_SECRET` |
//! | `iamAssume` | `APIKEY` and one of `IAM_PROFILE_ID`, `IAM_PROFILE_CRN`, `IAM_PROFILE_NAME` with `IAM_ACCOUNT_ID` | as `iam` |
//! | `vpc` | | one of `IAM_PROFILE_ID`, `IAM_PROFILE_CRN`, `IAM_PROFILE_NAME`; `AUTH_URL` (of the metadata service), `VPC_IMS_VERSION` |
//! | `bearerToken` | `BEARER_TOKEN` | |
//! | `noAuth` | | |
//!
//! Properties that a type does not use are ignored. So are `ACCOUNT_ID`, `RESOURCE_GROUP_ID`, `ORG_ID`,
//! `BILLING_MONTH`, `COS_BUCKET`, `COS_LOCATION`, `DATE_FROM` and `DATE_TO`, which IBM's own tests use. Unknown
//! properties are ignored with a warning in the trace.
//!
//! # Differences from IBM's SDKs
//!
//! If IBM's SDKs would use something other than the configured value, this client returns an error:
//!
//! | configuration | IBM's SDKs | this client |
//! |---|---|---|
//! | `IBM_CREDENTIALS_FILE` names a file that does not exist | use the environment | error |
//! | a credential file that is unreadable or not UTF-8 | use the environment, or fail while decoding | error with file and line |
//! | `KEY = VALUE`, `KEY= VALUE`, `export KEY=VALUE` in a credential file | ignore the line, or keep the space | error with file and line |
//! | `KEY=VALUE # comment` in a credential file | the comment is part of the value (Go, Python) or cut off (Node.js) | error with file and line |
//! | lines of a credential file that end with CR alone | one line (Go), or as many as there are (Python) | as many as there are |
//! | a value in quotes | refuse it for `APIKEY` and `URL`, otherwise send the quotes | error |
//! | only properties without effect, such as `USAGE_REPORTS_ACCOUNT_ID` | the source counts and hides later ones | the source does not count |
//! | `USAGE_REPORTSX_URL` | a property named `X_URL`: ignored, but the source counts | error |
//! | an unknown `AUTH_TYPE`, or one without a required property | "authenticator must be provided" | error with the name of the property |
//! | `basic`, `cp4d`, `mcsp`, `mcspv2` | accepted, then refused by the service | error: types of other products |
//! | `CLIENT_ID` without `CLIENT_SECRET` or the reverse | error for some types | error |
//! | `ENABLE_RETRIES` not set | no retries; `MAX_RETRIES` and `RETRY_INTERVAL` are not read | retries; both are read |
//! | `yes`, `1` for a flag; text for a number | read as `false`; ignored or a failure | error |
//! | `DISABLE_SSL=true`, `AUTH_DISABLE_SSL=true` | certificates are not verified | error, unless the program calls `danger_allow_disable_ssl`, or sets its own `http_client`, whose settings then apply |
//! | `DISABLE_SSL=true`, and a report file in Cloud Object Storage | left to the caller | the certificate of the storage is verified |
//!
//! In `VCAP_SERVICES`, `iam_apikey` or `apikey` hides all other credentials of the entry, including `url`, as in IBM's
//! SDKs.

mod credential;
mod file;
mod source;
mod vcap;

pub use cloud_billing_core::config::{Environment, Platform};

use cloud_billing_core::client::Unverified;
use cloud_billing_core::config::{Misconfigured, Setting, Settings};
use cloud_billing_core::retry::DEFAULT_BACKOFF_BASE;
use cloud_billing_core::{Error, RetryPolicy};

use crate::{Client, ClientBuilder};

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
        let source = source::load(environment)?;
        let settings = &source.settings;
        let mut builder = transport(Self::builder(), settings)?;
        if let Some(url) = settings.get("URL") {
            builder = builder.base_url_setting(url);
        }
        Ok(match credential::choose(&source) {
            Ok(Some(credential)) => builder.credential(credential),
            Ok(None) => builder.no_credential(),
            Err(error) => builder.credential(Misconfigured::new(&error)),
        })
    }
}

/// Applies the settings for TLS and retries.
fn transport(mut builder: ClientBuilder, settings: &Settings) -> Result<ClientBuilder, Error> {
    for (name, of) in [("DISABLE_SSL", Unverified::Service), ("AUTH_DISABLE_SSL", Unverified::Tokens)] {
        if let Some(setting) = settings.get(name)
            && setting.flag()?
        {
            let refusal = setting.invalid(
                "turns off the verification of certificates, which the program does not allow; remove it. To trust your own \
                 certificate authority, add its root certificate to the operating system's trust store, or in the program with \
                 `root_certificates`. To connect without verification, the program must call `danger_allow_disable_ssl`",
            );
            builder = builder.disable_ssl_setting(of, refusal);
        }
    }
    if let Some(setting) = settings.get("ENABLE_GZIP") {
        setting.flag()?;
    }
    Ok(match retry(settings)? {
        Some(policy) => builder.retry(policy),
        None => builder,
    })
}

/// The retry policy, or `None` if no property concerns it.
fn retry(settings: &Settings) -> Result<Option<RetryPolicy>, Error> {
    // Validate all three, even if they have no effect.
    let enabled = settings.get("ENABLE_RETRIES").map(Setting::flag).transpose()?;
    let retries = settings.get("MAX_RETRIES").map(|setting| setting.parse::<u32>("a whole number")).transpose()?;
    let cap = settings.get("RETRY_INTERVAL").map(Setting::seconds).transpose()?;
    if enabled == Some(false) {
        return Ok(Some(RetryPolicy::none()));
    }
    if retries.is_none() && cap.is_none() {
        return Ok(None);
    }
    let mut policy = RetryPolicy::new();
    if let Some(retries) = retries {
        policy = policy.max_attempts(retries.saturating_add(1));
    }
    if let Some(cap) = cap {
        policy = policy.backoff(DEFAULT_BACKOFF_BASE.min(cap), cap);
    }
    Ok(Some(policy))
}
