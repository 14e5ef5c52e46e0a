//! Checks of requests against the spec.
//!
//! The checks run in this order, and the first that fails decides the status: path, method, credentials, `Accept`,
//! content type, then parameters and body together, so that a 400 names every problem of them.

use std::time::Duration;

use axum::http::header::{ACCEPT, ALLOW, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use cloud_billing_catalogue::rules::{self, Violation};
use cloud_billing_catalogue::{Parameter, Place, Schema};
use serde_json::Value;

use crate::auth::Authority;
use crate::refusal::{Refusal, Refused, Rule};
use crate::request::{Incoming, Query, Request, percent_decode};
use crate::spec::{AcceptRule, Media, Operation, Routed, Service, Spec};

/// The operation of a path and a method.
#[derive(Debug)]
pub(crate) struct Target<'r> {
    pub(crate) operation: &'static Operation,
    captures: Vec<(&'static str, &'r str)>,
}

/// What a request is checked against.
pub(crate) struct Rules<'a> {
    pub(crate) service: Service,
    pub(crate) authority: &'a Authority,
    /// Whether only the declared version dates are accepted.
    pub(crate) exact_versions: bool,
}

/// Finds the operation of a request.
pub(crate) fn target(service: Service, incoming: Incoming<'_>) -> Result<Target<'_>, Refused> {
    let spec = Spec::of(service);
    let subject = format!("`{} {}`", incoming.method, incoming.path);
    match spec.route(incoming.method, incoming.path) {
        Routed::Found(operation, captures) => Ok(Target { operation, captures }),
        Routed::UnknownPath => {
            let problem = format!("no operation has this path{}", colon_hint(spec, incoming));
            Err(Refusal::new(Rule::UNKNOWN_PATH, subject, problem).named(incoming.path).into())
        }
        Routed::WrongMethod { template, allowed } => {
            let allowed = allowed.join(", ");
            let problem = format!("{template} takes {allowed}{}", colon_hint(spec, incoming));
            let mut refused =
                Refused::from(Refusal::new(Rule::METHOD, subject, problem).named(incoming.method.as_str()));
            refused.headers.extend(HeaderValue::from_str(&allowed).ok().map(|value| (ALLOW, value)));
            Err(refused)
        }
    }
}

/// A hint for a path that would be known if its colons were not encoded.
fn colon_hint(spec: &'static Spec, incoming: Incoming<'_>) -> &'static str {
    let plain = incoming.path.replace("%3A", ":").replace("%3a", ":");
    let encoded = plain != incoming.path && matches!(spec.route(incoming.method, &plain), Routed::Found(..));
    if encoded { "; a colon that belongs to the path is sent as it stands, not as `%3A`" } else { "" }
}

/// Checks a request against its operation.
///
/// # Errors
///
/// The rules that it breaks.
pub(crate) fn check<'a>(
    rules: &Rules<'a>,
    target: &Target<'a>,
    incoming: Incoming<'a>,
    origin: &'a str,
    now: Duration,
) -> Result<Request<'a>, Refused> {
    let Target { operation, captures } = target;
    let Rules { service, authority, exact_versions } = *rules;
    let rule = match service.accept_rule() {
        AcceptRule::Dated if exact_versions => AcceptRule::Exact,
        rule => rule,
    };
    if operation.secured {
        authority.check(service, incoming, now)?;
    }
    let mut check = Check { service, operation, found: Vec::new() };
    let media = check.accept(rule, incoming.headers)?;
    let schema = check.content_type(rule, incoming)?;
    let (query, found) = Query::parse(incoming.query);
    check.found = found;
    let path_values = check.path(captures);
    check.query(&query);
    check.headers(incoming.headers);
    let body = match (schema, incoming.body) {
        (Some(schema), Some(bytes)) => check.body(schema, bytes),
        _ => Value::Null,
    };
    Refused::check(check.found)?;
    // IBM's `format` decides, whatever `Accept` admits besides.
    let asked = query.first("format").and_then(|format| operation.content.iter().find(|it| it.name.ends_with(format)));
    let media = asked.filter(|_| operation.query("format").is_some()).or(media);
    let path = incoming.path;
    Ok(Request { service, operation, media, path, query, path_values, body, origin, now, repeats_cursor: false })
}

/// The check of one request, and the broken rules found so far.
struct Check {
    service: Service,
    operation: &'static Operation,
    found: Vec<Refusal>,
}

