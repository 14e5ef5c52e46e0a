//! The services, and the table of differences between them that are not in their specs.

use std::fmt;

use axum::http::HeaderName;

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

    /// A place in the spec, as messages name it: file and JSON pointer.
    pub(crate) fn place(self, pointer: &str) -> String {
        format!("{}.yaml{pointer}", self.name())
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

/// How the `Accept` header of a request has to name the media type of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AcceptRule {
    /// Exactly one of the operation's media types: the media type carries the version of the API.
    Exact,
    /// One of the operation's media types, or the same with a later version date, as long as there is such a version.
    Dated,
    /// Any range that admits one of them.
    Range,
}

/// How a service behaves beyond what its spec can say.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// How `Accept` is read.
    pub(crate) accept: AcceptRule,
    /// Response header with the identifier of the request. Atlas documents none, so the sandbox uses the common one.
    pub(crate) request_id: HeaderName,
    /// Boolean query parameter that asks for indented JSON.
    pub(crate) pretty: Option<&'static str>,
}

static ATLAS: Dialect =
    Dialect { accept: AcceptRule::Dated, request_id: HeaderName::from_static("x-request-id"), pretty: Some("pretty") };

static IBM: Dialect =
    Dialect { accept: AcceptRule::Range, request_id: HeaderName::from_static("x-global-transaction-id"), pretty: None };
