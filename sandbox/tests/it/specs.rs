//! The operations of the catalogue, and requests made from their examples.

use cloud_billing_catalogue::{Operation, Place};
use cloud_billing_sandbox::Service;
use serde_json::Value;

/// An operation, and a request of it made from the examples of its parameters.
pub(crate) struct Case {
    pub(crate) service: Service,
    pub(crate) id: String,
    pub(crate) method: String,
    /// The path, with examples for its parameters.
    pub(crate) path: String,
    /// Names of the path's parameters with their examples.
    pub(crate) path_examples: Vec<(String, String)>,
    /// Required query parameters.
    pub(crate) required: Vec<(String, String)>,
    /// Other query parameters that have an example or a default.
    pub(crate) optional: Vec<(String, String)>,
    /// Media type and example of the request body.
    pub(crate) body: Option<(String, Value)>,
    pub(crate) status: u16,
    /// Media types and examples of the success response.
    pub(crate) content: Vec<(String, Value)>,
    /// Headers of the success response and their examples.
    pub(crate) headers: Vec<(String, String)>,
    /// The example of the 404.
    pub(crate) not_found: Option<Value>,
}

impl Case {
    /// Path and query with what is required.
    pub(crate) fn target(&self) -> String {
        with_query(&self.path, &self.required)
    }

    /// Path and query with all there is.
    pub(crate) fn full_target(&self) -> String {
        with_query(&self.path, &[self.required.as_slice(), &self.optional].concat())
    }
}

fn with_query(path: &str, pairs: &[(String, String)]) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

fn escape(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// Every operation of both services.
pub(crate) fn cases() -> Vec<Case> {
    Service::ALL.into_iter().flat_map(cases_of).collect()
}

/// Every operation of one service.
pub(crate) fn cases_of(service: Service) -> Vec<Case> {
    let entry = cloud_billing_catalogue::service(service.name()).unwrap();
    entry.operations.iter().map(|operation| case(service, operation)).collect()
}

fn case(service: Service, operation: &Operation) -> Case {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let not_found = operation.errors.iter().find(|error| error.status == 404).and_then(|error| error.example);
    let content = operation.success.content.iter().map(|media| {
        let example = media.example.unwrap();
        (media.name.to_owned(), if media.name.ends_with("json") { json(example) } else { example.into() })
    });
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut case = Case {
        service,
        id: operation.id.to_owned(),
        method: operation.http_method.to_owned(),
        path: operation.path.to_owned(),
        path_examples: Vec::new(),
        required: Vec::new(),
        optional: Vec::new(),
        body: operation.body.map(|body| (body.media_type.to_owned(), json(body.example.unwrap()))),
        status: operation.success.status,
        content: content.collect(),
        headers: operation.success.headers.iter().map(owned).collect(),
        not_found: not_found.map(json),
    };
    for parameter in operation.parameters {
        let default = parameter.schema.default.map(|text| text.trim_matches('"'));
        let Some(example) = parameter.example.or(default) else { continue };
        let pair = (parameter.name.to_owned(), example.to_owned());
        match parameter.place {
            Place::Path => {
                case.path = case.path.replace(&format!("{{{}}}", parameter.name), &escape(example));
                case.path_examples.push(pair);
            }
            Place::Query if parameter.required => case.required.push(pair),
            Place::Query => case.optional.push(pair),
            Place::Header => {}
        }
    }
    case
}
