//! Media types: the one of the response by `Accept`, and the one of the body by `Content-Type`.

use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use cloud_billing_catalogue::Schema;

use super::version;
use crate::refusal::{Refusal, Refused, Rule};
use crate::request::Incoming;
use crate::service::{AcceptRule, Service};
use crate::spec::{Media, Operation, Success};

/// Chooses the media type of the response; none if it has no body.
pub(super) fn response<'s>(
    rule: AcceptRule,
    success: &'s Success,
    headers: &HeaderMap,
) -> Result<Option<&'s Media>, Refused> {
    if success.content.is_empty() {
        return Ok(None);
    }
    let offered = success.content.iter().map(|media| media.name).collect::<Vec<_>>().join(" or ");
    let refuse = |problem: String| {
        let refusal = Refusal::new(Rule::Accept, "header `Accept`", problem).named("Accept");
        Err(refusal.at(format!("{}/content", success.place)).into())
    };
    let lines: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let asked = lines.join(", ");
    let chosen = match rule {
        _ if lines.is_empty() => return refuse(format!("is missing; send {offered}")),
        AcceptRule::Exact => success.content.iter().find(|media| media.name == asked),
        AcceptRule::Dated => {
            let names = success.content.iter().map(|media| media.name);
            let declared = version::declared(names, &asked);
            success.content.iter().find(|media| Some(media.name) == declared)
        }
        AcceptRule::Range => success.content.iter().find(|media| admits(&asked, media.name)),
    };
    match chosen {
        Some(media) => Ok(Some(media)),
        None if rule == AcceptRule::Exact => refuse(format!("`{asked}` is not exactly {offered}")),
        None if rule == AcceptRule::Dated => {
            refuse(format!("`{asked}` is neither {offered} nor the same with a later date that a version is of"))
        }
        None => refuse(format!("`{asked}` does not admit {offered}")),
    }
}

/// Whether the ranges of an `Accept` header admit a media type. The most specific range decides.
fn admits(accept: &str, media: &str) -> bool {
    let (main, _) = media.split_once('/').unwrap_or((media, ""));
    let mut decisive = (0, false);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let specificity = match name.split_once('/') {
            _ if name == media => 3,
            Some((range_main, "*")) if range_main == main => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let wanted = weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0));
        if specificity > decisive.0 {
            decisive = (specificity, wanted);
        }
    }
    decisive.1
}

/// The schema of the body; none if there is no body, and none is required.
pub(super) fn request<'s>(
    service: Service,
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
    let place = service.place(declared.pointer);
    if bytes.is_empty() {
        return refuse(Rule::MissingBody, "the body", "is missing".to_owned(), &format!("{place}/required"));
    }
    if let Some(encoding) = single(incoming.headers, &CONTENT_ENCODING).filter(|encoding| encoding != "identity") {
        let problem = format!("`{encoding}` is not declared");
        return refuse(Rule::ContentEncoding, "header `Content-Encoding`", problem, &place);
    }
    let (place, offered) = (format!("{place}/content"), declared.media_type);
    let Some(sent) = single(incoming.headers, &CONTENT_TYPE) else {
        return refuse(Rule::ContentType, "header `Content-Type`", format!("is missing; send {offered}"), &place);
    };
    let is_dated = rule == AcceptRule::Dated && version::declared(std::iter::once(offered), &sent).is_some();
    match is_dated || is_media_type(&sent, offered) {
        true => Ok(Some(&declared.schema)),
        false => refuse(Rule::ContentType, "header `Content-Type`", format!("`{sent}` is not {offered}"), &place),
    }
}

/// The text of a header. Several lines of it are joined, so that they match no single value.
fn single(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// Whether a `Content-Type` is this media type. The only parameter that is accepted is `charset=utf-8`.
fn is_media_type(sent: &str, name: &str) -> bool {
    let (essence, parameter) = sent.split_once(';').unwrap_or((sent, ""));
    let parameter = parameter.trim().to_ascii_lowercase().replace('"', "");
    essence.trim().eq_ignore_ascii_case(name) && matches!(parameter.as_str(), "" | "charset=utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for accept in ["application/json", "*/*", "application/*;q=0.1", "text/html, Application/JSON; charset=utf-8"] {
            assert!(admits(accept, "application/json"), "{accept}");
        }
        for accept in ["", "text/html", "application/json;q=0, */*", "application/vnd.atlas+json", "*/json"] {
            assert!(!admits(accept, "application/json"), "{accept}");
        }
    }

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
