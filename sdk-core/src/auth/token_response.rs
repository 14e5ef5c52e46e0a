//! Parses the response of a token endpoint.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::Value;

use super::cache::Token;
use super::endpoint::TokenResponse;
use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

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
    pub(super) fn token(self) -> Result<Token, Error> {
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
