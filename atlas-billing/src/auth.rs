//! Authentication: the credentials that Atlas accepts, for [`ClientBuilder::credential`](crate::ClientBuilder).
//!
//! ```
//! use atlas_billing::auth::{ApiKey, BearerToken, ServiceAccount};
//!
//! // A service account: the recommended kind.
//! let account = ServiceAccount::new("mdb_sa_id_0123456789abcdef01234567", "its secret");
//! let atlas = atlas_billing::Client::builder().credential(account).build()?;
//!
//! // An API key, which Atlas still accepts.
//! let atlas = atlas_billing::Client::builder().credential(ApiKey::new("public key", "private key")).build()?;
//!
//! // An access token from elsewhere. It is sent as it is, and not renewed.
//! let atlas = atlas_billing::Client::builder().credential(BearerToken::new("an access token")).build()?;
//! # Ok::<(), atlas_billing::Error>(())
//! ```
//!
//! In Atlas, a credential belongs to one organization.

use std::sync::OnceLock;

use cloud_billing_core::auth::{
    BoxFuture, ClientCredentials, ClientSettings, HeaderValue, Reaction, Rejection, Target,
};
use cloud_billing_core::{Error, ErrorKind, Secret};

pub use cloud_billing_core::auth::{BearerToken, Credential, DigestKey as ApiKey};

/// A service account of Atlas: a client id and secret, exchanged for access tokens.
///
/// The token endpoint is on the host of the client's base URL, at `/api/oauth/token`. The first call fetches a token.
/// All calls of all clones of the client share it, and it is refreshed before it expires. Atlas allows 100 valid tokens
/// per service account: use one client per process, and [`revoke`](Self::revoke) the token if you run many short
/// processes.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use atlas_billing::auth::ServiceAccount;
///
/// # async fn example() -> Result<(), atlas_billing::Error> {
/// let account = Arc::new(ServiceAccount::new("mdb_sa_id_0123456789abcdef01234567", "its secret"));
/// let atlas = atlas_billing::Client::builder().credential(Arc::clone(&account)).build()?;
/// let organization = atlas_billing::types::OrganizationId::new("4888442a3354817a7320eb61");
/// let invoice = atlas.list_invoice_pending(organization).send().await?;
/// account.revoke().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ServiceAccount {
    id: String,
    secret: Secret,
    /// Created when the base URL is known.
    credentials: OnceLock<ClientCredentials>,
}

impl ServiceAccount {
    /// Creates a credential from the client id (`mdb_sa_id_...`) and the secret (`mdb_sa_sk_...`).
    pub fn new(id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self { id: id.into(), secret: secret.into(), credentials: OnceLock::new() }
    }

    /// Revokes the current token, if there is one. The next call fetches a new one.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Credential`] if Atlas cannot be reached or refuses the request.
    pub async fn revoke(&self) -> Result<(), Error> {
        match self.credentials.get() {
            Some(credentials) => credentials.revoke().await,
            None => Ok(()),
        }
    }
}

impl Credential for ServiceAccount {
    fn attach(&self, client: ClientSettings<'_>) -> Result<(), Error> {
        let base_url = client.base_url();
        let credentials = self.credentials.get_or_init(|| {
            ClientCredentials::new(format!("{base_url}/api/oauth/token"), self.id.as_str(), self.secret.clone())
                .revoke_url(format!("{base_url}/api/oauth/revoke"))
        });
        credentials.attach(client)
    }

    fn authorization<'a>(&'a self, target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        match self.credentials.get() {
            Some(credentials) => credentials.authorization(target),
            None => {
                let error = Error::new(ErrorKind::Credential, "the service account was not given to a client");
                Box::pin(std::future::ready(Err(error)))
            }
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.secret.clone()]
    }

    fn rejected<'a>(&'a self, target: Target<'a>, rejection: Rejection<'a>) -> BoxFuture<'a, Result<Reaction, Error>> {
        match self.credentials.get() {
            Some(credentials) => credentials.rejected(target, rejection),
            None => Box::pin(std::future::ready(Ok(Reaction::GiveUp))),
        }
    }
}
