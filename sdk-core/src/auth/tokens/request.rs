//! Requests to token endpoints.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use reqwest::Url;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use tokio::time::Instant;
use tracing::Instrument;
use zeroize::Zeroizing;

use super::Token;
use super::client::{BODY_LIMIT, TokenClient};
use crate::body::ByteStream;
use crate::deadline::Deadline;
use crate::echo::{Secrecy, Sent};
use crate::error::{Details, Error, ErrorKind};
use crate::executor::{Executor, Limits, check_status};
use crate::operation::Operation;
use crate::request::Prepared;
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::telemetry;

/// How token requests are retried: sooner and less often than calls, because a call waits for them. All of them may be
/// repeated: each returns a token of its own, or revokes the same one.
const POLICY: RetryPolicy = RetryPolicy::new()
    .max_attempts(3)
    .backoff(Duration::from_millis(500), Duration::from_secs(5))
    .max_retry_after(Duration::from_secs(10));

pub(in crate::auth) const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
pub(in crate::auth) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A request to a token endpoint. It can be sent several times.
pub(in crate::auth) struct TokenRequest<'a> {
    url: &'a Url,
    prepared: Prepared,
    authorization: Option<HeaderValue>,
    /// The response headers that may contain the request id, if they are not those of the client's service.
    id_headers: Option<&'static [HeaderName]>,
}

/// A successful response to a [`TokenRequest`].
pub(in crate::auth) struct TokenResponse {
    /// When the request was sent.
    sent: Instant,
    body: Zeroizing<Vec<u8>>,
}

impl<'a> TokenRequest<'a> {
    /// Creates a request that sends `body` and expects JSON.
    pub(in crate::auth) fn new(
        operation: &'static Operation,
        url: &'a Url,
        content_type: HeaderValue,
        body: Bytes,
    ) -> Self {
        let mut prepared = Prepared::bare(operation);
        prepared.accept = Some(JSON);
        prepared.content_type = (!body.is_empty()).then_some(content_type);
        prepared.body = Some(body);
        Self { url, prepared, authorization: None, id_headers: None }
    }

    pub(in crate::auth) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.prepared.parameters.insert(name, value);
        self
    }

    pub(in crate::auth) fn authorization(mut self, value: Option<HeaderValue>) -> Self {
        self.authorization = value;
        self
    }

    pub(in crate::auth) fn id_headers(mut self, names: &'static [HeaderName]) -> Self {
        self.id_headers = Some(names);
        self
    }

    /// Sends the request, and again as [`retry`](crate::retry) says. A retry must fit before `end` and within the
    /// client's retry budget.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Credential`] with the endpoint's message and the number of attempts, or
    /// [`ErrorKind::Configuration`] if there is no HTTP client.
    pub(in crate::auth) async fn send(self, client: &TokenClient, end: Deadline) -> Result<TokenResponse, Error> {
        let span = telemetry::call_span(client.service, self.prepared.operation, self.url);
        let executor = Executor::new(span.clone(), end, POLICY, Some(&client.budget), true);
        self.attempts(client, executor).instrument(span).await
    }

    async fn attempts(&self, client: &TokenClient, mut executor: Executor<'_>) -> Result<TokenResponse, Error> {
        loop {
            match self.attempt(client, &mut executor).await {
                Ok(response) => {
                    executor.succeeded();
                    return Ok(response);
                }
                Err(error) => executor.retry(error).await.map_err(|error| self.failure(error))?,
            }
        }
    }

    async fn attempt(&self, client: &TokenClient, executor: &mut Executor<'_>) -> Result<TokenResponse, Error> {
        let request = self.prepared.request(self.url.clone(), &client.agent, self.authorization.clone());
        let sent = Instant::now();
        let http = client.http(self.url)?;
        let (operation, limits) = (self.prepared.operation, self.limits(client));
        let span = executor.begin(operation, self.url, self.sent());
        let stream = executor.receive(span, operation, (&limits, limits.timeouts), http.send(request)).await?;
        let body = read(check_status(stream, false).await?).await?;
        Ok(TokenResponse { sent, body })
    }

    fn sent(&self) -> Sent {
        Sent {
            authorization: self.authorization.clone(),
            form: self.prepared.body.clone().unwrap_or_default(),
            url: Some((self.url.clone(), Secrecy::Query)),
            ..Sent::default()
        }
    }

    fn limits(&self, client: &TokenClient) -> Limits {
        let limits = client.limits.clone();
        match self.id_headers {
            Some(names) => Limits { id_headers: names.into(), ..limits },
            None => limits,
        }
    }

    /// The error for the caller.
    fn failure(&self, error: Error) -> Error {
        let name = self.name();
        let message = match error.kind() {
            ErrorKind::Configuration => return error,
            ErrorKind::Api => return self.refusal(&error),
            ErrorKind::Redirect => format!("{name} redirects, which is not followed"),
            ErrorKind::Decode if error.is_truncated() => format!("the answer of {name} ends early"),
            ErrorKind::Decode => {
                format!("the answer of {name} cannot be read: {}", error.message().unwrap_or_default())
            }
            ErrorKind::BodyTooLarge => format!("the answer of {name} has more than {BODY_LIMIT} bytes"),
            kind => format!("no answer from {name}: {kind}"),
        };
        let mut out = Error::new(ErrorKind::Credential, message).with_attempts(error.attempts());
        if error.kind() == ErrorKind::Redirect
            && let Some(status) = error.status()
        {
            out = out.with_response(status, error.request_id().map(str::to_owned));
        }
        if error.is_timeout() {
            out = out.with_connect_timeout();
        }
        out.with_source(error)
    }

    /// The error for a response with an error status. If it repeats a secret, it has no body any more.
    fn refusal(&self, error: &Error) -> Error {
        let name = self.name();
        let out = Error::new(ErrorKind::Credential, format!("refused by {name}, which repeats the secret"))
            .with_response(error.status().unwrap_or_default(), error.request_id().map(str::to_owned))
            .with_retry_after(error.retry_after())
            .with_attempts(error.attempts());
        let Some(body) = error.body() else { return out };
        let message = error.message().map_or_else(|| format!("refused by {name}"), str::to_owned);
        let details = Details { code: error.code().map(str::to_owned), message: Some(message) };
        out.with_details(details).with_body(body.clone())
    }

    /// The host of the endpoint. The full URL may contain a secret and is not shown.
    fn name(&self) -> &str {
        self.url.host_str().unwrap_or("the token endpoint")
    }
}

