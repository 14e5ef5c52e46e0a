//! Cutting the list of an example into pages, as `x-sdk-pagination` says.

mod token;

use serde_json::{Value, json};

use crate::query::Query;
use crate::refusal::{Refusal, Refused, Rule};
use crate::spec::{Fault, Media, Node, Operation};
use token::Scope;

/// Fields of a cursor's list for which `x-sdk-pagination` has no key. They are kept true where the example has them.
const SIZE_FIELD: &str = "limit";
const FIRST_FIELD: &str = "/first/href";

/// How an operation pages.
#[derive(Debug)]
pub(crate) struct Paging {
    items: String,
    size: String,
    default_size: usize,
    style: Style,
}

#[derive(Debug)]
enum Style {
    Cursor(Cursor),
    /// Pages have numbers. `links` is the field with the links to the neighbours.
    Numbered {
        page: String,
        links: String,
    },
}

/// The response hands out a token for the next page.
#[derive(Debug)]
struct Cursor {
    /// The query parameter that takes the token.
    token: String,
    /// The example of that parameter, which stands for the first page.
    example: Option<String>,
    /// Where the response has the link to the next page, as a JSON pointer.
    next_href: String,
    /// Where it has the token by itself.
    next_token: String,
}

/// What a page is asked for with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) query: &'a Query,
    pub(crate) path: &'a str,
    /// Scheme and authority for links that have them.
    pub(crate) origin: &'a str,
    /// Whether the page is to be followed by itself, which no service does on purpose.
    pub(crate) repeats: bool,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) start: usize,
    pub(crate) size: usize,
}

/// Where the pages of a list are.
#[derive(Debug)]
pub(crate) enum Links {
    /// The first page; address and token of the next one.
    Cursor { first: String, next: Option<(String, String)> },
    /// Relation and address.
    Numbered(Vec<(&'static str, String)>),
}

impl Paging {
    /// Reads the extension of an operation whose parameters are known.
    pub(crate) fn read(node: &Node<'_>, operation: &Operation) -> Result<Self, Fault> {
        let text = |key: &str| -> Result<String, Fault> { Ok(node.require(key)?.text()?.to_owned()) };
        let parameter = |key: &str| {
            let name = text(key)?;
            let found =
                operation.query(&name).ok_or_else(|| node.fault(format!("names no query parameter as `{key}`")))?;
            Ok((name, found))
        };
        let (size, size_parameter) = parameter("size")?;
        let default_size =
            size_parameter.schema.default().and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
        let default_size = default_size
            .filter(|size| *size > 0)
            .ok_or_else(|| node.fault("names a `size` parameter that has no default"))?;
        let style = match node.require("style")?.text()? {
            "cursor" => {
                let (token, token_parameter) = parameter("token")?;
                let example = token_parameter.example.clone();
                let (next_href, next_token) = (pointer(&text("next-href")?), pointer(&text("next-token")?));
                Style::Cursor(Cursor { token, example, next_href, next_token })
            }
            "page-number" => Style::Numbered { page: parameter("page")?.0, links: text("links")? },
            other => return Err(node.fault(format!("has the unknown style `{other}`"))),
        };
        let items = text("items")?;
        let is_list =
            |media: &Media| media.example.json().and_then(|body| body.get(&items)).is_some_and(Value::is_array);
        if !operation.success.content.iter().any(is_list) {
            return Err(node.fault("names no list at the top of the success example as `items`"));
        }
        Ok(Self { items, size, default_size, style })
    }

    /// The field that holds the items.
    pub(crate) fn items(&self) -> &str {
        &self.items
    }

    /// Reduces a list to the page that is asked for. A list that is one page, and is asked for without naming page or
    /// size, stays as the example has it.
    ///
    /// # Errors
    ///
    /// If the token is not one that this list handed out.
    pub(crate) fn apply(&self, body: &mut Value, asked: Asked<'_>) -> Result<(), Refused> {
        let position = match &self.style {
            Style::Cursor(cursor) => &cursor.token,
            Style::Numbered { page, .. } => page,
        };
        let total = body.get(&self.items).and_then(Value::as_array).map_or(0, Vec::len);
        let named_size = asked.query.number(&self.size);
        let size = named_size.unwrap_or(self.default_size);
        if named_size.is_none() && !asked.query.has(position) && total <= size && !asked.repeats {
            return Ok(());
        }
        let window = self.window(asked)?;
        let end = self.cut(body, window);
        match self.links(asked, window, (end < total).then_some(end)) {
            Links::Cursor { first, next } => {
                if let Some(field) = body.get_mut(SIZE_FIELD) {
                    *field = size.into();
                }
                if let Some(field) = body.pointer_mut(FIRST_FIELD) {
                    *field = first.into();
                }
                let Style::Cursor(cursor) = &self.style else { return Ok(()) };
                match next {
                    Some((href, token)) => {
                        put(body, &cursor.next_href, href.into());
                        put(body, &cursor.next_token, token.into());
                    }
                    None => {
                        drop_branch(body, &cursor.next_href);
                        drop_branch(body, &cursor.next_token);
                    }
                }
            }
            Links::Numbered(list) => {
                let Style::Numbered { links, .. } = &self.style else { return Ok(()) };
                let list = list.into_iter().map(|(rel, href)| json!({ "rel": rel, "href": href }));
                put(body, &pointer(links), list.collect());
            }
        }
        Ok(())
    }

    /// The part of the list that is asked for.
    ///
    /// # Errors
    ///
    /// If the token is not one that this list handed out.
    pub(crate) fn window(&self, asked: Asked<'_>) -> Result<Window, Refused> {
        let size = asked.query.number(&self.size).unwrap_or(self.default_size);
        let start = match &self.style {
            Style::Cursor(cursor) => cursor.start(self.scope(asked, &self.others(asked)), asked)?,
            Style::Numbered { page, .. } => {
                let page = asked.query.number(page).unwrap_or(1).max(1);
                (page - 1).saturating_mul(size)
            }
        };
        Ok(Window { start, size })
    }

    /// The links of a page. `next` is the item that the next page starts at, if there is one; numbered pages start where
    /// their number says, whatever it is.
    pub(crate) fn links(&self, asked: Asked<'_>, window: Window, next: Option<usize>) -> Links {
        let others = self.others(asked);
        let Window { start, size } = window;
        let this_size = format!("{}={size}", self.size);
        match &self.style {
            Style::Cursor(cursor) => {
                let scope = self.scope(asked, &others);
                let href = |extra: &str| format!("{}?{}", asked.path, join(&others, extra));
                let next = if asked.repeats { Some(start) } else { next };
                let next = next.map(|start| {
                    let token = scope.token(start);
                    (href(&format!("{this_size}&{}={token}", cursor.token)), token)
                });
                Links::Cursor { first: href(&this_size), next }
            }
            Style::Numbered { page: name, .. } => {
                let page = asked.query.number(name).unwrap_or(1).max(1);
                let link = |rel, page: usize| {
                    let query = join(&others, &format!("{name}={page}&{this_size}"));
                    (rel, format!("{}{}?{query}", asked.origin, asked.path))
                };
                let mut list = vec![link("self", page)];
                if page > 1 {
                    list.push(link("previous", page - 1));
                }
                if asked.repeats {
                    list.push(link("next", page));
                } else if next.is_some() {
                    list.push(link("next", page + 1));
                }
                Links::Numbered(list)
            }
        }
    }

    /// The pairs of the query that neither size nor place the page.
    fn others<'a>(&self, asked: Asked<'a>) -> Vec<&'a str> {
        let position = match &self.style {
            Style::Cursor(cursor) => &cursor.token,
            Style::Numbered { page, .. } => page,
        };
        asked.query.raw_without([&self.size, position])
    }

