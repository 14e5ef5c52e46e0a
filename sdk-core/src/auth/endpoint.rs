//! Sends requests to a token endpoint.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body::Body as _;
use reqwest::Url;
use serde::de::IgnoredAny;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::token_client::TokenClient;
use crate::deadline::Deadline;
use crate::error::{Details, Error, ErrorKind, retry_after};
use crate::media;
use crate::retry::Backoff;
use crate::text::excerpt;
use crate::url::{is_link_local, is_loopback};

/// The number of attempts before a token request fails.
const ATTEMPTS: u32 = 3;

/// The time limit of one attempt. Some credentials make two requests for a token; without this limit, the first one
/// could use up the time of both.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// The backoff between attempts.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(5));

/// The longest `Retry-After` that is followed. If the endpoint asks for more, the request fails.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(10);

/// The largest response that is read: 1 MiB.
const BODY_LIMIT: usize = 1024 * 1024;

/// The response headers that may contain the request id: those of IBM's IAM and the common ones.
const REQUEST_ID: [&str; 4] = ["transaction-id", "x-global-transaction-id", "x-request-id", "x-correlation-id"];

pub(super) const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Where plain `http` is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlainHttp {
    /// To this machine.
    Loopback,
    /// Also to link-local addresses. The metadata service of a virtual server has such an address and no certificate.
    LinkLocal,
}

/// Checks the URL of a token endpoint. `what` names the URL in the error. The error does not repeat the URL, because it
/// may contain a password.
///
/// # Errors
///
/// Returns [`ErrorKind::Configuration`].
pub(super) fn endpoint_url(text: &str, what: &str, plain_http: PlainHttp) -> Result<Url, Error> {
    let problem = |problem: &str| Error::new(ErrorKind::Configuration, format!("{what} {problem}"));
    let url = Url::parse(text.trim()).map_err(|error| problem("is not a URL").with_source(error))?;
    let plain = is_loopback(&url) || plain_http == PlainHttp::LinkLocal && is_link_local(&url);
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
        return Err(problem("is not a URL of https"));
    }
    if url.scheme() == "http" && !plain {
        return Err(problem("is plain http to another machine, which would show the secret to the network; use https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(problem("has a user or password; set them as the client's id and secret"));
    }
    if url.fragment().is_some() {
        return Err(problem("has a fragment; remove `#` and everything after it"));
    }
    Ok(url)
}

/// A request to a token endpoint. It can be sent several times.
#[derive(Clone)]
pub(super) struct TokenRequest<'a> {
    method: Method,
    url: &'a Url,
    headers: HeaderMap,
    body: Bytes,
}

/// A successful response to a [`TokenRequest`].
pub(super) struct TokenResponse {
    /// When the request was sent.
    pub(super) sent: Instant,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// Whether a body is truncated JSON. A gateway may cut a body off and still declare it complete.
fn is_truncated_json(body: &[u8]) -> bool {
    !body.is_empty() && serde_json::from_slice::<IgnoredAny>(body).is_err_and(|error| error.is_eof())
}

impl<'a> TokenRequest<'a> {
    /// Creates a request that sends `body` and expects JSON.
    pub(super) fn new(method: Method, url: &'a Url, content_type: HeaderValue, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, JSON);
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, content_type);
        }
        Self { method, url, headers, body }
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(super) fn authorization(self, value: Option<HeaderValue>) -> Self {
        match value {
            Some(value) => self.header(AUTHORIZATION, value),
            None => self,
        }
    }

