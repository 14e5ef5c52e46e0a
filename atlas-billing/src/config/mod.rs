//! Configuration from outside the program: the environment variables of the Atlas SDKs, the Atlas CLI and Terraform,
//! and the profiles of the Atlas CLI.
//!
//! ```
//! use atlas_billing::config::Environment;
//!
//! let environment = Environment::empty()
//!     .variable("MONGODB_ATLAS_CLIENT_ID", "mdb_sa_id_0123456789abcdef01234567")
//!     .variable("MONGODB_ATLAS_CLIENT_SECRET", "its secret");
//! let atlas = atlas_billing::Client::from_environment(&environment)?;
//! # Ok::<(), atlas_billing::Error>(())
//! ```
//!
//! # Variables
//!
//! Each begins with `MONGODB_ATLAS_`. An empty variable counts as not set.
//!
//! | variable | effect |
//! |---|---|
//! | `CLIENT_ID` with `CLIENT_SECRET` | a service account |
//! | `PUBLIC_API_KEY` with `PRIVATE_API_KEY` (CLI and Terraform), or `PUBLIC_KEY` with `PRIVATE_KEY` (SDKs) | an API key |
//! | `ACCESS_TOKEN` | an access token, sent as it is and not renewed |
//! | `AUTH_TYPE` | which of them to use: `service_account`, `api_keys`, `user_account` (the access token) or `no_auth` |
//! | `OPS_MANAGER_URL`, else `BASE_URL` | the base URL |
//! | `SERVICE` | without a base URL: `cloud` for [`DEFAULT_BASE_URL`], `cloudgov` for [`GOV_BASE_URL`] |
//! | `PROFILE` | the profile |
//!
//! If none of them is set, the same variables with the prefix `MCLI_` are read, which older versions of the CLI use.
//! The two prefixes are never mixed.
//!
//! # Profiles
//!
//! Profiles are the tables of the CLI's `config.toml`. It is in the folder `atlascli` of the user's configuration
//! directory: `$XDG_CONFIG_HOME` or `~/.config`; `~/Library/Application Support` on macOS; `%AppData%` on Windows. The
//! profile is the one that `MONGODB_ATLAS_PROFILE` names, otherwise `default`, otherwise the only one in the file.
//! Profile names are case-insensitive.
//!
//! These keys of a profile are read: `client_id`, `client_secret`, `public_api_key`, `private_api_key`, `auth_type`,
//! `ops_manager_url`, `base_url` and `service`. The client takes an organization with each call; [`organization_of_profile`] is
//! that of the profile, its `org_id`.
//!
//! If the operating system has a keyring, the CLI stores keys and secrets there and not in the file. This client does
//! not read keyrings.
//!
//! Who can write the file can choose where its secrets are sent. If every user of the machine can, there is a warning in
//! the trace.
//!
//! # Precedence
//!
//! Settings on the [`ClientBuilder`] of [`Client::builder_from_env`] take precedence over variables, and variables over
//! the profile.
//!
//! * **Credential.** The variables if they contain a complete credential, otherwise the profile. Within either, unless
//!   `AUTH_TYPE` is set: a service account, otherwise an API key, otherwise an access token. So a service account in a
//!   profile does not replace an API key in the environment.
//! * **Base URL.** The variable `OPS_MANAGER_URL`, then `BASE_URL`; then the same keys of the profile; then the
//!   variable `SERVICE`; then the key `service` of the profile; otherwise [`DEFAULT_BASE_URL`]. As in the CLI, a
//!   credential from variables is used with the base URL of the profile if no variable sets one.
//!
//! The token endpoint of a service account is on the host of the base URL.
//!
//! # Differences from the Atlas CLI
//!
//! | configuration | Atlas CLI | this client |
//! |---|---|---|
//! | variables with both prefixes | one with `MCLI_` hides all with `MONGODB_ATLAS_` | those with `MONGODB_ATLAS_` count |
//! | `BASE_URL` as a variable | read only from files | read |
//! | `PROFILE` names a profile that does not exist | an empty profile | error |
//! | several profiles, none chosen, no `default` | an empty profile | error that lists them, if a credential is needed |
//! | half of a credential | the next kind, or the login of a user | error |
//! | both spellings of a key, with different values | one of them is ignored | error |
//! | an unknown `AUTH_TYPE` or `SERVICE` | another value is assumed | error |
//! | a profile with a user's login (`atlas auth login`) | the token is renewed | error: only the CLI can renew it |
//! | a credential in the keyring | read | error |

