//! Where a page has its items, and what it says about the next page.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Position;
use crate::json::{self, fields};

/// How much of the end of a page is searched for a cursor, in bytes. IBM's cursors have up to 700 characters, and a page has
/// each twice.
const TAIL: usize = 8 * 1024;

/// Where the JSON of a page has its items, and what leads to the next page. Generated code declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The field of the page with the items.
    pub items: &'static str,
    /// What leads to the next page.
    pub next: Next,
}

/// What leads to the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A cursor: in the query of a link, or by itself. If the page has both, the link counts.
    Cursor {
        /// The query parameter of the link that is the cursor.
        parameter: &'static str,
        /// The path to the link, from the page. Empty if the service sends none.
        href: &'static [&'static str],
        /// The path to the cursor by itself. Empty if the service sends none.
        token: &'static [&'static str],
    },
    /// Page numbers, and links of which one may say that there is a next page.
    Number {
        /// The field of the page with the links, a list of objects with a `rel`.
        links: &'static str,
        /// The relations that say that there is a next page.
        relations: &'static [&'static str],
        /// The field of the page with the number of items of the whole list. Empty if the service sends none.
        total: &'static str,
    },
}

impl Next {
    /// Whether pages have the number of items of the whole list.
    pub(super) fn has_total(&self) -> bool {
        matches!(self, Self::Number { total, .. } if !total.is_empty())
    }

    /// The fields of the page that say something about the next one.
    pub(super) fn fields(&self) -> [&'static str; 2] {
        let first = |path: &[&'static str]| path.first().copied();
        match self {
            Self::Cursor { href, token, .. } => {
                let href = first(href).or(first(token)).unwrap_or_default();
                [href, first(token).unwrap_or(href)]
            }
            Self::Number { links, total, .. } => [links, total],
        }
    }
}

/// What the fields of a page say about the next page and the whole list.
pub(super) struct Found {
    next: Next,
    fields: Map<String, Value>,
}

impl Found {
    pub(super) fn new(next: Next) -> Self {
        Self { next, fields: Map::new() }
    }

    /// The last field of a page, if that is the cursor or the total, as services write it. This saves a look at the whole
    /// page.
    pub(super) fn at_end(next: Next, page: &str) -> Option<Self> {
        let name = match (next, next.fields()) {
            (Next::Cursor { .. }, [name, other]) if name != other => return None,
            (_, [_, ""]) => return None,
            (_, [_, name]) => name,
        };
        let key = format!("\"{name}\"");
        let tail = (page.len().saturating_sub(TAIL)..).find(|at| page.is_char_boundary(*at))?;
        let start = tail + page[tail..].rfind(&key)?;
        if page[..start].ends_with('\\') {
            return None;
        }
        // If this is a field of the page, an object that begins with it ends where the page does. If it is a field of an
        // object in the page, more follows.
        let rest = format!("{{{}", &page[start..]);
        let [value] = fields(&rest, [name])?;
        let fields = Map::from_iter([(name.to_owned(), json::from_str(&rest[value?]).ok()?)]);
        Some(Self { next, fields })
    }

    /// Whether a field says something about the next page.
    pub(super) fn wants(&self, key: &str) -> bool {
        self.next.fields().contains(&key)
    }

    /// Adds such a field. Returns whether it is new.
    pub(super) fn insert(&mut self, key: Cow<'_, str>, value: Value) -> bool {
        self.fields.insert(key.into_owned(), value).is_none()
    }

    /// Whether these fields tell the next page, however many items there are.
    pub(super) fn is_decisive(&self) -> bool {
        match self.next {
            Next::Cursor { .. } => self.next.fields().iter().all(|field| self.fields.contains_key(*field)),
            Next::Number { links, relations, .. } => self.leads_on(links, relations) == Some(true),
        }
    }

    /// The number of items of the whole list, if the page has it.
    pub(super) fn total(&self) -> Option<u64> {
        let Next::Number { total, .. } = self.next else { return None };
        self.fields.get(total)?.as_u64()
    }

