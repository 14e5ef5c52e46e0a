//! Configuration from outside the program: IBM's *external configuration*, with the names and the order of IBM's own
//! clients.
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
//! They are looked at in this order, and the first one with a property of this service is the only one that counts:
//! sources are never merged.
//!
//! 1. A credential file: the one that `IBM_CREDENTIALS_FILE` names; else `ibm-credentials.env` in the working directory;
//!    else `ibm-credentials.env` in the home directory. Only the first of these that exists is read.
//! 2. Environment variables that begin with `USAGE_REPORTS_`.
//! 3. `VCAP_SERVICES`, as Cloud Foundry sets it: the first entry *named* `usage_reports`, else the first one under the
//!    *label* `usage_reports`.
//!
//! Whatever is set on the [`ClientBuilder`] of [`Client::builder_from_env`] replaces what was configured.
//!
//! A credential file has one `KEY=VALUE` a line, like `USAGE_REPORTS_APIKEY=...`. The value begins right after the first
//! `=` and ends with the line; there are no quotes, no escapes and no white space around `=`. Lines that begin with `#`
//! are comments. Of two lines with the same key the later one counts.
//!
//! # Properties
//!
//! Each is prefixed with `USAGE_REPORTS_`, save those in `VCAP_SERVICES`. An empty one is as good as none.
//!
//! | property | effect |
//! |---|---|
//! | `URL` | the base URL |
//! | `AUTH_TYPE`, else `AUTHTYPE` | the type of authentication, in any case; see below |
//! | `ENABLE_RETRIES` | `false` turns retries off. They are on by default |
//! | `MAX_RETRIES` | how many times a call is made again, at most |
//! | `RETRY_INTERVAL` | seconds, with or without a fraction: the longest wait before an attempt |
//! | `ENABLE_GZIP` | `true` or `false`, without effect: the request bodies of this service are a few hundred bytes |
//! | `DISABLE_SSL` | `true` turns the verification of the service's certificates off, if the program calls [`danger_allow_disable_ssl`](ClientBuilder::danger_allow_disable_ssl); else it is refused |
//! | `AUTH_DISABLE_SSL` | the same for the token endpoint |
//!
//! | `AUTH_TYPE` | needs | may have |
//! |---|---|---|
//! | `iam`; the default with `APIKEY` | `APIKEY` | `AUTH_URL`, `SCOPE`, `CLIENT_ID` with `CLIENT_SECRET` |
//! | `container`; the default with a profile and no `APIKEY` | `IAM_PROFILE_ID` or `IAM_PROFILE_NAME` | `CR_TOKEN_FILENAME`, `AUTH_URL`, `SCOPE`, `CLIENT_ID` with `CLIENT_SECRET` |
//! | `iamAssume` | `APIKEY` and one of `IAM_PROFILE_ID`, `IAM_PROFILE_CRN`, `IAM_PROFILE_NAME` with `IAM_ACCOUNT_ID` | as `iam` |
//! | `vpc` | | one of `IAM_PROFILE_ID`, `IAM_PROFILE_CRN`, `IAM_PROFILE_NAME`; `AUTH_URL` (of the metadata service), `VPC_IMS_VERSION` |
//! | `bearerToken` | `BEARER_TOKEN` | |
//! | `noAuth` | | |
//!
//! What a type has no use for is ignored. So are `ACCOUNT_ID`, `RESOURCE_GROUP_ID`, `ORG_ID`, `BILLING_MONTH`,
//! `COS_BUCKET`, `COS_LOCATION`, `DATE_FROM` and `DATE_TO`, which IBM's own tests use. Other properties are ignored with a
//! warning in the trace.
//!
//! # Differences from IBM's clients
//!
//! Where those go on with something other than what was configured, this is an error:
//!
//! | configured | IBM's clients | here |
//! |---|---|---|
//! | `IBM_CREDENTIALS_FILE` names a file that is not there | go on with the environment | error |
//! | a credential file that cannot be read or is not UTF-8 | go on with the environment, or fail while decoding | error with file and line |
//! | `KEY = VALUE`, `KEY= VALUE`, `export KEY=VALUE` in a credential file | ignore the line, or keep the space | error with file and line |
//! | a value in quotes | refuse it for `APIKEY` and `URL`, else send the quotes | error |
//! | only properties that mean nothing, such as `USAGE_REPORTS_ACCOUNT_ID` | the source counts and hides the later ones | it does not count |
//! | `USAGE_REPORTSX_URL` | a property called `X_URL`: ignored, but the source counts | error |
//! | an unknown `AUTH_TYPE`, or one without what it needs | "authenticator must be provided" | error with the name of the property |
//! | `basic`, `cp4d`, `mcsp`, `mcspv2` | accepted, and refused by the service | error: of other products |
//! | `CLIENT_ID` without `CLIENT_SECRET` or the reverse | error for some types | error |
//! | `ENABLE_RETRIES` not set | no retries; `MAX_RETRIES` and `RETRY_INTERVAL` are not read | retries; both are read |
//! | `yes`, `1` for a flag; text for a number | taken as `false`; ignored or a failure | error |
//! | `DISABLE_SSL=true`, `AUTH_DISABLE_SSL=true` | certificates are not verified | error, unless the program calls `danger_allow_disable_ssl`, or sets an `http_client` of its own, which then verifies as it does |
//! | `DISABLE_SSL=true`, and a report file in Cloud Object Storage | left to the caller | its certificate is verified |
//!
//! In `VCAP_SERVICES`, `iam_apikey` or `apikey` hides all other credentials of the entry, `url` included; this is as in
//! IBM's clients.

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

