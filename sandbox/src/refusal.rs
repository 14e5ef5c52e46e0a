//! The rules that a request can break, how a broken rule is answered, and the bodies of errors.

use std::fmt;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use cloud_billing_catalogue::Place;
use cloud_billing_catalogue::rules::Violation;
use serde_json::{Value, json};

use crate::answer::{JSON, Reply};
use crate::spec::Service;
use crate::text::one_line;

/// A rule that a request can break, and how that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The name in the text of a refusal. For the value of a parameter or a field, the keyword of the schema.
    pub(crate) name: &'static str,
    pub(crate) status: StatusCode,
    /// The error code of Atlas: the vendor's own where one fits.
    pub(crate) atlas: &'static str,
    /// The error code of IBM, which documents none.
    pub(crate) ibm: &'static str,
}

const fn rule(name: &'static str, status: StatusCode, atlas: &'static str, ibm: &'static str) -> Rule {
    Rule { name, status, atlas, ibm }
}

const fn media(name: &'static str) -> Rule {
    rule(name, StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "unsupported_media_type")
}

const fn body(name: &'static str, atlas: &'static str) -> Rule {
    rule(name, StatusCode::BAD_REQUEST, atlas, "invalid_body")
}

const fn parameter(name: &'static str, atlas: &'static str) -> Rule {
    rule(name, StatusCode::BAD_REQUEST, atlas, "invalid_parameter")
}

impl Rule {
    pub(crate) const UNKNOWN_PATH: Self =
        rule("unknown path", StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", "not_found");
    pub(crate) const METHOD: Self =
        rule("method", StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "method_not_allowed");
    pub(crate) const CREDENTIALS: Self =
        rule("credentials", StatusCode::UNAUTHORIZED, "USER_UNAUTHORIZED", "not_authenticated");
    pub(crate) const ACCEPT: Self =
        rule("accept", StatusCode::NOT_ACCEPTABLE, "INVALID_VERSION_DATE", "not_acceptable");
    pub(crate) const CONTENT_TYPE: Self = media("content type");
    pub(crate) const CONTENT_ENCODING: Self = media("content encoding");
    pub(crate) const BODY_TOO_LONG: Self =
        rule("body length", StatusCode::PAYLOAD_TOO_LARGE, "VALIDATION_ERROR", "body_too_long");
    pub(crate) const UNEXPECTED_BODY: Self = body("unexpected body", "VALIDATION_ERROR");
    pub(crate) const MISSING_BODY: Self = body("missing body", "VALIDATION_ERROR");
    pub(crate) const MALFORMED_BODY: Self = body("malformed body", "MALFORMED_JSON");
    pub(crate) const MALFORMED_PATH: Self = Self::of_value(Place::Path, "malformed path");
    pub(crate) const MALFORMED_QUERY: Self = Self::of_value(Place::Query, "malformed query");
    pub(crate) const UNKNOWN_PARAMETER: Self = Self::of_value(Place::Query, "unknown parameter");
    pub(crate) const REPEATED_PARAMETER: Self = Self::of_value(Place::Query, "repeated parameter");
    pub(crate) const PAGE_TOKEN: Self = Self::of_value(Place::Query, "page token");
    pub(crate) const MISSING_PARAMETER: Self =
        rule("missing parameter", StatusCode::BAD_REQUEST, "MISSING_QUERY_PARAMETER", "missing_parameter");

    /// The value of a parameter breaks a keyword of its schema.
    pub(crate) const fn of_value(place: Place, keyword: &'static str) -> Self {
        match (place, keyword.as_bytes()) {
            (Place::Path, _) => parameter(keyword, "INVALID_PATH_PARAMETER"),
            (Place::Query, b"enum") => parameter(keyword, "INVALID_ENUM_VALUE"),
            _ => parameter(keyword, "INVALID_QUERY_PARAMETER"),
        }
    }

    /// A value in the body breaks a keyword of its schema.
    pub(crate) fn of_body(keyword: &'static str) -> Self {
        match keyword {
            "enum" => body(keyword, "INVALID_ENUM_VALUE"),
            "required" => body(keyword, "MISSING_ATTRIBUTE"),
            Violation::UNKNOWN_FIELD => body(keyword, "INVALID_JSON_ATTRIBUTE"),
            _ => body(keyword, "INVALID_ATTRIBUTE"),
        }
    }
}

/// The kind of record that a request names and that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Organization,
    Invoice,
    PendingInvoice,
    /// A record of another kind.
    Other,
}

impl Missing {
    /// The error code: the vendor's own for the kind of record, where it documents one.
    pub(crate) const fn code(self, service: Service) -> &'static str {
        match (service, self) {
            (Service::Ibm | Service::IbmEnterprise, _) => Rule::UNKNOWN_PATH.ibm,
            (Service::Atlas, Self::Organization) => "ORG_NOT_FOUND",
            (Service::Atlas, Self::Invoice) => "INVOICE_NOT_FOUND",
            (Service::Atlas, Self::PendingInvoice) => "PENDING_INVOICE_NOT_FOUND",
            (Service::Atlas, Self::Other) => Rule::UNKNOWN_PATH.atlas,
        }
    }
}

