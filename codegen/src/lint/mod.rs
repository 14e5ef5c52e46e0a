//! The curation rules of `specs/README.md`, one family a file. The later stages can express every spec that
//! passes them; a spec that they still refuse shows a fault of the generator.

mod copied;
mod examples;
mod extensions;
mod keys;
mod markup;
mod names;
mod null;
mod operations;
mod pagination;
mod parameters;
mod references;
mod responses;
mod rust_names;
mod schemas;
mod servers;
mod texts;
mod units;

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::{Map, Value};

pub(crate) use copied::Vendor;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::load::Document;
use crate::nodes::{self, Kind, METHODS, Node};
use crate::pointer::Pointer;

/// Checks every rule; the error holds all findings, not just the first. Copied texts are found only if the vendor's are
/// given.
pub(crate) fn check(document: &Document, vendor: Option<&Vendor>) -> Result<(), Diagnostics> {
    let nodes = nodes::nodes(document);
    let index = nodes.iter().enumerate().map(|(index, node)| (node.pointer.clone(), index)).collect();
    let spec = Spec { document, nodes, index, findings: RefCell::default() };
    keys::check(&spec);
    references::check(&spec);
    // The other rules follow references: a dangling one would make them report faults that are not there.
    if !spec.findings.borrow().is_empty() {
        return Diagnostics::check(spec.findings.into_inner());
    }
    references::check_use(&spec);
    operations::check(&spec);
    parameters::check(&spec);
    responses::check(&spec);
    schemas::check(&spec);
    null::check(&spec);
    extensions::check(&spec);
    examples::check(&spec);
    names::check(&spec);
    servers::check(&spec);
    texts::check(&spec);
    units::check(&spec);
    markup::check(&spec);
    if let Some(vendor) = vendor {
        copied::check(&spec, vendor);
    }
    Diagnostics::check(spec.findings.into_inner())
}

/// The document under check, and the findings so far.
struct Spec<'a> {
    document: &'a Document,
    nodes: Vec<Node<'a>>,
    /// Where in `nodes` the node at a place is.
    index: HashMap<Pointer, usize>,
    findings: RefCell<Vec<Diagnostic>>,
}

/// An operation and where it stands.
struct Operation<'a> {
    path: &'a str,
    method: &'static str,
    node: &'a Node<'a>,
}

impl Operation<'_> {
    /// How a message names the operation.
    fn name(&self) -> String {
        match self.node.text("operationId") {
            Some(id) => format!("`{id}`"),
            None => format!("`{} {}`", self.method.to_uppercase(), self.path),
        }
    }
}

impl<'a> Spec<'a> {
    fn report(&self, at: &Pointer, rule: &'static str, message: impl Into<String>, help: impl Into<String>) {
        self.findings.borrow_mut().push(self.document.finding(at, rule, message, help));
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter().filter(move |node| node.kind == kind)
    }

    fn schemas(&self) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter().filter(|node| matches!(node.kind, Kind::Schema(_)))
    }

    fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        operations(&self.nodes)
    }

    /// The node itself, or the target of its `$ref` (and of the `$ref`s behind that).
    fn resolve(&self, node: &Node<'a>) -> Option<&Node<'a>> {
        let mut at = node.pointer.clone();
        for _ in 0..8 {
            let found = self.at(&at)?;
            match found.reference() {
                None => return Some(found),
                Some(reference) => at = Pointer::parse(reference)?,
            }
        }
        None
    }

    /// The node at a place, `$ref`s followed.
    fn node_at(&self, at: &Pointer) -> Option<&Node<'a>> {
        self.resolve(self.at(at)?)
    }

    /// The node at a place, as written.
    fn at(&self, at: &Pointer) -> Option<&Node<'a>> {
        self.index.get(at).map(|index| &self.nodes[*index])
    }

    /// The node at a place and all inside of it, which follow it in one piece.
    fn below(&self, at: &Pointer) -> &[Node<'a>] {
        let inside = |node: &Node<'a>| node.pointer.segments().starts_with(at.segments());
        let first = self.index.get(at).copied().or_else(|| self.nodes.iter().position(inside));
        let rest = &self.nodes[first.unwrap_or(self.nodes.len())..];
        &rest[..rest.iter().take_while(|node| inside(node)).count()]
    }

    /// The parameters of an operation: its own, then those of its path. As written (perhaps a `$ref`), and resolved.
    fn parameters(&self, operation: &Operation<'_>) -> Vec<(&Node<'a>, &Node<'a>)> {
        let own = operation.node.pointer.join("parameters");
        let shared = operation.node.pointer.parent().join("parameters");
        let inside = self.below(&operation.node.pointer.parent());
        let is_parameter = |node: &&Node<'a>| node.kind == Kind::Parameter;
        let of = |place: Pointer| inside.iter().filter(is_parameter).filter(move |n| n.pointer.parent() == place);
        of(own).chain(of(shared)).filter_map(|node| Some((node, self.resolve(node)?))).collect()
    }

    /// The responses of an operation with their status text, resolved.
    fn responses(&self, operation: &Operation<'_>) -> Vec<(String, &Node<'a>, &Node<'a>)> {
        let place = operation.node.pointer.join("responses");
        self.below(&operation.node.pointer)
            .iter()
            .filter(|node| node.kind == Kind::Response && node.pointer.parent() == place)
            .filter_map(|node| Some((node.pointer.last().to_owned(), node, self.resolve(node)?)))
            .collect()
    }

    /// The schema that a schema stands for: a `$ref` followed, and an `allOf` of one part taken for that part.
    fn schema(&self, node: &Node<'a>) -> Option<&Node<'a>> {
        let mut at = self.resolve(node)?;
        for _ in 0..8 {
            if at.list("allOf").len() != 1 {
                return Some(at);
            }
            at = self.node_at(&at.pointer.join("allOf").join(0))?;
        }
        None
    }

    /// A property of an object schema, as written.
    fn property(&self, schema: &Node<'a>, name: &str) -> Option<&Node<'a>> {
        self.at(&schema.pointer.join("properties").join(name))
    }

    /// The name of the component a schema stands for, if it is one.
    fn component_name(&self, node: &Node<'a>) -> Option<String> {
        let at = &self.schema(node)?.pointer;
        match at.segments() {
            [a, b, name] if a == "components" && b == "schemas" => Some(name.clone()),
            _ => None,
        }
    }

    /// The schema of the one success body of an operation that holds JSON, if any.
    fn success_schema(&self, operation: &Operation<'_>) -> Option<&Node<'a>> {
        self.responses(operation).into_iter().filter(|(status, ..)| status.starts_with('2')).find_map(|(_, _, node)| {
            let (media_type, _) = node.object("content")?.iter().find(|(m, _)| crate::media::is_json(m))?;
            self.schema(self.node_at(&node.pointer.join("content").join(media_type).join("schema"))?)
        })
    }
}

/// The operations among nodes.
fn operations<'s, 'a>(nodes: &'s [Node<'a>]) -> impl Iterator<Item = Operation<'s>>
where
    'a: 's,
{
    nodes.iter().filter(|node| node.kind == Kind::Operation).filter_map(|node| {
        let [_, path, method] = node.pointer.segments() else { return None };
        let method = METHODS.into_iter().find(|m| m == method)?;
        Some(Operation { path, method, node })
    })
}

/// The components of one section.
fn components<'a>(document: &'a Document, section: &str) -> Option<&'a Map<String, Value>> {
    document.root.get("components")?.get(section)?.as_object()
}
