//! The curation rules of `specs/README.md`, one family a file. The later stages can express every spec that
//! passes them; a spec that they still refuse shows a fault of the generator.

mod copied;
mod examples;
mod extensions;
mod keys;
mod markup;
mod names;
mod nodes;
mod null;
mod operations;
mod pagination;
mod parameters;
mod program;
mod references;
mod requests;
mod responses;
mod rust_names;
mod schemas;
mod servers;
mod texts;
mod units;

use std::cell::RefCell;
use std::collections::HashSet;

pub(crate) use copied::Vendor;
use nodes::{Found, Kind, SchemaPlace};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::load::Document;
use crate::media;
use crate::node::{METHODS, Node};
use crate::pointer::Pointer;

/// Checks every rule; the error holds all findings, not just the first. Copied texts are found only if the vendor's are
/// given.
pub(crate) fn check(document: &Document, vendor: Option<&Vendor>) -> Result<(), Diagnostics> {
    let root = document.root();
    let spec = Spec { document, nodes: nodes::all(&root), root, findings: RefCell::default() };
    keys::check(&spec);
    references::check(&spec);
    // The other rules follow references and read values. After a dangling reference or a value of another type they
    // would report faults that do not exist. A key that no rule reads does no harm.
    let unread = |finding: &Diagnostic| matches!(finding.rule, "unknown-key" | "unsupported-key");
    if !spec.findings.borrow().iter().all(unread) {
        return Diagnostics::check(spec.findings.into_inner());
    }
    for check in [
        references::check_use,
        operations::check,
        parameters::check,
        responses::check,
        schemas::check,
        requests::check,
        null::check,
        extensions::check,
        program::check,
        examples::check,
        names::check,
        servers::check,
        texts::check,
        units::check,
        markup::check,
    ] {
        check(&spec);
    }
    if let Some(vendor) = vendor {
        copied::check(&spec, vendor);
    }
    Diagnostics::check(spec.findings.into_inner())
}

/// The document under check, and the findings so far.
struct Spec<'a> {
    document: &'a Document,
    root: Node<'a>,
    nodes: Vec<Found<'a>>,
    findings: RefCell<Vec<Diagnostic>>,
}

/// An operation and where it stands.
struct Operation<'a> {
    path: String,
    method: &'static str,
    node: &'a Node<'a>,
}

impl<'a> Operation<'a> {
    /// How a message names the operation.
    fn name(&self) -> String {
        match self.node.text("operationId") {
            Some(id) => format!("`{id}`"),
            None => format!("`{} {}`", self.method.to_uppercase(), self.path),
        }
    }

    /// Its own parameters, then those of its path. As written (perhaps a `$ref`), and resolved.
    fn parameters(&self) -> Vec<(Node<'a>, Node<'a>)> {
        let shared = self.node.parent().map(|item| item.below("parameters")).unwrap_or_default();
        let all = self.node.below("parameters").into_iter().chain(shared);
        all.filter_map(|(_, node)| Some((node.clone(), node.resolve().ok()?))).collect()
    }

    /// Its responses: the text of the status, the response as written, and resolved.
    fn responses(&self) -> Vec<(String, Node<'a>, Node<'a>)> {
        let all = self.node.below("responses").into_iter();
        all.filter_map(|(status, node)| Some((status, node.clone(), node.resolve().ok()?))).collect()
    }

    /// The success responses, in the same way.
    fn successes(&self) -> impl Iterator<Item = (String, Node<'a>, Node<'a>)> {
        self.responses().into_iter().filter(|(status, ..)| status.starts_with('2'))
    }

    /// The schema of the success body that holds JSON, if there is one.
    fn success_schema(&self) -> Option<Node<'a>> {
        self.successes().find_map(|(_, _, response)| {
            let mut content = response.below("content").into_iter();
            content.find(|(media_type, _)| media::is_json(media_type))?.1.schema_of("schema")
        })
    }
}

impl<'a> Spec<'a> {
    fn report(&self, at: &Pointer, rule: &'static str, message: impl Into<String>, help: impl Into<String>) {
        self.findings.borrow_mut().push(self.document.finding(at, rule, message, help));
    }

    /// The nodes of a kind.
    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Node<'a>> {
        self.nodes.iter().filter(move |found| found.kind == kind).map(|found| &found.node)
    }

    /// The nodes of a kind that are written out.
    fn written(&self, kind: Kind) -> impl Iterator<Item = &Node<'a>> {
        self.of_kind(kind).filter(|node| node.reference().is_none())
    }

    /// The components that are schemas.
    fn components(&self) -> impl Iterator<Item = &Node<'a>> {
        self.of_kind(Kind::Schema(SchemaPlace::Component))
    }

    /// The schemas, each with the place that it has.
    fn schemas(&self) -> impl Iterator<Item = (SchemaPlace, &Node<'a>)> {
        self.nodes.iter().filter_map(|found| match found.kind {
            Kind::Schema(place) => Some((place, &found.node)),
            _ => None,
        })
    }

    fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        self.of_kind(Kind::Operation).filter_map(|node| {
            let [_, path, method] = node.pointer.segments() else { return None };
            let method = METHODS.into_iter().find(|known| known == method)?;
            Some(Operation { path: path.clone(), method, node })
        })
    }
}

/// The given objects and all objects inside of them, those behind references included.
fn reached<'a>(start: impl IntoIterator<Item = Found<'a>>) -> Vec<Found<'a>> {
    let mut todo: Vec<Found<'a>> = start.into_iter().collect();
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    while let Some(Found { kind, node }) = todo.pop() {
        if !seen.insert(node.pointer.clone()) {
            continue;
        }
        for inner in nodes::inside(kind, node) {
            todo.extend(inner.node.target().map(|node| Found { kind: target_kind(inner.kind), node }));
            found.push(inner);
        }
    }
    found
}

/// The kind of the component that a reference leads to.
fn target_kind(of: Kind) -> Kind {
    if matches!(of, Kind::Schema(_)) { Kind::Schema(SchemaPlace::Component) } else { of }
}
