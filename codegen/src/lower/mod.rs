//! Lowering: a curated spec becomes a document the engine can express, and a side table of what it cannot.
//!
//! The passes run in the order of [`PASSES`]. A pass removes each mark it takes over; a mark that is left at the end is
//! an error, so that no pass can stop applying unnoticed.

mod bare_items;
mod documentation;
mod enums;
mod fields;
mod lenient;
mod media_types;
mod pagination;
mod parameters;
mod references;
mod responses;
mod service;
mod statuses;
mod strip;
mod usage;
mod variants;

use openapiv3::OpenAPI;
use serde_json::{Map, Value};

use crate::diagnostic::Diagnostics;
use crate::load::Document;
use crate::pointer::Pointer;
use crate::side::Side;

/// The result of lowering.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// What the engine gets.
    pub(crate) spec: OpenAPI,
    /// What goes around the engine.
    pub(crate) side: Side,
}

/// What the passes work on.
struct Lowering<'a> {
    /// The spec as it was read.
    document: &'a Document,
    /// The document that is being lowered.
    root: Value,
    side: Side,
}

/// A pass: its name, and what it does.
type Pass = (&'static str, fn(&mut Lowering<'_>) -> Result<(), Diagnostics>);

const PASSES: [Pass; 15] = [
    ("service", service::run),
    ("references", references::run),
    ("variants", variants::run),
    ("statuses", statuses::run),
    ("media-types", media_types::run),
    ("pagination", pagination::run),
    ("parameters", parameters::run),
    ("documentation", documentation::run),
    ("usage", usage::run),
    ("enums", enums::run),
    ("bare-items", bare_items::run),
    ("fields", fields::run),
    ("responses", responses::run),
    ("lenient", lenient::run),
    ("strip", strip::run),
];

/// Runs every pass over a linted document.
pub(crate) fn lower(document: &Document) -> Result<Lowered, Diagnostics> {
    let mut lowering = Lowering { document, root: document.root.clone(), side: Side::default() };
    for (_, pass) in PASSES {
        pass(&mut lowering)?;
    }
    let Lowering { root, side, .. } = lowering;
    match serde_path_to_error::deserialize::<_, OpenAPI>(root) {
        Ok(spec) => Ok(Lowered { spec, side }),
        Err(error) => {
            let message = format!("the lowered spec is not OpenAPI 3.0 at `{}`: {}", error.path(), error.inner());
            let help = "compare that place of the spec with the OpenAPI 3.0.3 specification";
            Err(document.finding(&Pointer::root(), "openapi", message, help).into())
        }
    }
}

impl Lowering<'_> {
    /// A fault that the lint rules should have found: it stops the generator with the place instead of a panic.
    fn fault(&self, at: &Pointer, pass: &'static str, message: impl Into<String>) -> Diagnostics {
        let help = "the lint rules should have reported this; please add one that does";
        self.document.finding(at, pass, message, help).into()
    }

    /// Goes through the operations of the lowered document: path, HTTP method, operation.
    fn each_operation(
        &mut self,
        mut visit: impl FnMut(&str, &str, &mut Map<String, Value>, &mut Side) -> Result<(), Diagnostics>,
    ) -> Result<(), Diagnostics> {
        let Self { root, side, .. } = self;
        let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) else { return Ok(()) };
        for (path, item) in paths {
            for method in ["get", "put", "post", "delete", "patch"] {
                if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                    visit(path, method, operation, side)?;
                }
            }
        }
        Ok(())
    }

    /// The component schemas of the lowered document.
    fn schemas(&mut self) -> Option<&mut Map<String, Value>> {
        self.root.get_mut("components")?.get_mut("schemas")?.as_object_mut()
    }
}

/// The method an operation of the lowered document became: the `variants` pass writes it as the operation's id.
fn method_name(operation: &Map<String, Value>) -> &str {
    operation.get("operationId").and_then(Value::as_str).unwrap_or_default()
}

/// A member that is text, taken out.
fn take_text(map: &mut Map<String, Value>, key: &str) -> Option<String> {
    match map.remove(key)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// A member that is text, or nothing.
fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The name of the component schema a schema refers to, directly or through an `allOf` of one.
fn referred(schema: &Value) -> Option<&str> {
    let direct = schema.get("$ref").and_then(Value::as_str);
    let wrapped = || schema.get("allOf")?.as_array()?.first()?.get("$ref")?.as_str();
    direct.or_else(wrapped)?.strip_prefix("#/components/schemas/")
}

#[cfg(test)]
mod tests;