    /// The position after a page with `count` items, of which a full page has `size`; `None` after the last page.
    ///
    /// # Errors
    ///
    /// If the cursor is not a text, or a link has none.
    pub(super) fn position(&self, page: &Position, count: u64, size: Option<u64>) -> Result<Option<Position>, String> {
        match self.next {
            Next::Cursor { parameter, href, token } => {
                let link = self.text(href)?.filter(|link| !link.trim().is_empty());
                let cursor = link.and_then(|link| query_value(link, parameter));
                let cursor = cursor.or(self.text(token)?.map(str::to_owned)).filter(|cursor| !cursor.is_empty());
                match (cursor, link) {
                    // It leads on, and nobody knows to where.
                    (None, Some(_)) => Err(format!("the link to the next page has no usable `{parameter}`")),
                    (cursor, _) => Ok(cursor.map(Position::Cursor)),
                }
            }
            Next::Number { links, relations, .. } => {
                let number = if let Position::Number(number) = page { *number } else { 1 };
                let full = size.filter(|size| count >= *size);
                // A total is an estimate. But if it says that there is more, a full page without a link is not trusted.
                let falls_short = |size| self.total().is_some_and(|total| total > number.saturating_mul(size));
                let leads_on = self.leads_on(links, relations);
                let more = leads_on == Some(true) || full.is_some_and(|size| leads_on.is_none() || falls_short(size));
                Ok((more && count > 0).then(|| Position::Number(number.saturating_add(1))))
            }
        }
    }

    /// The text at a path; `None` if there is none.
    fn text(&self, path: &[&str]) -> Result<Option<&str>, String> {
        let Some((first, rest)) = path.split_first() else { return Ok(None) };
        let mut value = self.fields.get(*first).unwrap_or(&Value::Null);
        for key in rest {
            value = match value {
                Value::Object(fields) => fields.get(*key).unwrap_or(&Value::Null),
                Value::Null => return Ok(None),
                _ => return Err(format!("the value above `{}` is not an object", path.join("."))),
            };
        }
        match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err(format!("the cursor `{}` is not a text", path.join("."))),
        }
    }

    /// Whether one of the links leads on; `None` if the page has no links.
    fn leads_on(&self, links: &str, relations: &[&str]) -> Option<bool> {
        let links = self.fields.get(links)?.as_array().filter(|links| !links.is_empty())?;
        let mut found = links.iter().filter_map(|link| link.get("rel")?.as_str());
        Some(found.any(|relation| relations.contains(&relation)))
    }
}

/// The first value of a query parameter in a link, relative or absolute, decoded. A malformed link has none.
fn query_value(href: &str, parameter: &str) -> Option<String> {
    // A question mark in the fragment begins no query.
    let (_, query) = href.split('#').next()?.split_once('?')?;
    let value = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name)? == parameter).then_some(value)
    })?;
    decode(value).filter(|value| !value.is_empty())
}

