//! The rules that a request can break, how a broken rule is answered, and the bodies of errors.

use std::fmt;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::answer::{JSON, Reply};
use crate::schema::Violation;
use crate::spec::Service;

/// A rule that a request can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    UnknownPath,
    Method,
    Credentials,
    Accept,
    ContentType,
    ContentEncoding,
    BodyTooLong,
    UnexpectedBody,
    MissingBody,
    MalformedBody,
    MalformedPath,
    MalformedQuery,
    UnknownParameter,
    RepeatedParameter,
    MissingParameter,
    PageToken,
    /// A path parameter breaks the named keyword of its schema.
    Path(&'static str),
    /// A query parameter breaks it.
    Query(&'static str),
    /// A header parameter breaks it.
    Header(&'static str),
    /// A value in the body breaks it.
    Body(&'static str),
}

/// Status and error codes of a broken rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    pub(crate) status: StatusCode,
    pub(crate) atlas: &'static str,
    pub(crate) ibm: &'static str,
}

impl Rule {
    /// The name of the rule in the text of a refusal. For the value of a parameter or a field, the keyword of the
    /// schema.
    pub(crate) fn name(self) -> &'static str {
        self.row().0
    }

    /// Status and error codes. Atlas's codes are the vendor's own where one fits; IBM documents none.
    pub(crate) fn codes(self) -> Codes {
        let (_, status, atlas, ibm) = self.row();
        Codes { status, atlas, ibm }
    }

    /// Name, status, code of Atlas and code of IBM.
    fn row(self) -> (&'static str, StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        let query = |name| (name, S::BAD_REQUEST, "INVALID_QUERY_PARAMETER", "invalid_parameter");
        let path = |name| (name, S::BAD_REQUEST, "INVALID_PATH_PARAMETER", "invalid_parameter");
        let body = |name, atlas| (name, S::BAD_REQUEST, atlas, "invalid_body");
        let media = |name| (name, S::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "unsupported_media_type");
        match self {
            Self::UnknownPath => ("unknown path", S::NOT_FOUND, "RESOURCE_NOT_FOUND", "not_found"),
            Self::Method => ("method", S::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "method_not_allowed"),
            Self::Credentials => ("credentials", S::UNAUTHORIZED, "USER_UNAUTHORIZED", "not_authenticated"),
            Self::Accept => ("accept", S::NOT_ACCEPTABLE, "INVALID_VERSION_DATE", "not_acceptable"),
            Self::ContentType => media("content type"),
            Self::ContentEncoding => media("content encoding"),
            Self::BodyTooLong => ("body length", S::PAYLOAD_TOO_LARGE, "VALIDATION_ERROR", "body_too_long"),
            Self::UnexpectedBody => body("unexpected body", "VALIDATION_ERROR"),
            Self::MissingBody => body("missing body", "VALIDATION_ERROR"),
            Self::MalformedBody => body("malformed body", "MALFORMED_JSON"),
            Self::MissingParameter => {
                ("missing parameter", S::BAD_REQUEST, "MISSING_QUERY_PARAMETER", "missing_parameter")
            }
            Self::MalformedPath => path("malformed path"),
            Self::MalformedQuery => query("malformed query"),
            Self::UnknownParameter => query("unknown parameter"),
            Self::RepeatedParameter => query("repeated parameter"),
            Self::PageToken => query("page token"),
            Self::Path(keyword) => path(keyword),
            Self::Query("enum") => ("enum", S::BAD_REQUEST, "INVALID_ENUM_VALUE", "invalid_parameter"),
            Self::Query(keyword) | Self::Header(keyword) => query(keyword),
            Self::Body("enum") => body("enum", "INVALID_ENUM_VALUE"),
            Self::Body("required") => body("required", "MISSING_ATTRIBUTE"),
            Self::Body(Violation::UNKNOWN_FIELD) => body(Violation::UNKNOWN_FIELD, "INVALID_JSON_ATTRIBUTE"),
            Self::Body(keyword) => body(keyword, "INVALID_ATTRIBUTE"),
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
        Self { rule, subject: subject.into(), problem: problem.into(), place: None, name: None, in_body: false }
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
        let mut refusal =
            Self::new(Rule::Body(violation.keyword), subject, violation.problem).at(service.place(&violation.pointer));
        if !root {
            refusal.name = Some(violation.at);
            refusal.in_body = true;
        }
        refusal
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (rule: {}", self.subject, self.problem, self.rule.name())?;
        if let Some(place) = &self.place {
            write!(f, "; spec: {place}")?;
        }
        f.write_str(")")
    }
}

/// A refused request: the rules that it breaks, and how they are answered. Prints them all.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    /// The codes of the first rule.
    pub(crate) codes: Codes,
    pub(crate) refusals: Vec<Refusal>,
    /// Headers that the status requires, such as `Allow`.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refused {
    /// Refuses the request if anything was found.
    pub(crate) fn check(found: Vec<Refusal>) -> Result<(), Self> {
        match found.first().map(|first| first.rule.codes()) {
            None => Ok(()),
            Some(codes) => Err(Self { codes, refusals: found, headers: Vec::new() }),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { codes: refusal.rule.codes(), refusals: vec![refusal], headers: Vec::new() }
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

/// The body of an error. `parameters` are what it is about; only Atlas lists them.
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
        Service::Ibm => json!({ "errors": [{ "code": code, "message": text }], "trace": request_id }),
    }
}

/// The reply to a request that breaks a rule.
pub(crate) fn refusal_reply(service: Service, refused: &Refused, request_id: &str) -> Reply {
    let body = match service {
        Service::Atlas => atlas_refusal(refused, request_id),
        Service::Ibm => ibm_refusal(refused, request_id),
    };
    let mut reply = Reply::json(refused.codes.status, JSON, &body, false);
    reply.headers.extend(refused.headers.clone());
    reply.refusals = refused.refusals.iter().map(ToString::to_string).collect();
    reply
}

/// An Atlas error has one code and one text, so it takes the code of the first refusal. Refusals of body fields are also
/// listed by field.
fn atlas_refusal(refused: &Refused, request_id: &str) -> Value {
    let Refused { codes, refusals, .. } = refused;
    let names: Vec<Value> = refusals.iter().filter_map(|refusal| refusal.name.clone().map(Value::from)).collect();
    let mut body = error_body(Service::Atlas, codes.status, codes.atlas, &refused.to_string(), &names, request_id);
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
    let errors = refused
        .refusals
        .iter()
        .map(|refusal| json!({ "code": refusal.rule.codes().ibm, "message": refusal.to_string() }));
    json!({ "errors": errors.collect::<Vec<_>>(), "trace": request_id })
}
