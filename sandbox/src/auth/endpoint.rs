//! The endpoints that issue and revoke tokens.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::answer::{JSON, Reply};
use crate::refusal::error_body;
use crate::spec::Service;

/// An endpoint that issues or revokes tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenEndpoint {
    OauthToken,
    OauthRevoke,
    IamToken,
    VpcInstanceToken,
    VpcIamToken,
}

/// A version of the VPC identity service.
#[derive(Debug)]
pub(super) struct VpcVersion {
    /// The value of the query parameter `version`.
    pub(super) name: &'static str,
    /// The path of instance identity tokens.
    pub(super) instance: &'static str,
    /// The path of IAM tokens.
    pub(super) iam: &'static str,
}

pub(super) const VPC_VERSIONS: [VpcVersion; 2] = [
    VpcVersion { name: "2022-03-01", instance: "/instance_identity/v1/token", iam: "/instance_identity/v1/iam_token" },
    VpcVersion { name: "2025-08-26", instance: "/identity/v1/token", iam: "/identity/v1/iam_tokens" },
];

impl TokenEndpoint {
    /// The token endpoints of a service.
    pub(crate) const fn of(service: Service) -> &'static [Self] {
        match service {
            Service::Atlas => &[Self::OauthToken, Self::OauthRevoke],
            Service::Ibm => &[Self::IamToken, Self::VpcInstanceToken, Self::VpcIamToken],
        }
    }

    /// The token endpoint at a path.
    pub(crate) fn at(service: Service, path: &str) -> Option<Self> {
        match (service, path) {
            (Service::Atlas, "/api/oauth/token") => Some(Self::OauthToken),
            (Service::Atlas, "/api/oauth/revoke") => Some(Self::OauthRevoke),
            (Service::Ibm, "/identity/token") => Some(Self::IamToken),
            (Service::Ibm, _) if VPC_VERSIONS.iter().any(|it| it.instance == path) => Some(Self::VpcInstanceToken),
            (Service::Ibm, _) if VPC_VERSIONS.iter().any(|it| it.iam == path) => Some(Self::VpcIamToken),
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

/// A checked request for a token, or for its revocation.
#[derive(Debug)]
pub(crate) enum Grant {
    OauthToken,
    OauthRevoke { token: String },
    IamToken { subject: String, scope: Option<String> },
    VpcInstanceToken { lifetime: Duration },
    VpcIamToken { subject: String },
}

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
        Self { status, code, text: text.into(), header: None }
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
