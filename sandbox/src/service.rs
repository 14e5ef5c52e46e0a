//! The services and the one table of what differs between them beyond their specs.

use std::fmt;

use axum::http::{HeaderName, StatusCode};
use serde_json::{Value, json};

use crate::refusal::Refused;

/// A service that the sandbox speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// MongoDB Atlas billing.
    Atlas,
    /// IBM Cloud Usage Reports.
    Ibm,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 2] = [Self::Atlas, Self::Ibm];

    /// The name of the service, which is also the name of its spec without the ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Atlas => "atlas-billing",
            Self::Ibm => "ibm-usage-reports",
        }
    }

    pub(crate) const fn dialect(self) -> &'static Dialect {
        match self {
            Self::Atlas => &ATLAS,
            Self::Ibm => &IBM,
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the `Accept` of a request has to name what the operation answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AcceptRule {
    /// Exactly one of the operation's media types: the media type carries the version of the API.
    Exact,
    /// One of the operation's media types, or the same with a later version date, as long as there is such a version.
    Dated,
    /// Any range that admits one of them.
    Range,
}

/// Makes the body of an error from its status, code and text, the names that it is about, and the request's identifier.
type ProblemBody = fn(StatusCode, &str, &str, &[&String], &str) -> Value;

/// What a service does that its spec has no words for.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// File name of the spec, as diagnostics name it.
    pub(crate) file: &'static str,
    /// Text of the spec.
    pub(crate) text: &'static str,
    /// How `Accept` is read.
    pub(crate) accept: AcceptRule,
    /// Response header with the identifier of the request. Atlas documents none, so it gets the customary one.
    pub(crate) request_id: HeaderName,
    /// Boolean query parameter that asks for indented JSON.
    pub(crate) pretty: Option<&'static str>,
    /// Boolean query parameter that says whether a list has its count, and the field with the count.
    pub(crate) count: Option<(&'static str, &'static str)>,
    /// The body of an error.
    pub(crate) error_body: fn(&Refused, request_id: &str) -> Value,
    /// The body of an error that is not about the request itself.
    pub(crate) problem_body: ProblemBody,
}

static ATLAS: Dialect = Dialect {
    file: "atlas-billing.yaml",
    text: include_str!("../specs/atlas-billing.yaml"),
    accept: AcceptRule::Dated,
    request_id: HeaderName::from_static("x-request-id"),
    pretty: Some("pretty"),
    count: Some(("includeCount", "totalCount")),
    error_body: atlas_error,
    problem_body: atlas_problem,
};

static IBM: Dialect = Dialect {
    file: "ibm-usage-reports.yaml",
    text: include_str!("../specs/ibm-usage-reports.yaml"),
    accept: AcceptRule::Range,
    request_id: HeaderName::from_static("x-global-transaction-id"),
    pretty: None,
    count: None,
    error_body: ibm_error,
    problem_body: ibm_problem,
};

/// An `ApiError`: one code and one text, so several refusals share the code of the first. Refusals of body fields are
/// listed once more by field.
fn atlas_error(refused: &Refused, _request_id: &str) -> Value {
    let Refused { codes, refusals, .. } = refused;
    let mut body = json!({
        "error": codes.status.as_u16(),
        "errorCode": codes.atlas,
        "reason": codes.status.canonical_reason(),
        "detail": refused.to_string(),
        "parameters": refusals.iter().filter_map(|refusal| refusal.name.as_deref()).collect::<Vec<_>>(),
    });
    let fields: Vec<Value> = refusals
        .iter()
        .filter(|refusal| refusal.in_body)
        .filter_map(|refusal| {
            let field = refusal.name.as_deref()?;
            Some(json!({ "field": field, "description": refusal.problem }))
        })
        .collect();
    if !fields.is_empty() {
        body["badRequestDetail"] = json!({ "fields": fields });
    }
    body
}

fn atlas_problem(status: StatusCode, code: &str, text: &str, names: &[&String], _request_id: &str) -> Value {
    json!({
        "error": status.as_u16(),
        "errorCode": code,
        "reason": status.canonical_reason(),
        "detail": text,
        "parameters": names,
    })
}

fn ibm_problem(_: StatusCode, code: &str, text: &str, _names: &[&String], request_id: &str) -> Value {
    json!({ "errors": [{ "code": code, "message": text }], "trace": request_id })
}

/// One entry for each refusal.
fn ibm_error(refused: &Refused, request_id: &str) -> Value {
    let errors = refused
        .refusals
        .iter()
        .map(|refusal| json!({ "code": refusal.rule.codes().ibm, "message": refusal.to_string() }));
    json!({ "errors": errors.collect::<Vec<_>>(), "trace": request_id })
}
