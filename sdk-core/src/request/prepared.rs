//! A request that is ready to be sent.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use reqwest::Url;

use crate::media;
use crate::operation::{Method, Operation};

/// A validated request.
pub(crate) struct Prepared {
    pub(crate) operation: &'static Operation,
    /// Percent-encoded, with a leading slash.
    pub(crate) path: String,
    /// Percent-encoded, without a question mark.
    pub(crate) query: String,
    /// The parameters that are headers.
    pub(crate) parameters: HeaderMap,
    pub(crate) accept: Option<HeaderValue>,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Option<Bytes>,
    /// Whether the request asks for an envelope.
    pub(crate) enveloped: bool,
}

impl Prepared {
    /// Creates a request to a complete URL: without parameters, headers and body.
    pub(crate) fn bare(operation: &'static Operation) -> Self {
        Self {
            operation,
            path: String::new(),
            query: String::new(),
            parameters: HeaderMap::new(),
            accept: None,
            content_type: None,
            body: None,
            enveloped: false,
        }
    }

    /// The request to a URL, with the client's own headers. The operation cannot override these.
    pub(crate) fn request(
        &self,
        url: Url,
        agent: &HeaderValue,
        authorization: Option<HeaderValue>,
    ) -> reqwest::Request {
        let mut request = reqwest::Request::new(method(self.operation.method()), url);
        *request.headers_mut() = self.headers(agent, authorization);
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }

    pub(super) fn headers(&self, agent: &HeaderValue, authorization: Option<HeaderValue>) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(self.parameters.len() + 6);
        headers.extend(self.parameters.iter().map(|(name, value)| (name.clone(), value.clone())));
        let own = [(ACCEPT, &self.accept), (CONTENT_TYPE, &self.content_type)];
        headers.extend(own.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        headers.insert(USER_AGENT, agent.clone());
        // The HTTP client asks for gzip and decompresses it. A file that is gzip itself must arrive as it is.
        if self.operation.accept.is_some_and(media::is_gzip) {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if let Some(mut authorization) = authorization {
            authorization.set_sensitive(true);
            headers.insert(AUTHORIZATION, authorization);
        }
        headers
    }
}

/// The URL of a path and a query, both percent-encoded, at the host of a base URL. The host is not parsed again, which would
/// take longer than all the rest.
pub(crate) fn at_host(base: &Url, path: &str, query: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url.set_query((!query.is_empty()).then_some(query));
    url
}

/// Path and query as they stand in the request line.
pub(crate) fn request_uri(url: &Url) -> &str {
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
