//! Texts stay texts: no line of them becomes Rust, TOML or an example that rustdoc runs.

use super::Spec;
use super::nodes::{Found, Kind, SchemaPlace};
use crate::diagnostic::is_control;
use crate::node::Node;
use crate::pointer::Pointer;

pub(super) fn check(spec: &Spec<'_>) {
    for found in &spec.nodes {
        for key in ["title", "summary", "description"] {
            prose(spec, &found.node, key);
        }
        names(found).into_iter().for_each(|(at, text)| name(spec, &at, &text));
    }
    spec.root.get("info").iter().for_each(|info| prose(spec, info, "description"));
    let schemes = spec.root.get("components").map(|components| components.below("securitySchemes"));
    let servers = spec.root.below("servers").into_iter();
    for (_, node) in servers.chain(spec.root.below("tags")).chain(schemes.into_iter().flatten()) {
        prose(spec, &node, "description");
    }
    for (_, tag) in spec.root.below("tags") {
        tag.text("name").iter().for_each(|text| name(spec, &tag.pointer.join("name"), text));
    }
}

/// A text that becomes documentation, in Markdown.
fn prose(spec: &Spec<'_>, node: &Node<'_>, key: &str) {
    let Some(text) = node.text(key) else { return };
    let at = &node.pointer.join(key);
    if let Some(found) = text.chars().find(|c| is_unprintable(*c)) {
        let message = format!("the {} has the character U+{:04X}", at.last(), u32::from(found));
        spec.report(at, "text-character", message, "remove it: it cannot stand in Rust code");
    }
    let fault = if text.contains("```") || text.contains("~~~") {
        "a fence, which begins a block of code"
    } else if text.contains("<!--") {
        "a comment of HTML"
    } else if text.contains("    ") || text.contains('\t') {
        "four blanks in a row or a tab, which can begin a block of code"
    } else if text.lines().any(|line| line.matches('`').count() % 2 == 1) {
        "a line with a backquote that is not closed"
    } else {
        return;
    };
    let help = "write sentences and lists; put code between two single backquotes, in one line";
    spec.report(at, "text-markup", format!("the {} has {fault}", at.last()), help);
}

/// The texts of a node that are names, or are shown as code.
fn names(Found { kind, node }: &Found<'_>) -> Vec<(Pointer, String)> {
    let (keys, list): (&[&str], &str) = match kind {
        Kind::Operation => (&["operationId", "x-sdk-role", "x-sdk-iam-action", "x-sdk-audit-event"], "tags"),
        Kind::Parameter => (&["name"], ""),
        Kind::Schema(_) => (&["pattern", "default"], "enum"),
        _ => (&[], ""),
    };
    let texts = keys.iter().filter_map(|key| node.get(key)).chain(node.below(list).into_iter().map(|(_, text)| text));
    let texts = texts.filter_map(|text| Some((text.pointer, text.value.as_str()?.to_owned())));
    let is_key = matches!(kind, Kind::MediaType | Kind::Header | Kind::Schema(SchemaPlace::Property));
    texts.chain(is_key.then(|| (node.pointer.clone(), node.pointer.last().to_owned()))).collect()
}

fn name(spec: &Spec<'_>, at: &Pointer, text: &str) {
    if let Some(found) = text.chars().find(|c| *c == '`' || is_control(*c)) {
        let message = format!("{text:?} has the character U+{:04X}", u32::from(found));
        spec.report(at, "text-name", message, "write it in one line, without backquotes");
    }
}

/// Characters that a text of several lines must not have: control characters, line ends other than that of Unix, and
/// those that turn the direction of writing.
fn is_unprintable(c: char) -> bool {
    c != '\n' && c != '\t' && is_control(c)
}