/// Media types: of the response by `Accept`, and of the body by `Content-Type`.
impl Check {
    /// Chooses the media type of the response; none if it has no body.
    fn accept(&self, rule: AcceptRule, headers: &HeaderMap) -> Result<Option<&'static Media>, Refused> {
        let content = &self.operation.content;
        if content.is_empty() {
            return Ok(None);
        }
        let names = || content.iter().map(|media| media.name);
        let offered = names().collect::<Vec<_>>().join(" or ");
        let asked = joined(headers, &ACCEPT).unwrap_or_default();
        let (chosen, problem) = match rule {
            _ if asked.is_empty() => (None, format!("is missing; send {offered}")),
            AcceptRule::Exact => (names().find(|name| *name == asked), format!("`{asked}` is not exactly {offered}")),
            AcceptRule::Dated => (
                serving_version(names(), &asked),
                format!("`{asked}` is neither {offered} nor the same with a later date that a version is of"),
            ),
            AcceptRule::Range => {
                (names().find(|name| admits(&asked, name)), format!("`{asked}` does not admit {offered}"))
            }
        };
        let media = chosen.and_then(|name| content.iter().find(|media| media.name == name));
        media.map(Some).ok_or_else(|| {
            let place = format!("{}/content", self.service.place(self.operation.success.pointer));
            Refusal::new(Rule::ACCEPT, "header `Accept`", problem).named("Accept").at(place).into()
        })
    }

    /// The schema of the body; none if there is no body, and none is required.
    fn content_type(&self, accept: AcceptRule, incoming: Incoming<'_>) -> Result<Option<&'static Schema>, Refused> {
        let refuse = |rule, subject: &str, problem: &str, place: &str| {
            Err(Refused::from(Refusal::new(rule, subject, problem).at(place)))
        };
        let Some(bytes) = incoming.body else {
            return refuse(Rule::BODY_TOO_LONG, "the body", "is longer than the sandbox reads", &self.operation.place);
        };
        let Some(declared) = &self.operation.body else {
            let problem = format!("has {} bytes, and this operation takes no body", bytes.len());
            return match bytes.is_empty() {
                true => Ok(None),
                false => refuse(Rule::UNEXPECTED_BODY, "the body", &problem, &self.operation.place),
            };
        };
        let (place, offered) = (self.service.place(declared.pointer), declared.media_type);
        if bytes.is_empty() {
            return refuse(Rule::MISSING_BODY, "the body", "is missing", &format!("{place}/required"));
        }
        if let Some(encoding) = joined(incoming.headers, &CONTENT_ENCODING).filter(|encoding| encoding != "identity") {
            let problem = format!("`{encoding}` is not declared");
            return refuse(Rule::CONTENT_ENCODING, "header `Content-Encoding`", &problem, &place);
        }
        let is_dated =
            |sent: &str| accept == AcceptRule::Dated && serving_version([offered].into_iter(), sent).is_some();
        let problem = match joined(incoming.headers, &CONTENT_TYPE) {
            Some(sent) if is_media_type(&sent, offered) || is_dated(&sent) => return Ok(Some(&declared.schema)),
            Some(sent) => format!("`{sent}` is not {offered}"),
            None => format!("is missing; send {offered}"),
        };
        refuse(Rule::CONTENT_TYPE, "header `Content-Type`", &problem, &format!("{place}/content"))
    }
}

