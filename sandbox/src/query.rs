//! The query of a request.

use crate::percent;
use crate::refusal::{Refusal, Rule};

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
    /// Reads a query, and returns what is malformed in it.
    pub(crate) fn parse(raw: Option<&str>) -> (Self, Vec<Refusal>) {
        let mut query = Self::default();
        let mut found = Vec::new();
        for part in raw.filter(|raw| !raw.is_empty()).iter().flat_map(|raw| raw.split('&')) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match (percent::decode(name, true), percent::decode(value, true)) {
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
    Refusal::new(Rule::MalformedQuery, format!("`{part}` in the query"), problem)
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
}
