//! An API key.

use std::fmt;
use std::sync::Arc;

use super::settings::{Iam, Settings, check_api_key, settings_setters};
use crate::auth::BoxFuture;
use crate::auth::cache::{Fetch, Token};
use crate::auth::http_choice::TokenHttp;
use crate::auth::tokens::{Tokens, token_credential};
use crate::client::Deadline;
use crate::error::Error;
use crate::secret::Secret;

/// An API key of IBM Cloud, of a user or a service ID, exchanged for access tokens.
///
/// ```
/// # const SERVICE: cloud_billing_core::Service = cloud_billing_core::Service::new("example", "https://billing.example.com");
/// use cloud_billing_core::Core;
/// use cloud_billing_core::auth::iam::ApiKey;
///
/// let core = Core::builder(&SERVICE).credential(ApiKey::new("the key")).build()?;
/// # Ok::<(), cloud_billing_core::Error>(())
/// ```
///
/// The key must not begin with `{` or `"` nor end with `}` or `"`, which are left over from where it was copied from.
/// This is checked when the client is built.
#[derive(Debug)]
#[must_use]
pub struct ApiKey {
    key: Secret,
    settings: Settings,
    tokens: Tokens,
}

impl ApiKey {
    /// A credential that exchanges `api_key` for access tokens.
    pub fn new(api_key: impl Into<Secret>) -> Self {
        Self { key: api_key.into(), settings: Settings::default(), tokens: Tokens::default() }
    }

    fn fetcher(&self) -> Result<Arc<dyn Fetch>, Error> {
        Ok(Arc::new(Exchange::new(&self.key, &self.settings)?))
    }
}

settings_setters!(ApiKey);
token_credential!(ApiKey);

/// The exchange of an API key for a token.
pub(super) struct Exchange {
    pub(super) key: Secret,
    pub(super) iam: Iam,
}

impl Exchange {
    pub(super) fn new(key: &Secret, settings: &Settings) -> Result<Self, Error> {
        check_api_key(key)?;
        Ok(Self { key: key.clone(), iam: Iam::new(settings)? })
    }

    pub(super) async fn token(&self, http: &TokenHttp, end: Deadline) -> Result<Token, Error> {
        let fields = vec![
            ("grant_type", "urn:ibm:params:oauth:grant-type:apikey"),
            ("apikey", self.key.expose()),
            ("response_type", "cloud_iam"),
        ];
        self.iam.exchange(http, end, fields).await
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

impl Fetch for Exchange {
    fn name(&self) -> &'static str {
        "iam api key"
    }

    fn fetch<'a>(&'a self, http: &'a TokenHttp, end: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(self.token(http, end))
    }
}
