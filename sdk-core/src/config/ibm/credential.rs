//! Chooses the credential that the properties describe.

use std::sync::Arc;

use super::External;
use super::source::Source;
use crate::auth::iam::{ApiKey, AssumedProfile, ComputeResource, ImsVersion, InstanceIdentity, Profile};
use crate::auth::{BearerToken, Credential};
use crate::config::{CredentialSource, Setting, Settings};
use crate::error::{Error, ErrorKind};

/// The properties that can identify a trusted profile.
const PROFILE_NAMES: [&str; 3] = ["IAM_PROFILE_ID", "IAM_PROFILE_CRN", "IAM_PROFILE_NAME"];

/// A credential, or `None` for `noAuth`, and where it is from.
type Chosen = Result<(Option<Arc<dyn Credential>>, CredentialSource), Error>;

fn chosen(credential: impl Credential + 'static, kind: &'static str, setting: &Setting) -> Chosen {
    Ok((Some(Arc::new(credential)), CredentialSource::new(kind, setting)))
}

/// Applies the settings that all IAM credentials share.
macro_rules! with_iam_options {
    ($credential:expr, $settings:expr) => {{
        let (mut credential, settings): (_, &Settings) = ($credential, $settings);
        if let Some(url) = settings.get("AUTH_URL") {
            credential = credential.url(url.url()?);
        }
        if let Some(scope) = settings.get("SCOPE") {
            credential = credential.scope(scope.text());
        }
        if let Some((id, secret)) = settings.pair("CLIENT_ID", "CLIENT_SECRET")? {
            credential = credential.client(id.text(), secret.secret());
        }
        credential
    }};
}

/// The configured credential.
pub(super) fn choose(external: External, source: &Source) -> Chosen {
    let settings = &source.settings;
    let Some(kind) = settings.get("AUTH_TYPE").or_else(|| settings.get("AUTHTYPE")) else {
        return infer(external, source);
    };
    match kind.text().to_ascii_lowercase().as_str() {
        "iam" => iam(settings),
        "container" => container(settings),
        "iamassume" => assume(settings),
        "vpc" => vpc(settings, kind),
        "bearertoken" => {
            let token = required(settings, "BEARER_TOKEN")?;
            chosen(BearerToken::new(token.secret()), "access token", token)
        }
        "noauth" => Ok((None, CredentialSource::new("none is sent", kind))),
        other @ ("basic" | "cp4d" | "mcsp" | "mcspv2") => Err(kind.invalid(format_args!(
            "chooses the type `{other}`, which other products of IBM have and this service does not accept; use `iam` \
             with an API key"
        ))),
        _ => Err(kind.invalid(
            "is not a known type of authentication; it is `iam`, `container`, `iamAssume`, `vpc`, `bearerToken` or \
             `noAuth`",
        )),
    }
}

/// Chooses the type from the properties that are set.
fn infer(external: External, source: &Source) -> Chosen {
    let settings = &source.settings;
    if settings.get("APIKEY").is_some() {
        return iam(settings);
    }
    if ["IAM_PROFILE_ID", "IAM_PROFILE_NAME"].iter().any(|name| settings.get(name).is_some()) {
        return container(settings);
    }
    if let Some(token) = settings.get("BEARER_TOKEN") {
        let problem = format!("is not used without {}; set that to `bearerToken`", settings.spelled("AUTH_TYPE"));
        return Err(token.invalid(problem));
    }
    let prefix = external.prefix();
    let mut message = match &source.file {
        Some(file) => format!(
            "{file} configures this service, but no credential for it; add `{prefix}APIKEY`, or `{prefix}AUTH_TYPE` and \
             what that type needs (no other source is read besides this file)"
        ),
        None if settings.is_empty() => format!(
            "no credential is configured; set `{prefix}APIKEY`, or `{prefix}AUTH_TYPE` and what that type needs, as \
             environment variables or in the file that `IBM_CREDENTIALS_FILE` names"
        ),
        None => format!(
            "this service is configured, but no credential for it; set {}, or {} and what that type needs",
            settings.spelled("APIKEY"),
            settings.spelled("AUTH_TYPE"),
        ),
    };
    if !source.ignored.is_empty() {
        message.push_str(&format!("; unknown properties without effect: {}", source.ignored.join(", ")));
    }
    Err(Error::new(ErrorKind::Configuration, message))
}

