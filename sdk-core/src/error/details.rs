//! Parses the error body of a service.
//!
//! Vendors have no common schema for error bodies, and a gateway may answer instead of the service. So parsing never
//! fails: unknown parts are ignored.

use serde_json::Value;

use crate::media;
use crate::text::{excerpt, shown};

/// The longest message that is kept, in characters.
const MESSAGE_LIMIT: usize = 1000;

/// The longest word that counts as a code, in bytes.
const CODE_LIMIT: usize = 200;

/// The length of a text body's excerpt that serves as the message, in characters.
const EXCERPT_LIMIT: usize = 200;

/// The code and the message of an error body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Details {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl Details {
    /// Parses a body. [`Error::code`](crate::Error::code) and [`Error::message`](crate::Error::message) document the
    /// order of the fields.
    ///
    /// The content type matters only for a body that is not a JSON object, because gateways mislabel JSON in both
    /// directions.
    pub(crate) fn read(content_type: Option<&str>, body: &[u8]) -> Self {
        match serde_json::from_str(&String::from_utf8_lossy(body)) {
            Ok(Value::Object(fields)) => Self::from_json(&Value::Object(fields)),
            Ok(Value::String(text)) => Self { code: None, message: message(&text) },
            Ok(_) => Self::default(),
            Err(_) => Self { code: None, message: from_text(content_type, body) },
        }
    }

    fn from_json(body: &Value) -> Self {
        let first = &body["errors"][0];
        let error = body["error"].as_str();
        let code = [&body["errorCode"], &first["code"], &body["code"]]
            .into_iter()
            .find_map(code)
            .or_else(|| error.filter(|text| is_word(text)).map(str::to_owned));
        let message = [
            body["detail"].as_str(),
            first["message"].as_str(),
            body["error_description"].as_str(),
            body["message"].as_str(),
            body["errorMessage"].as_str(),
            // Skip a word that is already the code.
            error.filter(|text| code.as_deref() != Some(*text)),
            body["reason"].as_str(),
        ]
        .into_iter()
        .flatten()
        .find_map(message);
        Self { code, message }
    }
}

/// Reads a code that is a string or an integer.
fn code(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(shown(text)).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn message(text: &str) -> Option<String> {
    Some(excerpt(text, MESSAGE_LIMIT)).filter(|text| !text.is_empty())
}

/// Whether a text is a code and not a sentence.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= CODE_LIMIT
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// Returns the title of an HTML page or the start of any other text. `None` for binary data.
fn from_text(content_type: Option<&str>, body: &[u8]) -> Option<String> {
    // The cut may split a character; the lossy conversion handles that.
    let text = String::from_utf8_lossy(&body[..body.len().min(64 * 1024)]);
    let start = text.trim_start();
    let text = if content_type.is_some_and(media::is_html) || start.starts_with('<') {
        html_title(start)?
    } else if text.contains('\0') {
        return None;
    } else {
        start
    };
    Some(excerpt(text, EXCERPT_LIMIT)).filter(|text| !text.is_empty())
}

fn html_title(page: &str) -> Option<&str> {
    // Lower-casing ASCII keeps byte offsets.
    let lower = page.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    Some(&page[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &str) -> (Option<String>, Option<String>) {
        let details = Details::read(Some(content_type), body.as_bytes());
        (details.code, details.message)
    }

    fn pair(code: &str, message: &str) -> (Option<String>, Option<String>) {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        (text(code), text(message))
    }

    #[test]
    fn every_known_shape() {
        let json = |body: &str| read("application/json", body);
        assert_eq!(
            json(
                r#"{"error": 404, "errorCode": "INVOICE_NOT_FOUND", "detail": "No invoice.", "reason": "Not Found",
                    "parameters": ["x", 5]}"#
            ),
            pair("INVOICE_NOT_FOUND", "No invoice.")
        );
        assert_eq!(
            json(r#"{"error": 401, "errorCode": "USER_UNAUTHORIZED", "detail": null, "reason": "Unauthorized"}"#),
            pair("USER_UNAUTHORIZED", "Unauthorized")
        );
        assert_eq!(
            json(r#"{"error": "invalid_client", "error_description": "Bad secret"}"#),
            pair("invalid_client", "Bad secret")
        );
        assert_eq!(json(r#"{"error": "invalid_client"}"#), pair("invalid_client", ""));
        assert_eq!(
            json(r#"{"errors": [{"code": "not_found", "message": "No account"}], "trace": "t"}"#),
            pair("not_found", "No account")
        );
        assert_eq!(json(r#"{"error": "Something broke."}"#), pair("", "Something broke."));
        assert_eq!(json(r#"{"message": "Nope", "code": 17}"#), pair("17", "Nope"));
        assert_eq!(
            json(r#"{"errorCode": "BXNIM0415E", "errorMessage": "API key could not be found"}"#),
            pair("BXNIM0415E", "API key could not be found")
        );
    }

    #[test]
    fn bodies_of_another_kind() {
        assert_eq!(read("application/json", ""), pair("", ""));
        assert_eq!(read("application/json", "[]"), pair("", ""));
        assert_eq!(read("application/json", "{}"), pair("", ""));
        assert_eq!(read("application/json", r#""just text""#), pair("", "just text"));
        assert_eq!(read("text/plain", "upstream\nconnect error"), pair("", "upstream connect error"));
        assert_eq!(
            read("text/html", "<html><head><TITLE>502 Bad\nGateway</title></head><body>x</body></html>"),
            pair("", "502 Bad Gateway")
        );
        assert_eq!(read("text/plain", "<html>no title</html>"), pair("", ""));
        assert_eq!(read("application/gzip", "\u{1}\0\u{2}"), pair("", ""));
        // A gateway may label JSON as another type.
        assert_eq!(read("text/html", r#"{"message": "m"}"#), pair("", "m"));
    }

    #[test]
    fn a_title_is_found_beside_characters_that_change_length_in_lower_case() {
        assert_eq!(read("text/html", "<p>\u{130}\u{130}</p><title>t</title>"), pair("", "t"));
    }

    #[test]
    fn a_long_text_is_cut() {
        let (_, message) = read("text/plain", &"word ".repeat(1000));
        assert!(message.unwrap().chars().count() <= EXCERPT_LIMIT + 1);
    }
}
