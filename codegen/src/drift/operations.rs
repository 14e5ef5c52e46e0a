//! Operations: pairs of ours and theirs, and the differences between their own attributes.

use std::collections::{BTreeSet, HashMap};

use super::change::Change;
use super::change::Class::{Additive, Breaking, DocOnly};
use super::compare::Comparison;
use crate::node::{METHODS, Node, text_of};
use crate::pointer::Pointer;

/// An operation of either document.
#[derive(Clone, Debug)]
pub(super) struct Operation<'a> {
    pub(super) method: &'static str,
    /// As the document writes it.
    pub(super) path: String,
    pub(super) node: Node<'a>,
    pub(super) item: Node<'a>,
    /// The parameters of the path in order.
    pub(super) template: Vec<String>,
    /// Method and path with the server's base path, the names of parameters left out: `GET /orgs/{}`.
    key: String,
}

/// The operations of a document, in its order.
pub(super) fn of<'a>(document: &Node<'a>) -> Vec<Operation<'a>> {
    let base = base_path(document);
    let mut found = Vec::new();
    for (path, item) in document.below("paths") {
        let Ok(item) = item.resolve() else { continue };
        let (shape, template) = normalised(&path);
        for method in METHODS {
            let Some(node) = item.get(method).filter(|node| node.value.is_object()) else { continue };
            let key = format!("{} {base}{shape}", method.to_uppercase());
            let (path, item, template) = (path.clone(), item.clone(), template.clone());
            found.push(Operation { method, path, node, item, template, key });
        }
    }
    found
}

/// The path of the first server's address, without a closing slash.
fn base_path(document: &Node<'_>) -> String {
    let server = document.below("servers").into_iter().next().and_then(|(_, server)| server.text("url"));
    let url = server.unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    path.trim_end_matches('/').to_owned()
}

/// `/orgs/{orgId}/` -> (`/orgs/{}`, `[orgId]`).
fn normalised(path: &str) -> (String, Vec<String>) {
    let (mut shape, mut names, mut rest) = (String::new(), Vec::new(), path);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        shape.push_str(before);
        shape.push_str("{}");
        names.push(name.to_owned());
        rest = tail;
    }
    shape.push_str(rest);
    (shape.trim_end_matches('/').to_owned(), names)
}

/// The names that the vendor has for an operation: its id, and an extension that overrides it.
fn names<'a>(operation: &Operation<'a>) -> Vec<&'a str> {
    let id = operation.node.text("operationId");
    let overrides = operation.node.value.as_object().into_iter().flatten().filter_map(|(key, value)| {
        let named = key.starts_with("x-") && key.ends_with("operation-id-override");
        if named { value.as_str() } else { None }
    });
    // The override comes first: it is the name that people see.
    overrides.chain(id).collect()
}

/// A name without case and separators: `getInvoice`, `get_invoice` and `GET-invoice` are one.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl<'a> Comparison<'a> {
    /// Compares every operation of ours with its counterpart.
    pub(super) fn operations(&mut self) {
        let (ours, theirs) = (of(&self.ours), of(&self.theirs));
        let by_key: HashMap<&str, &Operation<'a>> = theirs.iter().map(|op| (op.key.as_str(), op)).collect();
        let mut by_name: HashMap<String, &Operation<'a>> = HashMap::new();
        for operation in &theirs {
            for name in names(operation) {
                by_name.entry(plain(name)).or_insert(operation);
            }
        }
        let (mut matched, mut tags) = (BTreeSet::new(), BTreeSet::new());
        for mine in &ours {
            let at = label(mine);
            let id = mine.node.text("operationId").unwrap_or_default();
            let same_name = || by_name.get(&plain(id)).copied();
            let Some(vendors) = by_key.get(mine.key.as_str()).copied().or_else(same_name) else {
                let draft = Change::new(Breaking, "operation-removed", &at).ours(address(mine));
                self.report(&mine.node.pointer, &Pointer::root().join("paths"), draft);
                continue;
            };
            matched.insert(vendors.key.as_str());
            tags.extend(words(&mine.node, "tags"));
            tags.extend(words(&vendors.node, "tags"));
            if mine.key != vendors.key {
                let draft = Change::new(Breaking, "operation-moved", &at).ours(address(mine)).theirs(address(vendors));
                self.report(&mine.node.pointer, &vendors.node.pointer, draft);
            }
            self.operation(mine, vendors, &at);
        }
        // New ones stand at the end of the spec: nothing of ours is where they are.
        for operation in theirs.iter().filter(|op| !matched.contains(op.key.as_str())) {
            let Some(tag) = words(&operation.node, "tags").into_iter().find(|tag| tags.contains(tag)) else { continue };
            let name = names(operation).first().copied().unwrap_or_default();
            let mut draft = Change::new(Additive, "operation-new", &address(operation)).theirs(name);
            draft = draft.note(format!("under the tag `{tag}`"));
            self.report(&Pointer::root().join("paths"), &operation.node.pointer, draft);
        }
    }

    fn operation(&mut self, mine: &Operation<'a>, vendors: &Operation<'a>, at: &str) {
        let (known, id) = (names(vendors), mine.node.text("operationId").unwrap_or_default());
        if !known.is_empty() && !known.iter().any(|name| plain(name) == plain(id)) {
            let draft = Change::new(DocOnly, "operation-renamed", at).ours(id).theirs(known[0]);
            self.report(&mine.node.pointer, &vendors.node.pointer, draft);
        }
        self.text(&mine.node, &vendors.node, at, &["summary", "description"]);
        self.end_of_life(&mine.node, &vendors.node, at);
        self.security(mine, vendors, at);
        self.parameters(mine, vendors, at);
        self.request_body(mine, vendors, at);
        self.responses(mine, vendors, at);
    }

    /// Deprecation, and the day it ends, of an operation or of one of its versions.
    pub(super) fn end_of_life(&mut self, mine: &Node<'a>, vendors: &Node<'a>, at: &str) {
        if vendors.flag("deprecated") && !mine.flag("deprecated") {
            self.report(&mine.pointer, &vendors.pointer, Change::new(DocOnly, "deprecated", at));
        }
        for (key, value) in vendors.value.as_object().into_iter().flatten() {
            let is_sunset = key.starts_with("x-") && key.ends_with("sunset");
            if is_sunset && mine.value.get(key) != Some(value) {
                self.report(&mine.pointer, &vendors.pointer, Change::new(DocOnly, "sunset", at).theirs(text_of(value)));
            }
        }
    }
}

/// The texts of a list.
fn words<'a>(node: &Node<'a>, key: &str) -> Vec<&'a str> {
    node.below(key).into_iter().filter_map(|(_, word)| word.value.as_str()).collect()
}

/// How reports name an operation of ours.
fn label(operation: &Operation<'_>) -> String {
    operation.node.text("operationId").map_or_else(|| address(operation), str::to_owned)
}

/// `GET /orgs/{orgId}`.
fn address(operation: &Operation<'_>) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

#[cfg(test)]
mod tests {
    use super::{normalised, plain};

    #[test]
    fn paths_are_compared_without_names() {
        assert_eq!(normalised("/orgs/{orgId}/"), ("/orgs/{}".to_owned(), vec!["orgId".to_owned()]));
        assert_eq!(normalised("/a/{x}:search").0, "/a/{}:search");
        assert_eq!(normalised("/a/{x").0, "/a/{x");
        assert_eq!(normalised("/"), (String::new(), vec![]));
        assert_eq!(plain("get_org-usageV2"), plain("getOrgUsageV2"));
    }
}
