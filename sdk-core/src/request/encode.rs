//! Percent-encoding of parameters (RFC 3986).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All characters except the unreserved ones of RFC 3986, section 2.3. Encoding them is safe in every part of a URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a path parameter.
///
/// # Errors
///
/// Returns an error if the value would disappear from the path or change it: an empty value, or a dot segment, which
/// URL parsers resolve even if it is encoded.
pub(super) fn path_value(value: &str) -> Result<String, &'static str> {
    match value {
        "" => Err("must not be empty"),
        "." | ".." => Err("must not be a dot segment"),
        _ => Ok(Cow::from(utf8_percent_encode(value, RESERVED)).into_owned()),
    }
}

/// Appends `name=value` to a query.
pub(super) fn push_query(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(utf8_percent_encode(name, RESERVED));
    query.push('=');
    query.extend(utf8_percent_encode(value, RESERVED));
}

/// Fills the parameters `{name}` of a path template and prepends `prefix`. `value` returns the encoded value of a
/// parameter.
///
/// # Errors
///
/// Returns the name of the first parameter without a value.
pub(super) fn fill_path<'a>(
    prefix: &str,
    template: &'static str,
    value: impl Fn(&str) -> Option<&'a str>,
) -> Result<String, &'static str> {
    // 32 bytes are enough for one identifier.
    let mut path = String::with_capacity(prefix.len() + template.len() + 32);
    path.push_str(prefix);
    let mut rest = template;
    while let Some((literal, after)) = split_once(rest, b'{') {
        let Some((name, after)) = split_once(after, b'}') else { break };
        path.push_str(literal);
        path.push_str(value(name).ok_or(name)?);
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

/// Like `str::split_once`, which takes three times as long for texts this short.
fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let position = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..position)?, text.get(position + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_values_keep_only_unreserved_characters() {
        assert_eq!(path_value("us-south:54257f98/a b%").unwrap(), "us-south%3A54257f98%2Fa%20b%25");
        assert_eq!(path_value("a.b_c~d-e").unwrap(), "a.b_c~d-e");
        assert_eq!(path_value("ü").unwrap(), "%C3%BC");
        assert_eq!(path_value("...").unwrap(), "...");
        assert!(path_value("").is_err() && path_value(".").is_err() && path_value("..").is_err());
    }

    #[test]
    fn queries_encode_spaces_as_percent_20() {
        let mut query = String::new();
        push_query(&mut query, "name", "a b+c&d=e");
        push_query(&mut query, "_start", "");
        assert_eq!(query, "name=a%20b%2Bc%26d%3De&_start=");
    }

    #[test]
    fn templates() {
        let value = |name: &str| (name == "id").then_some("7");
        assert_eq!(fill_path("", "/a/{id}/lineItems:search", value).unwrap(), "/a/7/lineItems:search");
        assert_eq!(fill_path("/p", "/a/{id}:download{id}", value).unwrap(), "/p/a/7:download7");
        assert_eq!(fill_path("", "/plain", value).unwrap(), "/plain");
        assert_eq!(fill_path("", "/a/{id", value).unwrap(), "/a/{id");
        assert_eq!(fill_path("", "/a/{other}", value), Err("other"));
    }
}
