//! Operations: pairs of ours and theirs, and the differences between their own attributes.

use std::collections::{BTreeSet, HashMap};

use super::change::Change;
use super::change::Class::{Additive, Breaking, DocOnly};
use super::compare::Comparison;
use crate::node::{METHODS, Node, text_of};
use crate::pointer::Pointer;

/// What the key of a vendor's extension contains that is read: the day of an end, a better name, the roles of a caller.
pub(super) const EXTENSIONS: [&str; 3] = ["sunset", "operation-id-override", "role"];

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
    /// Its servers: its own, those of its path, or those of the document.
    servers: Option<Node<'a>>,
    /// Its path with the base path of its first server, the names of parameters left out: `/orgs/{}`.
    shape: String,
}

/// An operation of ours, and the vendor's.
type Pair<'o, 'a> = (&'o Operation<'a>, Option<&'o Operation<'a>>);

/// An operation of the vendor's that may be new to us, and what it has in common with ours.
type Other<'o, 'a> = (&'o Operation<'a>, String);

/// The operations of a document, in its order.
pub(super) fn of<'a>(document: &Node<'a>) -> Vec<Operation<'a>> {
    let mut found = Vec::new();
    for (path, item) in document.below("paths") {
        let Ok(item) = item.resolve() else { continue };
        let (end, template) = normalised(&path);
        for method in METHODS {
            let Some(node) = item.get(method).filter(|node| node.value.is_object()) else { continue };
            let servers = [&node, &item, document].into_iter().find_map(|node| node.get("servers"));
            let (path, item, template) = (path.clone(), item.clone(), template.clone());
            let mut operation = Operation { method, path, node, item, template, servers, shape: String::new() };
            let url = operation.servers().into_iter().next().unwrap_or_default();
            operation.shape = format!("{}{end}", base_path(&url));
            found.push(operation);
        }
    }
    found
}

impl Operation<'_> {
    /// The addresses of its servers, without a closing slash.
    fn servers(&self) -> Vec<String> {
        let all = self.servers.as_ref().map(Node::members).unwrap_or_default();
        all.iter().filter_map(|(_, server)| Some(address_of(server)?.trim_end_matches('/').to_owned())).collect()
    }

    /// What pairs it: `GET /orgs/{}`.
    fn key(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.shape)
    }

    /// The things that it is about, if they belong to another: `/orgs/{}/invoices` of `/orgs/{}/invoices/{}`.
    fn collection(&self) -> Option<&str> {
        let end = self.shape.trim_end_matches("/{}");
        end.contains('}').then_some(end)
    }
}

/// The address of a server, in which each variable has its usual value.
fn address_of(server: &Node<'_>) -> Option<String> {
    let usual = |url: String, (name, variable): (String, Node<'_>)| {
        url.replace(&format!("{{{name}}}"), variable.text("default").unwrap_or_default())
    };
    Some(server.below("variables").into_iter().fold(server.text("url")?.to_owned(), usual))
}

/// The path of an address.
fn base_path(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]))
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

/// The members of a node that are extensions of a kind.
fn extensions<'a>(node: &Node<'a>, kind: &str) -> Vec<(String, Node<'a>)> {
    let is_one = |key: &str| key.starts_with("x-") && !key.starts_with("x-sdk-") && key.to_lowercase().contains(kind);
    node.members().into_iter().filter(|(key, _)| is_one(key)).collect()
}

/// The names that the vendor has for an operation: the one that people see first, which an extension may set.
fn names<'a>(operation: &Operation<'a>) -> Vec<&'a str> {
    let overrides = extensions(&operation.node, EXTENSIONS[1]).into_iter().filter_map(|(_, name)| name.value.as_str());
    overrides.chain(operation.node.text("operationId")).collect()
}

