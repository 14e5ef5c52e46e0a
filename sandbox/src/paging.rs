//! Pages of lists, and the tokens that lead from one to the next.

use std::hash::{DefaultHasher, Hash, Hasher};

use cloud_billing_catalogue::PageStyle;
use serde::Serialize;

use crate::answer::{Answer, Denial};
use crate::json::{Each, Optional, object};
use crate::refusal::{Refusal, Rule};
use crate::request::Request;
use crate::spec::{Operation, Paging};

/// How many characters a page token has. IBM's own have between 395 and 700.
const TOKEN_LENGTH: usize = 400;

/// The query parameter of Atlas that says whether a page has the count of all items.
const COUNT: &str = "includeCount";

/// The part of a list that a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) start: usize,
    pub(crate) size: usize,
}

impl Window {
    pub(crate) fn end(self) -> usize {
        self.start.saturating_add(self.size)
    }
}

/// A link of Atlas.
pub(crate) fn link(rel: &'static str, href: String) -> impl Serialize {
    object! { "href": href, "rel": rel, }
}

impl Request<'_> {
    /// The page that the request asks for.
    ///
    /// # Errors
    ///
    /// If the page token was not issued for this list.
    pub(crate) fn window(&self) -> Result<Window, Denial> {
        let Some(paging) = &self.operation.paging else { return Ok(Window { start: 0, size: usize::MAX }) };
        // A page of nothing would lead nowhere.
        let size = self.query.number(paging.size).filter(|size| *size > 0).unwrap_or(paging.default_size);
        let start = match &paging.style {
            PageStyle::Cursor { token, .. } => self.start(paging, token)?,
            PageStyle::PageNumber { page, .. } => (self.page_number(page) - 1).saturating_mul(size),
        };
        Ok(Window { start, size })
    }

    /// Whether a list of this length is cut into pages: if it is longer than a page, or the request sets a page or size.
    pub(crate) fn splits(&self, length: usize) -> bool {
        self.operation.paging.as_ref().is_some_and(|paging| {
            let named = self.query.has(paging.size) || self.query.has(paging.position());
            named || length > paging.default_size || self.repeats_cursor
        })
    }

    /// Whether the response has the count of all items.
    pub(crate) fn wants_count(&self) -> bool {
        !self.sets(COUNT, false)
    }

    /// The page that the request asks for of a list of records.
    ///
    /// # Errors
    ///
    /// If the page token was not issued for this list.
    pub(crate) fn list<T: Copy, R: Serialize>(
        &self,
        all: impl Iterator<Item = T>,
        record: impl Fn(T) -> R,
    ) -> Result<Answer, Denial> {
        let window = self.window()?;
        let mut total = 0;
        let mut items = Vec::new();
        for item in all {
            if (window.start..window.end()).contains(&total) {
                items.push(item);
            }
            total += 1;
        }
        let next = (total > window.end()).then_some(window.end());
        Ok(self.page(window, items.iter().map(|item| record(*item)), total as u64, next))
    }

    /// A page with its links. `next` is the position at which the next page starts, if there is one.
    pub(crate) fn page(
        &self,
        window: Window,
        records: impl Iterator<Item: Serialize> + Clone,
        total: u64,
        next: Option<usize>,
    ) -> Answer {
        let Some(paging) = &self.operation.paging else { return Answer::list(&Each(records)) };
        let next = if self.repeats_cursor { Some(window.start) } else { next };
        let items = paging.items;
        match &paging.style {
            PageStyle::PageNumber { page, .. } => Answer::list(&object! {
                "links": self.numbered_links(paging, page, window.size, next.is_some()),
                items: Each(records),
                "totalCount"?: self.wants_count().then_some(total),
            }),
            PageStyle::Cursor { token: parameter, href: link, next: cursor } => {
                let others = self.other_parameters(paging);
                let scope = Scope::new(self.operation, self.path, &others);
                let size = format!("{}={}", paging.size, window.size);
                let href = |extra: &str| format!("{}?{}", self.path, join(&others, extra));
                let token = next.map(|start| scope.token(start));
                let next = token.as_ref().map(|token| href(&format!("{size}&{parameter}={token}")));
                // A list has the fields that its example has: some have counts, and some a link to the first page.
                let example = self.media.and_then(|media| media.example.json());
                let has = |field: &str| example.is_some_and(|example| example.get(field).is_some());
                // The link is an object with or without the cursor, or a text of the page itself.
                let (flat, next, own) = match link {
                    Some([name]) => (*name, None, next),
                    _ => ("", next, None),
                };
                Answer::list(&object! {
                    "limit"?: has("limit").then_some(window.size),
                    "count"?: has("count").then_some(total),
                    "rows_count"?: has("rows_count").then(|| records.clone().count()),
                    "first"?: has("first").then(|| object! { "href": href(&size), }),
                    flat: Optional(own),
                    "next"?: next.map(|href| object! {
                        "href": href,
                        "offset"?: token.filter(|_| cursor.is_some()),
                    }),
                    items: Each(records),
                })
            }
        }
    }

    fn numbered_links(&self, paging: &Paging, parameter: &str, size: usize, has_next: bool) -> impl Serialize + use<> {
        let others = self.other_parameters(paging);
        let page = self.page_number(parameter);
        let link_to = |rel, page: usize| {
            let query = join(&others, &format!("{parameter}={page}&{}={size}", paging.size));
            link(rel, format!("{}{}?{query}", self.origin, self.path))
        };
        let mut links = vec![link_to("self", page)];
        if page > 1 {
            links.push(link_to("previous", page - 1));
        }
        if has_next {
            links.push(link_to("next", if self.repeats_cursor { page } else { page + 1 }));
        }
        links
    }

    fn page_number(&self, parameter: &str) -> usize {
        self.query.number(parameter).unwrap_or(1).max(1)
    }

    /// The position at which the page of a token starts. The token of the spec's example stands for the first page.
    fn start(&self, paging: &Paging, parameter: &str) -> Result<usize, Denial> {
        let Some(token) = self.query.first(parameter) else { return Ok(0) };
        if self.operation.query(parameter).is_some_and(|it| it.example == Some(token)) {
            return Ok(0);
        }
        let scope = Scope::new(self.operation, self.path, &self.other_parameters(paging));
        scope.start(token).ok_or_else(|| {
            let problem = "is no token that this list handed out under these filters";
            let place = format!("{}/x-sdk-pagination/token", self.operation.place);
            let refusal = Refusal::new(Rule::PAGE_TOKEN, format!("query parameter `{parameter}`"), problem);
            Denial::Refused(refusal.named(parameter).at(place).into())
        })
    }

    /// The query without the parameters that choose the page.
    fn other_parameters(&self, paging: &Paging) -> Vec<&str> {
        self.query.raw_without([paging.size, paging.position()])
    }
}

