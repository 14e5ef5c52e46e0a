//! The body of a request.

use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};

use super::{Incoming, version};
use crate::refusal::{Refusal, Refused, Rule};
use crate::schema::Schema;
use crate::service::AcceptRule;
use crate::spec::Operation;

/// What the body is to be checked against: none if there is none, and none is needed.
pub(super) fn media<'s>(
    rule: AcceptRule,
    operation: &'s Operation,
    incoming: Incoming<'_>,
) -> Result<Option<&'s Schema>, Refused> {
    let refuse = |rule, subject: &str, problem: String, place: &str| {
        Err(Refused::from(Refusal::new(rule, subject, problem).at(place)))
    };
    let Some(bytes) = incoming.body else {
        return refuse(Rule::BodyTooLong, "the body", "is longer than the sandbox reads".to_owned(), &operation.place);
    };
    let Some(declared) = &operation.body else {
        return match bytes.is_empty() {
            true => Ok(None),
            false => {
                let problem = format!("has {} bytes, and this operation takes no body", bytes.len());
                refuse(Rule::UnexpectedBody, "the body", problem, &operation.place)
            }
        };
    };
    if bytes.is_empty() {
        return match declared.required {
            true => {
                refuse(Rule::MissingBody, "the body", "is missing".to_owned(), &format!("{}/required", declared.place))
            }
            false => Ok(None),
        };
    }
    if let Some(encoding) = single(incoming.headers, &CONTENT_ENCODING).filter(|encoding| encoding != "identity") {
        let problem = format!("`{encoding}` is not declared");
        return refuse(Rule::ContentEncoding, "header `Content-Encoding`", problem, &declared.place);
    }
    let place = format!("{}/content", declared.place);
    let offered = declared.content.iter().map(|media| media.name.as_str()).collect::<Vec<_>>().join(" or ");
    let Some(sent) = single(incoming.headers, &CONTENT_TYPE) else {
        return refuse(Rule::ContentType, "header `Content-Type`", format!("is missing; send {offered}"), &place);
    };
    let names = declared.content.iter().map(|media| media.name.as_str()).filter(|_| rule == AcceptRule::Dated);
    let dated = version::declared(names, &sent);
    let fits = |name: &str| is_media_type(&sent, name) || dated == Some(name);
    match declared.content.iter().find(|media| fits(&media.name)) {
        Some(media) => Ok(Some(&media.schema)),
        None => refuse(Rule::ContentType, "header `Content-Type`", format!("`{sent}` is not {offered}"), &place),
    }
}

/// Checks a body against its schema.
pub(super) fn check(schema: &Schema, bytes: &[u8], found: &mut Vec<Refusal>) {
    match serde_json::from_slice(bytes) {
        Ok(value) => found.extend(schema.violations(&value).into_iter().map(Refusal::body)),
        Err(error) => found.push(Refusal::new(Rule::MalformedBody, "the body", format!("is not JSON: {error}"))),
    }
}

/// The text of a header; several lines of it are joined, so that they match nothing that one line would.
fn single(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// Whether a `Content-Type` is a media type. The only parameter that JSON gets away with is its own character set.
fn is_media_type(sent: &str, name: &str) -> bool {
    let (essence, parameter) = sent.split_once(';').unwrap_or((sent, ""));
    let parameter = parameter.trim().to_ascii_lowercase().replace('"', "");
    essence.trim().eq_ignore_ascii_case(name) && matches!(parameter.as_str(), "" | "charset=utf-8")
}

#[cfg(test)]
mod tests {
    use super::is_media_type;

    #[test]
    fn media_types() {
        for sent in ["application/json", "Application/JSON;charset=UTF-8", "application/json; charset=\"utf-8\""] {
            assert!(is_media_type(sent, "application/json"), "{sent}");
        }
        for sent in ["", "text/json", "application/json; charset=latin1", "application/json, application/json"] {
            assert!(!is_media_type(sent, "application/json"), "{sent}");
        }
    }
}
