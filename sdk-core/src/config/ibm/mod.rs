//! IBM's *external configuration*, with the names and the order of IBM's own SDKs.
//!
//! Each service has a name, which is the prefix of its properties. `NAME` stands for it here: `USAGE_REPORTS`, or
//! `ENTERPRISE_USAGE_REPORTS`.
//!
//! # Sources
//!
//! The sources have this order. The first one with a property of this service is used, and the others are ignored:
//! sources are never merged.
//!
//! 1. A credential file: the one that `IBM_CREDENTIALS_FILE` names, otherwise `ibm-credentials.env` in the working
//!    directory, otherwise `ibm-credentials.env` in the home directory. Only the first one that exists is read.
//! 2. Environment variables that begin with `NAME_`.
//! 3. `VCAP_SERVICES`, as Cloud Foundry sets it: the first entry *named* `name`, else the first one under the *label*
//!    `name`.
//!
//! Settings on the [`ClientBuilder`] that a client's `builder_from_env()` returns replace the configuration.
//!
//! A credential file has one `KEY=VALUE` per line, such as `NAME_APIKEY=...`. The value is everything after
//! the first `=`; quotes and escapes have no meaning, and white space around `=` is not allowed. Lines that begin with
//! `#` are comments. A `#` at the beginning of a value or after white space is an error, since it could begin a comment.
//! Lines end with LF, CRLF or CR. If a key is repeated, the last line counts.
//!
//! Who can write the file can choose where its secrets are sent. If every user of the machine can, there is a warning in
//! the trace. A file of the working directory that is not named is refused then, and also if it belongs to another user than
//! this one and root (on Unix): it may have been put there. If it hides environment variables, there is a warning in the trace.
//!
//! # Properties
//!
//! Each has the prefix `NAME_`, except in `VCAP_SERVICES`. An empty property counts as not set.
//!
//! | property | effect |
//! |---|---|
//! | `URL` | the base URL |
//! | `AUTH_TYPE`, otherwise `AUTHTYPE` | the type of authentication, in any case; see below |
//! | `ENABLE_RETRIES` | `false` turns retries off. They are on by default |
//! | `MAX_RETRIES` | the maximum number of retries of a call |
//! | `RETRY_INTERVAL` | the longest wait before a retry, in seconds, which may have a fraction |
//! | `ENABLE_GZIP` | `true` or `false`, without effect: request bodies have only a few hundred bytes |
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
//! Properties that a type does not use are ignored, and so are those that only IBM's own tests use, such as `ACCOUNT_ID`.
//! Unknown properties are ignored with a warning in the trace.
//!
//! # Differences from IBM's SDKs
//!
//! If IBM's SDKs would use something other than the configured value, this client returns an error:
//!
//! | configuration | IBM's SDKs | this client |
//! |---|---|---|
//! | `IBM_CREDENTIALS_FILE` names a file that does not exist | use the environment | error |
//! | `ibm-credentials.env` in the working directory that belongs to another user or that every user can write | use it | error with file |
//! | `CR_TOKEN_FILENAME` names a file that is no token | send it | error with file |
//! | a credential file that is unreadable or not UTF-8 | use the environment, or fail while decoding | error with file and line |
//! | `KEY = VALUE`, `KEY= VALUE`, `export KEY=VALUE` in a credential file | ignore the line, or keep the space | error with file and line |
//! | `KEY=VALUE # comment` in a credential file | the comment is part of the value (Go, Python) or cut off (Node.js) | error with file and line |
//! | lines of a credential file that end with CR alone | one line (Go), or as many as there are (Python) | as many as there are |
//! | a value in quotes | refuse it for `APIKEY` and `URL`, otherwise send the quotes | error |
//! | only properties without effect, such as `NAME_ACCOUNT_ID` | the source counts and hides later ones | the source does not count |
//! | `NAMEX_URL` | a property named `X_URL`: ignored, but the source counts | error |
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

use super::{Environment, Misconfigured, Setting, Settings};
use crate::client::{ClientBuilder, Core, Unverified};
use crate::error::Error;
use crate::retry::{DEFAULT_BACKOFF_BASE, RetryPolicy};

/// The environment variables that are read besides those with the prefix of a service: the path of a credential file, and the services
/// of Cloud Foundry.
pub const VARIABLES: [&str; 2] = ["IBM_CREDENTIALS_FILE", "VCAP_SERVICES"];

/// The external configuration of one service.
///
/// ```
/// # const SERVICE: cloud_billing_core::Service = cloud_billing_core::Service::new("example", "https://billing.example.com");
/// use cloud_billing_core::Core;
/// use cloud_billing_core::config::Environment;
/// use cloud_billing_core::config::ibm::External;
///
/// const CONFIGURATION: External = External::new("EXAMPLE", &["ACCOUNT_ID"]);
///
/// let environment = Environment::empty().variable("EXAMPLE_APIKEY", "an API key").variable("EXAMPLE_ACCOUNT_ID", "a");
/// let core = CONFIGURATION.apply(&environment, Core::builder(&SERVICE))?.build()?;
/// # let _ = core;
/// # Ok::<(), cloud_billing_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct External {
    /// The prefix of the properties without the underscore. A name that begins with it may be a misspelt property.
    stem: &'static str,
    /// The properties that are ignored without a warning.
    silent: &'static [&'static str],
}

impl External {
    /// The configuration of the service `name`, in upper case. `silent` are the properties that only IBM's own tests use:
    /// they are ignored without a warning.
    pub const fn new(name: &'static str, silent: &'static [&'static str]) -> Self {
        Self { stem: name, silent }
    }

    fn prefix(self) -> String {
        format!("{}_", self.stem)
    }

    /// Applies the configuration to a builder. A missing or invalid credential is an error of
    /// [`ClientBuilder::build`], unless another one is set before.
    ///
    /// This reads files and blocks until they are read.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if any other setting is invalid, with its name
    /// and place and never with its value.
    pub fn apply<C: From<Core>>(
        self,
        environment: &Environment,
        builder: ClientBuilder<C>,
    ) -> Result<ClientBuilder<C>, Error> {
        let source = self.load(environment)?;
        let mut builder = transport(builder, &source.settings)?;
        if let Some(url) = source.settings.get("URL") {
            builder = builder.base_url_setting(url);
        }
        Ok(match credential::choose(self, &source) {
            Ok((Some(credential), source)) => builder.credential(credential).credential_source(source),
            Ok((None, source)) => builder.no_credential().credential_source(source),
            Err(error) => builder.credential(Misconfigured::new(&error)),
        })
    }
}

/// Applies the settings for TLS and retries.
fn transport<C: From<Core>>(mut builder: ClientBuilder<C>, settings: &Settings) -> Result<ClientBuilder<C>, Error> {
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