fn iam(settings: &Settings) -> Chosen {
    let key = required(settings, "APIKEY")?;
    chosen(with_iam_options!(ApiKey::new(key.secret()), settings), "IAM API key", key)
}

fn container(settings: &Settings) -> Chosen {
    let mut credential = ComputeResource::new();
    let (id, name) = (settings.get("IAM_PROFILE_ID"), settings.get("IAM_PROFILE_NAME"));
    if let Some(id) = id {
        credential = credential.profile_id(id.text());
    }
    if let Some(name) = name {
        credential = credential.profile_name(name.text());
    }
    let Some(profile) = id.or(name) else {
        return Err(missing(settings, &["IAM_PROFILE_ID", "IAM_PROFILE_NAME"]));
    };
    if let Some(file) = settings.get("CR_TOKEN_FILENAME") {
        credential = credential.token_file(file.text());
    }
    chosen(with_iam_options!(credential, settings), "trusted profile of a container", profile)
}

fn assume(settings: &Settings) -> Chosen {
    let key = required(settings, "APIKEY")?;
    let (profile, setting) = match profile(settings)? {
        Some((Profile::Name { name, .. }, setting)) => {
            let account = required(settings, "IAM_ACCOUNT_ID")?;
            (Profile::Name { name, account: Some(account.text().to_owned()) }, setting)
        }
        Some(profile) => profile,
        None => return Err(missing(settings, &PROFILE_NAMES)),
    };
    let credential = with_iam_options!(AssumedProfile::new(key.secret(), profile), settings);
    chosen(credential, "trusted profile, by an IAM API key", setting)
}

fn vpc(settings: &Settings, kind: &Setting) -> Chosen {
    let (mut credential, mut from) = (InstanceIdentity::new(), kind);
    if let Some((profile, setting)) = profile(settings)? {
        (credential, from) = (credential.profile(profile), setting);
    }
    if let Some(url) = settings.get("AUTH_URL") {
        credential = credential.url(url.url()?);
    }
    if let Some(version) = settings.get("VPC_IMS_VERSION") {
        credential = credential.version(version.parse::<ImsVersion>("`2022-03-01` or `2025-08-26`")?);
    }
    chosen(credential, "trusted profile of a server", from)
}

/// The trusted profile, and the property that names it. At most one of them may be set.
fn profile(settings: &Settings) -> Result<Option<(Profile, &Setting)>, Error> {
    let mut found = PROFILE_NAMES.iter().filter_map(|name| Some((*name, settings.get(name)?)));
    let Some((name, setting)) = found.next() else { return Ok(None) };
    if let Some((_, other)) = found.next() {
        return Err(other.invalid(format_args!("and {setting} both name a profile; remove one of them")));
    }
    let text = setting.text().to_owned();
    let profile = match name {
        "IAM_PROFILE_ID" => Profile::Id(text),
        "IAM_PROFILE_CRN" => Profile::Crn(text),
        _ => Profile::Name { name: text, account: None },
    };
    Ok(Some((profile, setting)))
}

/// Returns a property that the chosen type requires.
fn required<'a>(settings: &'a Settings, name: &str) -> Result<&'a Setting, Error> {
    settings.get(name).ok_or_else(|| missing(settings, &[name]))
}

/// The error for missing properties of which the chosen type requires one.
fn missing(settings: &Settings, names: &[&str]) -> Error {
    let kind = settings.get("AUTH_TYPE").or_else(|| settings.get("AUTHTYPE"));
    let by = kind.map(|kind| format!(" by the type that {kind} chooses")).unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| settings.spelled(name)).collect();
    let message = format!("{} is missing, and is needed{by}", names.join(" or "));
    Error::new(ErrorKind::Configuration, message)
}
