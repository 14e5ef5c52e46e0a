//! Chooses the configured credential.

use cloud_billing_core::config::{CredentialSource, Setting, Settings, shown};
use cloud_billing_core::{Error, ErrorKind, Secret};

use super::profile::{Lookup, Profile};
use crate::ClientBuilder;
use crate::auth::{ApiKey, ServiceAccount};

/// A configured credential, and where it is from.
pub(super) struct Found {
    credential: Credential,
    source: CredentialSource,
}

enum Credential {
    ServiceAccount { id: String, secret: Secret },
    ApiKey { public: String, private: Secret },
    AccessToken(Secret),
    NoAuth,
}

impl Found {
    fn new(credential: Credential, kind: &'static str, setting: &Setting) -> Self {
        Self { credential, source: CredentialSource::new(kind, setting) }
    }

    pub(super) fn apply(self, builder: ClientBuilder) -> ClientBuilder {
        let builder = match self.credential {
            Credential::ServiceAccount { id, secret } => builder.credential(ServiceAccount::new(id, secret)),
            Credential::ApiKey { public, private } => builder.credential(ApiKey::new(public, private)),
            Credential::AccessToken(token) => builder.bearer_token(token),
            Credential::NoAuth => builder.no_credential(),
        };
        builder.credential_source(self.source)
    }
}

/// The kinds of credential, in order of precedence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    ServiceAccount,
    ApiKeys,
    UserAccount,
    NoAuth,
}

impl Kind {
    /// The kind that `AUTH_TYPE` names.
    fn chosen(setting: &Setting) -> Result<Self, Error> {
        match setting.text().to_ascii_lowercase().as_str() {
            "service_account" => Ok(Self::ServiceAccount),
            "api_keys" => Ok(Self::ApiKeys),
            "user_account" => Ok(Self::UserAccount),
            "no_auth" => Ok(Self::NoAuth),
            _ => {
                let problem = "is not a known kind of credential; it is `service_account`, `api_keys`, `user_account` or \
                               `no_auth`";
                Err(setting.invalid(problem))
            }
        }
    }

    /// Returns the credential of this kind, if `settings` contain one, or `chosen` asks for none.
    fn find(self, settings: &Settings, chosen: Option<&Setting>) -> Result<Option<Found>, Error> {
        Ok(match self {
            Self::ServiceAccount => settings.pair("CLIENT_ID", "CLIENT_SECRET")?.map(|(id, secret)| {
                let credential = Credential::ServiceAccount { id: id.text().to_owned(), secret: secret.secret() };
                Found::new(credential, "service account", id)
            }),
            Self::ApiKeys => api_key(settings)?,
            Self::UserAccount => settings
                .get("ACCESS_TOKEN")
                .map(|token| Found::new(Credential::AccessToken(token.secret()), "access token", token)),
            Self::NoAuth => chosen.map(|chosen| Found::new(Credential::NoAuth, "none is sent", chosen)),
        })
    }
}

/// The credential from variables alone.
pub(super) fn of_variables(variables: &Settings) -> Result<Option<Found>, Error> {
    find(variables, variables.get("AUTH_TYPE"))
}

/// The credential from variables or the profile.
pub(super) fn choose(variables: &Settings, profile: &Lookup) -> Result<Found, Error> {
    if let Some(found) = of_variables(variables)? {
        return Ok(found);
    }
    let wanted = variables.get("AUTH_TYPE");
    match profile {
        Lookup::Found(profile) => of_profile(profile, variables, wanted),
        Lookup::Ambiguous { path, names } => {
            let names: Vec<String> = names.iter().map(|name| format!("`{}`", shown(name))).collect();
            Err(configuration(format!(
                "{path} has several profiles ({}) and none called `default`; choose one with {}",
                names.join(", "),
                variables.spelled("PROFILE")
            )))
        }
        Lookup::Nothing | Lookup::NotNeeded => Err(match wanted {
            Some(kind) => kind.invalid(format_args!(
                "chooses a kind of credential that is not configured; {}",
                remedy(variables, wanted)?
            )),
            None => configuration(format!("no credential is configured; {}", remedy(variables, None)?)),
        }),
    }
}