    fn scope(&self, asked: Asked<'_>, others: &[&str]) -> Scope {
        Scope::new(asked.operation, asked.path, others)
    }

    /// Keeps the items of a window, and says where the next one would start.
    fn cut(&self, body: &mut Value, Window { start, size }: Window) -> usize {
        let Some(items) = body.get_mut(&self.items).and_then(Value::as_array_mut) else { return 0 };
        let start = start.min(items.len());
        let end = start.saturating_add(size).min(items.len());
        items.truncate(end);
        items.drain(..start);
        end
    }
}

impl Cursor {
    /// The item that the page starts at.
    fn start(&self, scope: Scope, asked: Asked<'_>) -> Result<usize, Refused> {
        let Some(token) = asked.query.first(&self.token) else { return Ok(0) };
        if self.example.as_deref() == Some(token) {
            return Ok(0);
        }
        scope.start(token).ok_or_else(|| {
            let problem = "is no token that this list handed out under these filters";
            let subject = format!("query parameter `{}`", self.token);
            let place = format!("{}/x-sdk-pagination/token", asked.operation.place);
            Refusal::new(Rule::PageToken, subject, problem).named(&self.token).at(place).into()
        })
    }
}

fn join(others: &[&str], extra: &str) -> String {
    let mut parts = others.to_vec();
    parts.push(extra);
    parts.join("&")
}

/// A path such as `next.href` as a JSON pointer.
fn pointer(path: &str) -> String {
    path.split('.').map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
}

/// Sets a field, making the objects above it.
fn put(body: &mut Value, pointer: &str, value: Value) {
    let mut at = body;
    for part in pointer.split('/').skip(1) {
        let Value::Object(map) = at else { return };
        at = map.entry(part).or_insert_with(|| json!({}));
    }
    *at = value;
}

/// Takes the topmost part of a path out of the body.
fn drop_branch(body: &mut Value, pointer: &str) {
    if let (Some(map), Some(top)) = (body.as_object_mut(), pointer.split('/').nth(1)) {
        map.remove(top);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_put_and_dropped_by_path() {
        let mut body = json!({ "a": 1 });
        put(&mut body, &pointer("next.href"), "/x".into());
        put(&mut body, &pointer("next.offset"), "t".into());
        assert_eq!(body, json!({ "a": 1, "next": { "href": "/x", "offset": "t" } }));
        drop_branch(&mut body, &pointer("next.href"));
        assert_eq!(body, json!({ "a": 1 }));
    }
}
