//! What the curated specs say about each service, as static data that needs no client.
//!
//! `cargo xtask regen` writes it from the specs; nothing is parsed at run time. The sandbox checks requests against it, and a
//! program can list operations, parameters and texts with it.
//!
//! ```
//! let service = cloud_billing_catalogue::service("ibm-usage-reports").unwrap();
//! let operation = service.operation("get_account_usage").unwrap();
//! assert_eq!((operation.http_method, operation.path), ("GET", "/v4/accounts/{account_id}/usage/{billingmonth}"));
//! assert!(operation.parameters.iter().any(|parameter| parameter.name == "_names" && !parameter.required));
//! ```

#[rustfmt::skip]
mod generated;
#[cfg(feature = "rules")]
pub mod rules;
mod schema;

pub use generated::SERVICES;
pub use schema::{Enum, List, Number, Object, Property, Schema, Text, Type};

/// The service with a name, such as `atlas-billing`.
#[must_use]
pub fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().copied().find(|service| service.name == name)
}

/// A service.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Service {
    /// The name of the service in this workspace, and of its client crate.
    pub name: &'static str,
    /// Path of the spec in the repository.
    pub file: &'static str,
    /// Title of the API.
    pub title: &'static str,
    /// The vendor's version of the API.
    pub api_version: &'static str,
    /// Base URLs, the default one first.
    pub servers: &'static [Server],
    /// Every operation, in the order of the spec.
    pub operations: &'static [Operation],
}

impl Service {
    /// The operation with an id, in the vendor's spelling.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

/// A base URL.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Server {
    /// The URL, without a slash at the end.
    pub url: &'static str,
    /// What it is for.
    pub description: &'static str,
}

/// An operation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The vendor's `operationId`.
    pub id: &'static str,
    /// Other names that the vendor has or had for it.
    pub aliases: &'static [&'static str],
    /// Where the spec has it, as a JSON pointer that begins with `#`.
    pub pointer: &'static str,
    /// The HTTP method in capitals.
    pub http_method: &'static str,
    /// The path template, such as `/orgs/{orgId}`.
    pub path: &'static str,
    /// The group of operations that it belongs to, a module of the client.
    pub group: &'static str,
    /// Whether a caller has to authenticate.
    pub secured: bool,
    /// Whether a POST or PATCH may be sent again without harm. The other HTTP methods may always.
    pub idempotent: bool,
    /// The quota that its requests count against, if the vendor documents one.
    pub quota: Option<Quota>,
    /// One line on what it does.
    pub summary: &'static str,
    /// What it does, in Markdown.
    pub description: &'static str,
    /// Address of the vendor's documentation.
    pub link: &'static str,
    /// The role that a caller needs.
    pub role: Option<&'static str>,
    /// The IAM action that a caller needs.
    pub iam_action: Option<&'static str>,
    /// The event that the service records.
    pub audit_event: Option<&'static str>,
    /// Whether the vendor may change or withdraw it at any time.
    pub preview: bool,
    /// Its parameters, in the order of the spec.
    pub parameters: &'static [Parameter],
    /// The body of its requests. It is always required.
    pub body: Option<Body>,
    /// Its success response.
    pub success: Success,
    /// Statuses that say that the result is not ready yet.
    pub processing: &'static [u16],
    /// Its documented errors. Operations share them.
    pub errors: &'static [&'static ErrorResponse],
    /// The methods of the client, one for each media type of the success response; JSON first.
    pub methods: &'static [Method],
    /// How it pages.
    pub pagination: Option<Pagination>,
    /// The wrapper around the body that a caller can ask for.
    pub envelope: Option<Envelope>,
    /// How to tell a body that is one bare item from a list.
    pub bare_item: Option<BareItem>,
}

impl Operation {
    /// The parameter of a name at a place.
    #[must_use]
    pub fn parameter(&self, place: Place, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.place == place && parameter.name == name)
    }
}

