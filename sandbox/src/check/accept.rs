//! Which media type to answer with.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

use super::version;
use crate::refusal::{Refusal, Refused, Rule};
use crate::service::AcceptRule;
use crate::spec::{Media, Success};

/// Chooses among the media types of a success response; none if it has no body.
pub(super) fn check<'s>(
    rule: AcceptRule,
    success: &'s Success,
    headers: &HeaderMap,
) -> Result<Option<&'s Media>, Refused> {
    if success.content.is_empty() {
        return Ok(None);
    }
    let offered = success.content.iter().map(|media| media.name.as_str()).collect::<Vec<_>>().join(" or ");
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
            let names = success.content.iter().map(|media| media.name.as_str());
            let declared = version::declared(names, &asked);
            success.content.iter().find(|media| Some(media.name.as_str()) == declared)
        }
        AcceptRule::Range => success.content.iter().find(|media| admits(&asked, &media.name)),
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

#[cfg(test)]
mod tests {
    use super::admits;

    #[test]
    fn ranges() {
        for accept in ["application/json", "*/*", "application/*;q=0.1", "text/html, Application/JSON; charset=utf-8"] {
            assert!(admits(accept, "application/json"), "{accept}");
        }
        for accept in ["", "text/html", "application/json;q=0, */*", "application/vnd.atlas+json", "*/json"] {
            assert!(!admits(accept, "application/json"), "{accept}");
        }
    }
}