/// The text of a header. Several lines of it are joined, so that they match no single value.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// Whether a `Content-Type` is this media type. The only parameter that is accepted is `charset=utf-8`.
fn is_media_type(sent: &str, name: &str) -> bool {
    let (essence, parameter) = sent.split_once(';').unwrap_or((sent, ""));
    let parameter = parameter.trim().to_ascii_lowercase().replace('"', "");
    essence.trim().eq_ignore_ascii_case(name) && matches!(parameter.as_str(), "" | "charset=utf-8")
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

/// The dates of the versions of Atlas's API.
const VERSIONS: [&str; 10] = [
    "2023-01-01",
    "2023-02-01",
    "2023-10-01",
    "2023-11-15",
    "2024-05-30",
    "2024-08-05",
    "2024-10-23",
    "2024-11-13",
    "2025-02-19",
    "2025-03-12",
];

/// The declared media type of Atlas that answers a request for `asked`: the same one if it is declared, otherwise the
/// newest one with the same format and an earlier date. Like Atlas, it accepts only dates of existing versions.
fn serving_version(declared: impl Iterator<Item = &'static str>, asked: &str) -> Option<&'static str> {
    let date_and_format = |name: &str| {
        let (date, format) = name.strip_prefix("application/vnd.atlas.")?.split_once('+')?;
        VERSIONS.contains(&date).then(|| (date.to_owned(), format.to_owned()))
    };
    let wanted = date_and_format(asked);
    let serves = |name: &&str| {
        let versions = date_and_format(name).zip(wanted.as_ref());
        *name == asked || versions.is_some_and(|(own, wanted)| own.1 == wanted.1 && own.0 <= wanted.0)
    };
    declared.filter(serves).max()
}

/// Parameters and body. All broken rules are collected.
impl Check {
    /// Decodes and checks the parameters of the path, and returns their values.
    fn path(&mut self, captures: &[(&str, &str)]) -> Vec<String> {
        let mut values = Vec::new();
        for parameter in self.operation.parameters(Place::Path) {
            let Some((_, raw)) = captures.iter().find(|(name, _)| *name == parameter.name) else { continue };
            match percent_decode(raw, false) {
                Ok(value) => {
                    self.value(parameter, &value);
                    values.push(value);
                }
                Err(problem) => self.refuse(Rule::MALFORMED_PATH, parameter, problem, parameter.pointer),
            }
        }
        values
    }

    /// Checks the query: every name is declared, none is repeated or missing, and every value fits.
    fn query(&mut self, query: &Query) {
        for name in query.names() {
            if self.operation.query(name).is_none() {
                let problem = format!("`{}` declares no such parameter", self.operation.id);
                let refusal = Refusal::new(Rule::UNKNOWN_PARAMETER, format!("query parameter `{name}`"), problem);
                self.found.push(refusal.named(name).at(&self.operation.place));
            }
        }
        for parameter in self.operation.parameters(Place::Query) {
            let values = query.values(parameter.name);
            if rules::is_list(&parameter.schema) && !values.is_empty() {
                self.list(parameter, &values);
            } else {
                self.single(parameter, &values);
            }
        }
    }

    /// Checks the header parameters. Headers that are not declared are ignored.
    fn headers(&mut self, headers: &HeaderMap) {
        for parameter in self.operation.parameters(Place::Header) {
            let lines: Result<Vec<_>, _> = headers.get_all(parameter.name).iter().map(HeaderValue::to_str).collect();
            match lines {
                Ok(lines) => self.single(parameter, &lines),
                Err(_) => {
                    let problem = "is not text".to_owned();
                    self.refuse(Rule::of_value(Place::Header, "type"), parameter, problem, parameter.pointer);
                }
            }
        }
    }

    /// Checks a parameter that takes one value.
    fn single(&mut self, parameter: &Parameter, values: &[&str]) {
        match values {
            [] if !parameter.required => {}
            [] => {
                let pointer = format!("{}/required", parameter.pointer);
                self.refuse(Rule::MISSING_PARAMETER, parameter, "is missing".to_owned(), &pointer);
            }
            [value] => self.value(parameter, value),
            more => {
                let problem = format!("has {} values and takes one", more.len());
                self.refuse(Rule::REPEATED_PARAMETER, parameter, problem, parameter.pointer);
            }
        }
    }

    fn value(&mut self, parameter: &Parameter, text: &str) {
        let violations = match rules::value_of(&parameter.schema, text) {
            Ok(value) => rules::violations(&parameter.schema, &value),
            Err(violation) => vec![violation],
        };
        self.violations(parameter, violations);
    }

    fn list(&mut self, parameter: &Parameter, texts: &[&str]) {
        let (mut values, mut violations) = (Vec::new(), Vec::new());
        for text in texts {
            match rules::value_of(&parameter.schema, text) {
                Ok(value) => values.push(value),
                Err(violation) => violations.push(violation),
            }
        }
        if violations.is_empty() {
            violations = rules::violations(&parameter.schema, &Value::Array(values));
        }
        self.violations(parameter, violations);
    }

    fn violations(&mut self, parameter: &Parameter, violations: Vec<Violation>) {
        for Violation { keyword, problem, pointer, .. } in violations {
            let rule = Rule::of_value(parameter.place, keyword);
            self.refuse(rule, parameter, problem, &pointer);
        }
    }

    fn refuse(&mut self, rule: Rule, parameter: &Parameter, problem: String, pointer: &str) {
        let subject = format!("{} parameter `{}`", parameter.place.name(), parameter.name);
        self.found.push(Refusal::new(rule, subject, problem).named(parameter.name).at(self.service.place(pointer)));
    }

    /// Parses a JSON body and checks it against its schema.
    fn body(&mut self, schema: &Schema, bytes: &[u8]) -> Value {
        match serde_json::from_slice(bytes) {
            Ok(value) => {
                let violations = rules::violations(schema, &value);
                self.found.extend(violations.into_iter().map(|violation| Refusal::body(self.service, violation)));
                value
            }
            Err(error) => {
                self.found.push(Refusal::new(Rule::MALFORMED_BODY, "the body", format!("is not JSON: {error}")));
                Value::Null
            }
        }
    }
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