/// A name without case and separators: `getInvoice`, `get_invoice` and `GET-invoice` are one.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Each operation of ours with the vendor's, and the others of the vendor's that ours could have.
pub(super) fn paired<'o, 'a>(
    ours: &'o [Operation<'a>],
    theirs: &'o [Operation<'a>],
) -> (Vec<Pair<'o, 'a>>, Vec<Other<'o, 'a>>) {
    let by_key: HashMap<String, &Operation<'a>> = theirs.iter().map(|op| (op.key(), op)).collect();
    let mut by_name: HashMap<String, &Operation<'a>> = HashMap::new();
    for (operation, name) in theirs.iter().flat_map(|op| names(op).into_iter().map(move |name| (op, name))) {
        by_name.entry(plain(name)).or_insert(operation);
    }
    let same_name = |mine: &Operation<'a>| by_name.get(&plain(mine.node.text("operationId")?));
    let counterpart = |mine: &'o Operation<'a>| by_key.get(&mine.key()).or_else(|| same_name(mine)).copied();
    let pairs: Vec<_> = ours.iter().map(|mine| (mine, counterpart(mine))).collect();

    let matched: BTreeSet<String> = pairs.iter().filter_map(|(_, vendors)| Some(vendors.as_ref()?.key())).collect();
    let both = pairs.iter().filter_map(|(mine, vendors)| Some([*mine, (*vendors)?])).flatten();
    let tags: BTreeSet<&str> = both.flat_map(|operation| words(&operation.node, "tags")).collect();
    let relation = |other: &Operation<'_>| {
        let tag = words(&other.node, "tags").into_iter().find(|tag| tags.contains(tag));
        let below = |place: &&str| other.shape.strip_prefix(place).is_some_and(|rest| rest.starts_with(['/', ':']));
        let place = || ours.iter().filter_map(Operation::collection).find(below);
        let is_beside = ours.iter().any(|mine| mine.shape == other.shape);
        let path =
            || if is_beside { Some("at a path of ours".to_owned()) } else { Some(format!("below `{}`", place()?)) };
        tag.map(|tag| format!("under the tag `{tag}`")).or_else(path)
    };
    let others = theirs.iter().filter(|other| !matched.contains(&other.key()));
    (pairs, others.filter_map(|other| Some((other, relation(other)?))).collect())
}

impl<'a> Comparison<'a> {
    /// Compares every operation of ours with its counterpart.
    pub(super) fn operations(&mut self) {
        let (ours, theirs) = (of(&self.ours), of(&self.theirs));
        let (pairs, others) = paired(&ours, &theirs);
        self.has_roles = pairs.iter().any(|(_, vendors)| vendors.is_some_and(|vendors| roles(vendors).is_some()));
        for (mine, vendors) in pairs {
            let at = label(mine);
            let Some(vendors) = vendors else {
                let draft = Change::new(Breaking, "operation-removed", &at).ours(address(mine));
                self.report(&mine.node.pointer, &Pointer::root().join("paths"), draft);
                continue;
            };
            if mine.key() == vendors.key() {
                self.servers(mine, vendors, &at);
            } else {
                let draft = Change::new(Breaking, "operation-moved", &at).ours(address(mine)).theirs(address(vendors));
                self.report(&mine.node.pointer, &vendors.node.pointer, draft);
            }
            self.operation(mine, vendors, &at);
        }
        // New ones stand at the end of the spec: nothing of ours is where they are.
        for (operation, relation) in others {
            let name = names(operation).first().copied().unwrap_or_default();
            let draft = Change::new(Additive, "operation-new", &address(operation)).theirs(name).note(relation);
            self.report(&Pointer::root().join("paths"), &operation.node.pointer, draft);
        }
    }

