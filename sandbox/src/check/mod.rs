//! Checks of requests against the spec.
//!
//! The checks run in this order, and the first that fails decides the status: path, method, credentials, `Accept`,
//! content type, then parameters and body together, so that a 400 names every problem of them.

mod media;
mod parameters;
mod version;

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::ALLOW;
use cloud_billing_catalogue::Schema;
use serde_json::Value;

use crate::auth::Authority;
use crate::query::Query;
use crate::refusal::{Refusal, Refused, Rule};
use crate::request::{Incoming, Request};
use crate::routing::Routed;
use crate::schema;
use crate::service::{AcceptRule, Service};
use crate::spec::{Operation, Spec};

/// The operation of a path and a method.
#[derive(Debug)]
pub(crate) struct Target<'s, 'r> {
    pub(crate) operation: &'s Operation,
    captures: Vec<(&'s str, &'r str)>,
}

/// What a request is checked against.
pub(crate) struct Rules<'a> {
    pub(crate) service: Service,
    pub(crate) spec: &'a Spec,
    pub(crate) authority: &'a Authority,
    /// Whether only the declared version dates are accepted.
    pub(crate) exact_versions: bool,
}

/// Finds the operation of a request.
pub(crate) fn target<'s, 'r>(spec: &'s Spec, incoming: Incoming<'r>) -> Result<Target<'s, 'r>, Refused> {
    let subject = format!("`{} {}`", incoming.method, incoming.path);
    match spec.route(incoming.method, incoming.path) {
        Routed::Found(operation, captures) => Ok(Target { operation, captures }),
        Routed::UnknownPath => {
            let problem = format!("no operation has this path{}", colon_hint(spec, incoming));
            Err(Refusal::new(Rule::UnknownPath, subject, problem).named(incoming.path).into())
        }
        Routed::WrongMethod { template, allowed } => {
            let allowed = allowed.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(", ");
            let problem = format!("{} takes {allowed}{}", template.as_str(), colon_hint(spec, incoming));
            let mut refused =
                Refused::from(Refusal::new(Rule::Method, subject, problem).named(incoming.method.as_str()));
            if let Ok(value) = HeaderValue::from_str(&allowed) {
                refused.headers.push((ALLOW, value));
            }
            Err(refused)
        }
    }
}

/// Checks a request against its operation.
///
/// # Errors
///
/// The rules that it breaks.
pub(crate) fn check<'a>(
    rules: &Rules<'a>,
    target: Target<'a, 'a>,
    incoming: Incoming<'a>,
    origin: &'a str,
    now: Duration,
) -> Result<Request<'a>, Refused> {
    let Target { operation, captures } = target;
    let Rules { service, spec, authority, exact_versions } = *rules;
    let rule = match service.dialect().accept {
        AcceptRule::Dated if exact_versions => AcceptRule::Exact,
        rule => rule,
    };
    if operation.secured {
        authority.check(service, incoming, now)?;
    }
    let media = media::response(rule, &operation.success, incoming.headers)?;
    let schema = media::request(service, rule, operation, incoming)?;
    let (query, mut found) = Query::parse(incoming.query);
    let path_values = parameters::check_path(service, operation, &captures, &mut found);
    parameters::check_query(service, operation, &query, &mut found);
    parameters::check_headers(service, operation, incoming.headers, &mut found);
    let body = match (schema, incoming.body) {
        (Some(schema), Some(bytes)) => check_body(service, schema, bytes, &mut found),
        _ => Value::Null,
    };
    Refused::check(found)?;
    let path = incoming.path;
    Ok(Request { service, spec, operation, media, path, query, path_values, body, origin, now, repeats_cursor: false })
}

/// Parses a JSON body and checks it against its schema.
fn check_body(service: Service, schema: &Schema, bytes: &[u8], found: &mut Vec<Refusal>) -> Value {
    match serde_json::from_slice(bytes) {
        Ok(value) => {
            let violations = schema::violations(schema, &value);
            found.extend(violations.into_iter().map(|violation| Refusal::body(service, violation)));
            value
        }
        Err(error) => {
            found.push(Refusal::new(Rule::MalformedBody, "the body", format!("is not JSON: {error}")));
            Value::Null
        }
    }
}

/// A hint for a path that would be known if its colons were not encoded.
fn colon_hint(spec: &Spec, incoming: Incoming<'_>) -> &'static str {
    let plain = incoming.path.replace("%3A", ":").replace("%3a", ":");
    let encoded = plain != incoming.path && matches!(spec.route(incoming.method, &plain), Routed::Found(..));
    if encoded { "; a colon that belongs to the path is sent as it stands, not as `%3A`" } else { "" }
}