/// Configuration from outside the program, see [`config`](crate::config).
impl Client {
    /// A client as the environment of this process describes it, with the variables and files of IBM's own clients: see
    /// [`config`](crate::config) for what is read, in which order.
    ///
    /// Files are read before this returns.
    ///
    /// ```no_run
    /// let ibm = ibm_usage_reports::Client::from_env()?;
    /// # Ok::<(), ibm_usage_reports::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), if something is missing or not usable. They
    /// name the property and where it stands or should stand, and never its value.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_environment(&Environment::process())
    }

    /// Like [`from_env`](Self::from_env), for an environment that need not be the process's.
    ///
    /// # Errors
    ///
    /// Those of [`from_env`](Self::from_env).
    pub fn from_environment(environment: &Environment) -> Result<Self, Error> {
        Self::builder_from_environment(environment)?.build()
    }

    /// Settings as the environment of this process describes them, to be adjusted. What is set on the builder wins.
    ///
    /// That no usable credential is configured shows in [`ClientBuilder::build`], and not at all if one is set.
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
    /// Those of [`from_env`](Self::from_env) that are not about the credential or the base URL.
    pub fn builder_from_env() -> Result<ClientBuilder, Error> {
        Self::builder_from_environment(&Environment::process())
    }

    /// Like [`builder_from_env`](Self::builder_from_env), for an environment that need not be the process's.
    ///
    /// # Errors
    ///
    /// Those of [`builder_from_env`](Self::builder_from_env).
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

/// Applies what is about requests as such.
fn transport(mut builder: ClientBuilder, settings: &Settings) -> Result<ClientBuilder, Error> {
    for (name, of) in [("DISABLE_SSL", Unverified::Service), ("AUTH_DISABLE_SSL", Unverified::Tokens)] {
        if let Some(setting) = settings.get(name)
            && setting.flag()?
        {
            let refusal = setting.invalid(
                "asks not to verify certificates, which the program does not allow; remove it, and if the certificate is \
                 from an authority of your own, add that to the trust store of the operating system, or in the program to \
                 the builder with `root_certificates`; to go unverified nevertheless, the program calls \
                 `danger_allow_disable_ssl`",
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

/// The retry policy, unless nothing is said about it.
fn retry(settings: &Settings) -> Result<Option<RetryPolicy>, Error> {
    // All three are checked, whether they apply or not.
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
