//! HTTP Basic credentials (RFC 7617).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::request::percent_decode;

/// The content of the `Authorization` header of a token request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Basic {
    /// There is no such header.
    Absent,
    /// Name and password.
    Pair(String, String),
    /// Why it is not one header with Basic credentials.
    Malformed(&'static str),
}

/// Reads Basic credentials. In OAuth, name and password are form-encoded (RFC 6749, section 2.3.1).
pub(super) fn read(headers: &HeaderMap) -> Basic {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return if headers.contains_key(AUTHORIZATION) {
            Basic::Malformed("is sent more than once")
        } else {
            Basic::Absent
        };
    };
    let Some(encoded) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .and_then(|(scheme, rest)| scheme.eq_ignore_ascii_case("basic").then(|| rest.trim_start_matches(' ')))
    else {
        return Basic::Malformed("is not `Basic` and a name with a password");
    };
    let Some(text) = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Basic::Malformed("has credentials that are not text in base64");
    };
    let Some((name, password)) = text.split_once(':') else {
        return Basic::Malformed("has credentials without a colon");
    };
    match (percent_decode(name, true), percent_decode(password, true)) {
        (Ok(name), Ok(password)) => Basic::Pair(name, password),
        _ => Basic::Malformed("has credentials that are not form-encoded"),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(values: &[&str]) -> Basic {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        read(&headers)
    }

    #[test]
    fn reads_pairs_and_names_mistakes() {
        let pair = |name: &str, password: &str| Basic::Pair(name.to_owned(), password.to_owned());
        assert_eq!(of(&[]), Basic::Absent);
        assert_eq!(of(&["Basic YTpiOmM="]), pair("a", "b:c"));
        assert_eq!(of(&["basic YSUzQTpi"]), pair("a:", "b"));
        for values in [["Basic", "Basic"].as_slice(), &["Basic"], &["Bearer x"], &["Basic YQ=="], &["Basic !"]] {
            assert!(matches!(of(values), Basic::Malformed(_)), "{values:?}");
        }
    }
}