/// The credential from a profile. `wanted` is the variable `AUTH_TYPE`.
fn of_profile(profile: &Profile, variables: &Settings, wanted: Option<&Setting>) -> Result<Found, Error> {
    let settings = &profile.settings;
    let chosen = wanted.or_else(|| settings.get("AUTH_TYPE"));
    let title = &profile.title;
    match find(settings, chosen)? {
        // Only the CLI can use this token: it expires within the hour.
        Some(Found { credential: Credential::AccessToken(_), .. }) => {}
        Some(found) => return Ok(found),
        None if chosen.map(Kind::chosen).transpose()? != Some(Kind::UserAccount) => {
            return Err(configuration(format!(
                "{title} has no keys or secrets: the Atlas CLI keeps them in the keyring of the operating system, which \
                 this client does not read; {}",
                remedy(variables, chosen)?
            )));
        }
        None => {}
    }
    Err(configuration(format!(
        "{title} is the login of a user, which only the Atlas CLI can renew; use a service account instead: {}",
        remedy(variables, None)?
    )))
}

/// Returns the credential of the chosen kind, or else the first one in order of precedence.
fn find(settings: &Settings, chosen: Option<&Setting>) -> Result<Option<Found>, Error> {
    if let Some(chosen) = chosen {
        return Kind::chosen(chosen)?.find(settings, Some(chosen));
    }
    for kind in [Kind::ServiceAccount, Kind::ApiKeys, Kind::UserAccount] {
        if let Some(found) = kind.find(settings, None)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// An API key. Each half has two spellings.
fn api_key(settings: &Settings) -> Result<Option<Found>, Error> {
    const PUBLIC: [&str; 2] = ["PUBLIC_API_KEY", "PUBLIC_KEY"];
    const PRIVATE: [&str; 2] = ["PRIVATE_API_KEY", "PRIVATE_KEY"];
    let (public, private) = (either(settings, PUBLIC)?, either(settings, PRIVATE)?);
    let (set, missing) = match (public, private) {
        (None, None) => return Ok(None),
        (Some(public), Some(private)) => {
            let credential = Credential::ApiKey { public: public.text().to_owned(), private: private.secret() };
            return Ok(Some(Found::new(credential, "API key", public)));
        }
        // Name the missing half in the same spelling.
        (Some(set), None) => (set, set.key().replace("PUBLIC", "PRIVATE").replace("public", "private")),
        (None, Some(set)) => (set, set.key().replace("PRIVATE", "PUBLIC").replace("private", "public")),
    };
    Err(set.invalid(format_args!("is set without `{missing}`; set both or neither")))
}

/// Returns a setting with two spellings; the first one has precedence. If both are set and differ, it is unknown which
/// one belongs to the other half of the key, so that is an error.
fn either<'a>(settings: &'a Settings, spellings: [&str; 2]) -> Result<Option<&'a Setting>, Error> {
    match spellings.map(|name| settings.get(name)) {
        [Some(first), Some(second)] if first.text() != second.text() => Err(second.invalid(format_args!(
            "and {first} are two spellings of one setting with different values; unset one of them"
        ))),
        [first, second] => Ok(first.or(second)),
    }
}

/// Says which settings a credential of the chosen kind needs.
fn remedy(variables: &Settings, chosen: Option<&Setting>) -> Result<String, Error> {
    let both = |first: &str, second: &str| format!("{} and {}", variables.spelled(first), variables.spelled(second));
    let account = both("CLIENT_ID", "CLIENT_SECRET");
    let key = both("PUBLIC_API_KEY", "PRIVATE_API_KEY");
    Ok(match chosen.map(Kind::chosen).transpose()? {
        Some(Kind::ServiceAccount) => format!("set {account}"),
        Some(Kind::ApiKeys) => format!("set {key}"),
        Some(Kind::UserAccount) => format!("set {}", variables.spelled("ACCESS_TOKEN")),
        Some(Kind::NoAuth) | None => format!("set {account} of a service account, or {key}"),
    })
}

fn configuration(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
