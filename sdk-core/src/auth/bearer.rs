//! A fixed access token.

use http::HeaderValue;
use zeroize::Zeroizing;

use super::form::secret_header;
use super::{BoxFuture, Credential, Target};
use crate::error::Error;
use crate::secret::Secret;

/// A fixed access token, sent as `Authorization: Bearer <token>` (RFC 6750).
#[derive(Clone, Debug)]
pub struct BearerToken {
    token: Secret,
}

impl BearerToken {
    /// A credential that sends `token` as it is.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { token: token.into() }
    }
}

impl Credential for BearerToken {
    fn authorization<'a>(&'a self, _target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        Box::pin(std::future::ready(bearer(&self.token).map(Some)))
    }
}

/// The header value for a bearer token, marked as sensitive.
pub(super) fn bearer(token: &Secret) -> Result<HeaderValue, Error> {
    let token = token.expose();
    let mut text = Zeroizing::new(String::with_capacity("Bearer ".len() + token.len()));
    text.push_str("Bearer ");
    text.push_str(token);
    secret_header(text, "the token")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_bearer_header_is_sensitive() {
        let value = bearer(&Secret::new("abc")).unwrap();
        assert_eq!(value.as_bytes(), b"Bearer abc");
        assert!(value.is_sensitive());
        assert_eq!(format!("{value:?}"), "Sensitive");
    }

    #[test]
    fn a_token_with_a_line_break_is_refused_without_showing_it() {
        let error = bearer(&Secret::new("hush\r\nX: y")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert!(!format!("{error} {error:?}").contains("hush"));
    }

    #[test]
    fn debug_shows_no_token() {
        assert_eq!(format!("{:?}", BearerToken::new("hush")), "BearerToken { token: Secret(..) }");
    }
}
