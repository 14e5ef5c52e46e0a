//! Requests to a sandbox.

use cloud_billing_sandbox::{Sandbox, Service};
pub(crate) use test_support::client::{Reply, TestRequest, at};

/// The media type of most of Atlas's operations.
pub(crate) const V2023: &str = "application/vnd.atlas.2023-01-01+json";

/// A request with a bearer token and no other header.
pub(crate) fn ask(sandbox: &Sandbox, service: Service, method: &str, target: &str) -> TestRequest {
    at(sandbox.url(service), target).method(method)
}

/// A `GET` from Atlas with the media type of most operations.
pub(crate) fn atlas(sandbox: &Sandbox, target: &str) -> TestRequest {
    ask(sandbox, Service::Atlas, "GET", target).header("accept", V2023)
}

/// A `GET` from IBM.
pub(crate) fn ibm(sandbox: &Sandbox, target: &str) -> TestRequest {
    ask(sandbox, Service::Ibm, "GET", target).header("accept", "application/json")
}