/// One broken rule. Prints as `subject: problem (rule: name; spec: place)`.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) rule: Rule,
    /// The part of the request, such as "query parameter `pageNum`".
    pub(crate) subject: String,
    /// How it breaks the rule.
    pub(crate) problem: String,
    /// The place of the rule in the spec, as file and JSON pointer.
    pub(crate) place: Option<String>,
    /// The parameter or field by its bare name.
    pub(crate) name: Option<String>,
    /// Whether `name` is a field of the body.
    pub(crate) in_body: bool,
}

impl Refusal {
    pub(crate) fn new(rule: Rule, subject: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            rule,
            subject: one_line(&subject.into()),
            problem: one_line(&problem.into()),
            place: None,
            name: None,
            in_body: false,
        }
    }

    /// Adds the place in the spec.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds the name of the parameter.
    pub(crate) fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// A value in the body breaks its schema.
    pub(crate) fn body(service: Service, violation: Violation) -> Self {
        let root = violation.at.is_empty();
        let subject = if root { "the body".to_owned() } else { format!("body field `{}`", violation.at) };
        let mut refusal = Self::new(Rule::of_body(violation.keyword), subject, violation.problem)
            .at(service.place(&violation.pointer));
        if !root {
            refusal.name = Some(violation.at);
            refusal.in_body = true;
        }
        refusal
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (rule: {}", self.subject, self.problem, self.rule.name)?;
        if let Some(place) = &self.place {
            write!(f, "; spec: {place}")?;
        }
        f.write_str(")")
    }
}

/// A refused request: the rules that it breaks, and how they are answered. Prints them all.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    /// The first rule, which decides the status.
    pub(crate) rule: Rule,
    pub(crate) refusals: Vec<Refusal>,
    /// Headers that the status requires, such as `Allow`.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refused {
    /// Refuses the request if anything was found.
    pub(crate) fn check(found: Vec<Refusal>) -> Result<(), Self> {
        match found.first().map(|first| first.rule) {
            None => Ok(()),
            Some(rule) => Err(Self { rule, refusals: found, headers: Vec::new() }),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { rule: refusal.rule, refusals: vec![refusal], headers: Vec::new() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, refusal) in self.refusals.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{refusal}")?;
        }
        Ok(())
    }
}

/// The body of an error. `parameters` are the values that the text mentions; only Atlas lists them.
pub(crate) fn error_body(
    service: Service,
    status: StatusCode,
    code: &str,
    text: &str,
    parameters: &[Value],
    request_id: &str,
) -> Value {
    match service {
        Service::Atlas => json!({
            "error": status.as_u16(),
            "errorCode": code,
            "reason": status.canonical_reason(),
            "detail": text,
            "parameters": parameters,
        }),
        Service::Ibm | Service::IbmEnterprise => {
            json!({ "errors": [{ "code": code, "message": text }], "trace": request_id })
        }
    }
}

/// The reply to a request that breaks a rule.
pub(crate) fn refusal_reply(service: Service, refused: &Refused, request_id: &str) -> Reply {
    let body = match service {
        Service::Atlas => atlas_refusal(refused, request_id),
        Service::Ibm | Service::IbmEnterprise => ibm_refusal(refused, request_id),
    };
    let mut reply = Reply::json(refused.rule.status, JSON, &body, false);
    reply.headers.extend(refused.headers.clone());
    reply.refusals = refused.refusals.iter().map(ToString::to_string).collect();
    reply
}

/// An Atlas error has one code and one text, so it takes the code of the first refusal. Refusals of body fields are also
/// listed by field.
fn atlas_refusal(refused: &Refused, request_id: &str) -> Value {
    let Refused { rule, refusals, .. } = refused;
    let names: Vec<Value> = refusals.iter().filter_map(|refusal| refusal.name.clone().map(Value::from)).collect();
    let mut body = error_body(Service::Atlas, rule.status, rule.atlas, &refused.to_string(), &names, request_id);
    let in_body = refusals.iter().filter(|refusal| refusal.in_body);
    let fields: Vec<Value> = in_body
        .filter_map(|refusal| Some(json!({ "field": refusal.name.as_deref()?, "description": refusal.problem })))
        .collect();
    if !fields.is_empty() {
        body["badRequestDetail"] = json!({ "fields": fields });
    }
    body
}

/// An IBM error has one entry for each refusal.
fn ibm_refusal(refused: &Refused, request_id: &str) -> Value {
    let errors =
        refused.refusals.iter().map(|refusal| json!({ "code": refusal.rule.ibm, "message": refusal.to_string() }));
    json!({ "errors": errors.collect::<Vec<_>>(), "trace": request_id })
}
