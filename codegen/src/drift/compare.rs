//! The comparison: both documents, and the differences found so far.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::change::{Change, Class};
use super::texts;
use crate::load::Document;
use crate::node::{Broken, Node, text_of};
use crate::pointer::Pointer;

/// Whether a value is sent by a program or read by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    Request,
    Response,
}

/// A comparison under way.
pub(super) struct Comparison<'a> {
    pub(super) document: &'a Document,
    pub(super) ours: Node<'a>,
    pub(super) theirs: Node<'a>,
    /// Digests of the vendor's texts that were read before, by place.
    pub(super) read: &'a BTreeMap<String, BTreeSet<String>>,
    pub(super) changes: Vec<Change>,
    /// Digests of the vendor's texts that are not ours, by place.
    pub(super) texts: BTreeMap<String, BTreeSet<String>>,
    /// What was compared with each other, by address, and in which direction.
    pub(super) seen: HashSet<(Vec<usize>, Direction)>,
    /// Whether the vendor's document has the roles of callers apart from its texts.
    pub(super) has_roles: bool,
}

/// What a difference says, wherever it was found.
fn what(change: &Change) -> impl PartialEq {
    (change.class, change.change, &change.at, &change.ours, &change.theirs)
}

impl<'a> Comparison<'a> {
    /// Records a difference between the place `ours` of our spec and `theirs` of the vendor's document.
    pub(super) fn report(&mut self, ours: &Pointer, theirs: &Pointer, change: Change) {
        if !self.changes.iter().any(|known| what(known) == what(&change)) {
            let (line, upstream) = (self.document.line(ours), theirs.to_string());
            self.changes.push(Change { line, upstream, ..change });
        }
    }

    /// The version of the whole API.
    pub(super) fn version(&mut self) {
        let version = |document: &Node<'a>| document.get("info")?.get("version").map(|version| text_of(version.value));
        let (ours, theirs) = (version(&self.ours).unwrap_or_default(), version(&self.theirs).unwrap_or_default());
        if ours != theirs {
            let draft = Change::new(Class::DocOnly, "api-version", "info").ours(ours).theirs(theirs);
            self.report(&Pointer::root().join("info").join("version"), &Pointer::root().join("info"), draft);
        }
    }

    /// Whether the nodes are compared for the first time.
    pub(super) fn is_first(&mut self, ours: &Node<'a>, theirs: &[Node<'a>], direction: Direction) -> bool {
        let addresses = [ours].into_iter().chain(theirs).map(|node| std::ptr::from_ref(node.value).addr());
        self.seen.insert((addresses.collect(), direction))
    }

    /// The target of a node of ours. Lint has made sure that it exists.
    pub(super) fn our(&self, node: &Node<'a>) -> Node<'a> {
        node.resolve().unwrap_or_else(|_| node.clone())
    }

    /// The target of a node of the vendor's; a broken reference is reported.
    pub(super) fn their(&mut self, ours: &Pointer, at: &str, node: &Node<'a>) -> Option<Node<'a>> {
        match node.resolve() {
            Ok(node) => Some(node),
            Err(broken) => {
                self.broken(ours, at, &broken);
                None
            }
        }
    }

    /// A reference of the vendor's that leads nowhere: its target was not compared.
    pub(super) fn broken(&mut self, ours: &Pointer, at: &str, broken: &Broken) {
        let draft = Change::new(Class::Breaking, "unresolvable", at).theirs(&broken.reference);
        self.report(ours, &broken.at, draft.note("its target was not compared"));
    }

    /// Reports the text of the vendor's about the same thing, unless it is ours or was read before.
    pub(super) fn text(&mut self, ours: &Node<'a>, theirs: &Node<'a>, at: &str) {
        let Some(digest) = texts::of(theirs.value) else { return };
        let is_read = self.read.get(at).is_some_and(|known| known.contains(&digest));
        if !is_read && texts::of(ours.value).as_ref() == Some(&digest) {
            return;
        }
        self.texts.entry(at.to_owned()).or_default().insert(digest.clone());
        if !is_read {
            let draft = Change::new(Class::DocOnly, "text", at)
                .theirs(digest)
                .note(texts::excerpt(&texts::joined(theirs.value)));
            self.report(&ours.pointer, &theirs.pointer, draft);
        }
    }
}
