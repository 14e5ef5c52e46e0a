//! Takes the texts of operations: the emit stage writes the documentation of a method, with the facts our extensions
//! carry.

use serde_json::Value;

use super::{Lowering, method_name, take_text, text};
use crate::diagnostic::Diagnostics;
use crate::side::Documentation;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    lowering.each_operation(|_, _, operation, side| {
        let documentation = Documentation {
            summary: take_text(operation, "summary").unwrap_or_default(),
            description: take_text(operation, "description").unwrap_or_default(),
            link: text(&operation.remove("externalDocs").unwrap_or(Value::Null), "url"),
            role: take_text(operation, "x-sdk-role"),
            iam_action: take_text(operation, "x-sdk-iam-action"),
            audit_event: take_text(operation, "x-sdk-audit-event"),
            preview: take_text(operation, "x-sdk-stability").is_some(),
        };
        if let Some(entry) = side.operation_mut(method_name(operation)) {
            entry.documentation = documentation;
        }
        Ok(())
    })
}
