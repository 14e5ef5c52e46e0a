//! Security: the ways to authenticate that a call may choose from, by what they put on the wire rather than by name.

use std::collections::BTreeMap;

use super::change::Change;
use super::change::Class::{Additive, Breaking};
use super::compare::Comparison;
use super::operations::Operation;
use crate::node::Node;

/// How reports name the security of the document, which operations without their own have.
const DOCUMENT: &str = "security";

impl<'a> Comparison<'a> {
    /// Compares the ways to authenticate. A vendor's document that declares no scheme says nothing about them.
    pub(super) fn security(&mut self, mine: &Operation<'a>, vendors: &Operation<'a>, at: &str) {
        let declared = self.theirs.get("components").map(|components| components.below("securitySchemes"));
        if declared.is_none_or(|schemes| schemes.is_empty()) {
            return;
        }
        let (ours, theirs) = (stated(&self.ours, mine), stated(&self.theirs, vendors));
        let own = [&ours, &theirs].into_iter().flatten().any(|node| node.pointer.segments().len() > 1);
        let at = if own { at } else { DOCUMENT };
        let (left, right) = (ways(&self.ours, ours.as_ref()), ways(&self.theirs, theirs.as_ref()));
        let (here, there) = (place(ours, mine), place(theirs, vendors));
        for (way, _) in left.iter().filter(|(way, _)| !right.contains_key(*way)) {
            self.report(&here.pointer, &there.pointer, Change::new(Breaking, "security-removed", at).ours(way));
        }
        for (way, name) in right.iter().filter(|(way, _)| !left.contains_key(*way)) {
            self.report(
                &here.pointer,
                &there.pointer,
                Change::new(Additive, "security-new", at).theirs(way).note(name),
            );
        }
    }
}

/// The security of the operation, or else that of the document.
fn stated<'a>(document: &Node<'a>, operation: &Operation<'a>) -> Option<Node<'a>> {
    operation.node.get("security").or_else(|| document.get("security"))
}

fn place<'a>(stated: Option<Node<'a>>, operation: &Operation<'a>) -> Node<'a> {
    stated.unwrap_or_else(|| operation.node.clone())
}

/// The alternatives, each with the names of its schemes. Nothing stated, and an empty list, mean no credential.
fn ways(document: &Node<'_>, stated: Option<&Node<'_>>) -> BTreeMap<String, String> {
    let alternatives = stated.map(Node::members).unwrap_or_default();
    let mut found: BTreeMap<String, String> = alternatives
        .into_iter()
        .map(|(_, alternative)| {
            let mut schemes: Vec<(String, String)> =
                alternative.members().into_iter().map(|(name, _)| (way(document, &name), name)).collect();
            schemes.sort();
            let (ways, names): (Vec<String>, Vec<String>) = schemes.into_iter().unzip();
            (if ways.is_empty() { "none".to_owned() } else { ways.join(" and ") }, names.join(" and "))
        })
        .collect();
    if found.is_empty() {
        found.insert("none".to_owned(), String::new());
    }
    found
}

/// The form of a scheme on the wire. OAuth 2 and OpenID Connect end in a bearer token, however it was obtained.
fn way(document: &Node<'_>, name: &str) -> String {
    let declared = document.get("components").and_then(|c| c.get("securitySchemes")?.get(name));
    let Some(scheme) = declared.and_then(|scheme| scheme.resolve().ok()) else {
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