/// The quota that the requests of an operation count against.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Quota {
    /// Operations of one set share a quota.
    pub set: &'static str,
    /// The path parameter whose value it is counted for. Without one, it is counted for the caller.
    pub scope: Option<&'static str>,
}

/// A parameter of an operation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its name as an argument of the client.
    pub argument: &'static str,
    /// Where it is sent.
    pub place: Place,
    /// Whether it has to be sent.
    pub required: bool,
    /// What it means, in Markdown.
    pub description: &'static str,
    /// Which values it takes.
    pub schema: Schema,
    /// An example, as the text that is sent.
    pub example: Option<&'static str>,
    /// Where the spec has it, as a JSON pointer that begins with `#`.
    pub pointer: &'static str,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query. A list is one pair for each element.
    Query,
    /// In a header.
    Header,
}

impl Place {
    /// Its name in OpenAPI.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// The body of a request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Body {
    /// Its media type, which is JSON.
    pub media_type: &'static str,
    /// Which values it takes.
    pub schema: Schema,
    /// An example, as JSON text.
    pub example: Option<&'static str>,
    /// Where the spec has it, as a JSON pointer that begins with `#`.
    pub pointer: &'static str,
}

/// The success response of an operation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Success {
    /// Its status.
    pub status: u16,
    /// Declared headers that have an example: name and example.
    pub headers: &'static [(&'static str, &'static str)],
    /// Its media types; none where there is no body.
    pub content: &'static [Media],
    /// Where the spec has it, as a JSON pointer that begins with `#`.
    pub pointer: &'static str,
}

/// A media type of a success response.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Media {
    /// The media type.
    pub name: &'static str,
    /// The schema of the body, where it is JSON.
    pub schema: Option<Schema>,
    /// An example of the body: JSON text, or the text itself.
    pub example: Option<&'static str>,
}

/// A documented error.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ErrorResponse {
    /// Its status.
    pub status: u16,
    /// What it means.
    pub description: &'static str,
    /// The schema of the body.
    pub schema: Option<Schema>,
    /// An example of the body, as JSON text.
    pub example: Option<&'static str>,
}

/// A method of the client.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Method {
    /// Its name in Rust.
    pub name: &'static str,
    /// The media type that it asks for; `None` where there is no body.
    pub accept: Option<&'static str>,
}

/// How an operation pages.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Pagination {
    /// The field of the page that holds the items.
    pub items: &'static str,
    /// The query parameter that sets the page size.
    pub size: &'static str,
    /// The field that identifies an item.
    pub id: Option<&'static str>,
    /// How the next page is asked for.
    pub style: PageStyle,
}

/// How the next page is asked for.
#[derive(Clone, Copy, Debug)]
pub enum PageStyle {
    /// With a cursor that the page hands out.
    Cursor {
        /// The query parameter that takes it.
        token: &'static str,
        /// Fields on the way to the link whose query holds the cursor.
        href: Option<&'static [&'static str]>,
        /// Fields on the way to the cursor itself.
        next: Option<&'static [&'static str]>,
    },
    /// With the number of the page.
    PageNumber {
        /// The query parameter that takes it. The first page is 1.
        page: &'static str,
        /// The field with the links of the page.
        links: &'static str,
        /// The relations of a link that say that there is a next page.
        relations: &'static [&'static str],
        /// The field with the number of items of the whole list.
        total: Option<&'static str>,
        /// The page size when none is asked for.
        default_size: u64,
    },
}

/// How to tell a body that is one bare item from a list.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BareItem {
    /// The field that holds the items of a list.
    pub items: &'static str,
    /// Fields: a bare item has at least one of them.
    pub markers: &'static [&'static str],
}

/// A wrapper around the body.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Envelope {
    /// The query parameter that asks for it.
    pub parameter: &'static str,
    /// The field with the status.
    pub status: &'static str,
    /// The field with the body.
    pub content: &'static str,
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