    fn operation(&mut self, mine: &Operation<'a>, vendors: &Operation<'a>, at: &str) {
        let (name, id) = (names(vendors).first().copied(), mine.node.text("operationId").unwrap_or_default());
        if let Some(name) = name.filter(|name| plain(name) != plain(id)) {
            let draft = Change::new(DocOnly, "operation-renamed", at).ours(id).theirs(name);
            self.report(&mine.node.pointer, &vendors.node.pointer, draft);
        }
        let (own, tags) = (words(&mine.node, "tags"), words(&vendors.node, "tags"));
        let set = |tags: &[&'a str]| tags.iter().copied().collect::<BTreeSet<_>>();
        if set(&own) != set(&tags) {
            let draft = Change::new(DocOnly, "tag", at).ours(own.join(", ")).theirs(tags.join(", "));
            self.report(&mine.node.pointer, &vendors.node.pointer, draft);
        }
        self.text(&mine.node, &vendors.node, at);
        self.roles(mine, vendors, at);
        self.end_of_life(&mine.node, &vendors.node, at);
        self.security(mine, vendors, at);
        self.parameters(mine, vendors, at);
        self.request_body(mine, vendors, at);
        self.responses(mine, vendors, at);
    }

    /// The addresses that the operation has. Its path belongs to them: it may stand in the server's address or not.
    fn servers(&mut self, mine: &Operation<'a>, vendors: &Operation<'a>, at: &str) {
        let full = |of: &Operation<'a>| -> Vec<(String, String)> {
            let end = normalised(&of.path).0;
            of.servers().into_iter().map(|url| (format!("{url}{end}"), url)).collect()
        };
        let (ours, theirs) = (full(mine), full(vendors));
        let place = |of: &Operation<'a>| of.servers.as_ref().map_or_else(Pointer::root, |node| node.pointer.clone());
        let at = if place(vendors).segments().len() > 1 { at } else { "servers" };
        let lacks = |list: &[(String, String)], address: &str| !list.iter().any(|(known, _)| known == address);
        for (_, url) in ours.iter().filter(|(address, _)| lacks(&theirs, address)) {
            let draft = Change::new(Breaking, "server-removed", at).ours(url);
            self.report(&place(mine), &place(vendors), draft);
        }
        for (_, url) in theirs.iter().filter(|(address, _)| lacks(&ours, address)) {
            let draft = Change::new(Additive, "server-new", at).theirs(url);
            self.report(&place(mine), &place(vendors), draft);
        }
    }

    /// The roles of a caller, where the vendor's document has them apart from its texts.
    fn roles(&mut self, mine: &Operation<'a>, vendors: &Operation<'a>, at: &str) {
        let text = mine.node.text("x-sdk-role").unwrap_or_default();
        // What stands behind a semicolon is said in the vendor's texts.
        let ours: BTreeSet<&str> =
            text.split(';').take(1).flat_map(|roles| roles.split(" or ")).map(str::trim).collect();
        let theirs = roles(vendors).unwrap_or_default();
        if self.has_roles && ours.into_iter().filter(|role| !role.is_empty()).ne(theirs.iter().copied()) {
            let theirs = theirs.into_iter().collect::<Vec<_>>().join(" or ");
            let draft = Change::new(DocOnly, "role", at).ours(text).theirs(theirs);
            self.report(&mine.node.pointer, &vendors.node.pointer, draft);
        }
    }

    /// Deprecation, and the day it ends, of an operation or of one of its versions.
    pub(super) fn end_of_life(&mut self, mine: &Node<'a>, vendors: &Node<'a>, at: &str) {
        if vendors.flag("deprecated") != mine.flag("deprecated") {
            self.report(&mine.pointer, &vendors.pointer, Change::new(DocOnly, "deprecated", at));
        }
        let days = |node: &Node<'a>| -> BTreeSet<String> {
            extensions(node, EXTENSIONS[0]).into_iter().map(|(_, day)| text_of(day.value)).collect()
        };
        let (ours, theirs) = (days(mine), days(vendors));
        if ours != theirs {
            let text = |days: BTreeSet<String>| days.into_iter().collect::<Vec<_>>().join(", ");
            let draft = Change::new(DocOnly, "sunset", at).ours(text(ours)).theirs(text(theirs));
            self.report(&mine.pointer, &vendors.pointer, draft);
        }
    }
}

/// The roles that an extension lists.
fn roles<'a>(operation: &Operation<'a>) -> Option<BTreeSet<&'a str>> {
    let found = extensions(&operation.node, EXTENSIONS[2]);
    let words = |(_, node): &(_, Node<'a>)| {
        let listed = node.members().into_iter().filter_map(|(_, role)| role.value.as_str());
        listed.chain(node.value.as_str()).collect::<Vec<_>>()
    };
    (!found.is_empty()).then(|| found.iter().flat_map(words).collect())
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
