//! Configuration from outside the program: the environment variables of the Atlas SDKs, of the Atlas CLI and of
//! Terraform, and the profiles of the Atlas CLI.
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
//! Each begins with `MONGODB_ATLAS_`. An empty one is as good as none.
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
//! If none of them is set, those that begin with `MCLI_` are read instead, as older versions of the CLI have it. The two
//! prefixes are never mixed.
//!
//! # Profiles
//!
//! They are the tables of the CLI's `config.toml`, in the directory `atlascli` of the user's configuration directory:
//! `$XDG_CONFIG_HOME` or `~/.config`; `~/Library/Application Support` on macOS; `%AppData%` on Windows. The one that
//! `MONGODB_ATLAS_PROFILE` names is used; else `default`; else the only one there is. Case does not count in their names.
//!
//! Of a profile these keys are read: `client_id`, `client_secret`, `public_api_key`, `private_api_key`, `auth_type`,
//! `ops_manager_url`, `base_url` and `service`.
//!
//! Where the operating system has a keyring, the CLI keeps keys and secrets in there, and the file has none. This client
//! does not read keyrings.
//!
//! # Order
//!
//! What is set on the [`ClientBuilder`] of [`Client::builder_from_env`] wins over variables, and those win over the profile.
//!
//! * **Credential.** The variables, if they have a whole one; else the profile. In either of them, without an `AUTH_TYPE`: a
//!   service account, else an API key, else an access token. So an API key in the environment is not replaced by a service
//!   account in a profile.
//! * **Base URL.** The variable `OPS_MANAGER_URL`, then `BASE_URL`; then the same of the profile; then the `SERVICE` of the
//!   variables; then of the profile; else [`DEFAULT_BASE_URL`]. A credential from variables goes with the base URL of the
//!   profile if there is no other, as in the CLI.
//!
//! The token endpoint of a service account is on the host of the base URL.
//!
//! # Differences from the Atlas CLI
//!
//! | configured | Atlas CLI | here |
//! |---|---|---|
//! | variables of both prefixes | one with `MCLI_` hides all with `MONGODB_ATLAS_` | those with `MONGODB_ATLAS_` count |
//! | `BASE_URL` as a variable | an alias in files only | read |
//! | `PROFILE` names a profile that is not there | an empty profile | error |
//! | several profiles, none named, no `default` | an empty profile | error with their names, if a credential is needed |
//! | half of a credential | the next kind, or the login of a user | error |
//! | both spellings of a key, with different values | one of them is not read | error |
//! | an unknown `AUTH_TYPE` or `SERVICE` | another one is assumed | error |
//! | a profile that is a user's login (`atlas auth login`) | the token is renewed | error: only the CLI can renew it |
//! | the keyring | read | error, if the credential is in there |

mod credential;
mod profile;
mod variables;

pub use cloud_billing_core::config::{Environment, Platform};

use cloud_billing_core::Error;
use cloud_billing_core::config::{Misconfigured, Setting, Settings};

use crate::{Client, ClientBuilder, DEFAULT_BASE_URL, GOV_BASE_URL};
use profile::Lookup;

/// Configuration from outside the program, see [`config`](crate::config).
impl Client {
    /// A client as the environment of this process describes it: from `MONGODB_ATLAS_*` variables, then from a profile of
    /// the Atlas CLI. See [`config`](crate::config) for what is read, in which order.
    ///
    /// Files are read before this returns.
    ///
    /// ```no_run
    /// let atlas = atlas_billing::Client::from_env()?;
    /// # Ok::<(), atlas_billing::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), if something is missing or not usable. They
    /// name the variable, or the key and the file, and never the value.
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
    /// let atlas = atlas_billing::Client::builder_from_env()?.attempt_timeout(Duration::from_secs(20)).build()?;
    /// # Ok::<(), atlas_billing::Error>(())
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
        let variables = variables::load(environment)?;
        // A file that has nothing to add is not read, so that it cannot be in the way.
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

const URLS: [&str; 2] = ["OPS_MANAGER_URL", "BASE_URL"];

fn has_base_url(settings: &Settings) -> bool {
    URLS.iter().chain(&["SERVICE"]).any(|name| settings.get(name).is_some())
}

fn base_url(builder: ClientBuilder, variables: &Settings, profile: Option<&Settings>) -> Result<ClientBuilder, Error> {
    let sources = || [Some(variables), profile].into_iter().flatten();
    // Looked at even if there is a URL: an unknown one says that something else than Atlas is meant.
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
