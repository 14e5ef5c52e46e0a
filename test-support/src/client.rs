//! A small HTTP client that sends a request unchanged: no retries, no checks, no redirects.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on panics")]
#![allow(clippy::missing_panics_doc, reason = "all of it panics where a test has to fail")]

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// A request to be sent.
#[derive(Clone, Debug)]
#[must_use]
pub struct TestRequest {
    url: String,
    method: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A `GET` at an origin, with a bearer token and no other header.
pub fn at(origin: &str, target: &str) -> TestRequest {
    let url = format!("{origin}{target}");
    TestRequest { url, method: "GET".to_owned(), headers: Vec::new(), body: Vec::new() }
        .header("authorization", "Bearer token")
}

impl TestRequest {
    /// Replaces the method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = method.to_owned();
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Removes a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self
    }

    /// Replaces `Authorization`.
    pub fn authorization(self, value: &str) -> Self {
        self.without("authorization").header("authorization", value)
    }

    /// Replaces `Authorization` by a bearer token.
    pub fn bearer(self, token: &str) -> Self {
        self.authorization(&format!("Bearer {token}"))
    }

    /// Makes it a `POST` of a form, without a credential.
    pub fn form(self, body: &str) -> Self {
        self.method("POST").without("authorization").body("application/x-www-form-urlencoded", body)
    }

    /// Replaces `Accept`.
    pub fn accept(self, media_type: &str) -> Self {
        self.without("accept").header("accept", media_type)
    }

    /// Sets the body.
    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", media_type)
    }

    /// Sends it. A response must arrive.
    pub async fn send(self) -> Reply {
        self.try_send().await.unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Sends it.
    ///
    /// # Errors
    /// If no response arrives, or only a part of it. The error says whether it is the head or the body that is missing.
    pub async fn try_send(self) -> Result<Reply, String> {
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

/// A response.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("headers are text"))
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// Status, code and message of an error, in the form of either service.
    #[must_use]
    pub fn error(&self) -> String {
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
