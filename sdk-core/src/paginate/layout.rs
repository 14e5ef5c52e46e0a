//! Where a page has its items, and what it says about the next page.

use serde_json::{Map, Value};

use super::Position;

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

/// Fields of a page, by name.
pub(super) type Fields = Map<String, Value>;

impl Next {
    /// The fields of the page that say something about the next one.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'static str> + use<> {
        let [first, second] = match *self {
            Self::Cursor { href, token, .. } => [href, token].map(|path| path.first().copied().unwrap_or_default()),
            Self::Number { links, total, .. } => [links, total],
        };
        [first, if second == first { "" } else { second }].into_iter().filter(|name| !name.is_empty())
    }

    /// Whether these fields are all of them, and there is a page after one with `count` items, of which there may be more.
    pub(super) fn leads_on(&self, fields: &Fields, page: &Position, count: u64) -> bool {
        self.fields().all(|name| fields.contains_key(name))
            && matches!(self.position(fields, page, count, None), Ok(Some(_)))
    }

    /// The number of items of the whole list, if the page has it.
    pub(super) fn total(&self, fields: &Fields) -> Option<u64> {
        let Self::Number { total, .. } = self else { return None };
        fields.get(*total)?.as_u64()
    }

    /// The position after a page with these fields and `count` items, of which a full page has `size`; `None` after the last
    /// page.
    ///
    /// # Errors
    ///
    /// If the cursor is not a text, or a link has none.
    pub(super) fn position(
        &self,
        fields: &Fields,
        page: &Position,
        count: u64,
        size: Option<u64>,
    ) -> Result<Option<Position>, String> {
        match self {
            Self::Cursor { parameter, href, token } => {
                let link = text(fields, href)?.filter(|link| !link.trim().is_empty());
                let cursor = link.and_then(|link| query_value(link, parameter));
                let cursor = cursor.or(text(fields, token)?.map(str::to_owned)).filter(|cursor| !cursor.is_empty());
                if cursor.is_none() && link.is_some() {
                    // It leads on, and nobody knows to where.
                    return Err(format!("the link to the next page has no usable `{parameter}`"));
                }
                Ok(cursor.map(Position::Cursor))
            }
            Self::Number { links, relations, .. } => {
                let number = if let Position::Number(number) = page { *number } else { 1 };
                let full = size.filter(|size| count >= *size);
                // A total is an estimate. But if it says that there is more, a full page without a link is not trusted.
                let falls_short = |size| self.total(fields).is_some_and(|total| total > number.saturating_mul(size));
                let linked = has_link(fields, links, relations);
                let more = linked == Some(true) || full.is_some_and(|size| linked.is_none() || falls_short(size));
                Ok((more && count > 0).then(|| Position::Number(number.saturating_add(1))))
            }
        }
    }
}

/// The text at a path; `None` if there is none.
fn text<'a>(fields: &'a Fields, path: &[&str]) -> Result<Option<&'a str>, String> {
    let Some((first, rest)) = path.split_first() else { return Ok(None) };
    let mut value = fields.get(*first);
    for key in rest {
        value = match value {
            Some(Value::Object(fields)) => fields.get(*key),
            None | Some(Value::Null) => None,
            Some(_) => return Err(format!("the value above `{}` is not an object", path.join("."))),
        };
    }
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("the cursor `{}` is not a text", path.join("."))),
    }
}

/// Whether one of the links has such a relation; `None` if the page has no links.
fn has_link(fields: &Fields, links: &str, relations: &[&str]) -> Option<bool> {
    let links = fields.get(links)?.as_array().filter(|links| !links.is_empty())?;
    let mut found = links.iter().filter_map(|link| link.get("rel")?.as_str());
    Some(found.any(|relation| relations.contains(&relation)))
}

/// The first value of a query parameter in a link, relative or absolute, decoded. A malformed link has none.
fn query_value(href: &str, parameter: &str) -> Option<String> {
    // A question mark in the fragment begins no query.
    let (_, query) = href.split('#').next()?.split_once('?')?;
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == parameter)?;
    // What is not UTF-8 is replaced, and leads nowhere.
    let is_usable = !value.is_empty() && !value.contains(char::REPLACEMENT_CHARACTER);
    is_usable.then(|| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURSOR: Next = Next::Cursor { parameter: "_start", href: &["next", "href"], token: &["next", "offset"] };

    fn fields(json: &[(&str, &str)]) -> Fields {
        json.iter().map(|(name, value)| ((*name).to_owned(), serde_json::from_str(value).unwrap())).collect()
    }

    /// It says that the list goes on, and not where.
    #[test]
    fn a_link_without_a_cursor() {
        let after = |next: &str| CURSOR.position(&fields(&[("next", next)]), &Position::First, 1, None);
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
            let fields = fields(&[("links", links), ("total", total)]);
            next.position(&fields, &Position::Number(page), count, Some(100)).unwrap()
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
        for (links, leads) in [
            ("[]", None),
            ("null", None),
            (r#"[{"rel":"self"}]"#, Some(false)),
            (r#"[{"rel":"self"},{"rel":"next"}]"#, Some(true)),
            (r#"[{},{"rel":"http://mms.mongodb.com/next"}]"#, Some(true)),
            (r#"[{"rel":"nextish"}]"#, Some(false)),
        ] {
            assert_eq!(has_link(&fields(&[("links", links)]), "links", relations), leads, "{links}");
        }
    }
}