/// Percent- and plus-decoding, as form-encoded queries have it (URL Standard, section 5.1).
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURSOR: Next = Next::Cursor { parameter: "_start", href: &["next", "href"], token: &["next", "offset"] };

    fn at_end(page: &str) -> Option<String> {
        match Found::at_end(CURSOR, page)?.position(&Position::First, 1, None).ok()?? {
            Position::Cursor(cursor) => Some(cursor),
            _ => None,
        }
    }

    #[test]
    fn the_cursor_at_the_end_of_a_page() {
        let long = format!(r#"{{"items":["{}"],"next":{{"offset":"a"}}}}"#, "ä".repeat(TAIL));
        for (page, found) in [
            (r#"{"items":[1],"next":{"href":"/v4?_limit=2&_start=a%2Fb","offset":"c"}}"#, Some("a/b")),
            (r#"{"items":[1],"next":{"href":"/v4?_limit=2","offset":"c"},"count":1}"#, Some("c")),
            (r#"{ "items" : [ ] , "next" : { "offset" : "\u0061" , "more" : [ {} ] } } "#, Some("a")),
            (r#"{"items":[{"next":{"offset":"no"}}],"next":{"href":null,"offset":"c"}}"#, Some("c")),
            (r#"{"next":{"offset":"c"},"items":[1]}"#, Some("c")),
            (&long, Some("a")),
        ] {
            assert_eq!(at_end(page).as_deref(), found, "{page}");
        }
    }

    #[test]
    fn what_is_no_cursor_of_the_page() {
        let far = format!(r#"{{"next":{{"offset":"a"}},"items":["{}"]}}"#, "x".repeat(2 * TAIL));
        for page in [
            r#"{"items":[{"next":{"offset":"no"}}]}"#,
            r#"{"items":{"next":{"offset":"no"}}}"#,
            r#"{"items":["next"]}"#,
            r#"{"items":"next"}"#,
            r#"{"next":null}"#,
            r#"{"next":{}}"#,
            r#"{"next":{"offset":7}}"#,
            r#"{"next":"c"}"#,
            r#"{"next":["c"]}"#,
            r#"{"a\"next":{"offset":"no"}}"#,
            r#"{"items":[1],"next":{"offset":"cut"}"#,
            r#"{"items":[1],"next":{"off"#,
            "\"next\"",
            "next",
            "",
            &far,
        ] {
            assert_eq!(at_end(page), None, "{page}");
        }
    }

    /// It says that the list goes on, and not where.
    #[test]
    fn a_link_without_a_cursor() {
        let after = |next: &str| {
            let mut found = Found::new(CURSOR);
            found.insert("next".into(), json::from_str(next).unwrap());
            found.position(&Position::First, 1, None)
        };
        for link in
            ["x", "/v4/a?other=1", "/v4/a?_START=x", "/v4/a#_start=1", "/v4/a?_start=&_start=5", "/v4/a?_start=%ff"]
        {
            let message = "the link to the next page has no usable `_start`";
            for next in [format!(r#"{{"href":"{link}"}}"#), format!(r#"{{"href":"{link}","offset":""}}"#)] {
                assert_eq!(after(&next).unwrap_err(), message, "{next}");
            }
            assert!(after(&format!(r#"{{"href":"{link}","offset":"b"}}"#)).unwrap().is_some(), "{link}");
        }
        for end in
            ["null", "{}", r#"{"href":null}"#, r#"{"href":""}"#, r#"{"href":" "}"#, r#"{"href":"","offset":null}"#]
        {
            assert!(after(end).unwrap().is_none(), "{end}");
        }
    }

    /// Services call totals estimates. One above what came is a reason to look, and no error.
    #[test]
    fn a_full_page_without_a_link_and_a_total_above_it() {
        let next = Next::Number { links: "links", relations: &["next"], total: "total" };
        let after = |page: u64, links: &str, total: &str, count| {
            let mut found = Found::new(next);
            found.insert("links".into(), json::from_str(links).unwrap());
            found.insert("total".into(), json::from_str(total).unwrap());
            found.position(&Position::Number(page), count, Some(100)).unwrap()
        };
        let own = r#"[{"rel":"self"}]"#;
        assert_eq!(after(1, own, "101", 100), Some(Position::Number(2)));
        assert_eq!(after(2, own, "201", 100), Some(Position::Number(3)));
        for (page, total, count) in [(1, "100", 100), (2, "200", 100), (1, "101", 99), (1, "null", 100), (2, "101", 0)]
        {
            assert_eq!(after(page, own, total, count), None, "{page} {total} {count}");
        }
    }

    #[test]
    fn cursors_in_links() {
        for (href, cursor) in [
            ("/v4/a?_limit=5&_start=abc-_9", Some("abc-_9")),
            ("https://elsewhere.example/v4/a?_start=a%2Fb%2Bc", Some("a/b+c")),
            ("?_start=a+b", Some("a b")),
            ("/v4/a?_start=one&_start=two", Some("one")),
            ("/v4/a?%5Fstart=x#_start=y", Some("x")),
            ("/v4/a#?_start=x", None),
            ("/v4/a?_limit=5", None),
            ("/v4/a?_start=", None),
            ("/v4/a?_start", None),
            ("/v4/a", None),
            ("", None),
            ("/v4/a?_start=%ff", None),
            ("/v4/a?&&=&_start=z", Some("z")),
        ] {
            assert_eq!(query_value(href, "_start").as_deref(), cursor, "{href}");
        }
    }

    #[test]
    fn relations_of_links() {
        let relations = &["next", "http://mms.mongodb.com/next"];
        let next = Next::Number { links: "links", relations, total: "" };
        for (links, leads) in [
            ("[]", None),
            ("null", None),
            (r#"[{"rel":"self"}]"#, Some(false)),
            (r#"[{"rel":"self"},{"rel":"next"}]"#, Some(true)),
            (r#"[{},{"rel":"http://mms.mongodb.com/next"}]"#, Some(true)),
            (r#"[{"rel":"nextish"}]"#, Some(false)),
        ] {
            let mut found = Found::new(next);
            found.insert("links".into(), json::from_str(links).unwrap());
            assert_eq!(found.leads_on("links", relations), leads, "{links}");
        }
    }
}
