//! Requests: as they arrive, and as their spec allows them.

use std::time::Duration;

use axum::http::{HeaderMap, Method};
use cloud_billing_catalogue::Place;
use serde_json::Value;

use crate::refusal::{Refusal, Rule};
use crate::spec::{Media, Operation, Service};

/// A request as it arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming<'r> {
    pub(crate) method: &'r Method,
    /// Not decoded.
    pub(crate) path: &'r str,
    /// Not decoded.
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

/// A request that its spec allows, and the context in which it is answered.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) service: Service,
    pub(crate) operation: &'static Operation,
    /// The media type of the response; none if it has no body.
    pub(crate) media: Option<&'static Media>,
    pub(crate) path: &'a str,
    pub(crate) query: Query,
    /// The decoded values of the path parameters, in the order of the spec.
    pub(crate) path_values: Vec<String>,
    /// The JSON body; null if there is none.
    pub(crate) body: Value,
    /// Scheme and authority of this server, for links.
    pub(crate) origin: &'a str,
    /// The time of the request, since the epoch.
    pub(crate) now: Duration,
    /// Whether a fault makes the page link to itself as the next page.
    pub(crate) repeats_cursor: bool,
}

impl Request<'_> {
    /// The value of a path parameter by its number; empty if there is none.
    pub(crate) fn path_value(&self, index: usize) -> &str {
        self.path_values.get(index).map(String::as_str).unwrap_or_default()
    }

    /// The path parameters and their values.
    pub(crate) fn path_parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let names = self.operation.parameters(Place::Path).map(|parameter| parameter.name);
        names.zip(self.path_values.iter().map(String::as_str))
    }

    /// The value of a path parameter by its name; empty if there is none.
    pub(crate) fn named_value(&self, name: &str) -> &str {
        self.path_parameters().find(|(known, _)| *known == name).map(|(_, value)| value).unwrap_or_default()
    }

    /// Whether a parameter of the path or the query has this value.
    pub(crate) fn has_value(&self, value: &str) -> bool {
        self.path_values.iter().any(|it| it == value) || self.query.pairs.iter().any(|pair| pair.value == value)
    }

    /// Whether the operation has this boolean query parameter, and the request sets it to `value`.
    pub(crate) fn sets(&self, parameter: &str, value: bool) -> bool {
        self.operation.query(parameter).is_some() && self.query.flag(parameter) == Some(value)
    }

    /// Whether the response is to be indented JSON.
    pub(crate) fn wants_indented(&self) -> bool {
        self.sets("pretty", true)
    }

    pub(crate) fn wants_csv(&self) -> bool {
        self.media.is_some_and(|media| media.name.ends_with("csv"))
    }
}

/// The pairs of a query, in their order.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<Pair>,
}

#[derive(Debug)]
struct Pair {
    /// Not decoded.
    raw: String,
    name: String,
    value: String,
}

impl Query {
    /// Reads a query, and lists its malformed parts.
    pub(crate) fn parse(raw: Option<&str>) -> (Self, Vec<Refusal>) {
        let mut query = Self::default();
        let mut found = Vec::new();
        for part in raw.filter(|raw| !raw.is_empty()).iter().flat_map(|raw| raw.split('&')) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match (percent_decode(name, true), percent_decode(value, true)) {
                (Ok(name), _) if name.is_empty() => found.push(malformed(part, "has no name")),
                (Ok(name), Ok(value)) => query.pairs.push(Pair { raw: part.to_owned(), name, value }),
                (Err(problem), _) | (_, Err(problem)) => found.push(malformed(part, &problem)),
            }
        }
        (query, found)
    }

    /// The names, each once.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for pair in &self.pairs {
            if !names.contains(&pair.name.as_str()) {
                names.push(&pair.name);
            }
        }
        names
    }

    /// Every value of a name.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        self.pairs.iter().filter(|pair| pair.name == name).map(|pair| pair.value.as_str()).collect()
    }

    /// The first value of a name.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|pair| pair.name == name).map(|pair| pair.value.as_str())
    }

    /// Whether a name occurs.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// The value of a name as a count.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.first(name)?.parse().ok()
    }

    /// The value of a name as a boolean.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.first(name)?.parse().ok()
    }

    /// The pairs of all other names, not decoded.
    pub(crate) fn raw_without(&self, names: [&str; 2]) -> Vec<&str> {
        let others = self.pairs.iter().filter(|pair| !names.contains(&pair.name.as_str()));
        others.map(|pair| pair.raw.as_str()).collect()
    }
}

fn malformed(part: &str, problem: &str) -> Refusal {
    Refusal::new(Rule::MALFORMED_QUERY, format!("`{part}` in the query"), problem)
}

/// Decodes one path segment or one name or value of a query. In a query a plus sign stands for a space.
///
/// # Errors
///
/// If a percent sign is not followed by two hexadecimal digits, or the bytes are not UTF-8; the text says which.
pub(crate) fn percent_decode(raw: &str, plus_is_space: bool) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = rest.next().and_then(hex_digit);
                let low = rest.next().and_then(hex_digit);
                let (Some(high), Some(low)) = (high, low) else {
                    return Err("a `%` is not followed by two hexadecimal digits".to_owned());
                };
                high * 16 + low
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| "its bytes are not UTF-8".to_owned())
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_keep_their_order_and_spelling() {
        let (query, found) = Query::parse(Some("a=1&b=x+y%21&a=2&c"));
        assert!(found.is_empty());
        assert_eq!(query.names(), ["a", "b", "c"]);
        assert_eq!(query.values("a"), ["1", "2"]);
        assert_eq!(query.first("b"), Some("x y!"));
        assert_eq!(query.first("c"), Some(""));
        assert_eq!(query.raw_without(["a", "c"]), ["b=x+y%21"]);
    }

    #[test]
    fn malformed_pairs_are_named() {
        let (query, found) = Query::parse(Some("a=%zz&=1&b=2&"));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(query.names(), ["b"]);
        assert_eq!(
            found,
            [
                "`a=%zz` in the query: a `%` is not followed by two hexadecimal digits (rule: malformed query)",
                "`=1` in the query: has no name (rule: malformed query)",
                "`` in the query: has no name (rule: malformed query)",
            ]
        );
        assert!(Query::parse(Some("")).1.is_empty() && Query::parse(None).1.is_empty());
    }

    #[test]
    fn decodes_segments_and_query_values() {
        assert_eq!(percent_decode("us-south%3A54%2F57", false).as_deref(), Ok("us-south:54/57"));
        assert_eq!(percent_decode("a+b%20c", true).as_deref(), Ok("a b c"));
        assert_eq!(percent_decode("a+b", false).as_deref(), Ok("a+b"));
        assert_eq!(percent_decode("%C3%A4", false).as_deref(), Ok("ä"));
    }

    #[test]
    fn refuses_what_is_no_escape() {
        for raw in ["%", "%4", "%zz", "%+1", "100%"] {
            assert!(percent_decode(raw, true).is_err(), "{raw}");
        }
        assert_eq!(percent_decode("%FF", false), Err("its bytes are not UTF-8".to_owned()));
    }
}
