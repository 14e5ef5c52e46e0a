//! Security: the ways to authenticate that a call may choose from, by what they put on the wire rather than by name.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Change;
use super::change::Class::{Additive, Breaking};
use super::compare::Comparison;
use super::operations::Operation;
use crate::node::Node;

/// How reports name the security of the document, which operations without their own have.
const DOCUMENT: &str = "security";

impl<'a> Comparison<'a> {
    /// Compares the ways to authenticate. A vendor's document that has neither schemes nor security says nothing of them.
    pub(super) fn security(&mut self, mine: &Operation<'a>, vendors: &Operation<'a>, at: &str) {
        let (ours, theirs) = (stated(&self.ours, mine), stated(&self.theirs, vendors));
        let schemes = self.theirs.get("components").map(|components| components.below("securitySchemes"));
        if theirs.is_none() && schemes.is_none_or(|schemes| schemes.is_empty()) {
            return;
        }
        let own = [&ours, &theirs].into_iter().flatten().any(|node| node.pointer.segments().len() > 1);
        let at = if own { at } else { DOCUMENT };
        let (left, right) = (ways(&self.ours, ours.as_ref()), ways(&self.theirs, theirs.as_ref()));
        let (here, there) = (place(ours, mine).pointer, place(theirs, vendors).pointer);
        for (way, mine) in &left {
            let Some(vendors) = right.get(way) else {
                self.report(&here, &there, Change::new(Breaking, "security-removed", at).ours(way));
                continue;
            };
            for scope in vendors.scopes.difference(&mine.scopes) {
                self.report(&here, &there, Change::new(Breaking, "scope", at).theirs(*scope));
            }
            for scope in mine.scopes.difference(&vendors.scopes) {
                self.report(&here, &there, Change::new(Additive, "scope", at).ours(*scope));
            }
            // A vendor's plain bearer token says nothing of where it comes from.
            if !mine.grants.is_empty() && vendors.has_grants && mine.grants != vendors.grants {
                let text = |grants: &BTreeSet<String>| grants.iter().cloned().collect::<Vec<_>>().join(", ");
                let draft = Change::new(Breaking, "token-url", at).ours(text(&mine.grants));
                self.report(&here, &there, draft.theirs(text(&vendors.grants)));
            }
        }
        for (way, vendors) in right.iter().filter(|(way, _)| !left.contains_key(*way)) {
            let draft = Change::new(Additive, "security-new", at).theirs(way).note(&vendors.names);
            self.report(&here, &there, draft);
        }
    }
}

/// A way to authenticate, perhaps by several schemes together.
#[derive(Default)]
struct Way<'a> {
    /// The names of its schemes.
    names: String,
    scopes: BTreeSet<&'a str>,
    /// Where tokens come from: `clientCredentials https://...`.
    grants: BTreeSet<String>,
    has_grants: bool,
}

/// The security of the operation, or else that of the document.
fn stated<'a>(document: &Node<'a>, operation: &Operation<'a>) -> Option<Node<'a>> {
    operation.node.get("security").or_else(|| document.get("security"))
}

fn place<'a>(stated: Option<Node<'a>>, operation: &Operation<'a>) -> Node<'a> {
    stated.unwrap_or_else(|| operation.node.clone())
}

/// The alternatives by their form on the wire. Nothing stated, and an empty list, mean no credential.
fn ways<'a>(document: &Node<'a>, stated: Option<&Node<'a>>) -> BTreeMap<String, Way<'a>> {
    let mut found: BTreeMap<String, Way<'a>> = BTreeMap::new();
    for (_, alternative) in stated.map(Node::members).unwrap_or_default() {
        let schemes = alternative.members();
        let mut forms: Vec<(String, &str)> =
            schemes.iter().map(|(name, _)| (form(document, name), &name[..])).collect();
        forms.sort();
        let (forms, names): (Vec<String>, Vec<&str>) = forms.into_iter().unzip();
        let way = found.entry(if forms.is_empty() { "none".to_owned() } else { forms.join(" and ") }).or_default();
        way.names = names.join(" and ");
        for (name, scopes) in &schemes {
            way.scopes.extend(scopes.members().iter().filter_map(|(_, scope)| scope.value.as_str()));
            let Some(scheme) = scheme(document, name) else { continue };
            way.has_grants |= matches!(scheme.text("type"), Some("oauth2" | "openIdConnect"));
            let url = |(flow, node): (String, Node<'_>)| Some(format!("{flow} {}", node.text("tokenUrl")?));
            way.grants.extend(scheme.below("flows").into_iter().filter_map(url));
            way.grants.extend(scheme.text("openIdConnectUrl").map(str::to_owned));
        }
    }
    if found.is_empty() {
        found.insert("none".to_owned(), Way::default());
    }
    found
}

fn scheme<'a>(document: &Node<'a>, name: &str) -> Option<Node<'a>> {
    document.get("components")?.get("securitySchemes")?.get(name)?.resolve().ok()
}

/// The form of a scheme on the wire. OAuth 2 and OpenID Connect end in a bearer token, however it was obtained.
fn form(document: &Node<'_>, name: &str) -> String {
    let Some(scheme) = scheme(document, name) else {
        return format!("`{name}`, which is not declared");
    };
    match scheme.text("type").unwrap_or_default() {
        "oauth2" | "openIdConnect" => "http bearer".to_owned(),
        "http" => format!("http {}", scheme.text("scheme").unwrap_or_default().to_ascii_lowercase()),
        "apiKey" => {
            let (place, key) = (scheme.text("in").unwrap_or_default(), scheme.text("name").unwrap_or_default());
            let key = if place == "header" { key.to_ascii_lowercase() } else { key.to_owned() };
            format!("key in {place} `{key}`")
        }
        other => other.to_owned(),
    }
}
