//! API keys of IBM Cloud.

use std::sync::Arc;

use super::options::{IamEndpoint, IamOptions, check_api_key, iam_setters};
use crate::auth::BoxFuture;
use crate::auth::tokens::{Token, TokenClient, TokenSource, Tokens, token_credential};
use crate::deadline::Deadline;
use crate::error::Error;
use crate::secret::Secret;

/// An IBM Cloud API key of a user or a service ID, exchanged for access tokens.
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
/// Building the client fails if the key begins with `{` or `"`, or ends with `}` or `"`: the character was copied with the key,
/// from a template or a JSON file.
#[derive(Debug)]
#[must_use]
pub struct ApiKey {
    key: Secret,
    options: IamOptions,
    tokens: Tokens,
}

impl ApiKey {
    /// Creates a credential that exchanges `api_key` for access tokens.
    pub fn new(api_key: impl Into<Secret>) -> Self {
        Self { key: api_key.into(), options: IamOptions::default(), tokens: Tokens::default() }
    }

    fn source(&self) -> Result<Arc<dyn TokenSource>, Error> {
        Ok(Arc::new(ApiKeySource::new(&self.key, &self.options)?))
    }

    fn secrets(&self) -> Vec<Secret> {
        self.options.secrets(Some(&self.key))
    }
}

iam_setters!(ApiKey);
token_credential!(ApiKey);

/// Exchanges an API key for a token.
pub(super) struct ApiKeySource {
    pub(super) key: Secret,
    pub(super) iam: IamEndpoint,
}

impl ApiKeySource {
    pub(super) fn new(key: &Secret, options: &IamOptions) -> Result<Self, Error> {
        check_api_key(key)?;
        Ok(Self { key: key.clone(), iam: IamEndpoint::new(options)? })
    }

    pub(super) async fn token(&self, client: &TokenClient, end: Deadline) -> Result<Token, Error> {
        let fields = vec![
            ("grant_type", "urn:ibm:params:oauth:grant-type:apikey"),
            ("apikey", self.key.expose()),
            ("response_type", "cloud_iam"),
        ];
        self.iam.exchange(client, end, fields).await
    }
}

impl TokenSource for ApiKeySource {
    fn name(&self) -> &'static str {
        "iam api key"
    }

    fn fetch<'a>(&'a self, client: &'a TokenClient, end: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(self.token(client, end))
    }
}