    /// Sends the request and retries it after a connection failure, a timeout, 408, 429, 5xx and truncated JSON. A
    /// retry must fit before `end` and within the client's retry budget.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Credential`] with the endpoint's message and the number of attempts, or
    /// [`ErrorKind::Configuration`] if there is no HTTP client.
    pub(super) async fn send(self, http: &TokenClient, end: Deadline) -> Result<TokenResponse, Error> {
        let mut attempt = 1;
        loop {
            let (error, again) = match self.attempt(http, end).await {
                Ok(answer) => {
                    http.budget().release();
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            let wait = error.retry_after().unwrap_or_else(|| BACKOFF.delay(attempt - 1));
            let in_time = end.at.is_none_or(|end| Instant::now() + wait < end);
            if !again || attempt == ATTEMPTS || wait > MAX_RETRY_AFTER || !in_time || !http.budget().acquire() {
                return Err(error.with_attempts(attempt));
            }
            tracing::debug!(
                target: "cloud_billing_core",
                {
                    http.response.status_code = error.status(),
                    http.request.resend_count = attempt,
                    sdk.wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
                },
                "token request is repeated",
            );
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// Makes one attempt. A failure says whether another attempt may succeed.
    async fn attempt(&self, http: &TokenClient, end: Deadline) -> Result<TokenResponse, (Error, bool)> {
        let client = http.client(self.url).map_err(|error| (error, false))?;
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(USER_AGENT, http.agent().clone());
        *request.body_mut() = Some(self.body.clone().into());

        let sent = Instant::now();
        let exchange = async {
            let response = client.send(request).await?;
            let (head, body) = response.into_parts();
            Ok((head, read(body).await?))
        };
        let limit = Deadline::after(ATTEMPT_TIMEOUT, "attempt").or_earlier(end);
        let (head, body) = match limit.limit("did not answer", exchange).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.no_response(error)),
            Err(late) => {
                let message = format!("{} {}", self.name(), late.message().unwrap_or_default());
                return Err((Error::new(ErrorKind::Credential, message).with_connect_timeout(), true));
            }
        };
        if head.status.is_success() && is_truncated_json(&body) {
            let message = format!("the answer of {} ends early", self.name());
            return Err((Error::new(ErrorKind::Credential, message), true));
        }
        if head.status.is_success() {
            return Ok(TokenResponse { sent, body });
        }
        let status = head.status.as_u16();
        Err((self.error_response(&head, &body), matches!(status, 408 | 429 | 500..)))
    }

    /// The error for a request without a complete response.
    fn no_response(&self, error: Error) -> (Error, bool) {
        let again = matches!(error.kind(), ErrorKind::Connect | ErrorKind::Transport | ErrorKind::Timeout);
        let late = error.is_timeout();
        let message = match error.kind() {
            ErrorKind::BodyTooLarge => format!("the answer of {} has more than {BODY_LIMIT} bytes", self.name()),
            kind => format!("no answer from {}: {kind}", self.name()),
        };
        let out = Error::new(ErrorKind::Credential, message).with_source(error);
        (if late { out.with_connect_timeout() } else { out }, again)
    }

    /// The error for a response with an error status.
    fn error_response(&self, head: &http::response::Parts, body: &[u8]) -> Error {
        let status = head.status.as_u16();
        let mut details = Details::read(media::content_type(&head.headers), body);
        if head.status.is_redirection() {
            details =
                Details { code: None, message: Some(format!("{} redirects, which is not followed", self.name())) };
        } else if self.is_repeated_in(body) {
            details =
                Details { code: None, message: Some(format!("refused by {}, which repeats the secret", self.name())) };
        } else if details.message.is_none() {
            details.message = Some(format!("refused by {}", self.name()));
        }
        let id = REQUEST_ID.iter().find_map(|name| head.headers.get(*name));
        let id = id.map(|id| excerpt(&String::from_utf8_lossy(id.as_bytes()), 200));
        Error::new(ErrorKind::Credential, "")
            .with_response(status, id)
            .with_retry_after(retry_after(&head.headers))
            .with_details(details)
            .with_body(Bytes::copy_from_slice(body))
    }

    /// Whether the response repeats a secret of the request. The error page of a gateway may do that.
    fn is_repeated_in(&self, answer: &[u8]) -> bool {
        let answer = String::from_utf8_lossy(answer);
        let shows = |value: &str| !value.is_empty() && answer.contains(value);
        let decoded = form_urlencoded::parse(&self.body);
        let encoded =
            self.body.split(|b| *b == b'&').filter_map(|pair| std::str::from_utf8(pair).ok()?.split_once('='));
        decoded.into_iter().any(|(name, value)| is_secret(&name) && shows(&value))
            || encoded.into_iter().any(|(name, value)| is_secret(name) && shows(value))
            || self.authorization_secrets().iter().any(|secret| shows(secret))
    }

    /// The secrets in the `Authorization` header, encoded and decoded: a token or a password.
    fn authorization_secrets(&self) -> Vec<Zeroizing<String>> {
        let header = self.headers.get(AUTHORIZATION).and_then(|header| std::str::from_utf8(header.as_bytes()).ok());
        let Some((scheme, sent)) = header.and_then(|header| header.split_once(' ')) else {
            return Vec::new();
        };
        let mut secrets = vec![Zeroizing::new(sent.to_owned())];
        let pair = STANDARD.decode(sent).ok().filter(|_| scheme == "Basic").map(Zeroizing::new);
        if let Some(pair) = pair
            && let Some((_, password)) = std::str::from_utf8(&pair).ok().and_then(|pair| pair.split_once(':'))
        {
            // OAuth form-encodes the password first. Parsing it as the name of a form field decodes it.
            let decoded = form_urlencoded::parse(password.as_bytes()).next();
            secrets.extend(decoded.map(|(password, _)| Zeroizing::new(password.into_owned())));
            secrets.push(Zeroizing::new(password.to_owned()));
        }
        secrets
    }

    /// The host of the endpoint. The full URL may contain a secret and is not shown.
    fn name(&self) -> &str {
        self.url.host_str().unwrap_or("the token endpoint")
    }
}

/// Whether a form field with this name contains a secret.
fn is_secret(name: &str) -> bool {
    matches!(name, "apikey" | "cr_token" | "access_token" | "token")
}

/// Reads the whole body into memory that is wiped.
async fn read(body: reqwest::Body) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut body = std::pin::pin!(body);
    let mut all = Zeroizing::new(Vec::new());
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|error| {
            Error::new(ErrorKind::Transport, "the body ended early").with_source(error.without_url())
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if all.len() + data.len() > BODY_LIMIT {
            return Err(Error::new(ErrorKind::BodyTooLarge, ""));
        }
        all.extend_from_slice(&data);
    }
    Ok(all)
}
