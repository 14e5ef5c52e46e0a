//! How a curated spec differs from the vendor's own document.
//!
//! The parts that our spec has are compared, and operations that are new under one of its tags or paths are reported. Operations
//! are paired by method and path, without the names of path parameters; then by name. References, `allOf`, `oneOf` and
//! `anyOf` of the vendor's are merged before they are compared: where the vendor has alternatives, our spec has one
//! schema that reads all of them.
//!
//! ```text
//! operations -> parameters -> schemas      sent by a program
//!            -> security                the credential of a program
//!            -> request body -> schemas
//!            -> responses -> schemas       read by a program
//! ```
//!
//! `specs/README.md` lists the differences, their meaning, and how one is accepted.

mod accepted;
mod bodies;
mod change;
mod compare;
mod ignored;
#[cfg(test)]
mod mutation_test;
mod operations;
mod parameters;
mod reduce;
mod report;
mod schemas;
mod security;
mod shape;
mod texts;
mod upstream;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

pub use accepted::Stale;
pub use change::{CHANGES, Change, Class};
pub use ignored::IGNORED;
pub use report::Report;
use serde_json::Value;

use crate::diagnostic::Diagnostics;
use crate::load::Document;
use crate::node::{Node, text_of};
use crate::{Source, lint};

/// A text and how messages name it.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// The name, such as `v2.json`.
    pub file: &'a str,
    /// The text.
    pub text: &'a str,
}

/// The texts to compare.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Our spec.
    pub spec: Source<'a>,
    /// The vendor's document: OpenAPI 3.0 or 3.1, JSON or YAML.
    pub upstream: Text<'a>,
    /// The accepted differences, TOML.
    pub accepted: Option<Text<'a>>,
    /// The digests of the vendor's texts that were read, TOML.
    pub texts: Option<Text<'a>>,
}

/// An input that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// Our spec breaks the curation rules.
    Spec(Diagnostics),
    /// One of the other texts cannot be read; the message names it.
    Other(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spec(diagnostics) => diagnostics.fmt(f),
            Self::Other(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Compares a spec with the vendor's document.
///
/// # Errors
/// A text that cannot be read. A difference is not an error; nor is a broken reference in the vendor's document, which
/// is reported among the differences.
pub fn compare(inputs: Inputs<'_>) -> Result<Report, Unreadable> {
    let ours = Ours::read(inputs)?;
    let upstream = upstream::read(inputs.upstream.file, inputs.upstream.text).map_err(Unreadable::Other)?;
    Ok(ours.compare(&upstream))
}

/// The structure of the vendor's document, as YAML: what of it is compared, with digests for its texts. Comparing it instead
/// of the document gives the same differences.
///
/// # Errors
/// A text that cannot be read.
pub fn reduce(inputs: Inputs<'_>) -> Result<String, Unreadable> {
    let ours = Ours::read(inputs)?;
    let upstream = upstream::read(inputs.upstream.file, inputs.upstream.text).map_err(Unreadable::Other)?;
    let reduced = reduce::reduce(&ours.document.root(), &Node::root(&upstream));
    let said = |upstream: &Value| -> Vec<_> {
        let changes = ours.compare(upstream).changes.into_iter();
        changes.map(|change| (change.change, change.at, change.ours, change.theirs)).collect()
    };
    if said(&upstream) != said(&reduced) {
        let fault = "its structure differs from ours in other things than itself";
        return Err(Unreadable::Other(format!("{}: {fault}", inputs.upstream.file)));
    }
    serde_yaml::to_string(&reduced).map_err(|error| Unreadable::Other(error.to_string()))
}

/// Our side, read once.
struct Ours<'a> {
    inputs: Inputs<'a>,
    document: Document,
    accepted: Vec<accepted::Acceptance>,
    read: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Ours<'a> {
    fn read(inputs: Inputs<'a>) -> Result<Self, Unreadable> {
        let document = Document::load(inputs.spec).map_err(Unreadable::Spec)?;
        lint::check(&document, None).map_err(Unreadable::Spec)?;
        let accepted = inputs.accepted.map(accepted::read).transpose().map_err(Unreadable::Other)?.unwrap_or_default();
        let read = inputs.texts.map(accepted::read_texts).transpose().map_err(Unreadable::Other)?.unwrap_or_default();
        Ok(Self { inputs, document, accepted, read })
    }

    fn compare(&self, upstream: &Value) -> Report {
        let theirs = Node::root(upstream);
        let mut comparison = compare::Comparison {
            document: &self.document,
            ours: self.document.root(),
            theirs: theirs.clone(),
            read: &self.read,
            changes: Vec::new(),
            texts: BTreeMap::new(),
            seen: HashSet::new(),
            has_roles: false,
        };
        comparison.version();
        comparison.operations();
        let compare::Comparison { mut changes, texts, .. } = comparison;
        changes.sort_by(|a, b| {
            (a.class, a.line, &a.at, a.change, &a.theirs).cmp(&(b.class, b.line, &b.at, b.change, &b.theirs))
        });
        let stale = accepted::apply(&mut changes, &self.accepted);
        let info = |key: &str| Some(text_of(theirs.get("info")?.get(key)?.value));
        Report {
            spec: self.inputs.spec.file.to_owned(),
            upstream: self.inputs.upstream.file.to_owned(),
            upstream_version: [info("title"), info("version")].into_iter().flatten().collect::<Vec<_>>().join(" "),
            changes,
            accepted_file: self.inputs.accepted.map(|text| text.file.to_owned()),
            stale,
            texts,
        }
    }
}
