//! The settings and requests that all IAM credentials share.

use http::{HeaderName, HeaderValue};
use reqwest::Url;

use crate::auth::form::{basic, form};
use crate::auth::tokens::{FORM, Token, TokenClient, TokenRequest};
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::operation::{Method, Operation};
use crate::secret::Secret;
use crate::url::{PlainHttp, check_base};

const DEFAULT_URL: &str = "https://iam.cloud.ibm.com";
const TOKEN_PATH: &str = "/identity/token";

const TOKEN: Operation = Operation::new("token", Method::Post, "/identity/token").success(&[200]);

/// The response headers that may contain the request id. The first one that is present counts.
static ID_HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("transaction-id"),
    HeaderName::from_static("x-global-transaction-id"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-correlation-id"),
];

/// URL, scope and client of a credential, not yet checked.
#[derive(Clone, Debug, Default)]
pub(super) struct IamOptions {
    /// `Debug` does not print the URL, because a mistyped one may contain a password.
    pub(super) url: Option<Secret>,
    pub(super) scope: Option<String>,
    pub(super) client: Option<(String, Secret)>,
}

impl IamOptions {
    /// A key and the secret of the client, as far as they are set.
    pub(super) fn secrets(&self, key: Option<&Secret>) -> Vec<Secret> {
        let client = self.client.as_ref().map(|(_, secret)| secret);
        key.into_iter().chain(client).cloned().collect()
    }
}

/// The setters for [`IamOptions`].
macro_rules! iam_setters {
    ($type:ty) => {
        impl $type {
            /// Sets the URL of IAM. The default is `https://iam.cloud.ibm.com`.
            ///
            /// It must be `https`, except on this machine. A trailing `/` and the path `/identity/token` are removed;
            /// the path is appended again. (IBM's own SDKs remove only the path and request `//identity/token` if the
            /// URL ends with `/`.)
            pub fn url(mut self, url: impl Into<String>) -> Self {
                self.options.url = Some($crate::Secret::new(url));
                self
            }

            /// Requests tokens with these scopes, separated by spaces.
            pub fn scope(mut self, scope: impl Into<String>) -> Self {
                self.options.scope = Some(scope.into());
                self
            }

            /// Identifies the application to IAM: token requests carry HTTP Basic authentication.
            pub fn client(mut self, id: impl Into<String>, secret: impl Into<$crate::Secret>) -> Self {
                self.options.client = Some((id.into(), secret.into()));
                self
            }
        }
    };
}

pub(super) use iam_setters;

/// IAM's token endpoint, with checked settings.
pub(super) struct IamEndpoint {
    url: Url,
    scope: Option<String>,
    client: Option<HeaderValue>,
}

impl IamEndpoint {
    pub(super) fn new(options: &IamOptions) -> Result<Self, Error> {
        let url = token_url(options.url.as_ref().map(Secret::expose));
        let url = check_base(&url, PlainHttp::Loopback, |problem| invalid(&format!("the URL of IAM {problem}")))?;
        let client = options.client.as_ref().map(|(id, secret)| client_header(id, secret)).transpose()?;
        let scope = options.scope.clone().filter(|scope| !scope.is_empty());
        Ok(Self { url, scope, client })
    }

    /// Requests a token with the given form fields, and with the scope and client of the settings.
    pub(super) async fn exchange<'a>(
        &'a self,
        client: &TokenClient,
        end: Deadline,
        mut fields: Vec<(&str, &'a str)>,
    ) -> Result<Token, Error> {
        fields.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        self.request(&fields).authorization(self.client.clone()).send(client, end).await?.token()
    }

    /// Requests a token with the given form fields alone.
    pub(super) async fn exchange_bare(
        &self,
        client: &TokenClient,
        end: Deadline,
        fields: &[(&str, &str)],
    ) -> Result<Token, Error> {
        self.request(fields).send(client, end).await?.token()
    }

    fn request(&self, fields: &[(&str, &str)]) -> TokenRequest<'_> {
        TokenRequest::new(&TOKEN, &self.url, FORM, form(fields)).id_headers(&ID_HEADERS)
    }
}

/// The URL of the token endpoint. The path occurs in it once, even if `url` has it already.
fn token_url(url: Option<&str>) -> String {
    let base = url.unwrap_or(DEFAULT_URL).trim().trim_end_matches('/');
    let base = base.strip_suffix(TOKEN_PATH).unwrap_or(base).trim_end_matches('/');
    format!("{base}{TOKEN_PATH}")
}

/// HTTP Basic authentication of an application. As in IBM's SDKs, id and secret are not form-encoded.
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

/// Checks an API key as IBM's SDKs do: braces or quotes around it come from a template or a JSON file.
pub(super) fn check_api_key(key: &Secret) -> Result<(), Error> {
    let key = key.expose();
    if key.is_empty() {
        return Err(invalid("the API key is empty; set the one that IBM Cloud showed when it was created"));
    }
    if key.starts_with(['{', '"']) || key.ends_with(['}', '"']) {
        return Err(invalid("the API key begins or ends with a brace or a quote; remove them"));
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
