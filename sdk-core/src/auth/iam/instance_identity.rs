//! The identity of a VPC virtual server instance.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use reqwest::Url;
use serde_json::json;

use super::Profile;
use super::options::invalid;
use crate::auth::BoxFuture;
use crate::auth::bearer::bearer;
use crate::auth::tokens::{JSON, Token, TokenClient, TokenRequest, TokenSource, Tokens, token_credential};
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::operation::{Method, Operation};
use crate::secret::Secret;
use crate::url::{PlainHttp, check_base};

const DEFAULT_URL: &str = "http://169.254.169.254";

/// The metadata service requires this header, so that a request cannot be made by mistake.
const METADATA_FLAVOR: HeaderName = HeaderName::from_static("metadata-flavor");

/// The lifetime of the instance's own token in seconds. The token is used once, immediately.
const OWN_LIFETIME: u32 = 300;

/// The two requests. Their paths depend on the version.
const OWN_TOKEN: Operation = Operation::new("token", Method::Put, "/{token}").success(&[200]);
const PROFILE_TOKEN: Operation = Operation::new("iam_token", Method::Post, "/{token}").success(&[200]);

/// A version of the VPC instance metadata service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImsVersion {
    /// `2022-03-01`, the default.
    #[default]
    V2022_03_01,
    /// `2025-08-26`. Its paths differ.
    V2025_08_26,
}

impl ImsVersion {
    /// The version as the service spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2022_03_01 => "2022-03-01",
            Self::V2025_08_26 => "2025-08-26",
        }
    }

    /// The paths for the token of the instance and for the token of the profile.
    const fn paths(self) -> (&'static str, &'static str) {
        match self {
            Self::V2022_03_01 => ("/instance_identity/v1/token", "/instance_identity/v1/iam_token"),
            Self::V2025_08_26 => ("/identity/v1/token", "/identity/v1/iam_tokens"),
        }
    }
}

impl fmt::Display for ImsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ImsVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::V2022_03_01, Self::V2025_08_26].into_iter().find(|version| version.as_str() == text).ok_or_else(|| {
            let message = "the version of the metadata service is unknown; it is `2022-03-01` or `2025-08-26`";
            Error::new(ErrorKind::Configuration, message)
        })
    }
}

/// The identity of a VPC virtual server instance, exchanged for access tokens of a trusted profile.
///
/// The instance's metadata service issues both tokens: first one of the instance, then, in exchange for it, one of the
/// profile. The metadata service must be enabled on the instance.
#[derive(Debug, Default)]
#[must_use]
pub struct InstanceIdentity {
    profile: Option<Profile>,
    /// `Debug` does not print the URL, because a mistyped one may contain a password.
    url: Option<Secret>,
    version: ImsVersion,
    tokens: Tokens,
}

impl InstanceIdentity {
    /// Creates a credential for the trusted profile that is linked to the instance by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the trusted profile.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Sets the URL of the metadata service. The default is `http://169.254.169.254`.
    ///
    /// Plain `http` is allowed to link-local addresses, which do not leave the host, and to this machine. Any other
    /// address must be `https`. A trailing `/` is removed.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(Secret::new(url));
        self
    }

    /// Sets the version of the metadata service.
    pub fn version(mut self, version: ImsVersion) -> Self {
        self.version = version;
        self
    }

    fn source(&self) -> Result<Arc<dyn TokenSource>, Error> {
        if self.profile.as_ref().is_some_and(Profile::is_empty) {
            return Err(invalid("the trusted profile is empty; name it by its id, CRN or name, or leave it out"));
        }
        let base = self.url.as_ref().map_or(DEFAULT_URL, Secret::expose).trim().trim_end_matches('/');
        let (own, profile) = self.version.paths();
        let url = |path| {
            let problem = |problem: &str| invalid(&format!("the URL of the metadata service {problem}"));
            let mut url = check_base(&format!("{base}{path}"), PlainHttp::Local, problem)?;
            url.set_query(Some(&format!("version={}", self.version)));
            Ok::<_, Error>(url)
        };
        Ok(Arc::new(InstanceIdentitySource {
            own_url: url(own)?,
            profile_url: url(profile)?,
            profile: self.profile.clone(),
        }))
    }

    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }
}

token_credential!(InstanceIdentity);

struct InstanceIdentitySource {
    own_url: Url,
    profile_url: Url,
    profile: Option<Profile>,
}

impl TokenSource for InstanceIdentitySource {
    fn name(&self) -> &'static str {
        "iam instance identity"
    }

    fn fetch<'a>(&'a self, client: &'a TokenClient, end: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let body = json!({ "expires_in": OWN_LIFETIME }).to_string();
            let own = TokenRequest::new(&OWN_TOKEN, &self.own_url, JSON, body.into())
                .header(METADATA_FLAVOR, HeaderValue::from_static("ibm"))
                .send(client, end)
                .await?
                .token()?;
            let body = match &self.profile {
                Some(Profile::Id(id)) => json!({ "trusted_profile": { "id": id } }).to_string().into(),
                Some(Profile::Crn(crn)) => json!({ "trusted_profile": { "crn": crn } }).to_string().into(),
                Some(Profile::Name { name, .. }) => json!({ "trusted_profile": { "name": name } }).to_string().into(),
                None => Bytes::new(),
            };
            let request = TokenRequest::new(&PROFILE_TOKEN, &self.profile_url, JSON, body);
            request.authorization(Some(bearer(&own.text)?)).send(client, end).await?.token()
        })
    }
}
