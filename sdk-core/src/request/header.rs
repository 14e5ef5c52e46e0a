//! Headers that a program sets.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, PROXY_AUTHORIZATION,
    TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The headers that the client sets itself.
const RESERVED: [HeaderName; 10] = [
    ACCEPT,
    ACCEPT_ENCODING,
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    HOST,
    PROXY_AUTHORIZATION,
    TRANSFER_ENCODING,
    USER_AGENT,
];

/// Sets a header that is not the client's own. The value is not repeated in the message.
pub(crate) fn set_header(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), String> {
    let Ok(header) = HeaderName::try_from(name) else { return Err(format!("{name:?} is not the name of a header")) };
    if RESERVED.contains(&header) {
        return Err(format!("the header `{header}` is set by the client itself"));
    }
    let Ok(mut value) = HeaderValue::try_from(value) else {
        return Err(format!("the value of `{header}` has a character that cannot stand in a header"));
    };
    value.set_sensitive(true);
    headers.insert(header, value);
    Ok(())
}