mod credential;
mod profile;
mod variables;

pub use cloud_billing_core::config::{Environment, Platform, variable};
pub use variables::PREFIXES;

use cloud_billing_core::Error;
use cloud_billing_core::config::{Misconfigured, Setting, Settings};

use crate::{Client, ClientBuilder, DEFAULT_BASE_URL, GOV_BASE_URL};
use profile::Lookup;

/// Configuration from the environment, see [`config`](crate::config).
impl Client {
    /// Creates a client from the environment of this process: from `MONGODB_ATLAS_*` variables, then from a profile of
    /// the Atlas CLI. [`config`](crate::config) documents the sources and their precedence.
    ///
    /// This reads files and blocks until they are read.
    ///
    /// ```no_run
    /// let atlas = atlas_billing::Client::from_env()?;
    /// # Ok::<(), atlas_billing::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if a setting is missing or invalid. The
    /// error names the variable, or the key and the file, and never the value.
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
    /// let atlas = atlas_billing::Client::builder_from_env()?.attempt_timeout(Duration::from_secs(20)).build()?;
    /// # Ok::<(), atlas_billing::Error>(())
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
        let variables = variables::load(environment)?;
        // Skip the profile if the variables supply everything, so that a broken file cannot fail the build.
        let profile = match credential::of_variables(&variables) {
            Ok(Some(_)) if variables.get("PROFILE").is_none() && has_base_url(&variables) => Lookup::NotNeeded,
            _ => profile::load(environment, &variables)?,
        };
        let builder = base_url(Self::builder(), &variables, profile.settings())?;
        Ok(match credential::choose(&variables, &profile) {
            Ok(found) => found.apply(builder),
            Err(error) => builder.credential(Misconfigured::new(&error)),
        })
    }
}

/// The organization of the profile that [`Client::from_environment`] would use: its key `org_id`, which the Atlas CLI takes where no
/// organization is given. `None` without such a profile or key.
///
/// This reads files and blocks until they are read.
///
/// # Errors
///
/// Of kind [`Configuration`](crate::ErrorKind::Configuration), if the profiles cannot be read, or lack the one that a variable
/// names.
pub fn organization_of_profile(environment: &Environment) -> Result<Option<String>, Error> {
    let profile = profile::load(environment, &variables::load(environment)?)?;
    let organization = profile.settings().and_then(|settings| settings.get("ORG_ID"));
    Ok(organization.map(|organization| organization.text().to_owned()).filter(|text| !text.is_empty()))
}

const URLS: [&str; 2] = ["OPS_MANAGER_URL", "BASE_URL"];

fn has_base_url(settings: &Settings) -> bool {
    URLS.iter().chain(&["SERVICE"]).any(|name| settings.get(name).is_some())
}

fn base_url(builder: ClientBuilder, variables: &Settings, profile: Option<&Settings>) -> Result<ClientBuilder, Error> {
    let sources = || [Some(variables), profile].into_iter().flatten();
    // Check `SERVICE` even if there is a URL: an unknown value means a service other than Atlas.
    let mut of_service = None;
    for service in sources().filter_map(|settings| settings.get("SERVICE")) {
        of_service = of_service.or(Some(url_of_service(service)?));
    }
    let url = sources().find_map(|settings| URLS.iter().find_map(|name| settings.get(name)));
    Ok(match (url, of_service) {
        (Some(url), _) => builder.base_url_setting(url),
        (None, Some(url)) => builder.base_url(url),
        (None, None) => builder,
    })
}

fn url_of_service(service: &Setting) -> Result<&'static str, Error> {
    match service.text().to_ascii_lowercase().as_str() {
        "cloud" => Ok(DEFAULT_BASE_URL),
        "cloudgov" => Ok(GOV_BASE_URL),
        _ => Err(service.invalid("is neither `cloud` nor `cloudgov`, and this client is for Atlas only")),
    }
}
