//! The log of requests.

use std::collections::VecDeque;
use std::fmt;

use crate::lock::Lock;
use crate::spec::Service;

/// How many requests are kept. The oldest are dropped.
const MAX_RECORDED: usize = 10_000;

/// Headers whose values are secrets.
const SECRET_HEADERS: &[&str] = &["authorization", "cookie", "proxy-authorization"];

/// A request that a sandbox received, and the status of its response.
///
/// Its `Debug` output has no secrets: of `Authorization` it shows the scheme only, of a signed URL everything but the
/// signature, and of the body the length only.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The service that received it.
    pub service: Service,
    /// The operation of method and path, if there is one. Besides the operations of the specs there are `oauthToken`,
    /// `oauthRevoke`, `iamToken`, `vpcInstanceToken`, `vpcIamToken` and `downloadReport`.
    pub operation: Option<String>,
    /// The method.
    pub method: String,
    /// Path and query, as on the request line.
    pub target: String,
    /// Names (in lower case) and values of the headers in their order; headers of the same name stand together.
    pub headers: Vec<(String, String)>,
    /// The body. Empty if it was longer than the sandbox reads.
    pub body: Vec<u8>,
    /// The status of the response, even if a fault kept it from the client.
    pub status: u16,
    /// Why the request was refused: one text for each broken rule. Empty if it was accepted.
    pub refusals: Vec<String>,
    /// The faults that were applied, one text for each.
    pub faults: Vec<String>,
}

impl RecordedRequest {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name, shown(name, value))).collect();
        f.debug_struct("RecordedRequest")
            .field("service", &self.service)
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("target", &shown_target(&self.target))
            .field("headers", &headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("status", &self.status)
            .field("refusals", &self.refusals)
            .field("faults", &self.faults)
            .finish()
    }
}

/// A header's value without its secret.
fn shown(name: &str, value: &str) -> String {
    match value.split_once(' ') {
        _ if !SECRET_HEADERS.contains(&name) => value.to_owned(),
        Some((scheme, _)) if name != "cookie" => format!("{scheme} [redacted]"),
        _ => "[redacted]".to_owned(),
    }
}

/// Path and query without the signature of an address.
fn shown_target(target: &str) -> String {
    match target.split_once("signature=") {
        Some((before, rest)) => {
            let after = rest.find('&').and_then(|end| rest.get(end..)).unwrap_or_default();
            format!("{before}signature=[redacted]{after}")
        }
        None => target.to_owned(),
    }
}

/// The requests of one sandbox, oldest first.
#[derive(Debug)]
pub(crate) struct Log {
    room: usize,
    requests: Lock<VecDeque<RecordedRequest>>,
}

impl Log {
    /// A log of the latest requests; ten thousand by default.
    pub(crate) fn new(room: Option<usize>) -> Self {
        Self { room: room.unwrap_or(MAX_RECORDED), requests: Lock::default() }
    }

    pub(crate) fn push(&self, request: RecordedRequest) {
        let mut requests = self.requests.lock();
        while !requests.is_empty() && requests.len() >= self.room {
            requests.pop_front();
        }
        if self.room > 0 {
            requests.push_back(request);
        }
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.requests.lock().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.requests.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str) -> RecordedRequest {
        RecordedRequest {
            service: Service::Ibm,
            operation: None,
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: vec![
                ("authorization".to_owned(), "Bearer s3cret".to_owned()),
                ("cookie".to_owned(), "a=s3cret; b=s3cret".to_owned()),
                ("accept".to_owned(), "*/*".to_owned()),
            ],
            body: b"s3cret".to_vec(),
            status: 404,
            refusals: Vec::new(),
            faults: Vec::new(),
        }
    }

    #[test]
    fn debug_keeps_secrets() {
        let text = format!("{:?}", request("/a?signature=s3cret&b=c"));
        assert!(!text.contains("s3cret"), "{text}");
        assert!(text.contains(r#"("authorization", "Bearer [redacted]")"#), "{text}");
        assert!(text.contains("6 bytes") && text.contains("/a?signature=[redacted]&b=c"), "{text}");
    }

    #[test]
    fn the_oldest_requests_are_dropped() {
        let log = Log::new(None);
        for index in 0..=MAX_RECORDED {
            log.push(request(&index.to_string()));
        }
        let all = log.all();
        assert_eq!((all.len(), all[0].target.as_str()), (MAX_RECORDED, "1"));
        log.clear();
        assert!(log.all().is_empty());
    }
}