fn join(others: &[&str], extra: &str) -> String {
    let mut parts = others.to_vec();
    parts.push(extra);
    parts.join("&")
}

/// Identifies the list that a page token is valid for: operation, path and filters. The page size may change.
#[derive(Clone, Copy, Debug, Hash)]
struct Scope(u64);

impl Scope {
    /// The order of the filters does not matter.
    fn new(operation: &Operation, path: &str, filters: &[&str]) -> Self {
        let mut filters = filters.to_vec();
        filters.sort_unstable();
        Self(hash(&(operation.id, path, filters)))
    }

    /// The token of the page that starts at a position.
    fn token(self, start: usize) -> String {
        let position = (start as u64) ^ self.0;
        let check = hash(&(position, self));
        format!("{position:016x}{check:016x}").chars().cycle().take(TOKEN_LENGTH).collect()
    }

    /// The position at which the page of a token starts, if the token was issued for this scope.
    fn start(self, token: &str) -> Option<usize> {
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
    fn a_token_is_valid_for_its_own_list_only() {
        let token = Scope(7).token(30);
        assert_eq!(token.len(), TOKEN_LENGTH);
        assert_eq!(Scope(7).start(&token), Some(30));
        assert_eq!(Scope(8).start(&token), None);
        assert_eq!(Scope(7).start(&token[1..]), None);
        assert_eq!(Scope(7).start(""), None);
        assert_eq!(Scope(7).start(&"é".repeat(200)), None);
    }
}
