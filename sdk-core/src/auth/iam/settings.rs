//! What the exchanges with IAM have in common.

use http::{HeaderValue, Method};
use reqwest::Url;

use crate::auth::cache::Token;
use crate::auth::endpoint::{Call, FORM, PlainHttp, endpoint_url};
use crate::auth::form::{basic, form};
use crate::auth::http_choice::TokenHttp;
use crate::client::Deadline;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

const DEFAULT_URL: &str = "https://iam.cloud.ibm.com";
const TOKEN_PATH: &str = "/identity/token";

/// Address, scope and client of an exchange, before they are checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// Not shown, since a mistaken one may hold a password.
    pub(super) url: Option<Secret>,
    pub(super) scope: Option<String>,
    pub(super) client: Option<(String, Secret)>,
}

/// The setters for [`Settings`].
macro_rules! settings_setters {
    ($type:ty) => {
        impl $type {
            /// Sets the address of IAM. The default is `https://iam.cloud.ibm.com`.
            ///
            /// It must be `https`, except to this machine. A `/` at its end is cut, and so is the path
            /// `/identity/token`, which is appended again. (IBM's own clients cut the path only, and call
            /// `//identity/token` where the address ends with a `/`.)
            pub fn url(mut self, url: impl Into<String>) -> Self {
                self.settings.url = Some($crate::Secret::new(url));
                self
            }

            /// Asks for a token with these scopes, separated by spaces.
            pub fn scope(mut self, scope: impl Into<String>) -> Self {
                self.settings.scope = Some(scope.into());
                self
            }

            /// Identifies the application to IAM, with HTTP Basic authentication on the token request.
            pub fn client(mut self, id: impl Into<String>, secret: impl Into<$crate::Secret>) -> Self {
                self.settings.client = Some((id.into(), secret.into()));
                self
            }
        }
    };
}

pub(super) use settings_setters;

/// IAM's token endpoint, checked.
pub(super) struct Iam {
    url: Url,
    scope: Option<String>,
    client: Option<HeaderValue>,
}

impl Iam {
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        let url =
            endpoint_url(&token_url(settings.url.as_ref().map(Secret::expose)), "the URL of IAM", PlainHttp::Loopback)?;
        if url.query().is_some() {
            return Err(invalid("the URL of IAM has a query; take `?` and what follows off"));
        }
        let client = match &settings.client {
            Some((id, secret)) => Some(client_header(id, secret)?),
            None => None,
        };
        let scope = settings.scope.clone().filter(|scope| !scope.is_empty());
        Ok(Self { url, scope, client })
    }

    /// Exchanges something for a token. Scope and client are those of the settings.
    pub(super) async fn exchange<'a>(
        &'a self,
        http: &TokenHttp,
        end: Deadline,
        mut fields: Vec<(&str, &'a str)>,
    ) -> Result<Token, Error> {
        fields.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        self.post(http, end, &fields, self.client.clone()).await
    }

    /// Exchanges something for a token, without scope and client.
    pub(super) async fn exchange_bare(
        &self,
        http: &TokenHttp,
        end: Deadline,
        fields: &[(&str, &str)],
    ) -> Result<Token, Error> {
        self.post(http, end, fields, None).await
    }

    async fn post(
        &self,
        http: &TokenHttp,
        end: Deadline,
        fields: &[(&str, &str)],
        authorization: Option<HeaderValue>,
    ) -> Result<Token, Error> {
        let call = Call::new(Method::POST, &self.url, FORM, form(fields));
        call.authorization(authorization).send(http, end).await?.token()
    }
}

/// The address with the path of the token endpoint, once.
fn token_url(url: Option<&str>) -> String {
    let base = url.unwrap_or(DEFAULT_URL).trim().trim_end_matches('/');
    let base = base.strip_suffix(TOKEN_PATH).unwrap_or(base).trim_end_matches('/');
    format!("{base}{TOKEN_PATH}")
}

/// HTTP Basic authentication of an application, as IBM's clients send it: without form-encoding.
fn client_header(id: &str, secret: &Secret) -> Result<HeaderValue, Error> {
    if id.is_empty() || secret.expose().is_empty() {
        return Err(invalid("the client id or the client secret is empty; set both or neither"));
    }
    if id.contains(':') {
        // RFC 7617, section 2: the first colon ends the identifier.
        return Err(invalid("the client id has a colon, which HTTP Basic authentication cannot carry; check it"));
    }
    basic(id, secret.expose())
}

/// Checks an API key as IBM's clients do: braces or quotes around it come from a template or a JSON file.
pub(super) fn check_api_key(key: &Secret) -> Result<(), Error> {
    let key = key.expose();
    if key.is_empty() {
        return Err(invalid("the API key is empty; set the one that IBM Cloud showed when it was created"));
    }
    if key.starts_with(['{', '"']) || key.ends_with(['}', '"']) {
        return Err(invalid("the API key begins or ends with a brace or a quote; take them off"));
    }
    Ok(())
}

pub(super) fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_path_is_there_once() {
        assert_eq!(token_url(None), "https://iam.cloud.ibm.com/identity/token");
        for url in [
            "https://iam.test.cloud.ibm.com",
            "https://iam.test.cloud.ibm.com/",
            "https://iam.test.cloud.ibm.com//",
            "https://iam.test.cloud.ibm.com/identity/token",
            " https://iam.test.cloud.ibm.com/identity/token/ ",
        ] {
            assert_eq!(token_url(Some(url)), "https://iam.test.cloud.ibm.com/identity/token", "{url}");
        }
        assert_eq!(token_url(Some("https://proxy/iam/")), "https://proxy/iam/identity/token");
    }

    #[test]
    fn api_keys_with_traces_of_a_template_are_refused() {
        for key in ["", "{hush", "\"hush", "hush}", "hush\"", "{hush}"] {
            let error = check_api_key(&Secret::new(key)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains("API key") && !error.to_string().contains("hush"), "{error}");
        }
        assert!(check_api_key(&Secret::new("a{\"}b")).is_ok());
    }
}
