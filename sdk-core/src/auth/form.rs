//! Form bodies and HTTP Basic headers. Their memory is wiped when it is freed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};

/// Encodes a body of type `application/x-www-form-urlencoded` (WHATWG URL Standard, section 5.2): a space becomes `+`.
pub(super) fn form(fields: &[(&str, &str)]) -> Bytes {
    let capacity = fields.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    // Allocate the full size at once: a string that grows leaves copies of the secret in memory.
    let mut body = Zeroizing::new(String::with_capacity(capacity));
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        body.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        body.push('=');
        body.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
    secret_bytes(body)
}

/// Encodes one value as [`form`] does.
pub(super) fn form_encoded(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(3 * text.len()));
    out.extend(form_urlencoded::byte_serialize(text.as_bytes()));
    out
}

/// Bytes that are wiped when the last reference to them is dropped.
pub(super) fn secret_bytes(text: Zeroizing<String>) -> Bytes {
    struct Wiped(Zeroizing<String>);

    impl AsRef<[u8]> for Wiped {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }

    Bytes::from_owner(Wiped(text))
}

/// A header value that `Debug` does not print, and that is wiped when the last reference to it is dropped.
///
/// # Errors
///
/// Returns `Credential` if a header cannot contain `text`. `what` names the value in the error.
pub(super) fn secret_header(text: Zeroizing<String>, what: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_maybe_shared(secret_bytes(text)).map_err(|_| {
        Error::new(ErrorKind::Credential, format!("{what} has a character that cannot stand in an HTTP header"))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The header of HTTP Basic authentication (RFC 7617). `user` must not contain a colon.
pub(super) fn basic(user: &str, password: &str) -> Result<HeaderValue, Error> {
    let mut pair = Zeroizing::new(String::with_capacity(user.len() + 1 + password.len()));
    pair.push_str(user);
    pair.push(':');
    pair.push_str(password);
    // Base64 encodes three bytes as four characters.
    let mut header = Zeroizing::new(String::with_capacity("Basic ".len() + pair.len().div_ceil(3) * 4));
    header.push_str("Basic ");
    STANDARD.encode_string(pair.as_bytes(), &mut header);
    secret_header(header, "the client id or secret")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_escape_everything_that_could_end_a_value() {
        let body = form(&[("grant_type", "urn:ibm:params"), ("apikey", "a+b&c=d e/ü%"), ("scope", "")]);
        assert_eq!(body, "grant_type=urn%3Aibm%3Aparams&apikey=a%2Bb%26c%3Dd+e%2F%C3%BC%25&scope=");
    }

    #[test]
    fn basic_is_the_example_of_rfc_7617() {
        let header = basic("Aladdin", "open sesame").unwrap();
        assert_eq!(header.as_bytes(), b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(header.is_sensitive());
        // The second example, in UTF-8.
        assert_eq!(basic("test", "123£").unwrap().as_bytes(), b"Basic dGVzdDoxMjPCow==");
    }
}
