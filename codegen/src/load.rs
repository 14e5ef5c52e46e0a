//! Spec text -> [`Document`]: the YAML as JSON, the position of every node, and the OpenAPI version check.
//!
//! `serde_yaml` reads the values; it keeps no positions, so a second pass over the marked events of `saphyr-parser`
//! records where each node begins. Duplicate keys and YAML features that have no JSON counterpart are refused there.

mod positions;

use std::collections::HashMap;

use serde_json::Value;

use crate::Source;
use crate::diagnostic::{Diagnostic, Diagnostics, Position};
use crate::pointer::Pointer;
use crate::rules;

/// A spec that was read: its values, and where each of them stands in the text.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) root: Value,
    file: String,
    lines: Vec<String>,
    positions: HashMap<Pointer, Position>,
}

impl Document {
    /// Reads the text of a spec.
    pub(crate) fn load(source: Source<'_>) -> Result<Self, Diagnostics> {
        let mut document = Self {
            root: Value::Null,
            file: source.file.to_owned(),
            lines: source.text.lines().map(str::to_owned).collect(),
            positions: HashMap::new(),
        };
        document.positions = positions::read(source.text)
            .map_err(|fault| document.at(fault.position, "yaml", fault.message, fault.help))?;
        document.root = serde_yaml::from_str(source.text).map_err(|error| {
            let position = error.location().map(|at| Position { line: at.line(), column: at.column() });
            document.at(
                position.unwrap_or_default(),
                "yaml",
                format!("the text cannot be read: {error}"),
                "a spec has the values of JSON only: maps with text keys, lists, text, finite numbers, \
                 booleans and null",
            )
        })?;
        document.check_version()?;
        Ok(document)
    }

    /// The value at a place.
    pub(crate) fn get(&self, pointer: &Pointer) -> Option<&Value> {
        pointer.find(&self.root)
    }

    /// The line in which the node at `pointer` begins; 0 where that is not known.
    pub(crate) fn line(&self, pointer: &Pointer) -> usize {
        self.positions.get(pointer).map_or(0, |at| at.line)
    }

    /// A finding about the node at `pointer`, or, where that is absent, about the nearest node above it.
    pub(crate) fn finding(
        &self,
        pointer: &Pointer,
        rule: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let mut known = pointer.clone();
        while !self.positions.contains_key(&known) && !known.segments().is_empty() {
            known = known.parent();
        }
        let position = self.positions.get(&known).copied();
        self.diagnostic(pointer.to_string(), position, rule, message.into(), help.into())
    }

    fn at(
        &self,
        position: Position,
        rule: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostics {
        let position = (position != Position::default()).then_some(position);
        self.diagnostic("#".to_owned(), position, rule, message.into(), help.into()).into()
    }

    fn diagnostic(
        &self,
        pointer: String,
        position: Option<Position>,
        rule: &'static str,
        message: String,
        help: String,
    ) -> Diagnostic {
        let line = position.and_then(|at| self.lines.get(at.line - 1)).cloned().unwrap_or_default();
        Diagnostic { rule, message, why: rules::why(rule), help, pointer, file: self.file.clone(), position, line }
    }

    fn check_version(&self) -> Result<(), Diagnostics> {
        let Value::Object(root) = &self.root else {
            let message = "the document is not a map";
            return Err(self
                .finding(&Pointer::root(), "openapi-version", message, "begin with `openapi: 3.0.3`")
                .into());
        };
        let place = Pointer::root().join("openapi");
        let (message, help) = match (root.get("openapi"), root.get("swagger")) {
            (Some(Value::String(version)), _) if version.starts_with("3.0.") => return Ok(()),
            (Some(Value::String(version)), _) => (
                format!("OpenAPI {version} is not supported"),
                "write the spec as OpenAPI 3.0.3; the additions of 3.1 (type lists, webhooks, const) have no counterpart there",
            ),
            (Some(other), _) => (format!("`openapi` is {other}, not text"), "quote it: `openapi: \"3.0.3\"`"),
            (None, Some(_)) => ("this is a Swagger 2 document".to_owned(), "write the spec as OpenAPI 3.0.3"),
            (None, None) => ("`openapi` is missing".to_owned(), "begin with `openapi: 3.0.3`"),
        };
        Err(self.finding(&place, "openapi-version", message, help).into())
    }
}
