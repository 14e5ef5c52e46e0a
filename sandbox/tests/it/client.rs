//! A small HTTP client that sends exactly what it is told to.

use axum::body::Bytes;
use axum::http::{HeaderMap, Request};
use cloud_billing_sandbox::{Sandbox, Service};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// The media type of most of Atlas's operations.
pub(crate) const V2023: &str = "application/vnd.atlas.2023-01-01+json";

/// A request to be sent.
#[derive(Clone)]
pub(crate) struct Ask {
    url: String,
    method: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A request with credentials, and nothing else.
pub(crate) fn ask(sandbox: &Sandbox, service: Service, method: &str, target: &str) -> Ask {
    at(sandbox.url(service), target).method(method)
}

/// A `GET` with credentials, and nothing else, wherever that is.
pub(crate) fn at(origin: &str, target: &str) -> Ask {
    let url = format!("{origin}{target}");
    Ask { url, method: "GET".to_owned(), headers: Vec::new(), body: Vec::new() }.header("authorization", "Bearer token")
}

/// A request of Atlas with the media type of most operations.
pub(crate) fn atlas(sandbox: &Sandbox, target: &str) -> Ask {
    ask(sandbox, Service::Atlas, "GET", target).header("accept", V2023)
}

/// A request of IBM.
pub(crate) fn ibm(sandbox: &Sandbox, target: &str) -> Ask {
    ask(sandbox, Service::Ibm, "GET", target).header("accept", "application/json")
}

impl Ask {
    pub(crate) fn method(mut self, method: &str) -> Self {
        self.method = method.to_owned();
        self
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self
    }

    /// Replaces `Authorization`.
    pub(crate) fn authorization(self, value: &str) -> Self {
        self.without("authorization").header("authorization", value)
    }

    /// Replaces `Authorization` by a bearer token.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.authorization(&format!("Bearer {token}"))
    }

    /// Makes it a `POST` of a form, without credentials.
    pub(crate) fn form(self, body: &str) -> Self {
        self.method("POST").without("authorization").body("application/x-www-form-urlencoded", body)
    }

    /// Replaces `Accept`.
    pub(crate) fn accept(self, media_type: &str) -> Self {
        self.without("accept").header("accept", media_type)
    }

    /// Sets the body.
    pub(crate) fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", media_type)
    }

    /// Sends it and expects an answer.
    pub(crate) async fn send(self) -> Reply {
        self.try_send().await.unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Sends it, and says why if no answer arrives, or only a part of one.
    pub(crate) async fn try_send(self) -> Result<Reply, String> {
        let mut request = Request::builder().method(self.method.as_str()).uri(self.url);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(self.body))).expect("the test's request is well-formed");
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let (head, body) = client.request(request).await.map_err(|error| format!("head: {error:?}"))?.into_parts();
        let body = body.collect().await.map_err(|error| format!("body: {error:?}"))?.to_bytes().to_vec();
        Ok(Reply { status: head.status.as_u16(), headers: head.headers, body })
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("headers are text"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// Status, code and message of an error, in either service's shape.
    pub(crate) fn error(&self) -> String {
        let body = self.json();
        if let Some(code) = body["errorCode"].as_str() {
            assert_eq!(body["error"], self.status, "{body}");
            assert_eq!(self.header("content-type"), Some("application/json"));
            return format!("{} {code}: {}", self.status, body["detail"].as_str().unwrap());
        }
        assert!(body["trace"].is_string(), "{body}");
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("{body} has no errors"));
        let texts = errors
            .iter()
            .map(|error| format!("{}: {}", error["code"].as_str().unwrap(), error["message"].as_str().unwrap()));
        format!("{} {}", self.status, texts.collect::<Vec<_>>().join("; "))
    }
}