/// Reads the whole body into memory that is wiped. A gateway may cut a body off and still declare it complete, so
/// truncated JSON is an error.
async fn read(mut stream: ByteStream) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut all = Zeroizing::new(Vec::new());
    while let Some(chunk) = stream.next().await.transpose()? {
        if all.len() + chunk.len() > BODY_LIMIT {
            return Err(Error::new(ErrorKind::BodyTooLarge, ""));
        }
        all.extend_from_slice(&chunk);
    }
    if !all.is_empty() && serde_json::from_slice::<IgnoredAny>(&all).is_err_and(|error| error.is_eof()) {
        return Err(Error::new(ErrorKind::Decode, "").with_truncated(true));
    }
    Ok(all)
}

/// The fields that are used: those of RFC 6749, section 5.1, and IBM's `expiration`.
#[derive(Deserialize)]
struct Fields {
    access_token: Option<String>,
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    expiration: Value,
}

impl TokenResponse {
    /// Extracts the access token.
    ///
    /// The lifetime is `expires_in`, in seconds. If that is missing, it is computed from `expiration` (seconds since
    /// 1970) and this machine's clock. If both are missing, the lifetime is unknown. The token itself is not parsed: it
    /// is opaque to a client (RFC 6749, section 1.4).
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Credential`]. The error does not contain the body, because the body may contain a token.
    pub(in crate::auth) fn token(self) -> Result<Token, Error> {
        let fields = match serde_json::from_slice::<Fields>(&self.body) {
            Ok(fields) => fields,
            // The message of serde_json may contain a value, so only the position is reported.
            Err(error) => {
                let place = format!("line {}, column {}", error.line(), error.column());
                return Err(unusable(&format!("is not the JSON of a token at {place}")));
            }
        };
        let Some(token) = fields.access_token.filter(|token| !token.is_empty()) else {
            return Err(unusable("has no `access_token`"));
        };
        let text = Secret::new(token);
        if fields.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            // RFC 6749, section 7.1: a client must not use a token of a type that it does not know.
            return Err(unusable("has a `token_type` other than `Bearer`"));
        }
        let lifetime = seconds(&fields.expires_in).or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Some(seconds(&fields.expiration)?.saturating_sub(now))
        });
        Ok(Token { text, issued: self.sent, lifetime })
    }
}

/// A number of seconds. Some gateways write it as a string. Returns `None` for any other value.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds.max(0.0)).ok()
}

fn unusable(problem: &str) -> Error {
    Error::new(ErrorKind::Credential, format!("the answer of the token endpoint {problem}"))
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    fn read(body: &str) -> Result<Token, Error> {
        TokenResponse { sent: Instant::now(), body: body.as_bytes().to_vec().into() }.token()
    }

    fn lifetime(fields: &str) -> Option<u64> {
        let token = read(&format!(r#"{{"access_token": "hush"{fields}}}"#)).unwrap();
        assert_eq!(token.text.expose(), "hush");
        token.lifetime.map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn lifetimes() {
        assert_eq!(lifetime(r#", "token_type": "bearer", "expires_in": 3600, "expiration": 5"#), Some(3600));
        assert_eq!(lifetime(r#", "expires_in": "3600""#), Some(3600));
        assert_eq!(lifetime(r#", "expires_in": 3599.9"#), Some(3599));
        assert_eq!(lifetime(r#", "expires_in": -5"#), Some(0));
        assert_eq!(lifetime(""), None);
        for odd in ["null", "[]", "\"soon\"", "\"NaN\"", "1e300", "\"inf\""] {
            // `NaN.max(0.0)` is 0.
            let expected = if odd == "\"NaN\"" { Some(0) } else { None };
            assert_eq!(lifetime(&format!(r#", "expires_in": {odd}"#)), expected, "{odd}");
        }
    }

    #[test]
    fn an_expiration_is_counted_from_now() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let left = lifetime(&format!(r#", "expiration": {}"#, now + 1000)).unwrap();
        assert!((990..=1000).contains(&left), "{left}");
        assert_eq!(lifetime(r#", "expiration": 1000"#), Some(0));
    }

    #[test]
    fn what_is_no_token_is_refused_without_showing_it() {
        for body in [
            "",
            "hush",
            "[]",
            "{}",
            r#"{"access_token": ""}"#,
            r#"{"access_token": ["hush"]}"#,
            r#"{"access_token": null, "refresh_token": "hush"}"#,
            r#"{"access_token": "hush", "token_type": "mac"}"#,
            r#"{"access_token": "hush", "token_type": {"hush": 1}}"#,
        ] {
            let error = read(body).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Credential);
            assert!(!format!("{error} {error:?}").contains("hush") && error.body().is_none(), "{error:?}");
        }
    }
}
