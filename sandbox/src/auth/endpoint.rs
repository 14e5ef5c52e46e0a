//! The endpoints that issue and revoke tokens, and what their requests have in common.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::authority::single;
use crate::answer::{JSON, Reply};
use crate::refusal::error_body;
use crate::request::{Incoming, Query, percent_decode};
use crate::spec::Service;
use crate::text::one_line;

/// An endpoint that issues or revokes tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenEndpoint {
    OauthToken,
    OauthRevoke,
    IamToken,
    VpcInstanceToken,
    VpcIamToken,
}

/// The versions of the VPC identity service: the value of the query parameter `version`, and the paths of instance identity
/// tokens and of IAM tokens.
pub(super) const VPC_VERSIONS: [(&str, &str, &str); 2] = [
    ("2022-03-01", "/instance_identity/v1/token", "/instance_identity/v1/iam_token"),
    ("2025-08-26", "/identity/v1/token", "/identity/v1/iam_tokens"),
];

impl TokenEndpoint {
    /// The token endpoints of a service.
    pub(crate) const fn of(service: Service) -> &'static [Self] {
        match service {
            Service::Atlas => &[Self::OauthToken, Self::OauthRevoke],
            Service::Ibm => &[Self::IamToken, Self::VpcInstanceToken, Self::VpcIamToken],
            // IAM is another host, for which the server of usage reports stands.
            Service::IbmEnterprise => &[],
        }
    }

    /// The token endpoint at a path.
    pub(crate) fn at(service: Service, path: &str) -> Option<Self> {
        match (service, path) {
            (Service::Atlas, "/api/oauth/token") => Some(Self::OauthToken),
            (Service::Atlas, "/api/oauth/revoke") => Some(Self::OauthRevoke),
            (Service::Ibm, "/identity/token") => Some(Self::IamToken),
            (Service::Ibm, _) if VPC_VERSIONS.iter().any(|it| it.1 == path) => Some(Self::VpcInstanceToken),
            (Service::Ibm, _) if VPC_VERSIONS.iter().any(|it| it.2 == path) => Some(Self::VpcIamToken),
            _ => None,
        }
    }

    /// Its name in recorded requests and faults.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OauthToken => "oauthToken",
            Self::OauthRevoke => "oauthRevoke",
            Self::IamToken => "iamToken",
            Self::VpcInstanceToken => "vpcInstanceToken",
            Self::VpcIamToken => "vpcIamToken",
        }
    }

    /// The body of an error that is not about the request.
    pub(crate) fn failure(self, status: StatusCode, code: &str, request_id: &str) -> Value {
        let text = match self {
            Self::VpcInstanceToken | Self::VpcIamToken => code,
            _ => status.canonical_reason().unwrap_or(code),
        };
        self.error_body(status, code, text, request_id)
    }

    fn error_body(self, status: StatusCode, code: &str, text: &str, request_id: &str) -> Value {
        match self {
            Self::OauthToken | Self::OauthRevoke => json!({ "error": code, "error_description": text }),
            Self::IamToken => json!({
                "context": {
                    "requestId": request_id,
                    "requestType": "incoming.Identity_Token",
                    "status": status.as_u16(),
                },
                "errorCode": code,
                "errorMessage": text,
            }),
            Self::VpcInstanceToken | Self::VpcIamToken => error_body(Service::Ibm, status, code, text, &[], request_id),
        }
    }
}

/// What a checked request gets: issues or revokes a token.
pub(crate) type Grant<'a> = Box<dyn FnOnce() -> Result<Reply, TokenError> + 'a>;

/// Why a token endpoint refuses a request.
#[derive(Debug)]
pub(crate) struct TokenError {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) text: String,
    /// The header that the status requires.
    pub(super) header: Option<(HeaderName, &'static str)>,
}

impl TokenError {
    pub(super) fn new(status: StatusCode, code: &'static str, text: impl Into<String>) -> Self {
        Self { status, code, text: one_line(&text.into()), header: None }
    }

    pub(super) fn with(self, name: HeaderName, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    pub(crate) fn reply(&self, endpoint: TokenEndpoint, request_id: &str) -> Reply {
        let body = endpoint.error_body(self.status, self.code, &self.text, request_id);
        let reply = Reply::json(self.status, JSON, &body, false).refusing(format!("{}: {}", self.code, self.text));
        match &self.header {
            Some((name, value)) => reply.with(name.clone(), HeaderValue::from_static(value)),
            None => reply,
        }
    }
}

/// Name and password of HTTP Basic (RFC 7617), if there is an `Authorization`. In OAuth they are form-encoded (RFC 6749,
/// section 2.3.1).
///
/// # Errors
///
/// If there are several such headers, or the header has no such credentials.
pub(super) fn basic_credentials(headers: &HeaderMap) -> Result<Option<(String, String)>, &'static str> {
    if !headers.contains_key(AUTHORIZATION) {
        return Ok(None);
    }
    let (scheme, encoded) = single(headers)?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.is_empty() {
        return Err("is not `Basic` and a name with a password");
    }
    let text = STANDARD.decode(encoded.trim_start_matches(' ')).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or("has credentials that are not text in base64")?;
    let (name, password) = text.split_once(':').ok_or("has credentials without a colon")?;
    match (percent_decode(name, true), percent_decode(password, true)) {
        (Ok(name), Ok(password)) => Ok(Some((name, password))),
        _ => Err("has credentials that are not form-encoded"),
    }
}

/// The fields of a token request, each of which occurs once.
#[derive(Debug)]
pub(super) struct Form {
    fields: Query,
}

impl Form {
    /// # Errors
    ///
    /// If the body is not a form, or repeats a field.
    pub(super) fn read(incoming: Incoming<'_>) -> Result<Self, String> {
        let media = incoming.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = media.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(format!("the `Content-Type` is `{media}` and not application/x-www-form-urlencoded"));
        }
        let text = incoming.body.and_then(|body| std::str::from_utf8(body).ok()).ok_or("the body is not text")?;
        let (fields, found) = Query::parse(Some(text));
        if !found.is_empty() {
            // Without the field, which could hold a secret.
            return Err("the body has a field that is not form-encoded".to_owned());
        }
        match fields.names().iter().find(|name| fields.values(name).len() > 1) {
            Some(name) => Err(format!("the field `{name}` is sent more than once")),
            None => Ok(Self { fields }),
        }
    }

    /// The value of a field. None if it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.first(name).filter(|value| !value.is_empty())
    }

    /// The first field with another name.
    pub(super) fn other_than(&self, names: &[&str]) -> Option<String> {
        self.fields.names().into_iter().find(|name| !names.contains(name)).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Result<Option<(String, String)>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        basic_credentials(&headers)
    }

    #[test]
    fn reads_pairs_and_names_mistakes() {
        let pair = |name: &str, password: &str| Ok(Some((name.to_owned(), password.to_owned())));
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["Basic YTpiOmM="]), pair("a", "b:c"));
        assert_eq!(of(&["basic YSUzQTpi"]), pair("a:", "b"));
        for values in [["Basic", "Basic"].as_slice(), &["Basic"], &["Bearer x"], &["Basic YQ=="], &["Basic !"]] {
            assert!(of(values).is_err(), "{values:?}");
        }
    }
}
