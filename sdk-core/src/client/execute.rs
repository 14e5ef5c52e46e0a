//! One exchange of a request for an answer, and what the answer means.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use reqwest::Url;

use super::Inner;
use super::timeouts::Deadline;
use crate::body::{ByteStream, Timer};
use crate::error::{Details, Error, ErrorKind, retry_after};
use crate::media;
use crate::operation::{Method, Operation};
use crate::response::{Meta, RateLimit};
use crate::text::excerpt;
use crate::transport::{HttpClient, packing};

/// How much of an answer that is not wanted is read, and for how long. A new connection costs no more than that.
const DRAIN_LIMIT: usize = 16 * 1024;
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// How much of an error body is kept.
const ERROR_BODY_LIMIT: usize = 256 * 1024;

/// How much of where a redirect leads is shown, in characters. No host is longer (RFC 1035).
const ORIGIN_LIMIT: usize = 300;

/// Where an answer came from, so that whatever fails later can say so.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) operation: &'static Operation,
    pub(crate) meta: Arc<Meta>,
    pub(crate) attempts: u32,
}

impl Origin {
    /// Adds operation, status, request identifier and number of attempts to an error.
    pub(crate) fn annotate(&self, error: Error) -> Error {
        error
            .with_operation(self.operation.id())
            .with_response(self.meta.status, self.meta.request_id.clone())
            .with_attempts(self.attempts)
    }

    /// The error for an error status, with what its body says.
    pub(crate) fn api_error(&self, status: u16, body: Bytes) -> Error {
        let details = Details::read(media::content_type(&self.meta.headers), &body);
        self.annotate(Error::new(ErrorKind::Api, ""))
            .with_response(status, self.meta.request_id.clone())
            .with_retry_after(retry_after(&self.meta.headers))
            .with_rate_limit(RateLimit::from_headers(&self.meta.headers))
            .with_details(details)
            .with_body(body)
    }

    /// The error for an answer that there is no result yet.
    pub(crate) fn not_ready(&self, status: u16) -> Error {
        self.annotate(Error::new(ErrorKind::NotReady, "the service is still working on it"))
            .with_response(status, self.meta.request_id.clone())
            .with_retry_after(retry_after(&self.meta.headers))
            .with_rate_limit(RateLimit::from_headers(&self.meta.headers))
    }
}

/// What one exchange sends, and until when.
pub(super) struct Exchange {
    pub(super) operation: &'static Operation,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
    /// The end of the call.
    pub(super) deadline: Deadline,
    /// Which one of the call it is.
    pub(super) attempt: u32,
}

impl Inner {
    /// Sends a request once. Returns the answer whatever its status.
    pub(super) async fn send(&self, http: &HttpClient, exchange: Exchange) -> Result<ByteStream, Error> {
        let mut request = reqwest::Request::new(method(exchange.operation.method()), exchange.url);
        *request.headers_mut() = exchange.headers;
        *request.body_mut() = exchange.body.map(Into::into);

        let deadline = Deadline::after(self.timeouts.attempt, "attempt").or_earlier(exchange.deadline);
        let response = deadline.limit("no answer", http.send(request)).await??;

        let (head, body) = response.into_parts();
        let request_id = self.service.request_id(&head.headers);
        let meta = Arc::new(Meta { status: head.status.as_u16(), headers: head.headers, request_id });
        let origin = Origin { operation: exchange.operation, meta, attempts: exchange.attempt };
        Ok(ByteStream::new(body, origin, self.body_limit, Timer::new(self.timeouts.idle, deadline)))
    }

    /// The headers of a request: the operation's, and those that it cannot override.
    pub(super) fn headers(&self, own: &HeaderMap, authorization: Option<HeaderValue>) -> HeaderMap {
        let mut headers = own.clone();
        headers.insert(USER_AGENT, self.agent.clone());
        // Whatever else is not refused is compressed for the transfer and unpacked on arrival, which the HTTP client does.
        // A file that is compressed already must arrive as it is.
        let compressed = own.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(media::is_gzip);
        if compressed {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if let Some(mut authorization) = authorization {
            authorization.set_sensitive(true);
            headers.insert(AUTHORIZATION, authorization);
        }
        headers
    }
}

/// Reads what is left of an answer that is not wanted, so that its connection can be used again. If that is much or takes
/// time, the connection is given up instead.
pub(super) async fn drain(stream: ByteStream) {
    if stream.announced().is_none_or(|announced| announced <= DRAIN_LIMIT as u64) {
        // Either way it is over.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, stream.prefix(DRAIN_LIMIT)).await;
    }
}

/// Tells a success from everything else by its status. For a `discreet` call the body of a refusal stays unread: a file
/// store explains itself by repeating parts of an address that is a secret.
pub(super) async fn settle(stream: ByteStream, discreet: bool) -> Result<ByteStream, Error> {
    let origin = stream.origin().clone();
    let status = origin.meta.status;
    if origin.operation.is_success(status) {
        return match packing(&origin.meta.headers) {
            None => Ok(stream),
            Some(coding) => {
                let message = format!("the body is compressed with `{coding}`, which was not asked for");
                Err(origin.annotate(Error::new(ErrorKind::Decode, message)))
            }
        };
    }
    if origin.operation.is_processing(status) {
        drain(stream).await;
        return Err(origin.not_ready(status));
    }
    // 304 leads nowhere.
    if (300..400).contains(&status) && status != 304 {
        let message = format!("{}, which is not followed", destination(&origin.meta.headers));
        return Err(origin.annotate(Error::new(ErrorKind::Redirect, message)));
    }
    if discreet {
        let refused = Error::new(ErrorKind::Api, "the file store refused the address");
        return Err(origin.annotate(refused).with_retry_after(retry_after(&origin.meta.headers)));
    }
    let body = stream.prefix(ERROR_BODY_LIMIT).await;
    Err(origin.api_error(status, body))
}

/// Where a redirect leads, as far as it is fit to be shown: paths and queries may hold tokens.
fn destination(headers: &HeaderMap) -> String {
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    match location.and_then(|location| Url::parse(location).ok()) {
        Some(url) if !url.origin().is_tuple() => format!("to an address of the kind `{}`", excerpt(url.scheme(), 20)),
        Some(url) => format!("to {}", excerpt(&url.origin().ascii_serialization(), ORIGIN_LIMIT)),
        None => "within the service".to_owned(),
    }
}

/// The URL of a path, with a leading slash, and a query, both percent-encoded, below a base URL. The host is not parsed again,
/// which would take longer than all the rest.
pub(super) fn below(base: &Url, path_and_query: &str) -> Url {
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    url
}

/// Path and query as they stand in the request line.
pub(super) fn request_uri(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Put => http::Method::PUT,
        Method::Post => http::Method::POST,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_below_a_base_are_those_that_parsing_gives() {
        for base in
            ["https://a.example", "https://a.example:8443/", "http://127.0.0.1:1/prefix", "https://a.example/p%20q/"]
        {
            let base = Url::parse(base).unwrap();
            for path in ["/", "/v4/a%2Fb/c%20d~", "/v4/x?a=1&b=%3F%23", "/v4/x?", "/v4//x?q=a?b", "/%C3%BC/...?_start="]
            {
                let parsed = Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).unwrap();
                assert_eq!(below(&base, path), parsed, "{base} {path}");
            }
        }
    }
}
