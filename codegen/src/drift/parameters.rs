//! Parameters: paired by place and name, in the path by position.

use std::slice;

use super::change::Change;
use super::change::Class::{Additive, Breaking, DocOnly};
use super::compare::{Comparison, Direction};
use super::operations::Operation;
use super::shape::shape;
use crate::node::Node;

/// A parameter: as written (perhaps a `$ref`), and its target.
struct Parameter<'a> {
    written: Node<'a>,
    node: Node<'a>,
    /// Place and name, alike for both documents.
    key: (String, String),
}

impl<'a> Parameter<'a> {
    fn new(written: Node<'a>, node: Node<'a>, template: &[String]) -> Option<Self> {
        let (name, place) = (node.text("name")?, node.text("in")?.to_owned());
        let name = match place.as_str() {
            // The names in a template are for people: `{orgId}` and `{org_id}` are the same place.
            "path" => template.iter().position(|known| *known == name)?.to_string(),
            "header" => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        };
        // OpenAPI says that a parameter of one of these names is ignored.
        let ignored = place == "header" && ["accept", "authorization", "content-type"].contains(&name.as_str());
        (!ignored).then_some(Self { written, node, key: (place, name) })
    }

    fn name(&self) -> &'a str {
        self.node.text("name").unwrap_or_default()
    }

    /// How reports name it: a component by its own name, otherwise within the operation.
    fn label(&self, at: &str) -> String {
        self.node.component("parameters").map_or_else(|| self.within(at), |name| format!("parameter {name}"))
    }

    fn within(&self, at: &str) -> String {
        format!("{at} {} {}", self.key.0, self.name())
    }
}

/// The schema of a parameter: its own, or that of its `content`.
fn schema<'a>(node: &Node<'a>) -> Option<Node<'a>> {
    let content = || node.below("content").into_iter().next()?.1.get("schema");
    node.get("schema").or_else(content)
}

/// Whether a list is written as repeated keys. The default depends on the place.
fn style(node: &Node<'_>) -> (String, bool) {
    let place = node.text("in").unwrap_or_default();
    let usual = if matches!(place, "query" | "cookie") { "form" } else { "simple" };
    let style = node.text("style").unwrap_or(usual);
    let explode = node.value.get("explode").and_then(serde_json::Value::as_bool).unwrap_or(style == "form");
    (style.to_owned(), explode)
}

impl<'a> Comparison<'a> {
    pub(super) fn parameters(&mut self, mine: &Operation<'a>, vendors: &Operation<'a>, at: &str) {
        let ours = self.declared(mine, mine, at);
        let mut theirs = self.declared(vendors, mine, at);
        for one in ours {
            let Some(index) = theirs.iter().position(|other| other.key == one.key) else {
                let draft = Change::new(Breaking, "parameter-removed", &one.within(at));
                self.report(&one.written.pointer, &vendors.node.pointer, draft);
                continue;
            };
            let other = theirs.remove(index);
            self.parameter(&one, &other, at);
        }
        for other in theirs {
            let required = other.node.flag("required");
            let class = if required { Breaking } else { Additive };
            let draft = Change::new(class, "parameter-new", &other.within(at));
            self.report(&mine.node.pointer, &other.written.pointer, draft.note(if required { "required" } else { "" }));
        }
    }

    /// The parameters of an operation: its own, then those of its path that it does not override.
    fn declared(&mut self, of: &Operation<'a>, mine: &Operation<'a>, at: &str) -> Vec<Parameter<'a>> {
        let mut found: Vec<Parameter<'a>> = Vec::new();
        for (_, written) in of.node.below("parameters").into_iter().chain(of.item.below("parameters")) {
            let Some(node) = self.their(&mine.node.pointer, at, &written) else { continue };
            let Some(parameter) = Parameter::new(written, node, &of.template) else { continue };
            if !found.iter().any(|known| known.key == parameter.key) {
                found.push(parameter);
            }
        }
        found
    }

    fn parameter(&mut self, one: &Parameter<'a>, other: &Parameter<'a>, at: &str) {
        let label = one.label(at);
        let (mine, vendors) = (&one.node, &other.node);
        match (mine.flag("required"), vendors.flag("required")) {
            (false, true) => {
                self.report(
                    &mine.pointer,
                    &vendors.pointer,
                    Change::new(Breaking, "parameter-required", &one.within(at)),
                );
            }
            (true, false) if one.key.0 != "path" => {
                self.report(
                    &mine.pointer,
                    &vendors.pointer,
                    Change::new(Additive, "parameter-optional", &one.within(at)),
                );
            }
            _ => {}
        }
        if vendors.flag("deprecated") && !mine.flag("deprecated") {
            self.report(&mine.pointer, &vendors.pointer, Change::new(DocOnly, "deprecated", &label));
        }
        self.text(mine, vendors, &label, &["description"]);
        let (Some(ours), Some(theirs)) = (schema(mine), schema(vendors)) else { return };
        let (left, right) = (shape(slice::from_ref(&ours)), shape(slice::from_ref(&theirs)));
        if left.types.contains("array") && right.types.contains("array") && style(mine) != style(vendors) {
            let word = |(style, explode): (String, bool)| format!("{style}, explode {explode}");
            let draft = Change::new(Breaking, "parameter-style", &label).ours(word(style(mine)));
            self.report(&mine.pointer, &vendors.pointer, draft.theirs(word(style(vendors))));
        }
        self.usage(&left, &right, &ours, &theirs, &label, Direction::Request);
        self.schema(&ours, &[theirs], &label, Direction::Request);
    }
}
