//! Holding a request against the spec.
//!
//! The checks run in this order, and the first that fails decides the status: path, method, credentials, `Accept`,
//! content type, and then parameters and body together, so that a 400 names everything that is wrong with them.

mod accept;
mod body;
mod parameters;
mod version;

use std::time::Duration;

use axum::http::header::ALLOW;
use axum::http::{HeaderMap, HeaderValue, Method};

use crate::auth::Authority;
use crate::query::Query;
use crate::refusal::{Refusal, Refused, Rule};
use crate::routing::Routed;
use crate::service::{AcceptRule, Service};
use crate::spec::{Media, Operation, Spec};

/// A request as it arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming<'r> {
    pub(crate) method: &'r Method,
    /// As it stands in the request.
    pub(crate) path: &'r str,
    /// As it stands in the request.
    pub(crate) query: Option<&'r str>,
    pub(crate) headers: &'r HeaderMap,
    /// None if it is longer than the sandbox reads.
    pub(crate) body: Option<&'r [u8]>,
}

impl Incoming<'_> {
    /// Path and query.
    pub(crate) fn target(&self) -> String {
        match self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_owned(),
        }
    }
}

/// A path and a method that mean an operation.
#[derive(Debug)]
pub(crate) struct Target<'s, 'r> {
    pub(crate) operation: &'s Operation,
    captures: Vec<(&'s str, &'r str)>,
}

/// A request that the spec allows.
#[derive(Debug)]
pub(crate) struct Accepted<'s, 'r> {
    pub(crate) operation: &'s Operation,
    /// What to answer with; none if the answer has no body.
    pub(crate) media: Option<&'s Media>,
    pub(crate) path: &'r str,
    pub(crate) query: Query,
    /// The decoded values of the path's parameters.
    pub(crate) path_values: Vec<String>,
}

/// Finds the operation that a request means.
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

/// Checks all that an operation says about its requests.
pub(crate) fn check<'s, 'r>(
    service: Service,
    target: Target<'s, 'r>,
    incoming: Incoming<'r>,
    authority: &Authority,
    exact_versions: bool,
    now: Duration,
) -> Result<Accepted<'s, 'r>, Refused> {
    let Target { operation, captures } = target;
    let rule = match service.dialect().accept {
        AcceptRule::Dated if exact_versions => AcceptRule::Exact,
        rule => rule,
    };
    if operation.secured {
        authority.check(service, incoming, now)?;
    }
    let media = accept::check(rule, &operation.success, incoming.headers)?;
    let schema = body::media(rule, operation, incoming)?;

    let (query, mut found) = Query::parse(incoming.query);
    let path_values = parameters::check_path(operation, &captures, &mut found);
    parameters::check_query(operation, &query, &mut found);
    parameters::check_headers(operation, incoming.headers, &mut found);
    if let (Some(schema), Some(body)) = (schema, incoming.body) {
        body::check(schema, body, &mut found);
    }
    Refused::check(found)?;
    Ok(Accepted { operation, media, path: incoming.path, query, path_values })
}

/// What to say of a path that would be right if its colons were not encoded.
fn colon_hint(spec: &Spec, incoming: Incoming<'_>) -> &'static str {
    let plain = incoming.path.replace("%3A", ":").replace("%3a", ":");
    let encoded = plain != incoming.path && matches!(spec.route(incoming.method, &plain), Routed::Found(..));
    if encoded { "; a colon that belongs to the path is sent as it stands, not as `%3A`" } else { "" }
}
