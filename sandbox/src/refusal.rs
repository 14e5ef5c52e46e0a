//! What a request is refused for.

use std::fmt;

use axum::http::{HeaderName, HeaderValue, StatusCode};

use crate::schema::Violation;

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
    /// A query parameter does.
    Query(&'static str),
    /// A header parameter does.
    Header(&'static str),
    /// A place in the body does.
    Body(&'static str),
}

/// How the services answer a broken rule.
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
        match self {
            Self::UnknownPath => "unknown path",
            Self::Method => "method",
            Self::Credentials => "credentials",
            Self::Accept => "accept",
            Self::ContentType => "content type",
            Self::ContentEncoding => "content encoding",
            Self::BodyTooLong => "body length",
            Self::UnexpectedBody => "unexpected body",
            Self::MissingBody => "missing body",
            Self::MalformedBody => "malformed body",
            Self::MalformedPath => "malformed path",
            Self::MalformedQuery => "malformed query",
            Self::UnknownParameter => "unknown parameter",
            Self::RepeatedParameter => "repeated parameter",
            Self::MissingParameter => "missing parameter",
            Self::PageToken => "page token",
            Self::Path(keyword) | Self::Query(keyword) | Self::Header(keyword) | Self::Body(keyword) => keyword,
        }
    }

    /// Status and error codes. Atlas's codes are the vendor's own where one fits; IBM documents none.
    pub(crate) fn codes(self) -> Codes {
        use StatusCode as S;
        let (status, atlas, ibm) = match self {
            Self::UnknownPath => (S::NOT_FOUND, "RESOURCE_NOT_FOUND", "not_found"),
            Self::Method => (S::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "method_not_allowed"),
            Self::Credentials => (S::UNAUTHORIZED, "USER_UNAUTHORIZED", "not_authenticated"),
            Self::Accept => (S::NOT_ACCEPTABLE, "INVALID_VERSION_DATE", "not_acceptable"),
            Self::ContentType | Self::ContentEncoding => {
                (S::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "unsupported_media_type")
            }
            Self::BodyTooLong => (S::PAYLOAD_TOO_LARGE, "VALIDATION_ERROR", "body_too_long"),
            Self::UnexpectedBody | Self::MissingBody => (S::BAD_REQUEST, "VALIDATION_ERROR", "invalid_body"),
            Self::MalformedBody => (S::BAD_REQUEST, "MALFORMED_JSON", "invalid_body"),
            Self::MissingParameter => (S::BAD_REQUEST, "MISSING_QUERY_PARAMETER", "missing_parameter"),
            Self::MalformedPath | Self::Path(_) => (S::BAD_REQUEST, "INVALID_PATH_PARAMETER", "invalid_parameter"),
            Self::Query("enum") => (S::BAD_REQUEST, "INVALID_ENUM_VALUE", "invalid_parameter"),
            Self::Query(_)
            | Self::Header(_)
            | Self::MalformedQuery
            | Self::UnknownParameter
            | Self::RepeatedParameter
            | Self::PageToken => (S::BAD_REQUEST, "INVALID_QUERY_PARAMETER", "invalid_parameter"),
            Self::Body("enum") => (S::BAD_REQUEST, "INVALID_ENUM_VALUE", "invalid_body"),
            Self::Body("required") => (S::BAD_REQUEST, "MISSING_ATTRIBUTE", "invalid_body"),
            Self::Body(Violation::UNKNOWN_FIELD) => (S::BAD_REQUEST, "INVALID_JSON_ATTRIBUTE", "invalid_body"),
            Self::Body(_) => (S::BAD_REQUEST, "INVALID_ATTRIBUTE", "invalid_body"),
        };
        Codes { status, atlas, ibm }
    }
}

/// One broken rule. Prints as `subject: problem (rule: name; spec: place)`.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) rule: Rule,
    /// What broke it, such as "query parameter `pageNum`".
    pub(crate) subject: String,
    /// How.
    pub(crate) problem: String,
    /// Where the spec says otherwise, as file and JSON pointer.
    pub(crate) place: Option<String>,
    /// The parameter or field by its bare name.
    pub(crate) name: Option<String>,
    /// Whether that is a field of the body.
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

    /// A place in the body breaks its schema.
    pub(crate) fn body(violation: Violation) -> Self {
        let root = violation.at.is_empty();
        let subject = if root { "the body".to_owned() } else { format!("body field `{}`", violation.at) };
        let mut refusal = Self::new(Rule::Body(violation.keyword), subject, violation.problem).at(violation.place);
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

/// A refused request: the rules that it broke, and what they are answered with. Prints them all.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    /// Those of the first rule.
    pub(crate) codes: Codes,
    pub(crate) refusals: Vec<Refusal>,
    /// Headers that the status calls for, such as `Allow`.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refused {
    /// Refuses for everything that was found, or not at all.
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
