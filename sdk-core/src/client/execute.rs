//! One exchange of a request for an answer, and what the answer means.

use std::future::Future;
use std::time::Duration;

use http::header::{ACCEPT_ENCODING, AUTHORIZATION, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use reqwest::Url;

use super::Inner;
use crate::body::{ByteStream, Timer};
use crate::context::ResponseContext;
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind, retry_after};
use crate::media;
use crate::operation::{Method, Operation};
use crate::request::Prepared;
use crate::text::excerpt;
use crate::transport::content_encoding;

/// How much of an answer that is not wanted is read, and for how long. A new connection costs no more than that.
const DRAIN_LIMIT: usize = 16 * 1024;
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// How much of an error body is kept.
const ERROR_BODY_LIMIT: usize = 256 * 1024;

/// How much of where a redirect leads is shown, in characters. No host is longer (RFC 1035).
const ORIGIN_LIMIT: usize = 300;

/// The time limits of a client, but for the one on connecting, which the HTTP client keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) attempt: Duration,
    pub(crate) idle: Duration,
    pub(crate) overall: Duration,
}

impl Inner {
    /// Waits for the head of an answer, in the time of an attempt, and at most until `end`. `attempt` is the number of the
    /// attempt.
    pub(super) async fn receive(
        &self,
        operation: &'static Operation,
        attempt: u32,
        end: Deadline,
        answer: impl Future<Output = Result<http::Response<reqwest::Body>, Error>>,
    ) -> Result<ByteStream, Error> {
        let deadline = Deadline::after(self.timeouts.attempt, "attempt").or_earlier(end);
        let response = deadline.limit("no answer", answer).await??;

        let (head, body) = response.into_parts();
        let origin = ResponseContext::new(operation, head, &self.id_headers, attempt);
        Ok(ByteStream::new(body, origin, self.body_limit, Timer::new(self.timeouts.idle, deadline)))
    }

    /// A request to a URL, with the client's own headers.
    pub(super) fn request(
        &self,
        prepared: &Prepared,
        url: Url,
        authorization: Option<HeaderValue>,
    ) -> reqwest::Request {
        let mut request = reqwest::Request::new(method(prepared.operation.method()), url);
        *request.headers_mut() = self.headers(prepared, authorization);
        *request.body_mut() = prepared.body.clone().map(Into::into);
        request
    }

    /// The headers of a request: the operation's, and those that it cannot override.
    fn headers(&self, prepared: &Prepared, authorization: Option<HeaderValue>) -> HeaderMap {
        let mut headers = prepared.headers();
        headers.insert(USER_AGENT, self.agent.clone());
        // Whatever else is not refused is compressed for the transfer and unpacked on arrival, which the HTTP client does.
        // A file that is compressed already must arrive as it is.
        if prepared.operation.accepted_type().is_some_and(media::is_gzip) {
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
    let origin = stream.origin();
    if !origin.operation.is_success(origin.meta.status) {
        // Boxed to keep the future of a success small.
        return Err(Box::pin(refusal(stream, discreet)).await);
    }
    match content_encoding(&origin.meta.headers) {
        None => Ok(stream),
        Some(coding) => {
            let message = format!("the body is compressed with `{coding}`, which was not asked for");
            Err(origin.annotate(Error::new(ErrorKind::Decode, message)))
        }
    }
}

/// What an answer that is no success means.
async fn refusal(stream: ByteStream, discreet: bool) -> Error {
    let origin = stream.origin().clone();
    let status = origin.meta.status;
    if origin.operation.is_processing(status) {
        drain(stream).await;
        return origin.not_ready(status);
    }
    // 304 leads nowhere.
    if (300..400).contains(&status) && status != 304 {
        let message = format!("{}, which is not followed", destination(&origin.meta.headers));
        return origin.annotate(Error::new(ErrorKind::Redirect, message));
    }
    if discreet {
        let refused = Error::new(ErrorKind::Api, "the file store refused the address");
        return origin.annotate(refused).with_retry_after(retry_after(&origin.meta.headers));
    }
    let body = stream.prefix(ERROR_BODY_LIMIT).await;
    origin.api_error(status, body)
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

/// The URL of a path and a query, both percent-encoded, at the host of a base URL. The host is not parsed again, which would
/// take longer than all the rest.
pub(super) fn at_host(base: &Url, path: &str, query: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url.set_query((!query.is_empty()).then_some(query));
    url
}

/// Path and query as they stand in the request line.
pub(super) fn request_uri(url: &Url) -> &str {
    // They stand at the end, and nothing but a fragment comes after them.
    let before_fragment = url.as_str().len() - url.fragment().map_or(0, |fragment| fragment.len() + 1);
    let length = url.path().len() + url.query().map_or(0, |query| query.len() + 1);
    &url.as_str()[before_fragment - length..before_fragment]
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
            for (path, query) in [
                ("/", ""),
                ("/v4/a%2Fb/c%20d~", ""),
                ("/v4/x", "a=1&b=%3F%23"),
                ("/v4//x", "q=a?b"),
                ("/%C3%BC/...", "_start="),
            ] {
                let prefix = base.path().trim_end_matches('/');
                let mut text = format!("{}{path}", base.as_str().trim_end_matches('/'));
                if !query.is_empty() {
                    text = format!("{text}?{query}");
                }
                let url = at_host(&base, &format!("{prefix}{path}"), query);
                assert_eq!(url, Url::parse(&text).unwrap(), "{base} {path} {query}");
            }
        }
    }

    #[test]
    fn what_stands_in_the_request_line() {
        for (url, uri) in [
            ("https://a.example", "/"),
            ("https://a.example:8443/v4/a?b=c", "/v4/a?b=c"),
            ("https://a.example/v4?", "/v4?"),
            ("https://a.example/v4?b=/#/v4?b", "/v4?b=/"),
            ("https://a.example/#", "/"),
        ] {
            assert_eq!(request_uri(&Url::parse(url).unwrap()), uri);
        }
    }
}
