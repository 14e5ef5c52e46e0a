//! The tokens that a cursor hands out.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::spec::Operation;

/// How many characters a token has. A service's own have between 395 and 700.
const LENGTH: usize = 400;

/// What tokens are good for: one list under the same filters, in pages of any size.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) struct Scope(u64);

impl Scope {
    /// The filters are the pairs of the query that neither size nor place the page; their order does not matter.
    pub(super) fn new(operation: &Operation, path: &str, filters: &[&str]) -> Self {
        let mut filters = filters.to_vec();
        filters.sort_unstable();
        Self(hash(&(operation.id.as_str(), path, filters)))
    }

    /// The token of the page that starts at an item.
    pub(super) fn token(self, start: usize) -> String {
        let position = (start as u64) ^ self.0;
        let seal = hash(&(position, self));
        format!("{position:016x}{seal:016x}").chars().cycle().take(LENGTH).collect()
    }

    /// The item that a token's page starts at, if the token is one of these.
    pub(super) fn start(self, token: &str) -> Option<usize> {
        let position = u64::from_str_radix(token.get(..16)?, 16).ok()?;
        let start = usize::try_from(position ^ self.0).ok()?;
        (self.token(start) == token).then_some(start)
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_list_only() {
        let token = Scope(7).token(30);
        assert_eq!(token.len(), LENGTH);
        assert_eq!(Scope(7).start(&token), Some(30));
        assert_eq!(Scope(8).start(&token), None);
        assert_eq!(Scope(7).start(&token[1..]), None);
        assert_eq!(Scope(7).start(""), None);
        assert_eq!(Scope(7).start(&"é".repeat(200)), None);
    }
}
