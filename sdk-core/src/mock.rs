//! Answers without sockets, for tests of a program that uses a client.
//!
//! A client whose [`HttpClient`](crate::HttpClient) is a [mock](crate::HttpClient::mock) opens no connection: a function gets
//! each request, those for tokens included, and returns the response. Everything else is as with a service: parameters are checked, credentials added,
//! statuses classified, failures retried, bodies decoded, pages listed.
//!
//! ```
//! use cloud_billing_core::mock::MockResponse;
//! use cloud_billing_core::{Core, HttpClient, Method, Operation, Request, Service};
//!
//! const SERVICE: Service = Service::new("acme-costs", "https://costs.example.com");
//! const LIST: Operation = Operation::new("listCosts", Method::Get, "/costs");
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), cloud_billing_core::Error> {
//! let http = HttpClient::mock(|request| match request.path() {
//!     "/costs" => MockResponse::json(200, r#"[1, 2]"#),
//!     _ => MockResponse::json(404, "{}"),
//! });
//! let core = Core::builder(&SERVICE).http_client(http).no_credential().build()?;
//! let costs = core.json::<Vec<u32>>(Request::new(&LIST)).await?.into_inner();
//! assert_eq!(costs, [1, 2]);
//! # Ok(())
//! # }
//! ```
//!
//! The sandbox, `cloud-billing-sandbox`, is the other way to test without a service: it knows the rules of the vendors, answers
//! from records that add up, and needs sockets on this machine.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::error::{Error, ErrorKind};
use crate::request::request_uri;

/// Answers a request.
pub(crate) type Answer = Arc<dyn Fn(&MockRequest<'_>) -> MockResponse + Send + Sync>;

/// A request that a client would send.
pub struct MockRequest<'a>(pub(crate) &'a reqwest::Request);

impl MockRequest<'_> {
    /// The method, in capitals.
    pub fn method(&self) -> &str {
        self.0.method().as_str()
    }

    /// The host of the address.
    pub fn host(&self) -> &str {
        self.0.url().host_str().unwrap_or_default()
    }

    /// The path, percent-encoded, without the query.
    pub fn path(&self) -> &str {
        self.0.url().path()
    }

    /// Path and query, as they stand in the request line.
    pub fn target(&self) -> &str {
        request_uri(self.0.url())
    }

    /// The first value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        self.0.url().query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A header, whatever the case of its name; `None` if it is not text. The credential is among the headers.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }

    /// The body. Empty if there is none.
    pub fn body(&self) -> &[u8] {
        self.0.body().and_then(reqwest::Body::as_bytes).unwrap_or_default()
    }
}

impl fmt::Debug for MockRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockRequest")
            .field("method", &self.method())
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

/// What a mock answers.
#[derive(Clone, Debug)]
pub struct MockResponse {
    outcome: Result<u16, ErrorKind>,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl MockResponse {
    /// A response without a body.
    pub const fn new(status: u16) -> Self {
        Self { outcome: Ok(status), headers: Vec::new(), body: Bytes::new() }
    }

    /// A response with a JSON body.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status).header("content-type", "application/json").body(body)
    }

    /// No response: the request fails with this kind of error, such as [`ErrorKind::Connect`] or [`ErrorKind::Transport`].
    pub const fn failure(kind: ErrorKind) -> Self {
        Self { outcome: Err(kind), headers: Vec::new(), body: Bytes::new() }
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The response as the HTTP client returns it.
    pub(crate) fn into_http(self) -> Result<http::Response<reqwest::Body>, Error> {
        let invalid = |what: &str| Error::new(ErrorKind::InvalidRequest, format!("the mock's {what} is invalid"));
        let status = self.outcome.map_err(|kind| Error::new(kind, "the mock fails"))?;
        let mut response = http::Response::new(reqwest::Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(status).map_err(|_| invalid("status"))?;
        for (name, value) in self.headers {
            let name = HeaderName::try_from(name).map_err(|_| invalid("header name"))?;
            response.headers_mut().append(name, HeaderValue::try_from(value).map_err(|_| invalid("header value"))?);
        }
        Ok(response)
    }
}
