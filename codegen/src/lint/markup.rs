//! Texts stay texts: no line of them becomes Rust, TOML or an example that rustdoc runs.

use serde_json::Value;

use super::Spec;
use crate::nodes::{Kind, Node, SchemaPlace};
use crate::pointer::Pointer;

pub(super) fn check(spec: &Spec<'_>) {
    for node in &spec.nodes {
        for key in ["title", "summary", "description"] {
            if let Some(text) = node.text(key) {
                prose(spec, &node.pointer.join(key), text);
            }
        }
        for (at, text) in names(node) {
            name(spec, &at, &text);
        }
    }
    for at in elsewhere(spec) {
        if let Some(text) = spec.document.get(&at).and_then(Value::as_str) {
            prose(spec, &at, text);
        }
    }
    let tags = Pointer::root().join("tags");
    for index in 0..length(spec, &tags) {
        let at = tags.join(index).join("name");
        if let Some(text) = spec.document.get(&at).and_then(Value::as_str) {
            name(spec, &at, text);
        }
    }
}

fn length(spec: &Spec<'_>, list: &Pointer) -> usize {
    spec.document.get(list).and_then(Value::as_array).map_or(0, Vec::len)
}

/// Descriptions that belong to no node.
fn elsewhere(spec: &Spec<'_>) -> Vec<Pointer> {
    let root = Pointer::root();
    let mut places = vec![root.join("info").join("description")];
    for list in ["servers", "tags"] {
        let list = root.join(list);
        places.extend((0..length(spec, &list)).map(|index| list.join(index).join("description")));
    }
    let schemes = super::components(spec.document, "securitySchemes").into_iter().flatten();
    let scheme = |name: &String| root.join("components").join("securitySchemes").join(name).join("description");
    places.extend(schemes.map(|(name, _)| scheme(name)));
    places
}

/// A text that becomes documentation, in Markdown.
fn prose(spec: &Spec<'_>, at: &Pointer, text: &str) {
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

/// The texts of a node that name something, or are shown as code.
fn names(node: &Node<'_>) -> Vec<(Pointer, String)> {
    let mut found = Vec::new();
    let one = |key: &str| node.text(key).map(|text| (node.pointer.join(key), text.to_owned()));
    match node.kind {
        Kind::Operation => {
            found.extend(
                ["operationId", "x-sdk-role", "x-sdk-iam-action", "x-sdk-audit-event"].into_iter().filter_map(one),
            );
            let tags = node.list("tags").iter().enumerate();
            found.extend(
                tags.filter_map(|(i, tag)| Some((node.pointer.join("tags").join(i), tag.as_str()?.to_owned()))),
            );
        }
        Kind::Parameter => found.extend(one("name")),
        Kind::MediaType | Kind::Header | Kind::Schema(SchemaPlace::Property) => {
            found.push((node.pointer.clone(), node.pointer.last().to_owned()));
        }
        _ => {}
    }
    if matches!(node.kind, Kind::Schema(_)) {
        found.extend(["pattern", "default"].into_iter().filter_map(one));
        let values = node.list("enum").iter().enumerate();
        found.extend(
            values.filter_map(|(i, value)| Some((node.pointer.join("enum").join(i), value.as_str()?.to_owned()))),
        );
    }
    found
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

/// Characters that a text of one line must not have.
pub(super) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
