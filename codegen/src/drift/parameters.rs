//! Parameters: paired by place and name, in the path by position.

use super::change::Change;
use super::change::Class::{Additive, Breaking, DocOnly};
use super::compare::{Comparison, Direction};
use super::operations::Operation;
use super::schemas::Sides;
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

/// The schema of a parameter, header or body: its own, or that of its `content`.
pub(super) fn schema<'a>(node: &Node<'a>) -> Option<Node<'a>> {
    let content = || node.below("content").into_iter().next()?.1.get("schema");
    content().or_else(|| node.get("schema"))
}

/// How a value is written: as a document of its own, or, where it is a list, in a style.
fn written(node: &Node<'_>, is_list: bool) -> String {
    if let Some((media_type, _)) = node.below("content").into_iter().next() {
        return media_type;
    }
    let place = node.text("in").unwrap_or_default();
    let usual = if matches!(place, "query" | "cookie") { "form" } else { "simple" };
    let style = node.text("style").unwrap_or(usual);
    let explode = node.value.get("explode").and_then(serde_json::Value::as_bool).unwrap_or(style == "form");
    if is_list || style != usual { format!("{style}, explode {explode}") } else { "plain".to_owned() }
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
        let change = match (mine.flag("required"), vendors.flag("required")) {
            (false, true) => Some((Breaking, "parameter-required")),
            (true, false) if one.key.0 != "path" => Some((Additive, "parameter-optional")),
            _ => None,
        };
        if let Some((class, change)) = change {
            self.report(&mine.pointer, &vendors.pointer, Change::new(class, change, &one.within(at)));
        }
        self.end_of_life(mine, vendors, &label);
        self.text(mine, vendors, &label);
        let Some(ours) = schema(mine) else { return };
        let Some(theirs) = schema(vendors) else {
            let change = Change::new(DocOnly, "schema-missing", &label);
            return self.report(&mine.pointer, &vendors.pointer, change);
        };
        let sides = Sides::new(&ours, &[theirs], &label, Direction::Request);
        let is_list = sides.left.types.contains("array") && sides.right.types.contains("array");
        if written(mine, is_list) != written(vendors, is_list) {
            let draft = Change::new(Breaking, "parameter-style", &label).ours(written(mine, is_list));
            self.report(&mine.pointer, &vendors.pointer, draft.theirs(written(vendors, is_list)));
        }
        self.value(sides);
    }
}
