//! Trusted profiles, assumed with an API key.

use std::sync::Arc;

use super::options::{IamOptions, iam_setters, invalid};
use super::{Profile, api_key};
use crate::auth::BoxFuture;
use crate::auth::tokens::{Token, TokenClient, TokenSource, Tokens, token_credential};
use crate::deadline::Deadline;
use crate::error::Error;
use crate::secret::Secret;

/// An API key whose owner assumes a trusted profile.
///
/// Every token takes two requests. The first exchanges the API key for a token of its owner, with the client and the
/// scope if they are set. The second exchanges that token for one of the profile. The first token is not cached.
#[derive(Debug)]
#[must_use]
pub struct AssumedProfile {
    key: Secret,
    profile: Profile,
    options: IamOptions,
    tokens: Tokens,
}

impl AssumedProfile {
    /// Creates a credential that exchanges `api_key` for access tokens of `profile`. A [`Profile::Name`] needs its
    /// account.
    pub fn new(api_key: impl Into<Secret>, profile: Profile) -> Self {
        Self { key: api_key.into(), profile, options: IamOptions::default(), tokens: Tokens::default() }
    }

    fn source(&self) -> Result<Arc<dyn TokenSource>, Error> {
        if self.profile.is_empty() {
            return Err(invalid("the trusted profile to assume is empty; name it by its id, CRN or name"));
        }
        if let Profile::Name { account, .. } = &self.profile
            && account.as_deref().unwrap_or_default().is_empty()
        {
            return Err(invalid("the trusted profile is given by its name; set the id of its account as well"));
        }
        let api_key = api_key::ApiKeySource::new(&self.key, &self.options)?;
        Ok(Arc::new(AssumedProfileSource { api_key, profile: self.profile.clone() }))
    }

    fn secrets(&self) -> Vec<Secret> {
        self.options.secrets(Some(&self.key))
    }
}

iam_setters!(AssumedProfile);
token_credential!(AssumedProfile);

struct AssumedProfileSource {
    api_key: api_key::ApiKeySource,
    profile: Profile,
}

impl TokenSource for AssumedProfileSource {
    fn name(&self) -> &'static str {
        "iam assumed profile"
    }

    fn fetch<'a>(&'a self, client: &'a TokenClient, end: Deadline) -> BoxFuture<'a, Result<Token, Error>> {
        Box::pin(async move {
            let own = self.api_key.token(client, end).await?;
            let mut fields =
                vec![("grant_type", "urn:ibm:params:oauth:grant-type:assume"), ("access_token", own.text.expose())];
            match &self.profile {
                Profile::Id(id) => fields.push(("profile_id", id)),
                Profile::Crn(crn) => fields.push(("profile_crn", crn)),
                Profile::Name { name, account } => {
                    fields.push(("profile_name", name));
                    fields.extend(account.as_deref().map(|account| ("account", account)));
                }
            }
            self.api_key.iam.exchange_bare(client, end, &fields).await
        })
    }
}
